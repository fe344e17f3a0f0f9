//! How long a plan goes on without a look at the clock, and after the deadline: never long, at any
//! stage of it.
//!
//! Plans run by a clock that goes on by a millisecond whenever it is looked at, so that what they
//! do is the same on every machine. How long they were silent between two looks is measured
//! against sorting on the same machine in the same build.
#![cfg(not(feature = "parallel"))] // with it looks come from several threads, in any order
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bookwright::{
    Book, Budget, Clock, Customer, Plan, PlanError, PlanOptions, Policy, Records, Rep, Schema,
    Stage,
};

const CUSTOMERS: usize = 20_000;
const REPS: usize = 100;

/// The most work between two looks, in numbers sorted: what may be done before somebody asks the
/// clock. A pass over the pairs of the book without a look is far beyond it.
const MOST_WORK: f64 = 70_000.0;

/// The same where loads have a price. There a solver is silent longest, for some milliseconds.
const MOST_WORK_OF_LOADS: f64 = 600_000.0;

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

/// When the clock was looked at, and at which stage that was.
struct Looks {
    stage: Stage,
    last: Instant,
    silences: Vec<(Stage, Duration)>,
}

impl Looks {
    fn look(&mut self) -> Duration {
        let stage = self.stage;
        self.silences.push((stage, self.last.elapsed()));
        self.last = Instant::now();
        Duration::from_millis(self.silences.len() as u64)
    }
}

/// A plan with a deadline after so many looks, and how long it was silent before each of them and
/// at the end.
fn plan(text: &str, deadline: u64) -> (Result<Plan, PlanError>, Vec<(Stage, Duration)>) {
    let policy = Policy::compile(text, &Schema::default()).unwrap();
    let book = book(); // nothing is known of it yet
    let looks = Arc::new(Mutex::new(Looks {
        stage: Stage::Tiering,
        last: Instant::now(),
        silences: Vec::new(),
    }));
    let seen = Arc::clone(&looks);
    let clock: Clock = Arc::new(move || seen.lock().unwrap().look());
    let options = PlanOptions::at("2026-03-02".parse().unwrap())
        .budget(Budget::time(Duration::from_millis(deadline), clock));
    looks.lock().unwrap().last = Instant::now();
    let plan = policy.plan_observed(&book, &options, &mut |progress| {
        looks.lock().unwrap().stage = progress.stage;
        ControlFlow::Continue(())
    });
    let mut looks = looks.lock().unwrap();
    looks.look();
    (plan, std::mem::take(&mut looks.silences))
}

/// How long it takes to sort a number among some thousand, at best.
fn sorting_one() -> Duration {
    const NUMBERS: u64 = 20_000;
    let sort = || {
        let number = |at: u64| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11, at);
        let mut numbers: Vec<(u64, u64)> = (0..NUMBERS).map(number).collect();
        let begun = Instant::now();
        numbers.sort_by_key(|number| number.0);
        let took = begun.elapsed();
        assert!(numbers.is_sorted());
        took
    };
    let best = (0..15).map(|_| sort()).min().unwrap();
    best / NUMBERS as u32
}

#[test]
fn no_stage_works_long_without_a_look_at_the_clock() {
    let unit = sorting_one().as_secs_f64();
    for (name, text, deadline, most) in [
        ("best", BEST, u64::MAX / 2, MOST_WORK),
        ("shares", SHARES, u64::MAX / 2, MOST_WORK),
        ("optimal", OPTIMAL, ENOUGH, MOST_WORK_OF_LOADS),
    ] {
        // What other work on the machine adds differs from run to run.
        let (first, mut least) = plan(text, deadline);
        let first = first.unwrap();
        for _ in 0..4 {
            let (again, silences) = plan(text, deadline);
            assert_eq!(again.unwrap().totals, first.totals, "{name}");
            assert_eq!(silences.len(), least.len(), "{name}: looks differ");
            for (least, silence) in least.iter_mut().zip(silences) {
                assert_eq!(least.0, silence.0);
                least.1 = least.1.min(silence.1);
            }
        }
        let (at, longest) = (least.iter().enumerate())
            .max_by_key(|(_, silence)| silence.1)
            .unwrap();
        let work = longest.1.as_secs_f64() / unit;
        println!("{name}: {} looks, at most {work:.0} between", least.len());
        assert!(
            work <= most,
            "{name}: {work:.0} numbers could be sorted before look {at} of {}, at {:?}",
            least.len(),
            longest.0,
        );
    }
}

#[test]
fn few_looks_come_after_the_deadline() {
    for text in [BEST, SHARES, OPTIMAL] {
        let (whole, silences) = plan(
            text,
            if text == OPTIMAL {
                ENOUGH
            } else {
                u64::MAX / 2
            },
        );
        whole.unwrap();
        let all = silences.len() as u64;
        let (mut stopped, mut cut_short) = (0, 0);
        for tenth in 0..10 {
            let deadline = 1 + all * tenth / 10;
            let (plan, silences) = plan(text, deadline);
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
            let after = silences.len().saturating_sub(deadline as usize);
            assert!(after <= LOOKS_AFTER, "{after} looks after {deadline}");
        }
        assert!(
            stopped > 0 && (cut_short > 0) == (text == OPTIMAL),
            "{stopped} {cut_short}"
        );
    }
}
