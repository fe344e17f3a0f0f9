//! Both plans side by side: who has each demand.

use crate::plan::inside::{Need, Origin, owner};

/// A demand of one customer in one plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) need: Need,
    pub(super) rep: Option<u32>,
    pub(super) from: From,
}

/// How it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// The present owner stayed.
    Kept,
    /// By a strategy; the index among the open demands.
    Open(u32),
    /// Not at all, for a hook failed.
    Failed,
}

/// A demand that differs: the entry of either plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Difference {
    pub(super) baseline: Option<Entry>,
    pub(super) candidate: Option<Entry>,
}

/// What two plans have in common, and what not.
#[derive(Debug, Default)]
pub(super) struct Differences {
    pub(super) same: u64,
    pub(super) open: u64,
    /// In order of customer and role.
    pub(super) list: Vec<Difference>,
}

impl Difference {
    /// Customer by position, and role.
    pub(super) fn place(&self) -> (u32, u16) {
        let entry = self.baseline.or(self.candidate);
        entry.map_or((u32::MAX, u16::MAX), |entry| entry.place())
    }

    pub(super) fn reps(&self) -> (Option<u32>, Option<u32>) {
        let rep = |entry: Option<Entry>| entry.and_then(|entry| entry.rep);
        (rep(self.baseline), rep(self.candidate))
    }
}

impl Entry {
    const fn place(&self) -> (u32, u16) {
        (self.need.customer, self.need.role)
    }
}

/// All demands of a plan in order of customer and role.
pub(super) fn entries(origin: &Origin) -> Vec<Entry> {
    let (held, outcome) = (&origin.held, &origin.outcome);
    let kept = held.kept.iter().map(|&(need, rep)| Entry {
        need,
        rep: Some(rep),
        from: From::Kept,
    });
    let mut entries: Vec<Entry> = kept.collect();
    for ((&group, &rep), open) in held.open.iter().zip(&outcome.rep_of).zip(0..) {
        let members = held.needs.members(&held.needs.groups[group as usize]);
        entries.extend(members.iter().map(|&need| Entry {
            need,
            rep,
            from: From::Open(open),
        }));
    }
    let frozen = (held.needs.frozen.iter()).filter(|it| owner(&origin.scene, &it.need).is_none());
    entries.extend(frozen.map(|frozen| Entry {
        need: frozen.need,
        rep: None,
        from: From::Failed,
    }));
    entries.sort_unstable_by_key(Entry::place);
    entries
}

/// Walks both lists at once.
pub(super) fn differences(baseline: &[Entry], candidate: &[Entry]) -> Differences {
    let mut found = Differences::default();
    let (mut left, mut right) = (baseline.iter().peekable(), candidate.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return found,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(left), Some(right)) => left.place().cmp(&right.place()),
        };
        let difference = Difference {
            baseline: order.is_le().then(|| left.next()).flatten().copied(),
            candidate: order.is_ge().then(|| right.next()).flatten().copied(),
        };
        match difference.reps() {
            (None, None) => found.open += 1,
            (before, after) if before == after => found.same += 1,
            _ => found.list.push(difference),
        }
    }
}
