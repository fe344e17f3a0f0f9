//! The class that is solved exactly: demands that count alike, under nested limits.
//!
//! A problem is in the class where each limit counts all demands that it covers alike, the limits
//! of each rep are nested or disjoint (for a rep: of roles or of tiers, and of all), loads cost a
//! convex price, and nothing couples demands (`max_moves`, `same_rep`, `different_rep`). It is
//! then a flow from demands through limits: see `transport` for how it is solved.

use super::certificate::Certificate;
use super::check;
use super::dense;
use super::pool::Pool;
use super::terms::Terms;
use super::transport::{Cost, Flow, Network, Rise, solve, solve_from};
use crate::allocation::{Allocation, PairSource, Stop, Watch};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What an exact solver found, or how far it came.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) allocation: Allocation,
    pub(super) certificate: Certificate,
    pub(super) stop: Option<Stop>,
    /// How many times all pairs were streamed.
    pub(super) rounds: u32,
    /// The greatest score in size.
    pub(super) peak: i128,
}

/// The limits of all reps as the nodes of a forest.
#[derive(Debug)]
pub(super) struct Forest {
    pub(super) room: Vec<i64>,
    parent: Vec<Option<u32>>,
    /// The root of each rep.
    pub(super) root: Vec<u32>,
    /// The node that a demand of each role and tier comes in by, by rep.
    leaf: BTreeMap<(u16, u16), Vec<u32>>,
    /// The node of each bound.
    node_of: Vec<u32>,
}

type Part = (Option<u16>, Option<u16>);

impl Forest {
    /// The forest of limits, where the problem is in the class.
    pub(super) fn of(terms: &Terms<'_>) -> Option<Self> {
        if terms.coupled() {
            None
        } else {
            Self::relaxed(terms)
        }
    }

    /// The same where what couples demands is left out.
    pub(super) fn relaxed(terms: &Terms<'_>) -> Option<Self> {
        if !terms.flows() {
            return None;
        }
        let mut parts: Vec<BTreeMap<Part, i64>> = Vec::with_capacity(terms.problem.reps);
        for own in &terms.of_rep {
            let mut rooms = BTreeMap::from([((None, None), terms.problem.demands.len() as i64)]);
            for &bound in own {
                let bound = &terms.bounds[bound as usize];
                let room = rooms
                    .entry((bound.limit.role, bound.limit.tier))
                    .or_insert(i64::MAX);
                *room = (*room).min(bound.room);
            }
            parts.push(rooms);
        }
        Some(Self::plant(terms, &parts))
    }

    fn plant(terms: &Terms<'_>, parts: &[BTreeMap<Part, i64>]) -> Self {
        let most = terms.problem.demands.len() as i64;
        let mut forest = Self {
            room: Vec::new(),
            parent: Vec::new(),
            root: vec![0; parts.len()],
            leaf: BTreeMap::new(),
            node_of: vec![0; terms.bounds.len()],
        };
        let mut numbers: Vec<BTreeMap<Part, u32>> = vec![BTreeMap::new(); parts.len()];
        // Children have lower numbers than parents: narrow parts come first.
        for depth in (0..=2).rev() {
            for (numbers, rooms) in numbers.iter_mut().zip(parts) {
                for (&part, &room) in rooms {
                    if usize::from(part.0.is_some()) + usize::from(part.1.is_some()) == depth {
                        numbers.insert(part, forest.room.len() as u32);
                        forest.room.push(room.min(most));
                        forest.parent.push(None);
                    }
                }
            }
        }
        let above = |numbers: &BTreeMap<Part, u32>, (role, tier): Part| {
            [(role, tier), (role, None), (None, tier), (None, None)]
                .into_iter()
                .find_map(|part| numbers.get(&part).copied())
        };
        for (rep, numbers) in numbers.iter().enumerate() {
            for (&(role, tier), &node) in numbers {
                forest.parent[node as usize] = match (role, tier) {
                    (None, None) => None,
                    (Some(_), Some(_)) => above(numbers, (role, None))
                        .filter(|_| numbers.contains_key(&(role, None)))
                        .or_else(|| above(numbers, (None, tier))),
                    _ => above(numbers, (None, None)),
                };
            }
            forest.root[rep] = above(numbers, (None, None)).unwrap_or(0);
        }
        for demand in &terms.problem.demands {
            forest
                .leaf
                .entry((demand.role, demand.tier))
                .or_insert_with(|| {
                    let part = (Some(demand.role), Some(demand.tier));
                    numbers
                        .iter()
                        .map(|numbers| above(numbers, part).unwrap_or(0))
                        .collect()
                });
        }
        for (node, bound) in forest.node_of.iter_mut().zip(&terms.bounds) {
            let part = (bound.limit.role, bound.limit.tier);
            let own = numbers.get(bound.limit.rep as usize);
            *node = own.and_then(|own| own.get(&part)).copied().unwrap_or(0);
        }
        forest
    }

    fn network<C: Cost>(&self, terms: &Terms<'_>, peak: i128) -> Option<Network<C>> {
        let mut network = Network::new(self.room.clone());
        for (child, parent) in (0..).zip(&self.parent) {
            if let Some(parent) = parent {
                network.nest(child, *parent);
            }
        }
        for (cost, &root) in terms.load_costs(peak).iter().zip(&self.root) {
            let steps = cost.steps()?.into_iter();
            let steps = steps.take(usize::try_from(self.room[root as usize]).unwrap_or(0));
            let steps = steps.map(|step| small(step, self.room.len()));
            network.charge(root, Rise::Steps(steps.collect::<Option<_>>()?));
        }
        Some(network)
    }
}

/// A cost that is safe in a graph of so many nodes.
fn small<C: Cost>(cost: i128, nodes: usize) -> Option<C> {
    let edge = C::EDGE / (nodes as i128 + 2);
    if cost.unsigned_abs() > edge.unsigned_abs() {
        None
    } else {
        C::from_wide(cost)
    }
}

/// Solves a problem of the class; none where its numbers are too great even for 128 bits.
pub(super) fn allocate(
    terms: &Terms<'_>,
    forest: &Forest,
    pairs: &dyn PairSource,
    watch: &mut dyn Watch,
) -> Result<Option<Found>, Stop> {
    let all = terms.problem.demands.len() as u64 * terms.problem.reps as u64;
    watch.tick(all)?;
    if let Some(found) = dense::allocate(terms, forest, pairs, watch)? {
        return Ok(Some(found));
    }
    let mut pool = Pool::gather(terms, pairs, None, watch)?;
    let mut rounds = 1;
    let mut known: Option<Certificate> = None;
    loop {
        let found = match once::<i64>(terms, forest, &pool, known.as_ref(), watch) {
            Some(found) => Some(found),
            None => once::<i128>(terms, forest, &pool, known.as_ref(), watch),
        };
        let Some(mut found) = found else {
            return Ok(None);
        };
        found.rounds = rounds;
        if pool.complete && found.stop.is_none() {
            return Ok(Some(found));
        }
        let looked = match found.stop {
            Some(stop) => Err(stop),
            None => watch
                .tick(all)
                .and_then(|()| pool.widen(terms, pairs, &found.certificate, watch)),
        };
        match looked {
            Err(stop) => {
                found.stop = Some(stop);
                let value = found.certificate.value;
                let best = pool.best.iter().copied();
                found.certificate = check::unpriced(terms, found.certificate, pool.peak, best);
                found.certificate.value = value;
                return Ok(Some(found));
            }
            Ok(added) => {
                rounds += 1;
                if added == 0 {
                    found.rounds = rounds;
                    return Ok(Some(found));
                }
            }
        }
        known = Some(found.certificate);
    }
}

fn once<C: Cost>(
    terms: &Terms<'_>,
    forest: &Forest,
    pool: &Pool,
    known: Option<&Certificate>,
    watch: &mut dyn Watch,
) -> Option<Found> {
    let serving = terms.serving(pool.peak);
    let mut network = forest.network::<C>(terms, pool.peak)?;
    let classes = merge::<C>(terms, forest, pool, serving, &mut network)?;
    let network = Arc::new(network);
    let (mut flow, end) = match known.and_then(|known| prices_of::<C>(forest, known)) {
        Some(prices) => solve_from(Arc::clone(&network), prices, watch),
        None => solve(Arc::clone(&network), watch),
    };
    if end.is_err() {
        flow.give_up_excess();
    }
    let allocation = hand_out(terms, forest, &flow, &classes);
    let price = (0..forest.room.len() as u32).map(|node| flow.price(node).wide());
    let mut certificate = certify(terms, forest, price.collect(), (serving, pool.peak));
    certificate.value = -flow.total_cost();
    certificate.bound = certificate.value;
    Some(Found {
        allocation,
        certificate,
        stop: end.err(),
        rounds: 0,
        peak: pool.peak,
    })
}

/// Demands that are alike.
struct Equal<C> {
    arcs: Vec<(u32, C)>,
    open: C,
    supply: u32,
}

/// Which class, a row of the network, each demand belongs to.
fn merge<C: Cost>(
    terms: &Terms<'_>,
    forest: &Forest,
    pool: &Pool,
    serving: i128,
    network: &mut Network<C>,
) -> Option<Vec<u32>> {
    let nodes = forest.room.len();
    let demands = &terms.problem.demands;
    let mut rows: Vec<Equal<C>> = Vec::new();
    let mut class = Vec::with_capacity(demands.len());
    let mut known: HashMap<u64, Vec<u32>> = HashMap::new();
    let mut row: Vec<(u32, C)> = Vec::new();
    let coverage = terms.coverage(serving);
    for (number, demand) in demands.iter().enumerate() {
        let leaves = forest.leaf.get(&(demand.role, demand.tier))?;
        row.clear();
        for (rep, value) in pool.of(number) {
            row.push((leaves[rep as usize], small(-value, nodes)?));
        }
        let open: C = small(-terms.open(number, &coverage), nodes)?;
        let mut hash = open.wide() as u64;
        for &(node, cost) in &row {
            let mixed = (hash ^ u64::from(node)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash = (mixed ^ (mixed >> 31) ^ cost.wide() as u64).wrapping_mul(0xd6e8_feb8_6659_fd93);
        }
        let same = known.entry(hash).or_default();
        let found = same.iter().copied().find(|&at| {
            let known = &rows[at as usize];
            known.open == open && known.arcs == row
        });
        let at = found.unwrap_or_else(|| {
            same.push(rows.len() as u32);
            rows.push(Equal {
                arcs: row.clone(),
                open,
                supply: 0,
            });
            rows.len() as u32 - 1
        });
        rows[at as usize].supply += 1;
        class.push(at);
    }
    network.reserve(rows.len(), rows.iter().map(|row| row.arcs.len()).sum());
    for row in rows {
        network.push(row.supply, row.open, row.arcs);
    }
    Some(class)
}

fn hand_out<C: Cost>(
    terms: &Terms<'_>,
    forest: &Forest,
    flow: &Flow<C>,
    classes: &[u32],
) -> Allocation {
    let mut rep_at = vec![None; forest.room.len() + 1];
    for leaves in forest.leaf.values() {
        for (rep, &leaf) in (0..).zip(leaves) {
            rep_at[leaf as usize] = Some(rep);
        }
    }
    let network = flow.network();
    let mut next: Vec<(usize, u32)> = (0..network.rows() as u32)
        .map(|row| (network.arcs(row).start, 0))
        .collect();
    let mut rep_of = Vec::with_capacity(terms.problem.demands.len());
    for &class in classes {
        let (arc, given) = &mut next[class as usize];
        while *given >= flow.units(*arc) {
            *arc += 1;
            *given = 0;
        }
        *given += 1;
        rep_of.push(rep_at[network.arc(*arc).0 as usize]);
    }
    Allocation {
        rep_of,
        ..Allocation::default()
    }
}

/// The prices of nodes as prices of limits. A node may be cheaper than its parent where nothing
/// comes through it; the certificate's prices are then the parent's, which keeps it out as well.
///
/// Where loads cost, the price of a rep is that of its load up to what one more demand would cost
/// there, and the rest is the price of the limit that keeps it out.
pub(super) fn certify(
    terms: &Terms<'_>,
    forest: &Forest,
    mut price: Vec<i128>,
    (serving, peak): (i128, i128),
) -> Certificate {
    let loads_cost = terms.loads_cost();
    let mut prices = vec![0; terms.bounds.len()];
    let mut margin = vec![0; forest.room.len()];
    let mut load_prices = Vec::new();
    for (cost, &root) in terms.load_costs(peak).iter().zip(&forest.root) {
        let (paid, room) = (price[root as usize], forest.room[root as usize]);
        // Units are demands in a flow; steps that are not would lower no price.
        let steps = cost.steps().unwrap_or_default();
        let next = steps.get(usize::try_from(room).unwrap_or(0));
        let of_load = next.map_or(paid, |&next| paid.min(next));
        margin[root as usize] = paid - of_load;
        load_prices.push(of_load);
    }
    for node in (0..forest.room.len()).rev() {
        let above = forest.parent[node].map(|parent| price[parent as usize]);
        let costs = above.is_none() && loads_cost;
        if !costs {
            price[node] = price[node].max(above.unwrap_or(0));
            margin[node] = price[node] - above.unwrap_or(0);
        }
    }
    // Of several equal limits the tightest has the price.
    let mut given = vec![false; forest.room.len()];
    for (number, bound) in terms.bounds.iter().enumerate() {
        let node = forest.node_of[number] as usize;
        if !given[node] && bound.room.min(terms.problem.demands.len() as i64) == forest.room[node] {
            given[node] = true;
            prices[number] = margin[node];
        }
    }
    Certificate {
        prices,
        load_prices,
        serving,
        ..Certificate::default()
    }
}

/// Prices for the nodes from a certificate.
fn prices_of<C: Cost>(forest: &Forest, certificate: &Certificate) -> Option<Vec<C>> {
    let mut price = vec![0_i128; forest.room.len() + 1];
    for (number, &own) in certificate.prices.iter().enumerate() {
        price[forest.node_of[number] as usize] += own;
    }
    for (&root, &own) in forest.root.iter().zip(&certificate.load_prices) {
        price[root as usize] += own;
    }
    for node in (0..forest.room.len()).rev() {
        if let Some(parent) = forest.parent[node] {
            price[node] += price[parent as usize];
        }
    }
    price.into_iter().map(C::from_wide).collect()
}
