//! Reps that a plan leaves without customers, and why: on positions, for `report`.
//!
//! Looks at all pairs of all rounds once.

use crate::allocation::{Limit, Problem, Room, Stop, max_load};
use crate::script::Meter;

use super::allocate::Round;
use super::blocks::OpenPairs;
use super::capacity::roles_of;
use super::origin::Origin;
use super::outcome::Reason;
use super::pairs::{Out, Pairs};
use super::run::Scene;
use super::seats::unavailable;

/// Why a rep has nobody. Demands are by index in [`super::owners::Held::open`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Idle {
    /// It has no role that owns customers.
    NoRole,
    /// It cannot take anybody now.
    Unavailable(Out),
    /// No demand that was given out may go to it.
    NoCandidate,
    /// There are such demands, but it has room for none of them.
    NoRoom,
    /// It has room for demands that went to others by a strategy that does not go by score: the
    /// first of them, who has it, and the strategy.
    Elsewhere {
        open: usize,
        rep: u32,
        strategy: String,
    },
    /// Others are worth more: by so little for this demand, which went to this rep or to nobody.
    Outdone {
        open: usize,
        by: f64,
        rep: Option<u32>,
    },
    /// It could take this demand, which stays open for another reason than what it is worth.
    LeftOpen { open: usize, reason: Reason },
}

impl Idle {
    /// What tells most has the least.
    const fn rank(&self) -> (u8, f64) {
        match self {
            Self::NoRole | Self::Unavailable(_) => (0, 0.0),
            Self::LeftOpen { .. } => (1, 0.0),
            Self::Outdone { by, .. } => (2, *by),
            Self::Elsewhere { .. } => (3, 0.0),
            Self::NoRoom => (4, 0.0),
            Self::NoCandidate => (5, 0.0),
        }
    }
}

/// Every rep that owns nobody under the plan, in order of id.
pub(crate) fn idle(origin: &Origin) -> Result<Vec<(u32, Idle)>, Stop> {
    let Origin {
        scene,
        held,
        outcome,
        ..
    } = origin;
    let mut busy = vec![false; scene.reps.len()];
    for rep in (held.kept.iter().map(|(_, rep)| rep)).chain(outcome.rep_of.iter().flatten()) {
        busy[*rep as usize] = true;
    }
    let mut found: Vec<(u32, Idle)> = (0..scene.reps.len() as u32)
        .filter(|rep| !busy[*rep as usize])
        .map(|rep| {
            let roles = roles_of(scene, rep);
            let seated = roles.iter().any(|&role| scene.seats().has(role, rep));
            let why = match roles.first() {
                None => Idle::NoRole,
                Some(_) if seated => Idle::NoCandidate,
                Some(&role) => {
                    unavailable(scene, rep, role).map_or(Idle::NoCandidate, Idle::Unavailable)
                }
            };
            (rep, why)
        })
        .collect();
    let seated = |why: &Idle| !matches!(why, Idle::NoRole | Idle::Unavailable(_));
    if !found.iter().any(|(_, why)| seated(why)) {
        return Ok(found);
    }
    let pairs = Pairs::new(scene, Meter::new(scene.compiled().limits.operations));
    for round in &outcome.rounds {
        let groups: Vec<u32> = (round.open.iter())
            .map(|&open| held.open[open as usize])
            .collect();
        let source = OpenPairs::new(&pairs, &held.needs, &groups);
        let room = room(scene, round);
        let by_score = matches!(round.strategy.name(), "best_score" | "optimal");
        let mut scores = vec![f64::NAN; scene.reps.len()];
        for (number, demand) in (0..).zip(&round.problem.demands) {
            crate::allocation::PairSource::block(&source, &[number], &mut scores);
            let open = round.open[number as usize] as usize;
            let own = outcome.rep_of[open];
            let price = origin.price(open);
            let net = |rep: u32| {
                let price = price.as_ref().map_or(0.0, |price| price(rep));
                scores[rep as usize] - price
            };
            let why_not = |rep: u32| match (own, outcome.reasons.get(&(open as u32))) {
                (Some(own), _) if by_score => Idle::Outdone {
                    open,
                    by: (net(own) - net(rep)).max(0.0),
                    rep: Some(own),
                },
                (Some(rep), _) => Idle::Elsewhere {
                    open,
                    rep,
                    strategy: round.strategy.name().to_owned(),
                },
                (None, Some(reason)) if *reason != Reason::BelowPrice => Idle::LeftOpen {
                    open,
                    reason: reason.clone(),
                },
                (None, _) => {
                    let settings = scene.optimal(scene.role_id(demand.role));
                    let least = settings.and_then(|it| it.unassigned_price);
                    Idle::Outdone {
                        open,
                        by: (-least.unwrap_or(0.0) - net(rep)).max(0.0),
                        rep: None,
                    }
                }
            };
            for (rep, why) in found.iter_mut().filter(|(_, why)| seated(why)) {
                if scores[*rep as usize].is_nan() {
                    continue;
                }
                let found = if room.fits(*rep, demand) {
                    why_not(*rep)
                } else {
                    Idle::NoRoom
                };
                if found.rank() < why.rank() {
                    *why = found;
                }
            }
        }
        source.all_were_seen()?;
    }
    Ok(found)
}

/// What reps had room for before the round, within `max_load` too. Those that are idle have it
/// still.
fn room(scene: &Scene, round: &Round) -> Room {
    let problem = &round.problem;
    let mut limits: Vec<Limit> = problem.limits.clone();
    let first = problem.demands.first();
    let settings = first.and_then(|first| scene.optimal(scene.role_id(first.role)));
    if let Some(share) = settings.and_then(|it| it.max_load) {
        limits.extend((0..problem.reps as u32).map(|rep| max_load(problem, rep, share)));
    }
    Room::new(&Problem {
        reps: problem.reps,
        limits,
        ..Problem::default()
    })
}
