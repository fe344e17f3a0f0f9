//! Figures of the optimal allocation. Instances are made as `transport.py` of the peers makes
//! them: reps and customers at random places, the cost a distance with noise, 5 % slack.

use crate::{Figures, least, median, quantile, seconds};
use bookwright::allocation::{
    Demand, Gap, Limit, LiveTransport, Measure, Optimal, PairSource, Problem, Stop, Transport,
    Unbounded, Watch,
};
use std::time::{Duration, Instant};

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// Where reps and customers are.
struct Map {
    rng: Rng,
    reps: Vec<(f64, f64, f64)>,
}

impl Map {
    fn new(reps: usize) -> Self {
        let mut rng = Rng(1);
        let reps = (0..reps)
            .map(|_| (rng.unit(), rng.unit(), 0.3 * rng.unit()))
            .collect();
        Self { rng, reps }
    }

    fn capacities(&mut self, total: usize) -> Vec<u32> {
        let shares: Vec<f64> = self.reps.iter().map(|_| 0.5 + self.rng.unit()).collect();
        let sum: f64 = shares.iter().sum();
        shares
            .iter()
            .map(|share| (share / sum * total as f64 * 1.05).max(1.0) as u32)
            .collect()
    }

    fn candidates(&mut self, degree: usize) -> Vec<(u32, i64)> {
        let (x, y) = (self.rng.unit(), self.rng.unit());
        let mut chosen = Vec::with_capacity(degree);
        while chosen.len() < degree.min(self.reps.len()) {
            let rep = self.rng.below(self.reps.len());
            if chosen.iter().any(|&(other, _)| other == rep as u32) {
                continue;
            }
            let (at, to, extra) = self.reps[rep];
            let far = (x - at).hypot(y - to) + extra + 0.2 * self.rng.unit();
            chosen.push((rep as u32, (far * 5000.0) as i64));
        }
        chosen
    }

    fn transport(&mut self, rows: usize, supply: u32, degree: usize) -> Transport {
        let mut transport = Transport::new(&self.capacities(rows * supply as usize));
        transport.reserve(rows, rows * degree);
        for _ in 0..rows {
            transport.add(supply, 30_000, self.candidates(degree));
        }
        transport
    }
}

/// All figures of this subject.
pub(crate) fn figures(figures: &Figures) {
    let sizes = [
        ("allocation.100k_100.seconds", 100_000, 1, 100, 20),
        ("allocation.100k_1000.seconds", 100_000, 1, 1000, 20),
        ("allocation.1m_100.seconds", 1_000_000, 1, 100, 10),
        ("allocation.classes_1m.seconds", 5_000, 200, 1000, 50),
    ];
    for (name, rows, supply, reps, degree) in sizes {
        if !figures.wants(name) {
            continue;
        }
        let (rows, reps) = (figures.size(rows, 200), figures.size(reps, 10));
        let transport = Map::new(reps).transport(rows, supply, degree);
        let runs = (0..figures.size(3, 1)).map(|_| {
            let mut solved = None;
            let taken = seconds(|| solved = Some(transport.solve(&mut Unbounded)));
            assert!(solved.is_some_and(|solved| solved.verify(&transport)));
            taken
        });
        figures.print(name, median(runs.collect()), "s");
    }
    insert(figures);
    dense(figures);
    assign(figures);
    gap(figures);
}

/// Scores kept as a matrix.
struct Matrix {
    reps: usize,
    scores: Vec<f64>,
}

impl PairSource for Matrix {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        for (row, &demand) in scores.chunks_exact_mut(self.reps).zip(demands) {
            row.copy_from_slice(&self.scores[demand as usize * self.reps..][..self.reps]);
        }
    }
}

/// One demand for each rep, costs as in the OR-Library's `assign400`: even over 1 to 100. What a
/// user gets, scores streamed and a certificate made, against a solver that is given its matrix.
fn assign(figures: &Figures) {
    if !figures.wants("allocation.assign400.") {
        return;
    }
    let reps = figures.size(400, 20);
    let costs = costs(reps);
    let matrix = lapjv::Matrix::from_shape_vec((reps, reps), costs.clone()).expect("it is square");
    let problem = alike(reps, reps, 1);
    let pairs = Matrix {
        reps,
        scores: costs.iter().map(|cost| -cost).collect(),
    };
    let mut values = (0.0, 0);
    let sides: &mut [&mut dyn FnMut()] = &mut [
        &mut || {
            let solved = Optimal::default().solve(&problem, &pairs, &mut Unbounded);
            let certificate = solved.expect("nothing stops it").certificate;
            assert_eq!(certificate.gap(), 0);
            values.1 = -certificate.value;
        },
        &mut || {
            let (rows, _) = lapjv::lapjv(&matrix).expect("it is square");
            values.0 = lapjv::cost(&matrix, &rows);
        },
    ];
    let [ours, theirs] = least(figures, sides)[..] else {
        return;
    };
    assert_eq!(values.1, values.0 as i128 * 1_000_000);
    figures.print("allocation.assign400.ms", ours * 1e3, "ms");
    figures.print("allocation.assign400.vs_lapjv", ours / theirs, "times");
}

/// The instance of the OR-Library where its folder is at hand, else one made like it.
fn costs(reps: usize) -> Vec<f64> {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/instances/lap/assign400.txt"
    );
    if let Ok(text) = std::fs::read_to_string(file) {
        let numbers = text.split_ascii_whitespace().skip(1);
        let costs: Vec<f64> = numbers.filter_map(|word| word.parse().ok()).collect();
        if costs.len() == reps * reps {
            return costs;
        }
    }
    let mut rng = Rng(1);
    (0..reps * reps)
        .map(|_| 1.0 + rng.below(100) as f64)
        .collect()
}

/// Equal demands, and reps that take so many each.
fn alike(demands: usize, reps: usize, at_most: i64) -> Problem {
    let demand = Demand {
        group: 0,
        role: 0,
        tier: 0,
        priority: 0,
        workload: 1_000_000,
        customers: 1,
        present: None,
    };
    let limit = |rep| Limit {
        rep,
        role: None,
        tier: None,
        measure: Measure::Customers,
        at_most,
    };
    Problem {
        reps,
        demands: vec![demand; demands],
        limits: (0..reps as u32).map(limit).collect(),
        ..Problem::default()
    }
}

fn insert(figures: &Figures) {
    if !figures.wants("allocation.insert.") {
        return;
    }
    let (rows, reps) = (figures.size(1_000_000, 200), figures.size(100, 10));
    let mut map = Map::new(reps);
    let transport = map.transport(rows, 1, 10);
    let solved = LiveTransport::new(&transport, &mut Unbounded).expect("nothing stops it");
    drop(transport);
    let arrivals: Vec<_> = (0..figures.size(4_000, 10))
        .map(|_| map.candidates(10))
        .collect();
    // The least of three runs of each arrival: on a loaded machine the 99th percentile of one run
    // is what the scheduler takes away, milliseconds at a time.
    let mut micros = vec![f64::INFINITY; arrivals.len()];
    for _ in 0..figures.size(3, 1) {
        let mut live = solved.clone();
        for (micros, candidates) in micros.iter_mut().zip(&arrivals) {
            let arrive = || {
                live.arrive(1, 30_000, candidates.iter().copied(), &mut Unbounded)
                    .expect("nothing stops it")
            };
            *micros = micros.min(seconds(arrive) * 1e6);
        }
    }
    for (name, share) in [("p50", 0.50), ("p99", 0.99)] {
        let own = quantile(&mut micros, share);
        figures.print(&format!("allocation.insert.{name}_us"), own, "us");
    }
}

/// A cheap score of each pair, made on the fly.
struct Dense {
    reps: usize,
}

impl PairSource for Dense {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        for (row, &demand) in scores.chunks_exact_mut(self.reps).zip(demands) {
            let seed = u64::from(demand).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            for (score, rep) in row.iter_mut().zip(0_u64..) {
                let mixed = (seed ^ rep.wrapping_mul(0xd6e8_feb8_6659_fd93))
                    .wrapping_mul(0xbf58_476d_1ce4_e5b9);
                *score = (mixed >> 40) as f64 / 1e5;
            }
        }
    }
}

fn dense(figures: &Figures) {
    if !figures.wants("allocation.dense_100k_1000.seconds") {
        return;
    }
    let (demands, reps) = (figures.size(100_000, 100), figures.size(1000, 10));
    let problem = alike(demands, reps, (demands / reps + 5) as i64);
    let pairs = Dense { reps };
    let mut solution = None;
    let taken = seconds(|| {
        solution = Optimal::default()
            .solve(&problem, &pairs, &mut Unbounded)
            .ok()
    });
    let solution = solution.expect("nothing stops it");
    assert_eq!(solution.certificate.gap(), 0);
    figures.print("allocation.dense_100k_1000.seconds", taken, "s");
    figures.print(
        "allocation.dense_100k_1000.streamed",
        f64::from(solution.rounds),
        "times",
    );
}

/// Stops at a time.
struct Until(Instant);

impl Watch for Until {
    fn tick(&mut self, _work: u64) -> Result<(), Stop> {
        if Instant::now() < self.0 {
            Ok(())
        } else {
            Err(Stop::Deadline)
        }
    }
}

/// Generalized assignments of the OR-Library after ten seconds, against the best known costs.
#[expect(clippy::print_stderr, reason = "a figure that is left out says why")]
fn gap(figures: &Figures) {
    for (name, known) in [("e10200", 23_307), ("e20200", 22_379), ("e10400", 45_746)] {
        let figure = format!("allocation.gap.{name}.percent");
        if !figures.wants(&figure) {
            continue;
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/instances/gap/");
        let Ok(text) = std::fs::read_to_string(format!("{folder}{name}")) else {
            eprintln!("skipped: `{figure}`, as there is no file `{folder}{name}`");
            continue;
        };
        let gap = instance(&text).expect("it is as published");
        let mut watch =
            Until(Instant::now() + Duration::from_millis(figures.size(10_000, 100) as u64));
        let solved = gap.solve(u64::MAX, &mut watch);
        let Some((cost, agents)) = solved.best else {
            continue; // in the short run of a check
        };
        assert_eq!(gap.cost_of(&agents), Some(cost));
        assert!(solved.bound <= known);
        figures.print(&figure, (cost - known) as f64 * 100.0 / known as f64, "%");
    }
}

/// Agents and jobs, then costs and weights agent by agent, then capacities.
fn instance(text: &str) -> Option<Gap> {
    let numbers: Vec<i64> = (text.split_ascii_whitespace())
        .filter_map(|word| word.parse().ok())
        .collect();
    let (agents, jobs) = (*numbers.first()? as usize, *numbers.get(1)? as usize);
    let (cost, rest) = numbers[2..].split_at(agents * jobs);
    let (weight, capacity) = rest.split_at(agents * jobs);
    let by_job = |table: &[i64]| -> Vec<i64> {
        let places = (0..jobs).flat_map(|job| (0..agents).map(move |agent| agent * jobs + job));
        places.map(|at| table[at]).collect()
    };
    Gap::new(by_job(cost), by_job(weight), capacity.to_vec())
}
