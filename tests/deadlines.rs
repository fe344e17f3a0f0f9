//! How long a plan goes on without a look at the clock, and after the deadline: never long, at any
//! stage of it.
//!
//! Plans run by a clock that goes on by a millisecond whenever it is looked at, so that what they
//! do is the same on every machine. How long they are silent by the host's clock is a figure of the
//! benches.
#![cfg(not(feature = "parallel"))] // with it looks come from several threads, in any order
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bookwright::{
    Book, Budget, Clock, Customer, Plan, PlanError, PlanOptions, Policy, Records, Rep, Schema,
    Stage,
};

const CUSTOMERS: usize = 20_000;
const REPS: usize = 100;

/// No stage goes on for more customers than this without a look, on average.
const CUSTOMERS_PER_LOOK: usize = 400;

/// After so many looks a solver has something to show.
const ENOUGH: u64 = 6_000;

/// So many looks after the deadline are enough to come to an end.
const LOOKS_AFTER: usize = 12;

const BEST: &str = r#"
    fn segment(customer) { customer.region ?? "" }
    fn tier(customer) { if (customer.potential ?? 0.0) > 90.0 { "A" } else { "C" } }
    fn priority(customer) { customer.potential ?? 0.0 }
    fn eligible(customer, rep) { customer.region != "east" || rep.level > 1 }
    fn score(customer, rep) { if customer.region in rep.regions { 9 } else { rep.level } }
"#;

const SHARES: &str = r#"
    const TIERS = [#{ tier: "A", top: 0.1, per: "segment" }, #{ tier: "B", top: 0.5 }, #{ tier: "C" }];
    const ALLOCATION = #{ strategy: "least_loaded", keep_owners: false };
    fn segment(customer) { customer.region ?? "" }
    fn value(customer) { customer.potential ?? 0.0 }
    fn score(customer, rep) { (customer.potential ?? 0.0) * rep.level }
"#;

const OPTIMAL: &str = r#"
    const ALLOCATION = #{ strategy: "optimal", keep_owners: false, balance: 0.5 };
    fn workload(customer) { 1.0 + (customer.potential ?? 0.0) / 40.0 }
    fn score(customer, rep) { (customer.potential ?? 0.0) * rep.level }
"#;

/// It fails for everybody.
const FAILING: &str = r#"
    fn tier(customer) { let none = (customer.employees ?? 7) * 0; if 1 / none > 0 { "A" } else { "C" } }
    fn segment(customer) { `${customer.name} of ${customer.region}` }
"#;

fn book() -> Book {
    let regions = ["north", "south", "east", "west"];
    let customer = |at: usize| {
        // In no order of anything.
        let dice = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let own = Customer::new(format!("c{dice:011}"))
            .name(format!("Customer {at}"))
            .set("region", regions[(dice % 4) as usize])
            .set("potential", (dice % 1009) as f64 / 10.0);
        let own = match at % 3 {
            0 => own.owner("developer", format!("r{:03}", dice as usize % REPS)),
            _ => own,
        };
        match at % 20 {
            0 => own.set("family", format!("f{}", dice % 500)),
            _ => own,
        }
    };
    let rep = |at: usize| {
        Rep::new(format!("r{at:03}"))
            .roles(["developer", "manager"])
            .set("level", (at % 5 + 1) as i64)
            .set("regions", [regions[at % 4]])
            .set("capacity", 1.1 * CUSTOMERS as f64 / REPS as f64)
    };
    let records = Records {
        customers: (0..CUSTOMERS).map(customer).collect(),
        reps: (0..REPS).map(rep).collect(),
        ..Records::default()
    };
    Book::build(records, Schema::default()).unwrap()
}

/// At which stage the clock was looked at.
struct Looks {
    stage: Stage,
    all: Vec<Stage>,
}

impl Looks {
    fn look(&mut self) -> Duration {
        self.all.push(self.stage);
        Duration::from_millis(self.all.len() as u64)
    }
}

/// A plan with a deadline after so many looks, and at which stages they were.
fn plan(text: &str, deadline: u64) -> (Result<Plan, PlanError>, Vec<Stage>) {
    let policy = Policy::compile(text, &Schema::default()).unwrap();
    let book = book(); // nothing is known of it yet
    let looks = Arc::new(Mutex::new(Looks {
        stage: Stage::Tiering,
        all: Vec::new(),
    }));
    let seen = Arc::clone(&looks);
    let clock: Clock = Arc::new(move || seen.lock().unwrap().look());
    let options = PlanOptions::at("2026-03-02".parse().unwrap())
        .budget(Budget::time(Duration::from_millis(deadline), clock));
    let plan = policy.plan_observed(&book, &options, &mut |progress| {
        looks.lock().unwrap().stage = progress.stage;
        ControlFlow::Continue(())
    });
    let all = std::mem::take(&mut looks.lock().unwrap().all);
    (plan, all)
}

#[test]
fn every_stage_looks_at_the_clock_again_and_again() {
    for (name, text, deadline) in [
        ("best", BEST, u64::MAX / 2),
        ("shares", SHARES, u64::MAX / 2),
        ("optimal", OPTIMAL, ENOUGH),
        ("failing", FAILING, u64::MAX / 2),
    ] {
        let (first, looks) = plan(text, deadline);
        let (again, others) = plan(text, deadline);
        assert_eq!(first.unwrap().totals, again.unwrap().totals, "{name}");
        assert_eq!(looks, others, "{name}: looks differ");
        for stage in [
            Stage::Tiering,
            Stage::Demand,
            Stage::Owners,
            Stage::Allocation,
            Stage::Reasons,
        ] {
            let count = looks.iter().filter(|&&look| look == stage).count();
            println!("{name}: {count} looks at {stage:?}");
            assert!(
                count >= CUSTOMERS / CUSTOMERS_PER_LOOK,
                "{name}: {count} looks at {stage:?}"
            );
        }
    }
}

#[test]
fn few_looks_come_after_the_deadline() {
    for text in [BEST, SHARES, OPTIMAL, FAILING] {
        let (whole, looks) = plan(
            text,
            if text == OPTIMAL {
                ENOUGH
            } else {
                u64::MAX / 2
            },
        );
        whole.unwrap();
        let all = looks.len() as u64;
        let (mut stopped, mut cut_short) = (0, 0);
        for tenth in 0..10 {
            let deadline = 1 + all * tenth / 10;
            let (plan, looks) = plan(text, deadline);
            match plan {
                Err(error) => {
                    assert_eq!(error.to_string(), "the plan was stopped: its time is up");
                    stopped += 1;
                }
                Ok(plan) => {
                    assert_eq!(plan.certificates[0].stopped.as_deref(), Some("deadline"));
                    cut_short += 1;
                }
            }
            let after = looks.len().saturating_sub(deadline as usize);
            assert!(after <= LOOKS_AFTER, "{after} looks after {deadline}");
        }
        assert!(
            stopped > 0 && (cut_short > 0) == (text == OPTIMAL),
            "{stopped} {cut_short}"
        );
    }
}
