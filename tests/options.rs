//! What a host may pass: parameters, strategies, budgets, observers; and how a plan stops.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bookwright::allocation::Stop;
use bookwright::{
    ApplyError, Assignment, Book, Budget, Cancel, Change, Clock, Customer, Explanation, HookError,
    HookProblem, Load, Plan, PlanError, PlanOptions, Policy, PolicyBuilder, PolicyError, Progress,
    Reason, Records, Rep, Schema, Stage, Time, Value,
};

const POLICY: &str = r#"
    const PARAMS = #{ region_bonus: 30.0, senior_from: 3, regions: ["east"], label: "x", strict: false };
    fn tier(customer) { let n = 0; for i in 0..50 { n += i; } if n > 0 { "A" } else { "C" } }
    fn score(customer, rep) { params.region_bonus }
"#;

fn now() -> Time {
    "2026-01-31".parse().unwrap()
}

fn book(customers: usize) -> Book {
    let records = Records {
        customers: (0..customers)
            .map(|n| Customer::new(format!("c{n:05}")))
            .collect(),
        reps: vec![
            Rep::new("r1")
                .roles(["developer", "manager"])
                .set("capacity", 1e6),
        ],
        ..Records::default()
    };
    Book::build(records, Schema::default()).unwrap()
}

fn policy() -> Policy {
    Policy::compile(POLICY, &Schema::default()).unwrap()
}

fn stopped(customers: usize, budget: Budget) -> Result<Plan, PlanError> {
    // In the interpreter, so that operations are spent.
    let options = PlanOptions::at(now()).interpreter_only().budget(budget);
    policy().plan(&book(customers), &options)
}

#[track_caller]
fn refused(options: PlanOptions, text: &str) {
    let error = policy().plan(&book(1), &options).unwrap_err();
    assert_eq!(error.to_string(), text);
}

#[test]
fn operations_of_the_plan_are_a_budget() {
    let error = stopped(200, Budget::default().operations(5_000)).unwrap_err();
    assert_eq!(error, PlanError::Stopped(Stop::Operations));
    assert_eq!(
        error.to_string(),
        "the plan was stopped: its operations are used up"
    );
    assert!(stopped(5, Budget::default().operations(1_000_000)).is_ok());
}

#[test]
fn operations_of_a_call_cost_its_customer() {
    let mut budget = Budget::default();
    budget.operations_per_call = Some(20);
    let plan = stopped(3, budget).unwrap();
    assert_eq!(
        plan.problems.iter().filter(|it| it.hook == "tier").count(),
        3
    );
    assert!(plan.tiers.values().all(|tier| tier == "C"));
}

/// A clock that goes on by a second whenever it is looked at.
fn ticking() -> Clock {
    let seconds = AtomicU64::new(0);
    Arc::new(move || Duration::from_secs(seconds.fetch_add(1, Ordering::Relaxed)))
}

#[test]
fn time_is_the_hosts() {
    let error = stopped(5_000, Budget::time(Duration::from_secs(5), ticking())).unwrap_err();
    assert_eq!(error, PlanError::Stopped(Stop::Deadline));
    assert_eq!(error.to_string(), "the plan was stopped: its time is up");
    let standing: Clock = Arc::new(|| Duration::from_secs(7));
    assert!(
        stopped(
            5,
            Budget::time(
                Duration::ZERO.saturating_add(Duration::from_secs(1)),
                standing
            )
        )
        .is_ok()
    );
    let mut without_clock = Budget::default();
    without_clock.time = Some(Duration::ZERO);
    assert!(stopped(5, without_clock).is_ok());
}

#[test]
fn a_raised_flag_cancels() {
    let cancel = Cancel::new();
    assert!(stopped(3, Budget::default().cancel(cancel.clone())).is_ok());
    cancel.cancel();
    assert!(cancel.is_cancelled());
    let error = stopped(3, Budget::default().cancel(cancel)).unwrap_err();
    assert_eq!(error, PlanError::Stopped(Stop::Cancelled));
    assert_eq!(error.to_string(), "the plan was stopped: cancelled");
}

#[test]
fn the_observer_sees_every_stage_and_may_break_in_each() {
    let book = book(3_000);
    let options = PlanOptions::at(now());
    let mut seen: Vec<Progress> = Vec::new();
    let mut watch = |progress: Progress| {
        seen.push(progress);
        ControlFlow::Continue(())
    };
    policy().plan_observed(&book, &options, &mut watch).unwrap();
    let mut stages: Vec<Stage> = seen.iter().map(|progress| progress.stage).collect();
    stages.dedup();
    let order = [
        Stage::Tiering,
        Stage::Demand,
        Stage::Capacity,
        Stage::Owners,
        Stage::Allocation,
        Stage::Reasons,
    ];
    assert_eq!(stages, order);
    for progress in &seen {
        assert!(
            progress.of == 0 || progress.done <= 4 * progress.of,
            "{progress:?}"
        );
    }
    for stage in order {
        let mut asked_after = 0;
        let mut stop = |progress: Progress| {
            if progress.stage < stage {
                return ControlFlow::Continue(());
            }
            asked_after += 1;
            ControlFlow::Break(())
        };
        let error = policy()
            .plan_observed(&book, &options, &mut stop)
            .unwrap_err();
        assert_eq!(error, PlanError::Stopped(Stop::Cancelled), "{stage:?}");
        assert_eq!(asked_after, 1, "{stage:?}");
    }
}

#[test]
fn a_stopped_plan_says_nothing_about_the_next() {
    let cancel = Cancel::new();
    cancel.cancel();
    let (policy, book) = (policy(), book(10));
    let before = policy.plan(&book, &PlanOptions::at(now())).unwrap();
    let stopped = PlanOptions::at(now()).budget(Budget::default().cancel(cancel));
    assert!(policy.plan(&book, &stopped).is_err());
    assert_eq!(policy.plan(&book, &PlanOptions::at(now())).unwrap(), before);
}

#[test]
fn unknown_parameters_are_refused_with_what_is_near() {
    refused(
        PlanOptions::at(now()).param("region_bonnus", 1.0),
        "unknown parameter `region_bonnus` (did you mean `region_bonus`?): `PARAMS` has `label`, `region_bonus`, `regions`, `senior_from`, `strict`",
    );
    refused(
        PlanOptions::at(now()).param("zzz", 1.0),
        "unknown parameter `zzz`: `PARAMS` has `label`, `region_bonus`, `regions`, `senior_from`, `strict`",
    );
    let none = Policy::compile("", &Schema::default()).unwrap();
    let error = none
        .plan(&book(1), &PlanOptions::at(now()).param("a", 1.0))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown parameter `a`: `PARAMS` has none"
    );
}

#[test]
fn parameters_keep_their_kind() {
    for (name, value, text) in [
        (
            "senior_from",
            Value::from(2.5),
            "parameter `senior_from` is float, expected int as in `PARAMS`",
        ),
        (
            "region_bonus",
            Value::from("much"),
            "parameter `region_bonus` is text, expected float as in `PARAMS`",
        ),
        (
            "regions",
            Value::from("east"),
            "parameter `regions` is text, expected array as in `PARAMS`",
        ),
        (
            "strict",
            Value::from(1),
            "parameter `strict` is int, expected bool as in `PARAMS`",
        ),
        (
            "label",
            Value::Unit,
            "parameter `label` is absent, expected text as in `PARAMS`",
        ),
    ] {
        refused(PlanOptions::at(now()).param(name, value), text);
    }
    // An int is a float too.
    let plan = policy()
        .plan(&book(1), &PlanOptions::at(now()).param("region_bonus", 12))
        .unwrap();
    assert_eq!(plan.assignments[0].score, 12.0);
}

#[test]
fn unknown_strategies_are_refused() {
    let there_are =
        "there are best_score, round_robin, weighted_round_robin, least_loaded, optimal";
    refused(
        PlanOptions::at(now()).strategy("best_scores"),
        &format!("unknown strategy `best_scores` (did you mean `best_score`?): {there_are}"),
    );
    refused(
        PlanOptions::at(now()).strategy(""),
        &format!("unknown strategy ``: {there_are}"),
    );
}

#[test]
fn a_policy_runs_on_books_of_its_schema_only() {
    let other = Schema::builder()
        .role(bookwright::Role::new("hunter"))
        .build()
        .unwrap();
    let error = Policy::compile("", &other)
        .unwrap()
        .plan(&book(1), &PlanOptions::at(now()))
        .unwrap_err();
    assert_eq!(error, PlanError::OtherSchema);
    assert_eq!(
        error.to_string(),
        "the policy was compiled for another schema than the book has: compile it with the book's schema"
    );
}

#[test]
fn a_plan_of_another_book_does_not_apply() {
    let plan = policy().plan(&book(2), &PlanOptions::at(now())).unwrap();
    let error = book(1).apply(&plan).unwrap_err();
    assert_eq!(error, ApplyError::UnknownCustomer("c00001".to_owned()));
    assert_eq!(
        error.to_string(),
        "the plan names the customer `c00001`, which is not in the book"
    );
    let mut odd = plan.clone();
    odd.assignments[0].rep = "r9".to_owned();
    assert_eq!(
        book(2).apply(&odd).unwrap_err().to_string(),
        "the plan names the rep `r9`, which is not in the book"
    );
    let mut odd = plan;
    odd.assignments[0].role = "king".to_owned();
    assert_eq!(
        book(2).apply(&odd).unwrap_err().to_string(),
        "the plan names the role `king`, which the book's schema does not have"
    );
}

#[test]
fn applying_leaves_the_book_as_it_was() {
    let before = book(3);
    let records = before.records();
    let plan = policy().plan(&before, &PlanOptions::at(now())).unwrap();
    let after = before.apply(&plan).unwrap();
    assert_eq!(before.records(), records);
    assert_eq!(after.records().customers[0].owners["developer"].rep, "r1");
}

#[test]
fn native_hooks_mix_with_a_script_and_their_panics_cost_one_record() {
    let policy = Policy::builder(&Schema::default())
        .script(r#"fn tier(customer) { if customer.id == "c00001" { "B" } else { "C" } }"#)
        .score(|customer, _| match customer.id() {
            "c00000" => Err(HookError::new("no score today")),
            "c00001" => panic!("out of order"),
            _ => Ok::<_, HookError>(2.5),
        })
        .build()
        .unwrap();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let plan = policy.plan(&book(3), &PlanOptions::at(now())).unwrap();
    std::panic::set_hook(hook);
    assert_eq!(plan.tiers["c00001"], "B");
    let told: Vec<String> = plan.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "`score` failed for customer `c00000` with rep `r1` as developer: no score today",
            "`score` failed for customer `c00001` with rep `r1` as developer: the native hook panicked: out of order",
        ]
    );
    assert_eq!(plan.assignments.len(), 1);
    assert_eq!(plan.assignments[0].score, 2.5);
}

fn kept<T: Send + Sync + Clone + std::fmt::Debug + 'static>() {}
fn error<T: std::error::Error + Send + Sync + Clone + 'static>() {}

#[test]
fn types_of_plans_are_send_and_sync() {
    kept::<Policy>();
    kept::<Plan>();
    kept::<PlanOptions>();
    kept::<Budget>();
    kept::<Cancel>();
    kept::<Progress>();
    kept::<Stage>();
    kept::<Assignment>();
    kept::<Change>();
    kept::<Reason>();
    kept::<HookProblem>();
    kept::<Load>();
    kept::<Explanation>();
    kept::<Value>();
    error::<PlanError>();
    error::<PolicyError>();
    error::<ApplyError>();
    error::<HookError>();
    error::<bookwright::ExplainError>();
    fn sent<T: Send + 'static>() {}
    sent::<PolicyBuilder>();
}

/// A parameter may be as large as any value that a script meets, and no larger.
#[test]
fn parameters_are_no_larger_than_values_of_a_script() {
    let list = |count: usize, text: &str| Value::Array(vec![Value::from(text); count].into());
    let mut nested = list(0, "");
    for _ in 0..20 {
        nested = Value::Array(vec![nested].into());
    }
    for (name, value, fits) in [
        ("regions", list(256, "n"), true),
        ("regions", list(257, "n"), false),
        ("regions", list(8, &"n".repeat(1024)), true),
        ("regions", list(9, &"n".repeat(1024)), false),
        ("regions", nested, false),
        ("label", Value::from(&*"n".repeat(1024)), true),
        ("label", Value::from(&*"n".repeat(1025)), false),
    ] {
        let options = PlanOptions::at(now()).param(name, value);
        let plan = policy().plan(&book(1), &options);
        assert_eq!(plan.is_ok(), fits, "{name}");
        if let Err(error) = plan {
            assert_eq!(
                error.to_string(),
                format!("parameter `{name}` is larger than a value in a script can be")
            );
        }
    }
}

/// A solver that takes much longer than there is time for, on a clock that goes on by a millisecond
/// whenever it is looked at: what it had is the plan, and the plan is there before the deadline.
#[test]
fn what_a_solver_had_is_written_before_the_deadline() {
    let text = r#"
        const ALLOCATION = #{ strategy: "optimal", balance: 0.5 };
        fn workload(customer) { 1.0 + customer.id.len() % 3 + (customer.potential ?? 0.0) }
        fn capacity(rep, role) { 30 }
        fn score(customer, rep) { (customer.potential ?? 0.0) * rep.level }
    "#;
    let customer =
        |n: usize| Customer::new(format!("c{n}")).set("potential", (n * 37 % 101) as f64 / 50.0);
    let rep = |n: i64| {
        Rep::new(format!("r{n}"))
            .roles(["developer"])
            .set("level", n)
    };
    let records = Records {
        customers: (0..120).map(customer).collect(),
        reps: (1..=9).map(rep).collect(),
        ..Records::default()
    };
    let book = Book::build(records, Schema::default()).unwrap();
    let policy = Policy::compile(text, &Schema::default()).unwrap();
    let options = PlanOptions::at(now());
    let (mut errors, mut cut_short) = (0, 0);
    for deadline in [5, 25, 60, 120, 240, 400, 600, 800, 1000, 1300] {
        let looks = Arc::new(AtomicU64::new(0));
        let looked = Arc::clone(&looks);
        let clock: Clock =
            Arc::new(move || Duration::from_millis(looked.fetch_add(1, Ordering::Relaxed)));
        let budget = Budget::time(Duration::from_millis(deadline), clock);
        match policy.plan(&book, &options.clone().budget(budget)) {
            Err(error) => {
                assert_eq!(error, PlanError::Stopped(Stop::Deadline));
                errors += 1;
            }
            Ok(plan) => {
                let stopped = plan.certificates[0].stopped.as_deref();
                cut_short += u64::from(stopped == Some("deadline"));
                assert!(plan.certificates[0].gap >= 0.0);
                plan.verify(&book, &policy, &options).unwrap();
            }
        }
        let looks = looks.load(Ordering::Relaxed);
        assert!(looks <= deadline + 3, "{looks} after {deadline}");
    }
    assert!(errors > 1 && cut_short > 1, "{errors}, {cut_short}");
}
