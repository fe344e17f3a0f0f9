//! Why a demand stays open, and what would serve it: answers found by allocating again.
//!
//! A demand is left open by obstacles that act together: reps that are no candidates, limits that
//! are full, settings. [`shortage`] looks for an *irreducible* set of them, from which none can be
//! taken without the demand being served, by QuickXplain (Junker 2004); and for the least change of
//! each kind that alone would serve it, by bisection. Every answer is what the strategy itself comes
//! to on the changed problem, so it holds for any strategy, with all ties. It assumes that less of
//! an obstacle never opens a demand again, which holds where serving comes first and serving sets
//! form a matroid; elsewhere sets and changes are right but might not be least.
//!
//! Costs some dozens of allocations: about *k* log *n* for *k* obstacles out of *n*, and a
//! logarithm of the change for each change that is looked for.

use super::{
    Allocation, Demand, Limit, Optimal, OptimalSettings, PairSource, Problem, Stop, Strategy, Watch,
};

/// A rep that is no candidate of the demand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Barred {
    /// The rep.
    pub rep: u32,
    /// Why not, by a number of the caller's: reps of one reason are one obstacle.
    pub reason: u32,
    /// What it would score as a candidate.
    pub score: f64,
}

/// Something that has a part in leaving a demand open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// The reps that are barred for this reason are no candidates.
    Reason(u32),
    /// This of [`Problem::limits`].
    Limit(u32),
    /// [`OptimalSettings::max_load`].
    MaxLoad,
    /// [`OptimalSettings::max_moves`].
    MaxMoves,
    /// [`OptimalSettings::same_rep`].
    SameRep,
    /// [`OptimalSettings::different_rep`].
    DifferentRep,
    /// [`OptimalSettings::unassigned_price`].
    UnassignedPrice,
}

/// A change that would serve the demand by itself, and is the least of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Relaxation {
    /// More room at one rep.
    Room {
        /// The rep.
        rep: u32,
        /// Which of [`Problem::limits`], and by how much.
        more: Vec<(u32, i64)>,
    },
    /// This rep becomes a candidate.
    Allow {
        /// The rep.
        rep: u32,
    },
    /// So many moves more.
    MaxMoves {
        /// How many.
        more: u64,
    },
    /// Leaving a demand open costs this.
    UnassignedPrice {
        /// The price.
        price: i64,
    },
    /// The setting is left out: `max_load`, `same_rep` or `different_rep`.
    Without(Obstacle),
}

/// Why a demand stays open, and what would serve it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shortage {
    /// An irreducible set of obstacles. Empty where the demand stays open without any: there is no
    /// rep, or another demand is always preferred.
    pub obstacles: Vec<Obstacle>,
    /// Changes that are enough each by itself: room first, the least first.
    pub relaxations: Vec<Relaxation>,
}

/// So many reps are looked at for what they alone could change.
const REPS: usize = 16;

/// The question: a problem that a strategy left a demand of open.
#[derive(Debug)]
pub struct Question<'q> {
    /// The problem.
    pub problem: &'q Problem,
    /// The strategy, unless it is [`Optimal`].
    pub strategy: &'q dyn Strategy,
    /// The settings, where it is [`Optimal`].
    pub settings: Option<&'q OptimalSettings>,
    /// The demand, by number.
    pub demand: u32,
    /// Who is no candidate of it, as far as that could be changed.
    pub barred: &'q [Barred],
}

/// Answers the question; nothing where the demand is served.
///
/// # Errors
/// Why the watch stopped it.
pub fn shortage(
    question: &Question<'_>,
    pairs: &dyn PairSource,
    watch: &mut dyn Watch,
) -> Result<Option<Shortage>, Stop> {
    let stored = Stored::of(question.problem, pairs);
    let pairs: &dyn PairSource = stored.as_ref().map_or(pairs, |stored| stored);
    let mut asking = Asking {
        question,
        pairs,
        watch,
    };
    let unchanged = asking.unchanged();
    let Some(before) = asking.open(&unchanged)? else {
        return Ok(None);
    };
    let all = asking.obstacles(&before)?;
    let mut obstacles = Vec::new();
    if !asking.stays_open_under(&[])? {
        asking.explain(&[], false, &all, &mut obstacles)?;
        asking.thin_out(&mut obstacles)?;
    }
    let relaxations = asking.relaxations(&obstacles)?;
    Ok(Some(Shortage {
        obstacles,
        relaxations,
    }))
}

/// A changed problem.
#[derive(Clone)]
struct Changed {
    limits: Vec<Limit>,
    allowed: Vec<Barred>,
    settings: Option<OptimalSettings>,
}

struct Asking<'a> {
    question: &'a Question<'a>,
    pairs: &'a dyn PairSource,
    watch: &'a mut dyn Watch,
}

impl Asking<'_> {
    fn unchanged(&self) -> Changed {
        Changed {
            limits: self.question.problem.limits.clone(),
            allowed: Vec::new(),
            settings: self.question.settings.cloned(),
        }
    }

    /// The allocation of the changed problem, where it leaves the demand open.
    fn open(&mut self, changed: &Changed) -> Result<Option<Allocation>, Stop> {
        let Question {
            problem,
            strategy,
            demand,
            ..
        } = *self.question;
        let mut problem = problem.clone();
        problem.limits.clone_from(&changed.limits);
        let pairs = Allowing {
            pairs: self.pairs,
            reps: problem.reps,
            demand,
            allowed: &changed.allowed,
        };
        let allocation = match &changed.settings {
            Some(settings) => {
                Optimal::new(settings.clone()).allocate(&problem, &pairs, self.watch)?
            }
            None => strategy.allocate(&problem, &pairs, self.watch)?,
        };
        Ok(Some(allocation).filter(|found| found.rep_of[demand as usize].is_none()))
    }

    /// Everything that may have a part in it: first what is nearest to the demand. Limits that have
    /// room for every demand are left out where that changes nothing.
    fn obstacles(&mut self, before: &Allocation) -> Result<Vec<Obstacle>, Stop> {
        let problem = self.question.problem;
        let mut found: Vec<Obstacle> = Vec::new();
        if let Some(settings) = self.question.settings {
            let set = [
                (settings.max_load.is_some(), Obstacle::MaxLoad),
                (settings.max_moves.is_some(), Obstacle::MaxMoves),
                (!settings.same_rep.is_empty(), Obstacle::SameRep),
                (!settings.different_rep.is_empty(), Obstacle::DifferentRep),
                (
                    settings.unassigned_price.is_some(),
                    Obstacle::UnassignedPrice,
                ),
            ];
            found.extend(set.iter().filter(|(is, _)| *is).map(|(_, what)| *what));
        }
        let mut reasons: Vec<u32> = self.question.barred.iter().map(|bar| bar.reason).collect();
        reasons.sort_unstable();
        reasons.dedup();
        found.extend(reasons.into_iter().map(Obstacle::Reason));
        let settings = found.len();
        let full = |limit: &Limit| {
            let covered = problem.demands.iter().zip(&before.rep_of);
            let (mut taken, mut greatest) = (0_i64, 0);
            for (demand, own) in covered.filter(|(demand, _)| limit.covers(demand)) {
                greatest = greatest.max(limit.amount(demand));
                if *own == Some(limit.rep) {
                    taken = taken.saturating_add(limit.amount(demand));
                }
            }
            limit.at_most.saturating_sub(taken) < greatest
        };
        let numbered = || (0..).zip(&problem.limits);
        found.extend(
            numbered()
                .filter(|(_, limit)| full(limit))
                .map(|(at, _)| Obstacle::Limit(at)),
        );
        if self.stays_open_under(&found)? {
            return Ok(found);
        }
        found.truncate(settings);
        found.extend(numbered().map(|(at, _)| Obstacle::Limit(at)));
        Ok(found)
    }

    /// Whether these obstacles alone leave the demand open.
    fn stays_open_under(&mut self, obstacles: &[Obstacle]) -> Result<bool, Stop> {
        let is = |what: Obstacle| obstacles.contains(&what);
        let mut changed = self.unchanged();
        for (at, limit) in (0..).zip(&mut changed.limits) {
            if !is(Obstacle::Limit(at)) {
                limit.at_most = i64::MAX;
            }
        }
        let lifted = |bar: &&Barred| !is(Obstacle::Reason(bar.reason));
        changed.allowed = self
            .question
            .barred
            .iter()
            .filter(lifted)
            .copied()
            .collect();
        let named = [
            Obstacle::MaxLoad,
            Obstacle::MaxMoves,
            Obstacle::SameRep,
            Obstacle::DifferentRep,
            Obstacle::UnassignedPrice,
        ];
        for what in named.into_iter().filter(|what| !is(*what)) {
            changed.leave_out(what);
        }
        Ok(self.open(&changed)?.is_some())
    }

    /// QuickXplain: adds to `found` those of `among` that, with `given`, leave the demand open.
    fn explain(
        &mut self,
        given: &[Obstacle],
        added: bool,
        among: &[Obstacle],
        found: &mut Vec<Obstacle>,
    ) -> Result<(), Stop> {
        if among.is_empty() || (added && self.stays_open_under(given)?) {
            return Ok(());
        }
        if let [one] = among {
            found.push(*one);
            return Ok(());
        }
        let (first, second) = among.split_at(among.len() / 2);
        let mut late = Vec::new();
        self.explain(&[given, first].concat(), true, second, &mut late)?;
        self.explain(&[given, &late].concat(), !late.is_empty(), first, found)?;
        found.extend(late);
        Ok(())
    }

    /// Takes away what is not needed, one by one: nothing, where less of an obstacle never opens a
    /// demand again.
    fn thin_out(&mut self, obstacles: &mut Vec<Obstacle>) -> Result<(), Stop> {
        let mut at = 0;
        while at < obstacles.len() {
            let mut less = obstacles.clone();
            less.remove(at);
            if self.stays_open_under(&less)? {
                *obstacles = less;
                at = 0;
            } else {
                at += 1;
            }
        }
        Ok(())
    }

    fn relaxations(&mut self, obstacles: &[Obstacle]) -> Result<Vec<Relaxation>, Stop> {
        let mut room = Vec::new();
        for rep in self.reps(obstacles) {
            room.extend(self.room(rep)?);
        }
        room.sort_by_key(|(more, _)| *more);
        let mut found: Vec<Relaxation> = room.into_iter().map(|(_, room)| room).collect();
        let settings = self.question.settings;
        if let Some(most) = settings.and_then(|settings| settings.max_moves) {
            let all = self.question.problem.demands.iter();
            let all = all.map(|demand| i64::from(demand.customers)).sum();
            let more = self.least(all, &mut |changed, more| {
                if let Some(settings) = &mut changed.settings {
                    settings.max_moves = Some(most.saturating_add(more.unsigned_abs()));
                }
            })?;
            found.extend(more.map(|more| Relaxation::MaxMoves {
                more: more.unsigned_abs(),
            }));
        }
        if let Some(before) = settings.and_then(|settings| settings.unassigned_price) {
            let more = self.least(1 << 61, &mut |changed, more| {
                if let Some(settings) = &mut changed.settings {
                    settings.unassigned_price = Some(before.saturating_add(more));
                }
            })?;
            found.extend(more.map(|more| Relaxation::UnassignedPrice {
                price: before.saturating_add(more),
            }));
        }
        let mut barred = self.question.barred.to_vec();
        barred.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.rep.cmp(&b.rep)));
        for bar in barred.into_iter().take(REPS) {
            let mut changed = self.unchanged();
            changed.allowed.push(bar);
            if self.open(&changed)?.is_none() {
                found.push(Relaxation::Allow { rep: bar.rep });
            }
        }
        for what in [Obstacle::MaxLoad, Obstacle::SameRep, Obstacle::DifferentRep] {
            let mut changed = self.unchanged();
            if obstacles.contains(&what) {
                changed.leave_out(what);
                if self.open(&changed)?.is_none() {
                    found.push(Relaxation::Without(what));
                }
            }
        }
        Ok(found)
    }

    /// The reps whose room could help: those with a limit in the way, and the best candidates.
    fn reps(&self, obstacles: &[Obstacle]) -> Vec<u32> {
        let problem = self.question.problem;
        let mut reps: Vec<u32> = (obstacles.iter())
            .filter_map(|obstacle| match obstacle {
                Obstacle::Limit(limit) => Some(problem.limits[*limit as usize].rep),
                _ => None,
            })
            .collect();
        let mut scores = vec![f64::NAN; problem.reps];
        if problem.reps > 0 {
            self.pairs.block(&[self.question.demand], &mut scores);
        }
        let mut best: Vec<u32> = (0..problem.reps as u32)
            .filter(|&rep| !scores[rep as usize].is_nan())
            .collect();
        best.sort_by(|&a, &b| {
            scores[b as usize]
                .total_cmp(&scores[a as usize])
                .then(a.cmp(&b))
        });
        reps.truncate(2 * REPS);
        reps.extend(best.into_iter().take(REPS));
        reps.sort_unstable();
        reps.dedup();
        reps
    }

    /// The least room at one rep that serves the demand, and how many steps that is.
    fn room(&mut self, rep: u32) -> Result<Option<(i64, Relaxation)>, Stop> {
        let problem = self.question.problem;
        let own: Vec<(usize, i64)> = (problem.limits.iter().enumerate())
            .filter(|(_, limit)| limit.rep == rep)
            .filter_map(|(at, limit)| Some((at, step(limit, &problem.demands)?)))
            .collect();
        let most = own.iter().filter_map(|&(at, step)| {
            let limit = &problem.limits[at];
            let covered = problem.demands.iter().filter(|demand| limit.covers(demand));
            let all = covered.fold(0_i64, |sum, demand| {
                sum.saturating_add(limit.amount(demand))
            });
            Some(all.checked_div(step)?.saturating_add(1))
        });
        let Some(most) = most.max() else {
            return Ok(None);
        };
        let Some(steps) = self.least(most, &mut |changed, steps| {
            for &(at, step) in &own {
                changed.raise((at, step, steps));
            }
        })?
        else {
            return Ok(None);
        };
        // Not every limit of the rep needs it, and not every one as much.
        let mut needed: Vec<(usize, i64, i64)> =
            own.iter().map(|&(at, step)| (at, step, steps)).collect();
        loop {
            let before = needed.clone();
            for at in 0..needed.len() {
                needed[at].2 = self.needed(&needed, at)?;
            }
            if needed == before {
                break;
            }
        }
        let mut changed = self.unchanged();
        for &raised in &needed {
            changed.raise(raised);
        }
        let more: Vec<(u32, i64)> = (0..)
            .zip(changed.limits.iter().zip(&problem.limits))
            .map(|(at, (after, before))| (at, after.at_most - before.at_most))
            .filter(|(_, more)| *more > 0)
            .collect();
        let sum = needed.iter().map(|needed| needed.2).sum();
        Ok((!more.is_empty()).then_some((sum, Relaxation::Room { rep, more })))
    }

    /// How many steps one limit needs, where the others are raised as they are.
    fn needed(&mut self, raised: &[(usize, i64, i64)], at: usize) -> Result<i64, Stop> {
        let with = |changed: &mut Changed, steps: i64| {
            for (other, &(limit, step, own)) in raised.iter().enumerate() {
                changed.raise((limit, step, if other == at { steps } else { own }));
            }
        };
        let steps = raised[at].2;
        let mut without = self.unchanged();
        with(&mut without, 0);
        if steps == 0 || self.open(&without)?.is_none() {
            return Ok(0);
        }
        Ok(self
            .least(steps, &mut |changed, steps| with(changed, steps))?
            .unwrap_or(steps))
    }

    /// The least of 1 to `most` with which the change serves the demand, by bisection.
    fn least(
        &mut self,
        most: i64,
        change: &mut dyn FnMut(&mut Changed, i64),
    ) -> Result<Option<i64>, Stop> {
        let (mut open, mut serves) = (0, None);
        let mut next = 1;
        while serves.is_none_or(|serves| serves - open > 1) {
            let mut changed = self.unchanged();
            change(&mut changed, next);
            if self.open(&changed)?.is_none() {
                serves = Some(next);
            } else if next >= most {
                return Ok(None);
            } else {
                open = next;
            }
            next = match serves {
                Some(serves) => open + (serves - open) / 2,
                None => next.saturating_mul(4).min(most),
            };
        }
        Ok(serves)
    }
}

impl Changed {
    /// Raises a limit by some steps, to a multiple of them: what does not fill one is not counted.
    fn raise(&mut self, (at, step, steps): (usize, i64, i64)) {
        let limit = &mut self.limits[at];
        if steps > 0 {
            let more = step.saturating_mul(steps) - limit.at_most % step;
            limit.at_most = limit.at_most.saturating_add(more.max(0));
        }
    }

    fn leave_out(&mut self, what: Obstacle) {
        let Some(settings) = &mut self.settings else {
            return;
        };
        match what {
            Obstacle::MaxLoad => settings.max_load = None,
            Obstacle::MaxMoves => settings.max_moves = None,
            Obstacle::SameRep => settings.same_rep.clear(),
            Obstacle::DifferentRep => settings.different_rep.clear(),
            Obstacle::UnassignedPrice => settings.unassigned_price = None,
            Obstacle::Reason(_) | Obstacle::Limit(_) => {}
        }
    }
}

/// What amounts of a limit are multiples of; nothing where it covers no demand.
fn step(limit: &Limit, demands: &[Demand]) -> Option<i64> {
    let covered = demands.iter().filter(|demand| limit.covers(demand));
    let step = covered.fold(0_u64, |step, demand| {
        let (mut a, mut b) = (step, limit.amount(demand).unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    });
    i64::try_from(step).ok().filter(|step| *step > 0)
}

/// The pairs with some more for one demand.
struct Allowing<'a> {
    pairs: &'a dyn PairSource,
    reps: usize,
    demand: u32,
    allowed: &'a [Barred],
}

impl PairSource for Allowing<'_> {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        self.pairs.block(demands, scores);
        for (row, _) in scores
            .chunks_exact_mut(self.reps.max(1))
            .zip(demands)
            .filter(|(_, demand)| **demand == self.demand)
        {
            for bar in self.allowed {
                row[bar.rep as usize] = bar.score;
            }
        }
    }
}

/// All pairs of a problem that is small enough for them to be asked once only.
struct Stored {
    reps: usize,
    scores: Vec<f64>,
}

impl Stored {
    const MOST: usize = 1 << 22;

    fn of(problem: &Problem, pairs: &dyn PairSource) -> Option<Self> {
        let (demands, reps) = (problem.demands.len(), problem.reps);
        if reps == 0 || demands.saturating_mul(reps) > Self::MOST {
            return None;
        }
        let mut scores = vec![f64::NAN; demands * reps];
        let all: Vec<u32> = (0..demands as u32).collect();
        pairs.block(&all, &mut scores);
        Some(Self { reps, scores })
    }
}

impl PairSource for Stored {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        for (row, &demand) in scores.chunks_exact_mut(self.reps).zip(demands) {
            let start = demand as usize * self.reps;
            row.copy_from_slice(&self.scores[start..start + self.reps]);
        }
    }
}
