//! The few best candidates of a demand: all that its turn needs, most often.
//!
//! A row has one score per rep, and the turn of a demand takes the best that has room. So whoever
//! makes the rows, on as many threads as there are, keeps the few best of each while the row is in
//! the nearest cache; the turns, which must come one after another, look at those alone. Nothing
//! is decided here, and nothing is approximate: a list is complete down to its least score (to the
//! millionth), and what reps have room for only shrinks, so that whoever had none when the list was
//! made has none at its turn. Time `O(reps)` for a row, at the speed of memory.

use std::cmp::{Ordering, Reverse};

use super::{Demand, Problem, Room, to_micros};

/// A row is looked at in so many strands, of which each takes every so manieth rep: the greatest
/// of every strand is found without a look across lanes.
const STRANDS: usize = 64;

/// A list has the best of so many strands at least, and all that equal the least of them.
const FEW: usize = 3;

/// With fewer than this left that have room, the list is made again of those that have.
const ENOUGH: usize = 2;

/// The best candidates of a demand.
#[derive(Debug, Clone, Default)]
pub struct Shortlist {
    candidates: Vec<Candidate>,
    /// No other rep is a candidate and had room.
    whole: bool,
}

/// A rep with its score.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    micros: i64,
    rep: u32,
    score: f64,
}

/// What a turn takes from a [`Shortlist`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Choice {
    /// This rep with this score.
    Rep(u32, f64),
    /// Nobody: no candidate has room.
    Nobody,
    /// Nobody of the list has room; others might.
    Unlisted,
}

/// Makes shortlists while reps have room for what they have now. Cloned, it works on another
/// thread.
#[derive(Debug, Clone)]
pub struct Lister<'p> {
    problem: &'p Problem,
    room: &'p Room,
    /// `NaN` for the reps that have no room for demands like this one; −0 for the others, which
    /// changes no score.
    open: Vec<f64>,
    like: Option<Demand>,
    /// The demand that kinds were listed for last.
    before: Option<Demand>,
    /// Room to sort in.
    sorted: Vec<(f64, u32)>,
    /// Whether the last list had to be made again.
    again: bool,
}

impl<'p> Lister<'p> {
    pub(super) const fn new(problem: &'p Problem, room: &'p Room) -> Self {
        Self {
            problem,
            room,
            open: Vec::new(),
            like: None,
            before: None,
            sorted: Vec::new(),
            again: false,
        }
    }

    /// How many scores a row has.
    #[must_use]
    pub const fn reps(&self) -> usize {
        self.problem.reps
    }

    /// Lists the best of a row of scores, one per rep, `NaN` where the rep is no candidate. Reps
    /// without room are listed or not, whichever is quicker, and may be `NaN` in the row
    /// afterwards.
    ///
    /// # Panics
    /// If there is no such demand in the problem.
    pub fn list(&mut self, demand: u32, row: &mut [f64], list: &mut Shortlist) {
        let demand = &self.problem.demands[demand as usize];
        // Where the last best were full, these are likely to be.
        if self.again {
            self.take_out_the_full(demand, row);
        }
        few(row, list);
        if !list.whole && !self.again {
            (list.candidates).retain(|candidate| self.room.fits(candidate.rep, demand));
            if list.candidates.len() < ENOUGH {
                self.again = true;
                self.take_out_the_full(demand, row);
                few(row, list);
            }
        }
        // The best comes first, so that a turn seldom looks at more.
        let best = (0..list.candidates.len()).min_by_key(|at| Reverse(list.candidates[*at].micros));
        if let Some(best) = best {
            list.candidates.swap(0, best);
        }
    }

    /// Lists the best of some kinds of reps: the score of each kind, `NaN` where its reps are no
    /// candidates, and who they are. Time `O(kinds)`, and the reps that are looked at. The scores
    /// are arbitrary afterwards.
    ///
    /// # Panics
    /// If there is no such demand in the problem, or no such rep.
    pub fn list_kinds<R: Iterator<Item = u32>>(
        &mut self,
        demand: u32,
        scores: &mut [f64],
        reps_of: impl Fn(usize) -> R,
        list: &mut Shortlist,
    ) {
        let demand = &self.problem.demands[demand as usize];
        list.clear();
        // Who comes after one like it has its reps looked up instead of asked about.
        if self.like.as_ref().is_none_or(|like| !alike(like, demand)) {
            match self.before.replace(*demand) {
                Some(before) if alike(&before, demand) => self.look_at_room(demand),
                _ => self.like = None,
            }
        }
        let (open, known) = (&self.open, self.like.is_some());
        let has_room = |rep: &u32| match known {
            true => !open[*rep as usize].is_nan(),
            false => self.room.fits(*rep, demand),
        };
        let mut best = Descending::new(scores);
        let mut least = None;
        list.whole = loop {
            let Some((kind, score)) = best.next(&mut self.sorted) else {
                break true;
            };
            let micros = to_micros(score);
            if list.candidates.len() >= ENOUGH && least.is_some_and(|least| micros < least) {
                break false;
            }
            least = Some(micros);
            let open = reps_of(kind).filter(has_room);
            (list.candidates).extend(open.map(|rep| Candidate { micros, rep, score }));
        };
    }

    /// Makes `NaN` of the scores of reps without room.
    fn take_out_the_full(&mut self, demand: &Demand, row: &mut [f64]) {
        if self.like.as_ref().is_none_or(|like| !alike(like, demand)) {
            self.look_at_room(demand);
        }
        for (score, open) in row.iter_mut().zip(&self.open) {
            *score += open;
        }
    }

    /// Notes which reps have room for demands like this one.
    fn look_at_room(&mut self, demand: &Demand) {
        self.like = Some(*demand);
        self.open.clear();
        let open = |rep| {
            if self.room.fits(rep, demand) {
                -0.0
            } else {
                f64::NAN
            }
        };
        self.open.extend((0..self.problem.reps as u32).map(open));
    }
}

/// Whether whoever has room for one has room for the other.
const fn alike(a: &Demand, b: &Demand) -> bool {
    a.role == b.role && a.tier == b.tier && a.workload == b.workload && a.customers == b.customers
}

impl Shortlist {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many candidates it has.
    pub(super) const fn count(&self) -> usize {
        self.candidates.len()
    }

    /// Makes the list say that there are no candidates.
    pub fn say_nobody(&mut self) {
        self.clear();
        self.whole = true;
    }

    fn clear(&mut self) {
        self.candidates.clear();
        self.whole = false;
    }

    /// The best that has room now: the highest score, then by the tie-breaks.
    pub(super) fn choose(&self, demand: &Demand, room: &Room) -> Choice {
        let mut best: Option<&Candidate> = None;
        for candidate in &self.candidates {
            let better = best.is_none_or(|best| match candidate.micros.cmp(&best.micros) {
                Ordering::Greater => true,
                Ordering::Equal => room.break_tie(candidate.rep, best.rep, demand).is_lt(),
                Ordering::Less => false,
            });
            if better && room.fits(candidate.rep, demand) {
                best = Some(candidate);
            }
        }
        match best {
            Some(best) => Choice::Rep(best.rep, best.score),
            None if self.whole => Choice::Nobody,
            None => Choice::Unlisted,
        }
    }
}

/// Scores from the greatest down, each once. The first few are found by going over all of them; who
/// asks for more has them sorted.
struct Descending<'s> {
    scores: &'s mut [f64],
    found: usize,
}

impl<'s> Descending<'s> {
    const BY_SIGHT: usize = 12;

    const fn new(scores: &'s mut [f64]) -> Self {
        Self { scores, found: 0 }
    }

    /// The next one; `sorted` is the same vector every time.
    fn next(&mut self, sorted: &mut Vec<(f64, u32)>) -> Option<(usize, f64)> {
        self.found += 1;
        if self.found <= Self::BY_SIGHT {
            let score = greatest(self.scores);
            let at = self.scores.iter().position(|own| *own == score)?;
            self.scores[at] = f64::NAN;
            return (score > f64::NEG_INFINITY).then_some((at, score));
        }
        if self.found == Self::BY_SIGHT + 1 {
            sorted.clear();
            let left = self.scores.iter().copied().zip(0..);
            sorted.extend(left.filter(|(score, _)| *score > f64::NEG_INFINITY));
            sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        }
        let (score, at) = sorted.pop()?;
        Some((at as usize, score))
    }
}

/// Lists the candidates that reach the best of some strands.
fn few(row: &[f64], list: &mut Shortlist) {
    list.clear();
    let maxima = strands(row);
    let mut best = [f64::NEG_INFINITY; FEW]; // descending
    for &max in &maxima {
        if max > best[FEW - 1] {
            let at = best.partition_point(|other| *other >= max);
            best[at..].rotate_right(1);
            best[at] = max;
        }
    }
    let least = best[FEW - 1];
    list.whole = least == f64::NEG_INFINITY;
    let (hopeless, least) = (reach(least), to_micros(least));
    for (strand, max) in maxima.iter().enumerate() {
        if *max < hopeless {
            continue;
        }
        for (&score, step) in row.iter().skip(strand).step_by(STRANDS).zip(0..) {
            if score < hopeless || score.is_nan() {
                continue;
            }
            let micros = to_micros(score);
            if micros >= least {
                list.candidates.push(Candidate {
                    micros,
                    rep: (strand + step * STRANDS) as u32,
                    score,
                });
            }
        }
    }
}

/// The greatest of each strand, minus infinity where it has no candidate.
fn strands(row: &[f64]) -> [f64; STRANDS] {
    const LANES: usize = 16; // what fits into registers
    let mut maxima = [f64::NEG_INFINITY; STRANDS];
    let (whole, rest) = row.as_chunks::<STRANDS>();
    for (part, maxima) in maxima.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let mut own = [f64::NEG_INFINITY; LANES];
        for scores in whole {
            let scores = &scores.as_chunks::<LANES>().0[part];
            for lane in 0..LANES {
                own[lane] = if scores[lane] > own[lane] {
                    scores[lane]
                } else {
                    own[lane]
                };
            }
        }
        *maxima = own;
    }
    for (max, &score) in maxima.iter_mut().zip(rest) {
        *max = if score > *max { score } else { *max };
    }
    maxima
}

/// Below this a score cannot reach the given one, not even after rounding to millionths.
pub(super) fn reach(score: f64) -> f64 {
    score - 1e-6 - score.abs() * 1e-15
}

/// The greatest score of a row, minus infinity where there is no candidate. Eight at a time, so
/// that it runs at the speed of memory.
pub(super) fn greatest(row: &[f64]) -> f64 {
    let max = |a: f64, b: f64| if b > a { b } else { a };
    let mut lanes = [f64::NEG_INFINITY; 8];
    let chunks = row.chunks_exact(8);
    let rest = (chunks.remainder().iter().copied()).fold(f64::NEG_INFINITY, max);
    for chunk in chunks {
        for (lane, &score) in lanes.iter_mut().zip(chunk) {
            *lane = max(*lane, score);
        }
    }
    lanes.into_iter().fold(rest, max)
}
