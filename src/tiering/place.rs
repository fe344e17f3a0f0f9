//! From a value to a place: the tier, its borders, and how far they are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Cut, Per};
use crate::steps;

/// A customer as the cuts see it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What `value` gave, or nothing where it failed: such a customer is in the last tier and
    /// counts in no share.
    pub value: Option<f64>,
    /// The tier before this plan, 0 the highest.
    pub current: Option<u16>,
    /// The segment, as a number.
    pub segment: u32,
}

/// Where a value lies among the cuts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Place {
    /// What `value` gave.
    pub value: f64,
    /// The border to the tier above: the least value that would be in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Border>,
    /// The border to the tier below: the least value that is still in this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Border>,
    /// Whether hysteresis keeps the customer where it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
}

/// A border between two tiers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Border {
    /// The least value above the border.
    pub at: f64,
    /// How far the customer's value is from it, at least 0.
    pub distance: f64,
}

/// The tier of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// The tier, 0 the highest.
    pub tier: u16,
    /// Where its value lies; nothing where there is no value.
    pub place: Option<Place>,
}

/// Places all customers, given in order of id.
#[must_use]
pub fn place(cuts: &[Cut], rows: &[Row]) -> Vec<Placed> {
    steps::unstopped(place_watched(cuts, rows, &mut || Ok(())))
}

/// The same while `look` lets it go on.
///
/// # Errors
/// What `look` says.
pub(crate) fn place_watched<E>(
    cuts: &[Cut],
    rows: &[Row],
    look: &mut dyn FnMut() -> Result<(), E>,
) -> Result<Vec<Placed>, E> {
    let floor = cuts.len().saturating_sub(1) as u16;
    if cuts.iter().all(|cut| cut.top.is_none()) {
        let borders: Vec<f64> = cuts.iter().filter_map(|cut| cut.at_least).collect();
        let placed = (rows.iter()).map(|row| by_threshold(cuts, &borders, row, floor));
        return steps::all(placed, look);
    }
    by_share(cuts, rows, floor, look)
}

fn by_threshold(cuts: &[Cut], borders: &[f64], row: &Row, floor: u16) -> Placed {
    let Some(value) = row.value else {
        return Placed {
            tier: floor,
            place: None,
        };
    };
    let earned = borders
        .iter()
        .position(|&at| value >= at)
        .map_or(floor, |tier| tier as u16);
    let keeps = |tier: u16| {
        let (at, within) = (borders[tier as usize], cuts[tier as usize].keep_within);
        value >= at - at.abs() * within
    };
    let held = row.current.filter(|&tier| tier < earned && keeps(tier));
    Placed {
        tier: held.unwrap_or(earned),
        place: Some(locate(borders, value, earned, held)),
    }
}

/// Where a value lies that earned one tier and may be held in a higher one.
fn locate(borders: &[f64], value: f64, earned: u16, held: Option<u16>) -> Place {
    let tier = held.unwrap_or(earned) as usize;
    let border = |at: f64| Border {
        at,
        distance: (value - at).abs(),
    };
    Place {
        value,
        above: tier.checked_sub(1).map(|above| border(borders[above])),
        below: borders.get(tier).map(|&at| border(at)),
        held: held.is_some(),
    }
}

/// The best ⌈share × n⌉ of each group, cumulatively; ties at the border go by the order of rows.
fn by_share<E>(
    cuts: &[Cut],
    rows: &[Row],
    floor: u16,
    look: &mut dyn FnMut() -> Result<(), E>,
) -> Result<Vec<Placed>, E> {
    let mut order: Vec<u32> = (0..rows.len() as u32)
        .filter(|&row| rows[row as usize].value.is_some())
        .collect();
    let value = |row: u32| rows[row as usize].value.unwrap_or(f64::NEG_INFINITY);
    steps::sort_by(&mut order, look, |&a, &b| {
        value(b).total_cmp(&value(a)).then(a.cmp(&b))
    })?;

    let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    steps::each(&order, look, |&row| {
        let segment = rows[row as usize].segment;
        groups.entry(segment).or_default().push(row);
    })?;
    let whole = rank(&order, rows.len());
    look()?;
    let within: Vec<u32> = {
        let mut ranks = vec![0; rows.len()];
        for members in groups.values() {
            for (position, &row) in members.iter().enumerate() {
                ranks[row as usize] = position as u32;
            }
        }
        ranks
    };
    look()?;

    let placed = (rows.iter().enumerate()).map(|(index, row)| {
        let Some(value) = row.value else {
            return Placed {
                tier: floor,
                place: None,
            };
        };
        let standing = |cut: &Cut| match cut.per {
            Per::Book => (whole[index], order.as_slice()),
            Per::Segment => (within[index], groups[&row.segment].as_slice()),
        };
        let is_in = |cut: &Cut, stretch: f64| {
            let (rank, group) = standing(cut);
            cut.top
                .is_some_and(|top| (rank as usize) < best(top * stretch, group.len()))
        };
        let earned = cuts
            .iter()
            .position(|cut| is_in(cut, 1.0))
            .map_or(floor, |tier| tier as u16);
        let held = row.current.filter(|&tier| {
            let cut = &cuts[tier as usize];
            tier < earned && is_in(cut, 1.0 + cut.keep_within)
        });
        // The border is the value of the last customer that earns the tier.
        let borders: Vec<f64> = cuts
            .iter()
            .filter_map(|cut| {
                let (_, group) = standing(cut);
                let last = best(cut.top?, group.len()).checked_sub(1)?;
                rows[*group.get(last)? as usize].value
            })
            .collect();
        Placed {
            tier: held.unwrap_or(earned),
            place: Some(locate(&borders, value, earned, held)),
        }
    });
    steps::all(placed, look)
}

/// ⌈share × n⌉, at most `n`; a hair below a whole number counts as that number.
fn best(share: f64, n: usize) -> usize {
    ((share * n as f64 - 1e-9).ceil() as usize).min(n)
}

fn rank(order: &[u32], rows: usize) -> Vec<u32> {
    let mut ranks = vec![0; rows];
    for (position, &row) in order.iter().enumerate() {
        ranks[row as usize] = position as u32;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(tier: &str, at_least: Option<f64>, top: Option<f64>, keep_within: f64) -> Cut {
        Cut {
            tier: tier.into(),
            at_least,
            top,
            per: Per::Book,
            keep_within,
        }
    }

    fn rows(values: &[f64]) -> Vec<Row> {
        values
            .iter()
            .map(|&value| Row {
                value: Some(value),
                current: None,
                segment: 0,
            })
            .collect()
    }

    fn tiers(placed: &[Placed]) -> Vec<u16> {
        placed.iter().map(|placed| placed.tier).collect()
    }

    #[test]
    fn thresholds_include_their_border_and_tell_the_distance() {
        let cuts = [
            cut("A", Some(500.0), None, 0.1),
            cut("B", Some(100.0), None, 0.0),
            cut("C", None, None, 0.0),
        ];
        let placed = place(&cuts, &rows(&[500.0, 499.0, 100.0, 99.0]));
        assert_eq!(tiers(&placed), [0, 1, 1, 2]);
        let b = placed[1].place.unwrap();
        assert_eq!(
            b.above,
            Some(Border {
                at: 500.0,
                distance: 1.0
            })
        );
        assert_eq!(
            b.below,
            Some(Border {
                at: 100.0,
                distance: 399.0
            })
        );
        assert_eq!(placed[3].place.unwrap().below, None);
    }

    #[test]
    fn hysteresis_holds_only_the_tier_one_has() {
        let cuts = [
            cut("A", Some(500.0), None, 0.1),
            cut("B", Some(100.0), None, 0.0),
            cut("C", None, None, 0.0),
        ];
        let held = |value, current| {
            let row = Row {
                value: Some(value),
                current: Some(current),
                segment: 0,
            };
            let placed = place(&cuts, &[row])[0];
            (placed.tier, placed.place.unwrap().held)
        };
        assert_eq!(held(450.0, 0), (0, true));
        assert_eq!(held(449.9, 0), (1, false));
        assert_eq!(held(450.0, 1), (1, false));
        assert_eq!(held(600.0, 1), (0, false));
        assert_eq!(held(99.0, 1), (2, false));
    }

    #[test]
    fn shares_round_up_are_cumulative_and_break_ties_by_order() {
        let cuts = [
            cut("A", None, Some(0.1), 0.0),
            cut("B", None, Some(0.4), 0.0),
            cut("C", None, None, 0.0),
        ];
        let same = place(&cuts, &rows(&[1.0; 11]));
        assert_eq!(tiers(&same), [0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
        let ten = place(&cuts, &rows(&[1., 2., 3., 4., 5., 6., 7., 8., 9., 10.]));
        assert_eq!(tiers(&ten), [2, 2, 2, 2, 2, 2, 1, 1, 1, 0]);
        assert_eq!(
            ten[6].place.unwrap().above,
            Some(Border {
                at: 10.0,
                distance: 3.0
            })
        );
    }

    #[test]
    fn shares_of_a_segment_count_the_segment_only() {
        let cuts = [
            Cut {
                per: Per::Segment,
                ..cut("A", None, Some(0.5), 0.0)
            },
            cut("C", None, None, 0.0),
        ];
        let mut rows = rows(&[1.0, 2.0, 10.0, 20.0]);
        rows[2].segment = 1;
        rows[3].segment = 1;
        assert_eq!(tiers(&place(&cuts, &rows)), [1, 0, 1, 0]);
    }

    #[test]
    fn a_failed_value_is_in_the_last_tier_and_takes_no_share() {
        let cuts = [cut("A", None, Some(0.5), 0.0), cut("C", None, None, 0.0)];
        let mut rows = rows(&[1.0, 2.0, 3.0]);
        rows[2].value = None;
        assert_eq!(tiers(&place(&cuts, &rows)), [1, 0, 1]);
    }
}
