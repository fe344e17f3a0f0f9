//! Two Lagrangian relaxations: one prices capacities, the other jobs.
//!
//! Pricing capacities leaves every job to choose by itself: weak but quick, O(jobs × agents) a
//! round, and its prices tell which agents are near. Pricing jobs leaves a knapsack for each agent:
//! its bound is at least that of the linear relaxation, and better as a rule. All bounds are
//! computed in integers.

use super::Gap;
use super::fixing::{Rises, rises};
use super::knapsack::Knapsack;
use super::open::Open;
use super::search::Search;
use crate::allocation::{Stop, Watch};

/// Multipliers are finer than costs by this factor.
pub(in crate::allocation::optimal) const FINER: i64 = 1 << 10;

/// Prices of a unit of each agent's capacity.
pub(super) fn capacity_prices(gap: &Gap, watch: &mut dyn Watch) -> Result<Vec<f64>, Stop> {
    let mut price = vec![0.0_f64; gap.agents];
    let mut best = (f64::NEG_INFINITY, price.clone());
    let (mut step, mut stale) = (1.0, 0);
    for _ in 0..300 {
        watch.tick((gap.jobs * gap.agents) as u64)?;
        let mut over: Vec<f64> = gap.capacity.iter().map(|&room| -room as f64).collect();
        let mut bound = 0.0;
        let mut spread = 0.0;
        for job in 0..gap.jobs {
            let (mut least, mut second, mut at) = (f64::INFINITY, f64::INFINITY, 0);
            for (agent, price) in price.iter().enumerate() {
                let cost = gap.cost(job, agent) as f64 + price * gap.weight(job, agent) as f64;
                if cost < least {
                    (second, least, at) = (least, cost, agent);
                } else if cost < second {
                    second = cost;
                }
            }
            bound += least;
            if second.is_finite() {
                spread += second - least;
            }
            over[at] += gap.weight(job, at) as f64;
        }
        bound -= gap
            .capacity
            .iter()
            .zip(&price)
            .map(|(&room, price)| room as f64 * price)
            .sum::<f64>();
        if bound > best.0 {
            best = (bound, price.clone());
            stale = 0;
        } else {
            stale += 1;
            if stale >= 6 {
                (step, stale) = (step * 0.6, 0);
                price.clone_from(&best.1);
            }
        }
        let length: f64 = over.iter().map(|over| over * over).sum();
        if length < 0.5 {
            break;
        }
        let size = step * (spread + 1.0) / length;
        for (price, over) in price.iter_mut().zip(&over) {
            *price = (*price + size * over).max(0.0);
        }
    }
    Ok(best.1)
}

/// Multipliers of jobs to start from: the second least priced cost of each, between what would
/// take it and what would leave it.
pub(super) fn start(gap: &Gap, prices: &[f64]) -> Vec<i64> {
    (0..gap.jobs)
        .map(|job| {
            let mut costs: Vec<f64> = (0..gap.agents)
                .map(|agent| {
                    gap.cost(job, agent) as f64 + prices[agent] * gap.weight(job, agent) as f64
                })
                .collect();
            costs.sort_by(f64::total_cmp);
            let second = costs.get(1).unwrap_or(&costs[0]);
            ((costs[0] + second) / 2.0 * FINER as f64) as i64
        })
        .collect()
}

/// What one evaluation of the knapsack relaxation tells.
#[derive(Debug, Default)]
struct Relaxed {
    /// The bound, finer by [`FINER`].
    bound: i128,
    /// How many agents take each job.
    count: Vec<u32>,
    /// One that does.
    taker: Vec<u32>,
}

/// How a node ended.
#[derive(Debug)]
pub(super) enum Node {
    /// Nothing below the target is in it.
    Closed,
    /// Something may be; what each pair adds to the bound, and the bound.
    Open(Rises),
}

/// After so many rounds that do not better the bound, steps become shorter.
const PATIENCE: u32 = 20;
const SHORTER: f64 = 0.6;
/// How much of the direction of the round before is kept (Camerini, Fratta & Maffioli 1975).
const KEPT: f64 = 0.5;

/// The multipliers of a node, and where the subgradient method is with them.
#[derive(Debug)]
pub(super) struct Ascent {
    /// The best so far.
    pub(super) multipliers: Vec<i64>,
    bound: i128,
    current: Vec<i64>,
    direction: Vec<f64>,
    /// The part of the way to the target that a step goes (Polyak 1969).
    step: f64,
    stale: u32,
}

impl Ascent {
    /// Begins there.
    pub(super) fn from(multipliers: Vec<i64>, step: f64) -> Self {
        Self {
            current: multipliers.clone(),
            direction: vec![0.0; multipliers.len()],
            multipliers,
            bound: i128::MIN,
            step,
            stale: 0,
        }
    }

    /// So short steps lead nowhere any more.
    fn is_over(&self) -> bool {
        self.step < 1e-3
    }

    /// Takes what was found at the current multipliers, and makes a step.
    fn go_on(&mut self, relaxed: &Relaxed, search: &Search) {
        if relaxed.bound > self.bound {
            self.bound = relaxed.bound;
            self.multipliers.clone_from(&self.current);
            self.stale = 0;
        } else {
            self.stale += 1;
            if self.stale >= PATIENCE {
                (self.step, self.stale) = (self.step * SHORTER, 0);
            }
        }
        let bound = rounded_up(relaxed.bound);
        let known = search.target().min(search.aim.max(bound));
        let target = known.min(bound + bound.abs() / 50 + 50);
        let aim = (target * i128::from(FINER) - relaxed.bound) as f64 * 1.02 + 1.0;
        let mut length = 0.0;
        for (direction, &count) in self.direction.iter_mut().zip(&relaxed.count) {
            *direction = *direction * KEPT + (1.0 - f64::from(count));
            length += *direction * *direction;
        }
        let size = self.step * aim / length.max(1.0);
        for (multiplier, direction) in self.current.iter_mut().zip(&self.direction) {
            *multiplier = multiplier.saturating_add((size * direction) as i64);
        }
    }
}

/// Improves the multipliers by the subgradient method, for this node, then closes pairs by what
/// they add to the bound.
pub(super) fn improve_node(
    gap: &Gap,
    open: &mut Open,
    ascent: &mut Ascent,
    search: &mut Search,
    rounds: u32,
    watch: &mut dyn Watch,
) -> Result<Node, Stop> {
    let mut knapsack = Knapsack::default();
    if !open.propagate(gap) {
        return Ok(Node::Closed);
    }
    for _ in 0..rounds {
        let relaxed = evaluate(gap, open, &ascent.current, &mut knapsack);
        watch.tick(std::mem::take(&mut knapsack.work) / 8 + 1)?;
        if rounded_up(relaxed.bound) >= search.target() {
            return Ok(Node::Closed);
        }
        let whole = relaxed.count.iter().all(|&count| count == 1);
        if whole {
            search.offer(gap, &relaxed.taker);
            if gap.cost_of(&relaxed.taker).is_some() {
                return Ok(Node::Closed);
            }
        }
        ascent.go_on(&relaxed, search);
        if whole || ascent.is_over() {
            break;
        }
    }
    let most = (search.target() - 1) * i128::from(FINER);
    let spare = i64::try_from(most - ascent.bound).unwrap_or(i64::MAX / 4);
    let rises = rises(gap, open, &ascent.multipliers, spare, &mut knapsack);
    watch.tick(std::mem::take(&mut knapsack.work) / 8 + 1)?;
    let spare = most - rises.bound;
    for job in 0..gap.jobs {
        for agent in 0..gap.agents {
            if i128::from(rises.of[job * gap.agents + agent]) > spare {
                open.close(gap, job, agent);
            }
        }
    }
    Ok(if open.propagate(gap) {
        Node::Open(rises)
    } else {
        Node::Closed
    })
}

/// The least whole cost that is not below a bound.
pub(super) fn rounded_up(bound: i128) -> i128 {
    -(-bound).div_euclid(i128::from(FINER))
}

/// The same at the root, whose bound is the problem's.
pub(super) fn improve(
    gap: &Gap,
    open: &mut Open,
    multipliers: &mut Vec<i64>,
    search: &mut Search,
    rounds: u32,
    watch: &mut dyn Watch,
) -> Result<(), Stop> {
    const PART: u32 = 50;
    let mut ascent = Ascent::from(std::mem::take(multipliers), 1.0);
    let mut end = Ok(());
    // In parts, so that a bound is there when the watch stops it.
    for _ in 0..rounds / PART {
        match improve_node(gap, open, &mut ascent, search, PART, watch) {
            Ok(Node::Open(rises)) => search.raise(rounded_up(rises.bound)),
            Ok(Node::Closed) => {
                search.raise(search.target());
                break;
            }
            Err(stop) => {
                end = Err(stop);
                break;
            }
        }
        if ascent.is_over() {
            break;
        }
    }
    *multipliers = ascent.multipliers;
    end
}

/// Solves all knapsacks.
fn evaluate(gap: &Gap, open: &Open, multipliers: &[i64], knapsack: &mut Knapsack) -> Relaxed {
    let mut relaxed = Relaxed {
        bound: open.start(gap, multipliers),
        count: open.forced.iter().map(|f| u32::from(f.is_some())).collect(),
        taker: open.forced.iter().map(|f| f.unwrap_or(0)).collect(),
    };
    let mut taken = Vec::new();
    for agent in 0..gap.agents {
        let items = open.items(gap, multipliers, agent);
        relaxed.bound += i128::from(knapsack.solve(&items, open.room[agent], &mut taken));
        for &job in &taken {
            relaxed.count[job as usize] += 1;
            relaxed.taker[job as usize] = agent as u32;
        }
    }
    relaxed
}
