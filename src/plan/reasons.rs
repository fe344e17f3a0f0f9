//! Why a demand stays open, from what reps have room for in the end.
//!
//! All reps are asked about it once. The strategy is not asked again: where a rep could take it and
//! has room, its settings are what is left to say.

use std::collections::BTreeMap;

use crate::allocation::{Room, Stop};
use crate::policy::Call;

use super::demands::{Group, Need};
use super::outcome::{Reason, count_reason};
use super::owners::owner;
use super::pairs::{Out, Pairs};

/// What is left when all is given.
pub(super) struct Left {
    /// What reps have room for, within `max_load` too.
    pub(super) room: Room,
}

/// Why a demand stays open.
pub(super) struct Open {
    pub(super) reason: Reason,
    /// The first rep by id that could take it and has room.
    pub(super) fits: Option<u32>,
}

impl Left {
    /// The same where the scores of some reps are known, by position, of all that are surely
    /// candidates; nothing where there is none, and where every rep has to be asked for what is in
    /// its way. Costs no call of a hook.
    pub(super) fn why_by_scores(
        &self,
        pairs: &Pairs<'_>,
        group: &Group,
        members: &[Need],
        scores: &[f64],
    ) -> Option<Reason> {
        let (mut eligible, mut fits, mut stays) = (0, false, false);
        for (rep, score) in (0..).zip(scores) {
            let tied = || {
                group
                    .ties
                    .as_ref()
                    .is_some_and(|ties| ties.bar(rep).is_some())
            };
            if score.is_nan() || tied() {
                continue;
            }
            eligible += 1;
            if self.room.fits(rep, &group.demand) {
                fits = true;
                stays |= !moves(pairs, members, rep);
            }
        }
        match eligible {
            0 => None,
            _ if fits => Some(chosen(pairs, group, stays)),
            _ => Some(Reason::NoCapacity { eligible }),
        }
    }

    /// Why these members stay open, as one demand.
    pub(super) fn why(
        &self,
        pairs: &Pairs<'_>,
        group: &Group,
        members: &[Need],
        call: &mut Call<'_>,
    ) -> Result<Open, Stop> {
        let (mut eligible, mut excluded, mut in_role, mut failures) = (0, 0, 0, 0);
        let (mut failed, mut fits, mut stays) = (None, None, false);
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for rep in 0..pairs.reps() {
            match pairs.judge(group, members, rep, call)? {
                Ok(_) => {
                    eligible += 1;
                    if self.room.fits(rep, &group.demand) {
                        fits = fits.or(Some(rep));
                        stays |= !moves(pairs, members, rep);
                    }
                }
                Err(Out::NotInRole) => continue,
                Err(out) => {
                    excluded += u64::from(out == Out::Excluded);
                    if let Out::Failed(hook, _) = &out {
                        failed = Some(*hook);
                        failures += 1;
                    }
                    count_reason(&mut counts, out.text(pairs.scene()));
                }
            }
            in_role += 1;
        }
        let reason = match (eligible, in_role) {
            (_, 0) => Reason::NoRepInRole,
            (0, _) if excluded == in_role => Reason::Excluded { reps: excluded },
            (0, _) if failures == in_role => Reason::HookFailed {
                hook: failed.map_or("", |hook| hook.name()).to_owned(),
            },
            (0, _) => Reason::NoneEligible { reasons: counts },
            (_, _) if fits.is_some() => chosen(pairs, group, stays),
            (eligible, _) => Reason::NoCapacity { eligible },
        };
        Ok(Open { reason, fits })
    }
}

/// Whether some member would leave its present owner for the rep, where the book is open.
fn moves(pairs: &Pairs<'_>, members: &[Need], rep: u32) -> bool {
    let present = |need: &Need| owner(pairs.scene(), need);
    members
        .iter()
        .filter_map(present)
        .any(|present| present != rep)
}

/// What made the strategy leave a demand open that somebody has room for, where `stays` tells
/// whether without a move.
fn chosen(pairs: &Pairs<'_>, group: &Group, stays: bool) -> Reason {
    let scene = pairs.scene();
    let Some(settings) = scene.optimal(scene.role_id(group.demand.role)) else {
        return Reason::LeftOpen;
    };
    if settings.unassigned_price.is_some() {
        Reason::BelowPrice
    } else if settings.max_moves.is_some() && !settings.keep_owners && !stays {
        Reason::MaxMoves
    } else {
        Reason::LeftOpen
    }
}
