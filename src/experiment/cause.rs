//! Why a demand has another owner: both policies are asked about both owners again.
//!
//! All pairs of all changes are asked together, over columns where the hooks run over columns;
//! turns are replayed once. Time linear in the changes, plus one `coverage` of the book where roles
//! appear or vanish together with tiers.

use crate::allocation::{Stop, to_micros};
use crate::plan::inside::{Again, Need, Origin, Scene, both};

use super::changes::{Difference, From};
use super::comparison::{Cause, OwnerChange};

/// The two sides of a comparison.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) baseline: &'a Origin,
    pub(super) candidate: &'a Origin,
}

/// What one policy says of both owners; `NaN` where one may not have it or there is none.
#[derive(Debug, Clone, Copy)]
struct Opinion {
    before: f64,
    after: f64,
}

/// What happens to a demand; nothing where it is new and stays without an owner.
pub(super) fn change(difference: &Difference) -> OwnerChange {
    match difference.reps() {
        (None, _) => OwnerChange::Gained,
        (_, None) => OwnerChange::Lost,
        _ => OwnerChange::Moved,
    }
}

/// The cause of each change, in the same order.
pub(super) fn causes(sides: Sides<'_>, list: &[Difference]) -> Result<Vec<Cause>, Stop> {
    let all: Vec<usize> = (0..list.len()).collect();
    let asked = |origin: &Origin, side| -> Result<_, Stop> {
        let opinions = opinions(&origin.scene, origin, list, &all, side)?;
        Ok((opinions, rooms(origin, list, side)))
    };
    let (baseline, candidate) = both(
        || asked(sides.baseline, Side::Baseline),
        || asked(sides.candidate, Side::Candidate),
    );
    let ((of_baseline, room_before), (of_candidate, room_after)) = (baseline?, candidate?);
    let mut causes: Vec<Cause> = (list.iter().enumerate())
        .map(|(at, difference)| {
            let room = (room_before[at], room_after[at]);
            cause(difference, of_baseline[at], of_candidate[at], room)
        })
        .collect();
    by_tier(sides, list, &of_baseline, &mut causes)?;
    Ok(causes)
}

/// The text of [`Cause`], but for tiers.
///
/// `room`: whether the candidate's owner had room in the baseline, and the baseline's in the
/// candidate.
fn cause(it: &Difference, old: Opinion, new: Opinion, room: (bool, bool)) -> Cause {
    let (Some(baseline), Some(candidate)) = (it.baseline, it.candidate) else {
        return Cause::Coverage;
    };
    let failed = |from| from == From::Failed;
    if failed(baseline.from) || failed(candidate.from) {
        return Cause::Failure;
    }
    let no_room = |room: bool| {
        if room {
            Cause::Strategy
        } else {
            Cause::Capacity
        }
    };
    match change(it) {
        OwnerChange::Gained if old.after.is_nan() => Cause::Eligibility,
        OwnerChange::Gained => no_room(room.0),
        _ if new.before.is_nan() => Cause::Eligibility,
        OwnerChange::Lost => no_room(room.1),
        OwnerChange::Moved if (baseline.from == From::Kept) != (candidate.from == From::Kept) => {
            kept_on_one_side(baseline.from == From::Kept, old, new)
        }
        OwnerChange::Moved if !new.prefers_after() => no_room(room.1),
        OwnerChange::Moved if old.after.is_nan() => Cause::Eligibility,
        OwnerChange::Moved if !old.prefers_after() => Cause::Score,
        OwnerChange::Moved => no_room(room.0),
    }
}

/// A present owner that only one side keeps: the other lets go of it for its settings, unless
/// it may not have stayed there.
fn kept_on_one_side(in_baseline: bool, old: Opinion, new: Opinion) -> Cause {
    let allowed = if in_baseline { new.before } else { old.after };
    if allowed.is_nan() {
        Cause::Eligibility
    } else {
        Cause::Keeping
    }
}

impl Opinion {
    fn prefers_after(self) -> bool {
        if self.before.is_nan() || self.after.is_nan() {
            return self.before.is_nan() && !self.after.is_nan();
        }
        to_micros(self.after) > to_micros(self.before)
    }
}

/// Takes for a matter of tiers what would not hold with the tiers of the baseline.
fn by_tier(
    sides: Sides<'_>,
    list: &[Difference],
    of_baseline: &[Opinion],
    causes: &mut [Cause],
) -> Result<(), Stop> {
    let (old, new) = (&sides.baseline.scene, &sides.candidate.scene);
    let (names_old, names_new) = (old.compiled().tiers.names(), new.compiled().tiers.names());
    let changed = |at: &usize| {
        let customer = list[*at].place().0 as usize;
        names_old[old.tiers[customer] as usize] != names_new[new.tiers[customer] as usize]
    };
    let asked: Vec<usize> = (0..list.len())
        .filter(|&at| {
            matches!(
                causes[at],
                Cause::Coverage | Cause::Eligibility | Cause::Score
            )
        })
        .filter(changed)
        .collect();
    if asked.is_empty() {
        return Ok(());
    }
    let mut scene = Again::with_tiers_of(new, old);
    let mut needed = Vec::new();
    if asked.iter().any(|&at| causes[at] == Cause::Coverage) {
        (scene, needed) = Again::coverage(scene)?;
    }
    let opinions = opinions(&scene, sides.candidate, list, &asked, Side::Candidate)?;
    for (&at, opinion) in asked.iter().zip(opinions) {
        let still = match causes[at] {
            Cause::Coverage => {
                let (customer, role) = list[at].place();
                let needs = (needed.get(role as usize))
                    .is_some_and(|customers| customers.binary_search(&customer).is_ok());
                needs != list[at].baseline.is_some()
            }
            found => {
                cause(&list[at], of_baseline[at], opinion, (true, true)) == found
                    && change(&list[at]).still_holds(opinion)
            }
        };
        if !still {
            causes[at] = Cause::Tier;
        }
    }
    Ok(())
}

impl OwnerChange {
    /// Whether the candidate's policy, of this opinion, would still not have the baseline's owner
    /// or would still have its own.
    fn still_holds(self, opinion: Opinion) -> bool {
        match self {
            Self::Gained => !opinion.after.is_nan(),
            Self::Lost => opinion.before.is_nan(),
            Self::Moved => opinion.prefers_after() || opinion.before.is_nan(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Baseline,
    Candidate,
}

impl Side {
    fn entry(self, difference: &Difference) -> Option<super::changes::Entry> {
        match self {
            Self::Baseline => difference.baseline.or(difference.candidate),
            Self::Candidate => difference.candidate.or(difference.baseline),
        }
    }
}

/// What the policy of a scene says of both owners of the changes `at`.
fn opinions(
    scene: &Scene,
    origin: &Origin,
    list: &[Difference],
    at: &[usize],
    side: Side,
) -> Result<Vec<Opinion>, Stop> {
    let mut pairs: Vec<(Need, u32)> = Vec::new();
    // For each change and owner, how many pairs it has.
    let mut sizes: Vec<[usize; 2]> = Vec::with_capacity(at.len());
    for &at in at {
        let (before, after) = list[at].reps();
        let Some(entry) = side.entry(&list[at]) else {
            sizes.push([0, 0]);
            continue;
        };
        let alone = [entry.need];
        let members = match (side.is_own(&list[at]), entry.from) {
            (true, From::Open(open)) => {
                let needs = &origin.held.needs;
                needs.members(&needs.groups[origin.held.open[open as usize] as usize])
            }
            _ => &alone,
        };
        sizes.push([before, after].map(|rep| {
            let Some(rep) = rep else { return 0 };
            pairs.extend(members.iter().map(|need| (*need, rep)));
            members.len()
        }));
    }
    let scores = Again(scene).judged(&pairs)?;
    let mut rest = scores.as_slice();
    let mut sum = |size: usize| {
        let (own, others) = rest.split_at(size);
        rest = others;
        if own.is_empty() {
            f64::NAN
        } else {
            own.iter().sum() // one that may not is NaN, and so is the sum
        }
    };
    Ok((sizes.into_iter())
        .map(|[before, after]| Opinion {
            before: sum(before),
            after: sum(after),
        })
        .collect())
}

impl Side {
    /// Whether the entry is of that side itself.
    const fn is_own(self, difference: &Difference) -> bool {
        match self {
            Self::Baseline => difference.baseline.is_some(),
            Self::Candidate => difference.candidate.is_some(),
        }
    }
}

/// Whether the other side's owner had room on this side.
fn rooms(origin: &Origin, list: &[Difference], side: Side) -> Vec<bool> {
    let mut rooms = vec![true; list.len()];
    let (mut places, mut asked) = (Vec::new(), Vec::new());
    for (at, difference) in list.iter().enumerate() {
        let (before, after) = difference.reps();
        let (entry, rep) = match side {
            Side::Baseline => (difference.baseline, after),
            Side::Candidate => (difference.candidate, before),
        };
        if let (Some(entry), Some(rep)) = (entry, rep)
            && let From::Open(open) = entry.from
        {
            places.push(at);
            asked.push((open as usize, rep));
        }
    }
    for (at, fits) in places.into_iter().zip(origin.had_room(&asked)) {
        rooms[at] = fits;
    }
    rooms
}
