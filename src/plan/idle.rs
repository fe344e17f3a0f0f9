//! Reps that a plan leaves without customers, and why: on positions, for `report`.
//!
//! Looks at all pairs of all rounds once.

use crate::allocation::{Room, Stop};
use crate::script::Meter;

use super::blocks::OpenPairs;
use super::capacity::roles_of;
use super::origin::Origin;
use super::pairs::{Out, Pairs};
use super::seats::unavailable;

/// Why a rep has nobody.
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
    /// Others are worth more: by so little for this demand, by index in [`super::owners::Held::open`],
    /// which went to this rep or to nobody.
    Outdone {
        open: usize,
        by: f64,
        rep: Option<u32>,
    },
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
    let seated =
        |why: &Idle| matches!(why, Idle::NoCandidate | Idle::NoRoom | Idle::Outdone { .. });
    if !found.iter().any(|(_, why)| seated(why)) {
        return Ok(found);
    }
    let pairs = Pairs::new(scene, Meter::new(scene.compiled().limits.operations));
    for round in &outcome.rounds {
        let groups: Vec<u32> = (round.open.iter())
            .map(|&open| held.open[open as usize])
            .collect();
        let source = OpenPairs::new(&pairs, &held.needs, &groups);
        let room = Room::new(&round.problem);
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
            for (rep, why) in found.iter_mut().filter(|(_, why)| seated(why)) {
                if scores[*rep as usize].is_nan() {
                    continue;
                }
                if !room.fits(*rep, demand) {
                    if *why == Idle::NoCandidate {
                        *why = Idle::NoRoom;
                    }
                    continue;
                }
                let by = own.map_or(0.0, |own| net(own) - net(*rep)).max(0.0);
                let nearer = match why {
                    Idle::Outdone { by: before, .. } => by < *before,
                    _ => true,
                };
                if nearer {
                    *why = Idle::Outdone { open, by, rep: own };
                }
            }
        }
        source.all_were_seen()?;
    }
    Ok(found)
}
