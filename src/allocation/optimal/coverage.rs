//! What serving each demand counts, where serving comes before scores.
//!
//! *Rank.* Demands are ranked by priority, then by tier; rank 1 is the lowest.
//!
//! *Sums of ranks*, where the sets of demands that can be served form a matroid (limits are nested,
//! demands count alike, nothing couples them: a gammoid): a demand of rank *r* counts *r*. Any
//! weights in this order make the greedy basis the best there, which is at once the largest set and
//! the one with the highest ranks.
//!
//! *Strictly in order* elsewhere: first the demands that the host has decided on
//! ([`Demand::DECIDED`]), then how many there are, then how many of the highest rank, of the next,
//! and so on. A demand counts twice what all that comes after it does together, so that a gap of
//! less than that much proves that no more can be served. With very many ranks that exceeds 128
//! bits; the lowest ranks, from where it does, then count by their sum. Linear in ranks.

use crate::allocation::Demand;
use crate::steps;
use std::cmp::Reverse;

/// Weights stay below this many bits, so that sums over demands and finer prices fit in 128.
const BITS: u32 = 100;

/// The rank of every demand, and how many there are of each.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranks {
    /// By demand, 1 the lowest.
    pub(super) of: Vec<u32>,
    /// By rank, 1 first.
    count: Vec<i128>,
    /// How many ranks are below those that the host decided on.
    ordinary: usize,
}

/// What leaving each demand open costs, by rank.
#[derive(Debug, Clone, Default)]
pub(super) struct Coverage {
    /// By rank, 1 first.
    pub(super) weight: Vec<i128>,
    /// Twice what ranks and all that comes after serving can change, where ranks are in order: what
    /// one demand more counts, whatever its rank.
    pub(super) each: Option<i128>,
}

impl Ranks {
    /// How many different ranks there are.
    pub(super) const fn grades(&self) -> usize {
        self.count.len()
    }

    /// Ranks the demands, while `look` lets it go on.
    ///
    /// # Errors
    /// What `look` says.
    pub(super) fn new<E>(
        demands: &[Demand],
        look: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let order = |demand: &Demand| (demand.priority, Reverse(demand.tier));
        let mut grades: Vec<_> = steps::all(demands.iter().map(order), look)?;
        grades.dedup();
        steps::sort_by_key(&mut grades, look, |grade| *grade)?;
        grades.dedup();
        let rank =
            |demand: &Demand| grades.partition_point(|grade| *grade < order(demand)) as u32 + 1;
        let of: Vec<u32> = steps::all(demands.iter().map(rank), look)?;
        let mut count = vec![0; grades.len()];
        for &rank in &of {
            count[rank as usize - 1] += 1;
        }
        let ordinary = grades.partition_point(|grade| grade.0 < Demand::DECIDED);
        Ok(Self {
            of,
            count,
            ordinary,
        })
    }

    /// Weights where sums of ranks are enough.
    pub(super) fn by_sum(&self, serving: i128) -> Coverage {
        let weight = (1..).zip(&self.count);
        Coverage {
            weight: weight
                .map(|(rank, _)| serving.saturating_mul(rank))
                .collect(),
            each: None,
        }
    }

    /// Weights strictly in order, as far as numbers reach; `serving` outweighs all that comes after
    /// the lowest rank.
    pub(super) fn in_order(&self, serving: i128) -> Coverage {
        let all = self.count.len();
        let mut strict = all;
        loop {
            if let Some(coverage) = self.strictly(serving, strict) {
                return coverage;
            }
            if strict == 0 {
                break;
            }
            // Each rank doubles what comes before it, so no more than that many fit.
            strict = (strict - 1).min(BITS as usize) / 2;
        }
        // Scores so great that even sums do not fit: only how many are served comes first.
        Coverage {
            weight: vec![serving; all],
            each: None,
        }
    }

    /// Weights with the highest `strict` ranks strictly in order; none where they are too great.
    fn strictly(&self, serving: i128, strict: usize) -> Option<Coverage> {
        let merged = self.count.len() - strict;
        let (ordinary, decided) = self.count.split_at(self.ordinary);
        let mut weight = Vec::with_capacity(self.count.len());
        let mut outweighs = serving;
        let mut each = None;
        for counts in [ordinary, decided] {
            if counts.is_empty() {
                continue;
            }
            // What a rank adds beside being one demand more.
            let first = weight.len();
            let (mut sum, mut more) = (0_i128, Vec::with_capacity(counts.len()));
            for (at, &count) in counts.iter().enumerate() {
                let add = match at {
                    0 => 0,
                    at if first + at < merged => outweighs.checked_mul(2 * at as i128)?,
                    _ => outweighs.checked_add(sum)?.checked_mul(2)?,
                };
                sum = sum.checked_add(add.checked_mul(count)?)?;
                more.push(add);
            }
            let one = outweighs.checked_add(sum)?.checked_mul(2)?;
            for (&more, &count) in more.iter().zip(counts) {
                let whole = one.checked_add(more)?;
                outweighs = outweighs.checked_add(whole.checked_mul(count)?)?;
                weight.push(whole);
            }
            each.get_or_insert(one);
            if outweighs.unsigned_abs() >> BITS != 0 {
                return None;
            }
        }
        Some(Coverage { weight, each })
    }
}

#[cfg(test)]
mod tests {
    use super::{Demand, Ranks};

    fn ranks(priorities: &[i64]) -> Ranks {
        let demand = |&priority| Demand {
            group: 0,
            role: 0,
            tier: 0,
            priority,
            workload: 1,
            customers: 1,
            present: None,
        };
        let demands: Vec<_> = priorities.iter().map(demand).collect();
        Ranks::new(&demands, &mut || Ok::<(), ()>(())).unwrap()
    }

    #[test]
    fn one_more_comes_before_a_higher_rank_and_that_before_scores() {
        let ranks = ranks(&[1, 1, 2, 3, Demand::DECIDED]);
        let coverage = ranks.in_order(10);
        let [low, middle, high, decided] = coverage.weight[..] else {
            unreachable!("four ranks")
        };
        assert_eq!(ranks.of, [1, 1, 2, 3, 4]);
        assert!(2 * low > high + 10 && low + middle > high + 10);
        assert!(high > middle + 10 && middle > low + 9);
        assert!(decided > 2 * low + middle + high + 10);
        assert_eq!(coverage.each, Some(low));
    }

    #[test]
    fn where_ranks_are_too_many_the_lowest_count_by_their_sum() {
        let many: Vec<i64> = (0..500).collect();
        let coverage = ranks(&many).in_order(1 << 40);
        let steps = coverage.weight.windows(2).map(|pair| pair[1] - pair[0]);
        let first = steps.clone().next().unwrap_or_default();
        assert!((10..490).contains(&steps.filter(|step| *step > first).count()));
        assert!(coverage.weight.windows(2).all(|pair| pair[0] < pair[1]));
        let total: i128 = coverage.weight.iter().sum();
        assert!(total < 1 << 101);
        assert!(2 * coverage.weight[0] > coverage.weight[499]);
    }
}
