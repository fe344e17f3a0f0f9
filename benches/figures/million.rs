//! A million customers against a thousand reps, all pairs eligible and scored; and how quickly a
//! plan explains itself.
//!
//! Beside it, a hand-written loop that only scores the pairs: the same rule over plain columns,
//! customer-only work hoisted, as many threads. Run with `--features parallel` for two threads.

use std::hint::black_box;

use bookwright::{Book, Customer, PlanOptions, Policy, Rep, Schema};

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
        let (customers, reps) = (figures.size(1_000_000, 1_000), figures.size(1_000, 10));
        let book = book(customers, reps);
        let policy = Policy::compile(POLICY, book.schema()).expect("a right policy");
        let by_hand = ByHand::new(customers, reps);
        let (mut plans, mut ratios) = (Vec::new(), Vec::new());
        for _ in 0..figures.size(3, 1) {
            let plan = seconds(|| policy.plan(&book, &now).expect("a plan"));
            let scoring = seconds(|| by_hand.score_all());
            plans.push(plan);
            ratios.push(plan / scoring);
        }
        figures.print("plan.million.seconds", median(plans), "s");
        figures.print("plan.million.vs_scoring", median(ratios), "");
        if let Some(peak) = peak_mib() {
            figures.print("plan.million.peak_mib", peak, "MiB");
        }
    }
    if figures.wants("explain.microseconds") {
        let customers = figures.size(10_000, 100);
        let book = book(customers, figures.size(100, 10));
        let policy = Policy::compile(POLICY, book.schema()).expect("a right policy");
        let plan = policy.plan(&book, &now).expect("a plan");
        let times = (0..figures.size(1_000, 10)).map(|at| {
            let id = format!("c{:07}", at * 37 % customers);
            1e6 * seconds(|| plan.explain(&book, &id).expect("a customer of the plan"))
        });
        figures.print("explain.microseconds", median(times.collect()), "us");
    }
}

fn book(customers: usize, reps: usize) -> Book {
    let mut builder = Book::builder(Schema::default());
    for at in 0..reps {
        let region = |step: usize| format!("region {}", (at * step + step) % REGIONS);
        builder.rep(
            &Rep::new(format!("r{at:04}"))
                .roles(["developer"])
                .set("level", level(at))
                .set("regions", vec![region(1), region(7)])
                .set("industries", vec![format!("industry {}", at % INDUSTRIES)])
                .set("capacity", (2 * customers / reps + 10) as f64),
        );
    }
    for at in 0..customers {
        builder.customer(
            &Customer::new(format!("c{at:07}"))
                .set("region", format!("region {}", at * 13 % REGIONS))
                .set("industry", format!("industry {}", at * 5 % INDUSTRIES))
                .set("potential", (at * 7919 % 100_000) as f64)
                .set("intent", share(at, 31))
                .set("risk", share(at, 17)),
        );
    }
    builder.build().expect("a right book")
}

const fn level(rep: usize) -> i64 {
    (rep % 5 + 1) as i64
}

fn share(customer: usize, step: usize) -> f64 {
    (customer * step % 100) as f64 / 100.0
}

/// The same scores over plain columns.
struct ByHand {
    customers: Vec<(usize, usize, f64, f64)>,
    /// By region and by industry: the points of each rep.
    home: Vec<Vec<f64>>,
    industry: Vec<Vec<f64>>,
    level: Vec<f64>,
    inverse: Vec<f64>,
}

impl ByHand {
    fn new(customers: usize, reps: usize) -> Self {
        let points = |count: usize, has: &dyn Fn(usize, usize) -> bool, worth: f64| {
            (0..count)
                .map(|key| {
                    (0..reps)
                        .map(|rep| if has(rep, key) { worth } else { 0.0 })
                        .collect()
                })
                .collect()
        };
        let sells = |rep: usize, region: usize| {
            (rep + 1) % REGIONS == region || (rep * 7 + 7) % REGIONS == region
        };
        Self {
            customers: (0..customers)
                .map(|at| {
                    (
                        at * 13 % REGIONS,
                        at * 5 % INDUSTRIES,
                        share(at, 31),
                        share(at, 17),
                    )
                })
                .collect(),
            home: points(REGIONS, &sells, 30.0),
            industry: points(INDUSTRIES, &|rep, key| rep % INDUSTRIES == key, 20.0),
            level: (0..reps).map(|rep| level(rep) as f64).collect(),
            inverse: (0..reps).map(|rep| 10.0 / level(rep) as f64).collect(),
        }
    }

    /// Scores all pairs, on as many threads as the plan takes.
    fn score_all(&self) {
        let threads = if cfg!(feature = "parallel") {
            std::thread::available_parallelism().map_or(1, usize::from)
        } else {
            1
        };
        let share = self.customers.len().div_ceil(threads);
        std::thread::scope(|scope| {
            for customers in self.customers.chunks(share) {
                scope.spawn(move || {
                    let mut row = vec![0.0; self.level.len()];
                    for &(region, industry, intent, risk) in customers {
                        let (home, knows) = (&self.home[region], &self.industry[industry]);
                        for (at, score) in row.iter_mut().enumerate() {
                            *score = home[at] + knows[at] + 5.0 * self.level[at] * intent
                                - risk * self.inverse[at];
                        }
                        black_box(&row);
                    }
                });
            }
        });
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
