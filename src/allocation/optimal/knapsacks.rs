//! What a rep's limit can be worth where demands have prices: a knapsack.
//!
//! Limits with prices bound an allocation as if demands could be parted. With prices of demands in
//! their place, each rep is left with a choice of its own: which demands to take, at what they are
//! worth beyond their prices, within one limit. That bound is never worse for the best prices, and
//! better where few demands fill a rep (Fisher, Jaikumar & Van Wassenhove 1986). Other limits of
//! the rep keep their prices. Work is limited: where amounts have no great common divisor they are
//! rounded down, to more units the fewer demands there are, which only weakens the bound.

use super::certificate::Certificate;
use super::loads::common_divisor;
use super::terms::Terms;

/// So many sums are made at most, over all knapsacks.
const WORK: usize = 1 << 27;
/// Into so many units a limit is cut at most.
const MOST_UNITS: usize = 1 << 16;

/// The limit of each rep that is a knapsack where demands have prices: of those that do not count
/// demands alike, the one whose room is worth most.
pub(super) fn limits(terms: &Terms<'_>, certificate: &Certificate) -> Vec<Option<u32>> {
    let worth = |number: u32| {
        let bound = &terms.bounds[number as usize];
        certificate.prices[number as usize].saturating_mul(i128::from(bound.room))
    };
    let of_rep = terms.of_rep.iter().map(|own| {
        let own = own.iter().copied();
        let differing = own.filter(|&number| terms.bounds[number as usize].alike.is_none());
        differing.reduce(|best, next| {
            if worth(next) > worth(best) {
                next
            } else {
                best
            }
        })
    });
    of_rep.collect()
}

/// What a rep may take: what each demand is worth beyond its price, above nothing, and how much it
/// is of the limit.
#[derive(Debug, Default)]
pub(super) struct Knapsack {
    items: Vec<(i128, i64)>,
}

impl Knapsack {
    pub(super) fn add(&mut self, worth: i128, amount: i64) {
        if worth > 0 {
            self.items.push((worth, amount.max(0)));
        }
    }

    /// No choice is worth more, of all items where there is no limit; nothing where numbers are too
    /// great to sum.
    fn bound(&self, room: Option<i64>, most_units: usize) -> Option<i128> {
        let mut all = 0_i128;
        for item in &self.items {
            all = all.checked_add(item.0)?;
        }
        let Some(room) = room.map(|room| room.max(0)) else {
            return Some(all);
        };
        let fitting = || self.items.iter().filter(|item| item.1 <= room);
        let amounts = fitting().map(|item| i128::from(item.1)).sum::<i128>();
        if amounts <= i128::from(room) {
            return Some(fitting().map(|item| item.0).sum());
        }
        let common = fitting()
            .fold(0, |common, item| common_divisor(common, item.1))
            .max(1);
        let least = room / most_units as i64 + 1;
        let unit = (least - 1) / common * common + common;
        let mut best = vec![0_i128; (room / unit) as usize + 1];
        for &(worth, amount) in fitting() {
            let units = (amount / unit) as usize;
            for at in (units..best.len()).rev() {
                best[at] = best[at].max(best[at - units] + worth);
            }
        }
        best.last().copied()
    }
}

/// What all reps' knapsacks are worth at most; nothing where numbers are too great.
pub(super) fn bound(
    terms: &Terms<'_>,
    limits: &[Option<u32>],
    knapsacks: &[Knapsack],
) -> Option<i128> {
    let items = knapsacks
        .iter()
        .map(|knapsack| knapsack.items.len())
        .sum::<usize>();
    let units = (WORK / items.max(1)).clamp(16, MOST_UNITS);
    let mut sum = 0_i128;
    for (&limit, knapsack) in limits.iter().zip(knapsacks) {
        let room = limit.map(|limit| terms.bounds[limit as usize].room);
        sum = sum.checked_add(knapsack.bound(room, units)?)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::Knapsack;

    fn knapsack(items: &[(i128, i64)]) -> Knapsack {
        let mut knapsack = Knapsack::default();
        items
            .iter()
            .for_each(|&(worth, amount)| knapsack.add(worth, amount));
        knapsack
    }

    #[test]
    fn the_best_choice_within_the_room_is_found_where_amounts_have_a_common_divisor() {
        let own = knapsack(&[
            (60, 10_000),
            (100, 20_000),
            (120, 30_000),
            (-5, 0),
            (999, 60_000),
        ]);
        assert_eq!(own.bound(Some(50_000), 100), Some(220));
        assert_eq!(own.bound(Some(59_999), 100), Some(220));
        assert_eq!(own.bound(None, 100), Some(1279));
        assert_eq!(own.bound(Some(0), 100), Some(0));
    }

    #[test]
    fn rounded_amounts_never_tell_less_than_the_best_choice() {
        let items: Vec<(i128, i64)> = (1..12)
            .map(|at| (at * at % 13 + 1, (at * 7919 % 1000) as i64 + 17))
            .collect();
        let own = knapsack(&items);
        let best = |room: i64| {
            let chosen = |set: u32| {
                items
                    .iter()
                    .enumerate()
                    .filter(move |(at, _)| set >> at & 1 == 1)
            };
            let fits = |set: &u32| chosen(*set).map(|(_, item)| item.1).sum::<i64>() <= room;
            let worth = |set: u32| chosen(set).map(|(_, item)| item.0).sum::<i128>();
            (0..1 << items.len()).filter(fits).map(worth).max()
        };
        for room in (0..6_000).step_by(501) {
            assert_eq!(own.bound(Some(room), 1 << 16), best(room), "{room}");
            assert!(own.bound(Some(room), 40) >= best(room), "{room}");
        }
    }
}
