//! The rules by hand, as good engineers write them over the same columns: plain loops, plain
//! comparisons, customer-only work outside the loop over reps.

use super::data::{Columns, or};

/// Runs a rule by rows.
fn rows(out: &mut [u8], rule: impl Fn(usize) -> u8) {
    for (row, out) in out.iter_mut().enumerate() {
        *out = rule(row);
    }
}

/// Runs a rule of pairs for a block, a customer at a time.
fn customers(block: &[u32], out: &mut [f64], mut rule: impl FnMut(usize, &mut [f64])) {
    let reps = out.len() / block.len();
    for (customer, out) in block.iter().zip(out.chunks_exact_mut(reps)) {
        rule(*customer as usize, out);
    }
}

/// Runs a rule of pairs for a block, a pair at a time.
fn pairs(block: &[u32], out: &mut [f64], rule: impl Fn(usize, usize) -> f64) {
    customers(block, out, |customer, out| {
        for (rep, out) in out.iter_mut().enumerate() {
            *out = rule(customer, rep);
        }
    });
}

pub(super) fn scorecard_tier(c: &Columns<'_>, out: &mut [u8]) {
    rows(out, |row| {
        let mut points = or(c.revenue, row, 0.0) / 10000.0
            + or(c.intent, row, 0.0) * 40.0
            + (1.0 - or(c.risk, row, 0.5)) * 20.0;
        if or(c.employees, row, 0) > 250 {
            points += 15.0;
        }
        if points >= 90.0 {
            0
        } else if points >= 45.0 {
            1
        } else {
            2
        }
    });
}

pub(super) fn scorecard_score(c: &Columns<'_>, block: &[u32], out: &mut [f64]) {
    customers(block, out, |row, out| {
        let potential = or(c.potential, row, 0.0) / 10000.0;
        let intent = or(c.intent, row, 0.0) * 40.0;
        let risk = or(c.risk, row, 0.5);
        let (weight, level, workload) = (
            &c.weight[..out.len()],
            &c.level[..out.len()],
            &c.workload[..out.len()],
        );
        for rep in 0..out.len() {
            let points = potential * weight[rep] + intent * level[rep] as f64;
            out[rep] = points - workload[rep] * risk;
        }
    });
}

pub(super) fn scorecard_naive(c: &Columns<'_>, block: &[u32], out: &mut [f64]) {
    pairs(block, out, |row, rep| {
        let points = or(c.potential, row, 0.0) / 10000.0 * c.weight[rep]
            + or(c.intent, row, 0.0) * 40.0 * c.level[rep] as f64;
        points - c.workload[rep] * or(c.risk, row, 0.5)
    });
}

pub(super) fn matching_tier(c: &Columns<'_>, out: &mut [u8]) {
    rows(out, |row| {
        if c.tags[row] & 0b1_0001 != 0 && matches!(c.region[row], 2 | 5 | 4) {
            0
        } else if matches!(c.industry[row], 4 | 3 | 1) || c.tags[row] & 2 != 0 {
            1
        } else {
            2
        }
    });
}

fn bit(set: u16, at: u8) -> bool {
    at < 16 && set >> at & 1 == 1
}

pub(super) fn matching_score(c: &Columns<'_>, block: &[u32], out: &mut [f64]) {
    customers(block, out, |row, out| {
        let single = |at: u8| if at < 16 { 1_u16 << at } else { 0 };
        let (region, industry) = (single(c.region[row]), single(c.industry[row]));
        let (tags, intent) = (c.tags[row], or(c.intent, row, 0.0));
        let reps = out.len();
        let (regions, industries) = (&c.regions[..reps], &c.industries[..reps]);
        let (skills, level) = (&c.skills[..reps], &c.level[..reps]);
        for rep in 0..reps {
            let mut points = if regions[rep] & region != 0 {
                30.0
            } else {
                0.0
            };
            points = if industries[rep] & industry != 0 {
                points + 20.0
            } else {
                points
            };
            points += f64::from((skills[rep] & tags).count_ones()) * 5.0;
            out[rep] = points + intent * level[rep] as f64;
        }
    });
}

pub(super) fn matching_naive(c: &Columns<'_>, block: &[u32], out: &mut [f64]) {
    pairs(block, out, |row, rep| {
        let mut points = 0.0;
        if bit(c.regions[rep], c.region[row]) {
            points += 30.0;
        }
        if bit(c.industries[rep], c.industry[row]) {
            points += 20.0;
        }
        points += f64::from((c.skills[rep] & c.tags[row]).count_ones()) * 5.0;
        points + or(c.intent, row, 0.0) * c.level[rep] as f64
    });
}

/// A number per rep, made once for a block.
fn of_reps(c: &Columns<'_>, f: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..c.level.len()).map(f).collect()
}

pub(super) fn switch_tier(c: &Columns<'_>, out: &mut [u8]) {
    const BASE: [i64; 8] = [10, 20, 60, 50, 15, 0, 40, 0];
    rows(out, |row| {
        let base = BASE[c.stage[row] as usize & 7];
        let size = match or(c.employees, row, 0) {
            0..10 => 1,
            10..50 => 8,
            50..250 => 20,
            250..1000 => 35,
            _ => 50,
        };
        match base + size {
            85.. => 0,
            45.. => 1,
            _ => 2,
        }
    });
}

const FIT: [f64; 5] = [1.0, 1.5, 2.0, 2.25, 2.5];
const NEED: [f64; 8] = [4.0, 6.0, 9.0, 12.0, 2.0, 2.0, 2.0, 2.0];

fn fit(level: i64) -> f64 {
    FIT[(level.clamp(1, 5) - 1) as usize]
}

pub(super) fn switch_score(c: &Columns<'_>, block: &[u32], out: &mut [f64]) {
    let fits = of_reps(c, |rep| fit(c.level[rep]));
    let loads = of_reps(c, |rep| c.workload[rep] / c.capacity[rep]);
    customers(block, out, |row, out| {
        let need = NEED[c.stage[row] as usize & 7];
        for ((out, fit), load) in out.iter_mut().zip(&fits).zip(&loads) {
            *out = need * fit - load;
        }
    });
}

pub(super) fn switch_naive(c: &Columns<'_>, block: &[u32], out: &mut [f64]) {
    pairs(block, out, |row, rep| {
        NEED[c.stage[row] as usize & 7] * fit(c.level[rep]) - c.workload[rep] / c.capacity[rep]
    });
}

/// The first of two columns that has a value, else a number.
fn or_or(a: super::data::Numbers<'_, f64>, b: super::data::Numbers<'_, f64>, row: usize) -> f64 {
    match a.1 {
        Some(present) if !present.get(row) => or(b, row, 1000.0),
        _ => a.0[row],
    }
}

fn chance(c: &Columns<'_>, row: usize) -> f64 {
    match c.intent.1 {
        Some(present) if !present.get(row) => 1.0 - or(c.risk, row, 0.4),
        _ => c.intent.0[row],
    }
}

pub(super) fn defaults_tier(c: &Columns<'_>, out: &mut [u8]) {
    rows(out, |row| {
        let worth = or_or(c.revenue, c.potential, row);
        let value = worth * chance(c, row) + or(c.employees, row, 5) as f64 * 100.0;
        if value > 400_000.0 {
            0
        } else if value > 100_000.0 {
            1
        } else {
            2
        }
    });
}

pub(super) fn defaults_score(c: &Columns<'_>, block: &[u32], out: &mut [f64]) {
    let levels = of_reps(c, |rep| c.level[rep] as f64);
    customers(block, out, |row, out| {
        let worth = or_or(c.revenue, c.potential, row) * chance(c, row) / 1000.0;
        let (risk, size) = (or(c.risk, row, 0.5), or(c.employees, row, 5) as f64 * 0.01);
        let (weight, workload) = (&c.weight[..out.len()], &c.workload[..out.len()]);
        let levels = &levels[..out.len()];
        for rep in 0..out.len() {
            out[rep] = worth * weight[rep] - risk * workload[rep] + size * levels[rep];
        }
    });
}

pub(super) fn defaults_naive(c: &Columns<'_>, block: &[u32], out: &mut [f64]) {
    pairs(block, out, |row, rep| {
        let worth = or_or(c.revenue, c.potential, row);
        worth * chance(c, row) / 1000.0 * c.weight[rep] - or(c.risk, row, 0.5) * c.workload[rep]
            + or(c.employees, row, 5) as f64 * 0.01 * c.level[rep] as f64
    });
}

fn has((_, present): super::data::Numbers<'_, f64>, row: usize) -> bool {
    present.is_none_or(|present| present.get(row))
}

fn potential(c: &Columns<'_>, row: usize) -> f64 {
    if has(c.potential, row) {
        c.potential.0[row]
    } else if has(c.revenue, row) {
        c.revenue.0[row] * 1.2
    } else {
        0.0
    }
}

fn heat(c: &Columns<'_>, row: usize) -> f64 {
    let intent = or(c.intent, row, 0.0);
    if intent >= 0.6 {
        2.0
    } else if intent > 0.2 {
        1.0
    } else {
        0.5
    }
}

fn seniority(level: i64) -> f64 {
    if level >= 3 { 12.5 } else { level as f64 * 2.0 }
}

pub(super) fn helpers_tier(c: &Columns<'_>, out: &mut [u8]) {
    rows(out, |row| {
        let worth = potential(c, row) * heat(c, row);
        if worth >= 250_000.0 {
            0
        } else if (c.tags[row] & 1 != 0 && worth > 0.0) || worth >= 50_000.0 {
            1
        } else {
            2
        }
    });
}

pub(super) fn helpers_score(c: &Columns<'_>, block: &[u32], out: &mut [f64]) {
    let seniorities = of_reps(c, |rep| seniority(c.level[rep]));
    customers(block, out, |row, out| {
        let (worth, heat) = (potential(c, row), heat(c, row));
        if worth >= 250_000.0 {
            let worth = worth / 10_000.0;
            for (out, seniority) in out.iter_mut().zip(&seniorities) {
                *out = worth + seniority * heat;
            }
        } else {
            let worth = worth / 20_000.0;
            for ((out, weight), workload) in out.iter_mut().zip(c.weight).zip(c.workload) {
                *out = worth + weight * heat - workload;
            }
        }
    });
}

pub(super) fn helpers_naive(c: &Columns<'_>, block: &[u32], out: &mut [f64]) {
    pairs(block, out, |row, rep| {
        let worth = potential(c, row);
        if worth >= 250_000.0 {
            return worth / 10_000.0 + seniority(c.level[rep]) * heat(c, row);
        }
        worth / 20_000.0 + c.weight[rep] * heat(c, row) - c.workload[rep]
    });
}

fn worth(c: &Columns<'_>, row: usize) -> f64 {
    if has(c.revenue, row) {
        c.revenue.0[row]
    } else if has(c.potential, row) {
        c.potential.0[row] * 0.5
    } else {
        1_000.0
    }
}

pub(super) fn long_tier(c: &Columns<'_>, out: &mut [u8]) {
    const STAGE: [f64; 8] = [5.0, 10.0, 30.0, 25.0, 0.0, 0.0, 20.0, 0.0];
    rows(out, |row| {
        let size = match or(c.employees, row, 0) {
            0..10 => 1.0,
            10..50 => 5.0,
            50..250 => 12.0,
            250..1_000 => 20.0,
            _ => 30.0,
        };
        let mut profile = 0.0;
        if matches!(c.region[row], 2 | 5 | 4) {
            profile += 6.0;
        }
        if matches!(c.industry[row], 4 | 3 | 1) {
            profile += 8.0;
        }
        if c.tags[row] & 1 != 0 {
            profile += 4.0;
        }
        if c.tags[row] & 16 != 0 {
            profile += 4.0;
        }
        let points = STAGE[c.stage[row] as usize & 7] + size + profile;
        let value = worth(c, row) * heat(c, row);
        if value >= 250_000.0 && points >= 25.0 {
            0
        } else if c.tags[row] & 8 != 0 && or(c.risk, row, 0.0) > 0.7 {
            2
        } else if value >= 60_000.0 || points >= 50.0 {
            1
        } else {
            2
        }
    });
}

pub(super) fn long_score(c: &Columns<'_>, block: &[u32], out: &mut [f64]) {
    let seniorities = of_reps(c, |rep| seniority(c.level[rep]));
    let at_risk = of_reps(c, |rep| if c.level[rep] >= 3 { 15.0 } else { 0.0 });
    let calm = vec![0.0; c.level.len()];
    customers(block, out, |row, out| {
        let single = |at: u8| if at < 16 { 1_u16 << at } else { 0 };
        let (region, industry) = (single(c.region[row]), single(c.industry[row]));
        let (tags, heat) = (c.tags[row], heat(c, row));
        let (worth, risk) = (worth(c, row) / 100_000.0, or(c.risk, row, 0.3));
        let reps = out.len();
        let (regions, industries) = (&c.regions[..reps], &c.industries[..reps]);
        let (skills, weight) = (&c.skills[..reps], &c.weight[..reps]);
        let (workload, seniorities) = (&c.workload[..reps], &seniorities[..reps]);
        let bonus = if c.stage[row] == 3 { &at_risk } else { &calm };
        let bonus = &bonus[..reps];
        for rep in 0..reps {
            let mut points = if regions[rep] & region != 0 {
                30.0
            } else {
                0.0
            };
            points += if industries[rep] & industry != 0 {
                20.0
            } else {
                0.0
            };
            points += f64::from((skills[rep] & tags).count_ones()) * 4.0;
            points += bonus[rep];
            points += seniorities[rep] * heat;
            points += worth * weight[rep];
            out[rep] = points - workload[rep] * risk;
        }
    });
}

pub(super) fn long_naive(c: &Columns<'_>, block: &[u32], out: &mut [f64]) {
    pairs(block, out, |row, rep| {
        let mut points = 0.0;
        if bit(c.regions[rep], c.region[row]) {
            points += 30.0;
        }
        if bit(c.industries[rep], c.industry[row]) {
            points += 20.0;
        }
        points += f64::from((c.skills[rep] & c.tags[row]).count_ones()) * 4.0;
        if c.stage[row] == 3 && c.level[rep] >= 3 {
            points += 15.0;
        }
        points += seniority(c.level[rep]) * heat(c, row);
        points += worth(c, row) / 100_000.0 * c.weight[rep];
        points - c.workload[rep] * or(c.risk, row, 0.3)
    });
}
