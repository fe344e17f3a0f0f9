//! Script and Rust in one policy: the tiers stay in a script that the sales team edits, the score
//! comes from a trained model in Rust, and a strategy of our own decides between reps.
//!
//! `cargo run --example native`

#![expect(clippy::print_stdout, reason = "a program prints")]

use std::sync::Arc;

use bookwright::allocation::{Allocation, PairSource, Problem, Stop, Strategy, Watch};
use bookwright::{
    Book, Customer, CustomerRef, HookError, PlanOptions, Policy, Records, Rep, RepRef, Schema,
};

const SCRIPT: &str = r#"
    const PARAMS = #{ large: 500 };

    fn tier(customer) {
        if (customer.employees ?? 0) >= params.large { "A" } else { "C" }
    }

    fn coverage(customer) { ["developer"] }

    fn eligible(customer, rep) {
        if customer.tier == "A" && rep.level < 2 { "too junior for tier A" } else { true }
    }
"#;

/// How likely the pair is to close, as some model has learned it.
struct Model {
    same_industry: f64,
    per_level: f64,
    base: f64,
}

impl Model {
    fn score(&self, customer: CustomerRef<'_>, rep: RepRef<'_>) -> Result<f64, HookError> {
        let industry = customer
            .text("industry")
            .ok_or_else(|| HookError::new("the model needs an industry"))?;
        let mut sum = self.base + self.per_level * rep.int("level").unwrap_or(1) as f64;
        if rep.has("industries", industry) {
            sum += self.same_industry;
        }
        Ok(100.0 / (1.0 + (-sum).exp()))
    }
}

/// Good enough, then fair: among the reps within `slack` of the best score, the one that got the
/// fewest so far, and then the first by id.
#[derive(Debug)]
struct GoodEnough {
    slack: f64,
}

impl Strategy for GoodEnough {
    fn name(&self) -> &str {
        "good_enough"
    }

    fn allocate(
        &self,
        problem: &Problem,
        pairs: &dyn PairSource,
        watch: &mut dyn Watch,
    ) -> Result<Allocation, Stop> {
        let mut limits = problem.limits.clone();
        let mut given = vec![0_u32; problem.reps];
        let mut scores = vec![f64::NAN; problem.reps];
        let mut rep_of = vec![None; problem.demands.len()];
        for (index, demand) in problem.demands.iter().enumerate() {
            pairs.block(&[index as u32], &mut scores);
            let fits = |rep: usize| {
                let own = limits.iter().filter(|limit| limit.rep as usize == rep);
                own.filter(|limit| limit.covers(demand))
                    .all(|limit| limit.amount(demand) <= limit.at_most)
            };
            let open = |rep: &usize| !scores[*rep].is_nan() && fits(*rep);
            let best = (0..problem.reps)
                .filter(open)
                .map(|rep| scores[rep])
                .fold(f64::NEG_INFINITY, f64::max);
            let chosen = (0..problem.reps)
                .filter(open)
                .filter(|&rep| scores[rep] >= best - self.slack)
                .min_by_key(|&rep| given[rep]);
            if let Some(rep) = chosen {
                given[rep] += 1;
                rep_of[index] = Some(rep as u32);
                for limit in limits.iter_mut().filter(|it| it.rep as usize == rep) {
                    if limit.covers(demand) {
                        limit.at_most -= limit.amount(demand);
                    }
                }
            }
            watch.tick(problem.reps as u64)?;
        }
        Ok(Allocation {
            rep_of,
            ..Allocation::default()
        })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = Model {
        same_industry: 1.1,
        per_level: 0.3,
        base: -2.0,
    };
    let policy = Policy::builder(&Schema::default())
        .script(SCRIPT)
        .score(move |customer, rep| model.score(customer, rep))
        .strategy(Arc::new(GoodEnough { slack: 10.0 }))
        .build()?;

    let book = Book::build(records(), Schema::default())?;
    let plan = policy.plan(&book, &PlanOptions::at("2026-03-02".parse()?))?;
    for customer in plan.tiers.keys() {
        println!("{}", plan.explain(&book, customer)?);
    }
    for problem in &plan.problems {
        println!("{problem}");
    }
    Ok(())
}

fn records() -> Records {
    let customer = |id: &str, industry: &str, employees: i64| {
        let customer = Customer::new(id).set("employees", employees);
        customer.set("industry", (!industry.is_empty()).then_some(industry))
    };
    let rep = |id: &str, level: i64, industry: &str| {
        let rep = Rep::new(id).roles(["developer"]).set("level", level);
        rep.set("industries", [industry])
    };
    Records {
        customers: vec![
            customer("c1", "retail", 800),
            customer("c2", "retail", 40),
            customer("c3", "food", 60),
            customer("c4", "", 90), // the model has no answer for this one
        ],
        reps: vec![
            rep("r1", 1, "retail"),
            rep("r2", 2, "retail"),
            rep("r3", 3, "food"),
        ],
        ..Records::default()
    }
}
