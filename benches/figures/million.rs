//! A million customers against a thousand reps, all pairs eligible and scored; and how quickly a
//! plan explains itself.
//!
//! Beside it, a hand-written loop that only scores the pairs: the same rule over plain columns,
//! what depends on the customer or the rep alone hoisted, as many threads. Every score of the plan
//! is compared with it. Run with `--features parallel` for two threads.
//!
//! No two customers of the book are alike, and hardly two reps. The figures with `alike` are those
//! of a book in which many are: 300 kinds of customers and 60 of reps.

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use bookwright::{Book, Customer, Plan, PlanOptions, Policy, Rep, Schema};

use crate::made_up::mix;
use crate::{Figures, median, seconds};

const POLICY: &str = r#"
    const PARAMS = #{ home: 30.0, industry: 20.0 };

    fn tier(customer) {
        let value = (customer.potential ?? 0.0) * (customer.intent ?? 0.3);
        if value >= 40000.0 { "A" } else if value >= 10000.0 { "B" } else { "C" }
    }

    fn coverage(customer) { ["developer"] }

    fn score(customer, rep) {
        let points = 0.0;
        if customer.region in rep.regions { points += params.home; }
        if customer.industry in rep.industries { points += params.industry; }
        points + 5.0 * rep.level * (customer.intent ?? 0.3) - (customer.risk ?? 0.2) * 10.0 / rep.level
    }
"#;

const REGIONS: usize = 30;
const INDUSTRIES: usize = 12;

pub(crate) fn figures(figures: &Figures) {
    let now = PlanOptions::at("2026-03-02".parse().expect("a date"));
    if figures.wants("plan.million") {
        let records = Records {
            customers: figures.size(1_000_000, 1_000),
            reps: figures.size(1_000, 10),
            alike: false,
        };
        let rounds = figures.size(3, 1);
        let (plan, ratio) = beside_scoring(records, rounds, &now);
        figures.print("plan.million.seconds", plan, "s");
        figures.print("plan.million.vs_scoring", ratio, "");
        if let Some(peak) = peak_mib() {
            figures.print("plan.million.peak_mib", peak, "MiB");
        }
        let alike = Records {
            alike: true,
            ..records
        };
        let (plan, ratio) = beside_scoring(alike, rounds, &now);
        figures.print("plan.million.alike.seconds", plan, "s");
        figures.print("plan.million.alike.vs_scoring", ratio, "");
    }
    if figures.wants("explain.microseconds") {
        let customers = figures.size(10_000, 100);
        let records = Records {
            customers,
            reps: figures.size(100, 10),
            alike: true,
        };
        let book = records.book();
        let policy = Policy::compile(POLICY, book.schema()).expect("a right policy");
        let plan = policy.plan(&book, &now).expect("a plan");
        let times = (0..figures.size(1_000, 10)).map(|at| {
            let id = format!("c{:07}", at * 37 % customers);
            1e6 * seconds(|| plan.explain(&book, &id).expect("a customer of the plan"))
        });
        figures.print("explain.microseconds", median(times.collect()), "us");
        let times = (0..figures.size(1_000, 10)).map(|at| {
            let id = format!("c{:07}", at * 37 % customers);
            let explain = || plan.explain_in_detail(&book, &id);
            1e6 * seconds(|| explain().expect("a customer of the plan"))
        });
        let name = "explain.in_detail.microseconds";
        figures.print(name, median(times.collect()), "us");
    }
}

/// The median seconds of a plan, and the median ratio to the loop by hand, in turns.
fn beside_scoring(records: Records, rounds: usize, now: &PlanOptions) -> (f64, f64) {
    let book = records.book();
    let policy = Policy::compile(POLICY, book.schema()).expect("a right policy");
    let by_hand = ByHand::new(records);
    let (mut plans, mut ratios) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let mut made = None;
        let plan = seconds(|| made = Some(policy.plan(&book, now).expect("a plan")));
        if let (0, Some(plan)) = (round, &made) {
            by_hand.agrees_with(plan);
        }
        drop(made);
        let scoring = seconds(|| by_hand.score_all());
        plans.push(plan);
        ratios.push(plan / scoring);
    }
    (median(plans), median(ratios))
}

/// How many, and whether many are alike.
#[derive(Clone, Copy)]
struct Records {
    customers: usize,
    reps: usize,
    alike: bool,
}

/// What the score reads of a customer.
struct Reads {
    region: usize,
    industry: usize,
    intent: f64,
    risk: f64,
}

/// What the score reads of a rep.
struct RepReads {
    level: i64,
    regions: [usize; 2],
    industry: usize,
}

impl Records {
    fn customer(self, at: usize) -> Reads {
        if self.alike {
            return Reads {
                region: at * 13 % REGIONS,
                industry: at * 5 % INDUSTRIES,
                intent: (at * 31 % 100) as f64 / 100.0,
                risk: (at * 17 % 100) as f64 / 100.0,
            };
        }
        let dice = mix(at as u64);
        Reads {
            region: (dice % REGIONS as u64) as usize,
            industry: (dice / 1_000 % INDUSTRIES as u64) as usize,
            intent: (mix(dice) >> 11) as f64 / (1_u64 << 53) as f64,
            risk: (mix(dice ^ 1) >> 11) as f64 / (1_u64 << 53) as f64,
        }
    }

    fn rep(self, at: usize) -> RepReads {
        if self.alike {
            let region = |step: usize| (at * step + step) % REGIONS;
            return RepReads {
                level: (at % 5 + 1) as i64,
                regions: [region(1), region(7)],
                industry: at % INDUSTRIES,
            };
        }
        let dice = mix(at as u64 ^ 0x5EED) as usize;
        RepReads {
            level: (dice / 10_000 % 5 + 1) as i64,
            regions: [dice % REGIONS, dice / 100 % REGIONS],
            industry: dice / 100_000 % INDUSTRIES,
        }
    }

    fn book(self) -> Book {
        let mut builder = Book::builder(Schema::default());
        for at in 0..self.reps {
            let reads = self.rep(at);
            builder.rep(
                &Rep::new(format!("r{at:04}"))
                    .roles(["developer"])
                    .set("level", reads.level)
                    .set(
                        "regions",
                        reads
                            .regions
                            .map(|region| format!("region {region}"))
                            .to_vec(),
                    )
                    .set("industries", vec![format!("industry {}", reads.industry)])
                    .set("capacity", (2 * self.customers / self.reps + 10) as f64),
            );
        }
        for at in 0..self.customers {
            let reads = self.customer(at);
            builder.customer(
                &Customer::new(format!("c{at:07}"))
                    .set("region", format!("region {}", reads.region))
                    .set("industry", format!("industry {}", reads.industry))
                    .set("potential", (at * 7919 % 100_000) as f64)
                    .set("intent", reads.intent)
                    .set("risk", reads.risk),
            );
        }
        builder.build().expect("a right book")
    }
}

/// The same scores over plain columns.
struct ByHand {
    customers: Vec<Reads>,
    /// By region and by industry: the points of each rep.
    home: Vec<Vec<f64>>,
    industry: Vec<Vec<f64>>,
    /// Of each rep: five times the level, and ten by the level.
    level: Vec<f64>,
    inverse: Vec<f64>,
}

impl ByHand {
    fn new(records: Records) -> Self {
        let reps: Vec<_> = (0..records.reps).map(|at| records.rep(at)).collect();
        let points = |has: &dyn Fn(&RepReads) -> bool, worth: f64| -> Vec<f64> {
            (reps.iter())
                .map(|rep| if has(rep) { worth } else { 0.0 })
                .collect()
        };
        Self {
            customers: (0..records.customers)
                .map(|at| records.customer(at))
                .collect(),
            home: (0..REGIONS)
                .map(|region| points(&|rep| rep.regions.contains(&region), 30.0))
                .collect(),
            industry: (0..INDUSTRIES)
                .map(|industry| points(&|rep| rep.industry == industry, 20.0))
                .collect(),
            level: reps.iter().map(|rep| 5.0 * rep.level as f64).collect(),
            inverse: reps.iter().map(|rep| 10.0 / rep.level as f64).collect(),
        }
    }

    /// Scores all pairs, on as many threads as the plan takes, which take blocks in turns.
    fn score_all(&self) {
        let threads = if cfg!(feature = "parallel") {
            std::thread::available_parallelism().map_or(1, usize::from)
        } else {
            1
        };
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let mut row = vec![0.0; self.level.len()];
                    loop {
                        let from = next.fetch_add(1_000, Ordering::Relaxed);
                        let Some(left) = self.customers.get(from..) else {
                            break;
                        };
                        for customer in left.iter().take(1_000) {
                            self.score(customer, &mut row);
                            black_box(&row);
                        }
                    }
                });
            }
        });
    }

    /// The scores of one customer. What the policy divides by is multiplied by its inverse here,
    /// which is quicker and may differ in the last bit.
    fn score(&self, customer: &Reads, row: &mut [f64]) {
        let (home, knows) = (
            &self.home[customer.region],
            &self.industry[customer.industry],
        );
        let (intent, risk) = (customer.intent, customer.risk);
        let reps = home.iter().zip(knows).zip(&self.level).zip(&self.inverse);
        for (score, (((home, knows), level), inverse)) in row.iter_mut().zip(reps) {
            *score = home + knows + level * intent - risk * inverse;
        }
    }

    /// That the scores of a plan are these, to the millionth that plans are told in.
    fn agrees_with(&self, plan: &Plan) {
        let mut row = vec![0.0; self.level.len()];
        for given in &plan.assignments {
            let at: usize = given.customer[1..].parse().expect("a number");
            let rep: usize = given.rep[1..].parse().expect("a number");
            self.score(&self.customers[at], &mut row);
            assert!((row[rep] - given.score).abs() < 1e-6, "{at} {rep}");
        }
    }
}

/// The most memory that this process ever held; nothing where the system does not tell.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(
        line.trim()
            .strip_suffix(" kB")?
            .trim()
            .parse::<f64>()
            .ok()?
            / 1024.0,
    )
}
