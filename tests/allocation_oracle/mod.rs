//! Small problems of every kind, and the best allocation of each by trying all.
//!
//! Shares nothing with the solver: serving is compared as a list of counts (those the host decided
//! on, all, then by rank), loads as sorted fractions, scores as sums.
#![allow(dead_code, reason = "each test file uses its part")]

use bookwright::allocation::{
    Balance, Demand, Holder, Limit, Measure, OptimalSettings, PairSource, Problem, to_micros,
};
use std::cmp::Reverse;

/// SplitMix64.
#[derive(Debug, Clone)]
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// Scores in a matrix.
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    pub(crate) reps: usize,
    pub(crate) scores: Vec<f64>,
}

impl Matrix {
    pub(crate) fn at(&self, demand: usize, rep: u32) -> f64 {
        self.scores[demand * self.reps + rep as usize]
    }
}

impl PairSource for Matrix {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        for (row, &demand) in scores.chunks_exact_mut(self.reps).zip(demands) {
            let start = demand as usize * self.reps;
            row.copy_from_slice(&self.scores[start..start + self.reps]);
        }
    }
}

/// A problem with its scores and settings.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) problem: Problem,
    pub(crate) scores: Matrix,
    pub(crate) settings: OptimalSettings,
}

impl Case {
    /// Up to 7 demands and 4 reps, each feature on or off.
    pub(crate) fn generate(rng: &mut Rng, exact_only: bool) -> Self {
        let most = [4, 4, 5, 6, 7][rng.below(5) as usize];
        let demands = 1 + rng.below(most) as usize;
        let reps = 1 + rng.below(4) as usize;
        let (roles, tiers) = (1 + rng.below(2), 1 + rng.below(2));
        let spread = [1, 3, 1000][rng.below(3) as usize];
        let holes = [0, 20, 60][rng.below(3) as usize];
        let ranked = rng.chance(60);
        let alike = exact_only || rng.chance(40);
        let owned = rng.chance(50);
        let decided = [0, 0, 0, 25][rng.below(4) as usize];
        let demand = |rng: &mut Rng, number: usize| Demand {
            group: (number / roles as usize) as u32,
            role: (number as u64 % roles) as u16,
            tier: rng.below(tiers) as u16,
            priority: match rng.below(100) {
                at if at < decided => Demand::DECIDED,
                _ if ranked => rng.below(3) as i64,
                _ => 0,
            },
            workload: if alike {
                2_000_000
            } else {
                1_000_000 * (1 + rng.below(4) as i64)
            },
            customers: if alike { 1 } else { 1 + rng.below(2) as u32 },
            present: (owned && rng.chance(60)).then(|| rng.below(reps as u64) as u32),
        };
        let list: Vec<Demand> = (0..demands).map(|number| demand(rng, number)).collect();
        let mut limits = Vec::new();
        let by_role = rng.chance(50);
        for rep in 0..reps as u32 {
            let mut add = |role, tier, measure, at_most| {
                limits.push(Limit {
                    rep,
                    role,
                    tier,
                    measure,
                    at_most,
                });
            };
            if rng.chance(70) {
                add(None, None, Measure::Customers, rng.below(4) as i64);
            }
            if rng.chance(40) {
                add(
                    None,
                    None,
                    Measure::Workload,
                    500_000 * rng.below(20) as i64,
                );
            }
            if rng.chance(30) {
                let (role, tier) = if by_role {
                    (Some(0), None)
                } else {
                    (None, Some(0))
                };
                add(role, tier, Measure::Customers, rng.below(3) as i64);
            }
            if rng.chance(15) {
                add(Some(0), Some(0), Measure::Customers, rng.below(3) as i64);
            }
            if !exact_only && rng.chance(10) {
                add(
                    None,
                    Some(0),
                    Measure::Workload,
                    500_000 * rng.below(20) as i64,
                );
            }
        }
        let scores = (0..demands * reps)
            .map(|_| {
                if rng.chance(holes) {
                    f64::NAN
                } else {
                    rng.below(spread) as f64 - 1.0
                }
            })
            .collect();
        let (loads, families) = (rng.chance(50), rng.chance(30));
        let mut settings = OptimalSettings {
            unassigned_price: rng
                .chance(40)
                .then(|| (rng.below(spread + 2) as i64 - 1) * 1_000_000),
            move_price: if rng.chance(50) {
                rng.below(3) as i64 * 700_000
            } else {
                0
            },
            ..OptimalSettings::default()
        };
        if loads {
            settings.balance = match rng.below(3) {
                0 => Balance::None,
                1 => Balance::Price(rng.below(6) as i64 * 900_000),
                _ => Balance::Leximin,
            };
            settings.max_load = rng.chance(30).then_some(0.75);
            settings.min_load = rng.chance(40).then_some(0.4);
        }
        if !exact_only {
            settings.max_moves = rng.chance(40).then(|| rng.below(3));
            if roles == 2 && rng.chance(30) {
                settings.same_rep.push(vec![0, 1]);
            } else if roles == 2 && rng.chance(30) {
                settings.different_rep.push(vec![0, 1]);
            }
        }
        // What load shares count: workload, customers, or for some reps nothing.
        let by_customers = loads && rng.chance(25);
        let unit = if by_customers { 1 } else { 1_000_000 };
        let carried = (0..reps).map(|_| unit * rng.below(5) as i64).collect();
        let mut capacity: Vec<i64> = (0..reps)
            .map(|_| match rng.below(10) {
                0 => i64::MAX,
                _ => unit * (4 + rng.below(9) as i64),
            })
            .collect();
        if settings.balance == Balance::Leximin && exact_only {
            let first = capacity[0];
            capacity.fill(first);
        }
        let mut holders = Vec::new();
        for (number, demand) in (0..).zip(&list) {
            if demand.present.is_some() && rng.chance(if families { 50 } else { 0 }) {
                for rep in 0..reps as u32 {
                    let customers = rng.below(3) as u32;
                    if customers > 0 || Some(rep) == demand.present {
                        holders.push(Holder {
                            demand: number,
                            rep,
                            customers: customers.max(1),
                        });
                    }
                }
            }
        }
        let measure = if by_customers {
            Measure::Customers
        } else {
            Measure::Workload
        };
        let problem = Problem {
            reps,
            demands: list,
            limits,
            carried: if loads { carried } else { Vec::new() },
            capacity: if loads { capacity } else { Vec::new() },
            share_measure: if by_customers {
                vec![measure; reps]
            } else {
                Vec::new()
            },
            holders,
            ..Problem::default()
        };
        Self {
            problem,
            scores: Matrix { reps, scores },
            settings,
        }
    }
}

/// What an allocation is worth, to be compared part by part: how many are served of those that the
/// host decided on, of all, and by rank, highest first (nothing where open demands have a price);
/// how much is missing below the band; load shares, greatest first, exactly and negated; the rest
/// in millionths.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Worth {
    pub(crate) served: Vec<usize>,
    missing: Reverse<u64>,
    shares: Reverse<Vec<Share>>,
    pub(crate) score: i128,
}

/// A fraction that is compared exactly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share(i128, i128);

impl PartialEq for Share {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Share {}
impl PartialOrd for Share {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Share {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0 * other.1).cmp(&(other.0 * self.1))
    }
}

/// What a feasible allocation is worth.
pub(crate) fn worth(case: &Case, rep_of: &[Option<u32>]) -> Worth {
    let Case {
        problem,
        scores,
        settings,
    } = case;
    let mut ranks: Vec<_> = problem
        .demands
        .iter()
        .map(|d| (Reverse(d.priority), d.tier))
        .collect();
    ranks.sort_unstable();
    ranks.dedup();
    let mut by_rank = vec![0; ranks.len()];
    let mut served = [0; 2];
    let mut score = 0_i128;
    let mut taken = vec![0_i64; problem.reps];
    for (number, (demand, own)) in problem.demands.iter().zip(rep_of).enumerate() {
        score -= i128::from(settings.move_price) * i128::from(moves(case, number, *own));
        match own {
            Some(rep) => {
                let rank = ranks
                    .binary_search(&(Reverse(demand.priority), demand.tier))
                    .unwrap();
                by_rank[rank] += 1;
                served[0] += usize::from(demand.priority >= Demand::DECIDED);
                served[1] += 1;
                taken[*rep as usize] += amount(case, *rep, demand);
                score += i128::from(to_micros(scores.at(number, *rep)));
            }
            None => score -= i128::from(settings.unassigned_price.unwrap_or(0)),
        }
    }
    let mut served = [&served[..], &by_rank].concat();
    if settings.unassigned_price.is_some() {
        served.clear();
    }
    let mut shares = Vec::new();
    let mut missing = 0;
    if settings.balance != Balance::None || settings.min_load.is_some() {
        for (rep, &taken) in taken.iter().enumerate() {
            let Some(&capacity) = problem.capacity.get(rep).filter(|all| **all != i64::MAX) else {
                shares.push(Share(0, 1)); // no limit: whatever it takes is nothing
                continue;
            };
            let carried = problem.carried[rep];
            let each = one_amount(case, rep as u32);
            let load = carried + taken;
            if let Some(share) = settings.min_load {
                let wanted = ((share * capacity as f64).ceil() as i64 - carried).max(0);
                let short = (wanted - taken).max(0) as u64;
                missing += each.map_or(short, |each| short.div_ceil(each as u64));
            }
            match (settings.balance, each) {
                (Balance::Leximin, _) => shares.push(Share(i128::from(load), i128::from(capacity))),
                (Balance::Price(price), Some(each)) => {
                    for unit in 1..=taken / each {
                        let twice = 2.0 * carried as f64 + (2.0 * unit as f64 - 1.0) * each as f64;
                        let part = each as f64 / capacity as f64;
                        score -= (price as f64 * part * (twice / capacity as f64)).floor() as i128;
                    }
                }
                // Near enough for whoever only asks what is better by more than rounding.
                (Balance::Price(price), None) => {
                    let square = |load: i64| {
                        let cut = load as f64 / capacity as f64 * 64.0;
                        let (low, part) = (cut.floor().min(256.0), cut - cut.floor().min(256.0));
                        (low * low + part * (2.0 * low + 1.0)) / 4096.0
                    };
                    score -= (price as f64 * (square(load) - square(carried))).floor() as i128;
                }
                (Balance::None, _) => {}
            }
        }
        shares.sort_unstable_by(|a, b| b.cmp(a));
    }
    Worth {
        served,
        missing: Reverse(missing),
        shares: Reverse(shares),
        score,
    }
}

/// What the demand counts for the load of the rep.
fn amount(case: &Case, rep: u32, demand: &Demand) -> i64 {
    let measure = case.problem.share_measure.get(rep as usize);
    measure.unwrap_or(&Measure::Workload).amount(demand)
}

/// The same where it is one amount for all demands.
pub(crate) fn one_amount(case: &Case, rep: u32) -> Option<i64> {
    let mut amounts = (case.problem.demands.iter()).map(|demand| amount(case, rep, demand));
    let first = amounts.next();
    first.filter(|first| amounts.all(|other| other == *first))
}

/// How many customers change hands where the demand goes there.
fn moves(case: &Case, number: usize, rep: Option<u32>) -> u64 {
    let mut own = (case.problem.holders.iter())
        .filter(|holder| holder.demand as usize == number)
        .peekable();
    if own.peek().is_none() {
        let present = case.problem.demands[number].present;
        return u64::from(present.is_some() && present != rep);
    }
    let away = own.filter(|holder| Some(holder.rep) != rep);
    away.map(|holder| u64::from(holder.customers)).sum()
}

/// The best worth of all feasible allocations.
pub(crate) fn best_of_all(case: &Case) -> Worth {
    let mut rep_of = vec![None; case.problem.demands.len()];
    let mut best = None;
    try_all(case, &mut rep_of, 0, &mut best);
    best.unwrap()
}

fn try_all(case: &Case, rep_of: &mut Vec<Option<u32>>, at: usize, best: &mut Option<Worth>) {
    if at == rep_of.len() {
        if fits_couplings(case, rep_of) {
            *best = (*best).clone().max(Some(worth(case, rep_of)));
        }
        return;
    }
    rep_of[at] = None;
    try_all(case, rep_of, at + 1, best);
    for rep in 0..case.problem.reps as u32 {
        if !case.scores.at(at, rep).is_nan() {
            rep_of[at] = Some(rep);
            if fits_limits(case, &rep_of[..=at], rep) {
                try_all(case, rep_of, at + 1, best);
            }
        }
    }
    rep_of[at] = None;
}

/// Whether an allocation is one at all: of so many demands, among candidates, within all limits.
pub(crate) fn feasible(case: &Case, rep_of: &[Option<u32>]) -> bool {
    let reps = case.problem.reps as u32;
    let candidate = |(number, own): (usize, &Option<u32>)| {
        own.is_none_or(|rep| rep < reps && !case.scores.at(number, rep).is_nan())
    };
    rep_of.len() == case.problem.demands.len()
        && rep_of.iter().enumerate().all(candidate)
        && (0..reps).all(|rep| fits_limits(case, rep_of, rep))
        && fits_couplings(case, rep_of)
}

fn fits_limits(case: &Case, rep_of: &[Option<u32>], rep: u32) -> bool {
    let sum = |limit: &Limit| -> i64 {
        let own = case.problem.demands.iter().zip(rep_of);
        own.filter(|(demand, own)| **own == Some(rep) && limit.covers(demand))
            .map(|(demand, _)| limit.amount(demand))
            .sum()
    };
    let limits = case.problem.limits.iter().filter(|limit| limit.rep == rep);
    if !limits.into_iter().all(|limit| sum(limit) <= limit.at_most) {
        return false;
    }
    let Some(share) = case.settings.max_load else {
        return true;
    };
    let Some(&capacity) = case.problem.capacity.get(rep as usize) else {
        return true;
    };
    if capacity == i64::MAX {
        return true;
    }
    let all = Limit {
        rep,
        role: None,
        tier: None,
        measure: (case.problem.share_measure.get(rep as usize))
            .map_or(Measure::Workload, |measure| *measure),
        at_most: 0,
    };
    let most = (share * capacity as f64).floor() as i64 - case.problem.carried[rep as usize];
    sum(&all) <= most.max(0)
}

fn fits_couplings(case: &Case, rep_of: &[Option<u32>]) -> bool {
    let demands = &case.problem.demands;
    let given = rep_of.iter().enumerate().filter(|(_, own)| own.is_some());
    let moved: u64 = given.map(|(number, own)| moves(case, number, *own)).sum();
    if case.settings.max_moves.is_some_and(|most| moved > most) {
        return false;
    }
    for (first, one) in demands.iter().zip(rep_of) {
        for (second, two) in demands.iter().zip(rep_of) {
            let pair = first.group == second.group && first.role < second.role;
            if !pair || one.is_none() || two.is_none() {
                continue;
            }
            let both =
                |roles: &Vec<u16>| roles.contains(&first.role) && roles.contains(&second.role);
            if case.settings.same_rep.iter().any(both) && one != two
                || case.settings.different_rep.iter().any(both) && one == two
            {
                return false;
            }
        }
    }
    true
}
