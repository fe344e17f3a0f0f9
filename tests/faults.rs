//! What a plan does when its host stops it, its budget ends or a hook of the host's fails: it
//! stops with a typed error or tells the failure, and the book is as it was.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bookwright::allocation::{Allocation, PairSource, Problem, Stop, Strategy, Watch};
use bookwright::{
    Book, Budget, Call, Cancel, Clock, CustomerHook, CustomerRef, Hook, HookError, PairHook, Plan,
    PlanError, PlanOptions, Policy, Records, RepRef, Schema, Stage, Value,
};
use serde_json::json;

const GREEDY: &str = r#"
    fn tier(customer) { if (customer.potential ?? 0.0) > 3.0 { "A" } else { "C" } }
    fn segment(customer) { customer.region ?? "nowhere" }
    fn workload(customer) { 1.0 + (customer.potential ?? 0.0) / 4.0 }
    fn priority(customer) { customer.potential ?? 0.0 }
    fn capacity(rep) { #{ workload: 6.0 } }
    fn eligible(customer, rep) { customer.region != "east" || rep.level > 1 }
    fn score(customer, rep) { if customer.region in rep.regions { 10 } else { rep.level } }
"#;

const OPTIMAL: &str = r#"
    const ALLOCATION = #{ strategy: "optimal", keep_owners: false, move_price: 1.0, balance: 0.5 };
    fn workload(customer) { 1.0 + (customer.potential ?? 0.0) / 4.0 }
    fn capacity(rep) { #{ workload: 6.0, customers: 4 } }
    fn score(customer, rep) { if customer.region in rep.regions { 10 } else { rep.level } }
"#;

fn book() -> Book {
    let regions = ["north", "south", "east"];
    let customers: Vec<_> = (0..18)
        .map(|at| {
            let owners = if at % 5 == 0 {
                json!({"developer": "r1"})
            } else {
                json!({})
            };
            json!({
                "id": format!("c{at:02}"), "region": regions[at % 3], "potential": (at % 7) as f64,
                "owners": owners
            })
        })
        .collect();
    let reps: Vec<_> = (0..5)
        .map(|at| {
            json!({
                "id": format!("r{at}"), "roles": ["developer", "manager"], "level": at % 3 + 1,
                "regions": [regions[at % 3]]
            })
        })
        .collect();
    let records: Records =
        serde_json::from_value(json!({"customers": customers, "reps": reps})).unwrap();
    Book::build(records, Schema::default()).unwrap()
}

fn options() -> PlanOptions {
    PlanOptions::at("2026-01-31T00:00:00Z".parse().unwrap())
}

fn policy(text: &str) -> Policy {
    Policy::compile(text, &Schema::default()).unwrap()
}

fn written(book: &Book) -> String {
    serde_json::to_string(&book.records()).unwrap()
}

/// Right after whatever happened before: nothing of it is left in policy or book.
fn as_ever(policy: &Policy, book: &Book, before: &Plan) {
    let after = policy.plan(book, &options()).unwrap();
    assert_eq!(&after, before);
    after.verify(book, policy, &options()).unwrap();
}

#[test]
fn cancelling_at_any_call_of_the_observer_leaves_everything_as_it_was() {
    let book = book();
    let records = written(&book);
    for text in [GREEDY, OPTIMAL] {
        let policy = policy(text);
        let plan = policy.plan(&book, &options()).unwrap();
        let (mut calls, mut stages) = (0_u64, BTreeSet::new());
        let mut count = |progress: bookwright::Progress| {
            calls += 1;
            stages.insert(progress.stage);
            ControlFlow::Continue(())
        };
        policy.plan_observed(&book, &options(), &mut count).unwrap();
        let all = [
            Stage::Tiering,
            Stage::Demand,
            Stage::Capacity,
            Stage::Owners,
            Stage::Allocation,
            Stage::Reasons,
        ];
        assert!(calls >= 6 && stages.iter().eq(&all), "{calls} {stages:?}");
        for last in 0..calls {
            let mut seen = 0;
            let mut stop = |_| {
                seen += 1;
                if seen > last {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            let stopped = policy.plan_observed(&book, &options(), &mut stop);
            assert_eq!(
                stopped.unwrap_err(),
                PlanError::Stopped(Stop::Cancelled),
                "at {last}"
            );
            assert_eq!(seen, last + 1, "asked again after it said stop");
        }
        assert_eq!(written(&book), records);
        as_ever(&policy, &book, &plan);
    }
}

#[test]
fn a_panic_of_the_observer_goes_to_the_host_and_harms_nothing() {
    let book = book();
    let records = written(&book);
    let policy = policy(GREEDY);
    let plan = policy.plan(&book, &options()).unwrap();
    let seen = std::panic::catch_unwind(AssertUnwindSafe(|| {
        policy.plan_observed(&book, &options(), &mut |_| panic!("the host's own"))
    }));
    assert!(seen.is_err());
    assert_eq!(written(&book), records);
    as_ever(&policy, &book, &plan);
}

/// A hook of the host's that fails or panics at its n-th call.
#[derive(Debug)]
struct Faulty {
    calls: Arc<AtomicU64>,
    at: u64,
    panics: bool,
}

impl Faulty {
    fn next(&self) -> Result<(), HookError> {
        if self.calls.fetch_add(1, Ordering::Relaxed) != self.at {
            return Ok(());
        }
        if self.panics {
            panic!("broken\n at {}", self.at);
        }
        Err(HookError::new("the directory does not answer"))
    }
}

impl CustomerHook for Faulty {
    fn answer(&self, customer: CustomerRef<'_>, _: &mut Call<'_>) -> Result<Value, HookError> {
        self.next()?;
        Ok(Value::from(
            1.0 + customer.float("potential").unwrap_or(0.0) / 4.0,
        ))
    }
}

impl PairHook for Faulty {
    fn answer(
        &self,
        _: CustomerRef<'_>,
        rep: RepRef<'_>,
        _: &mut Call<'_>,
    ) -> Result<Value, HookError> {
        self.next()?;
        Ok(Value::from(rep.int("level").unwrap_or(0) as f64))
    }
}

fn with(hook: Hook, at: u64, panics: bool) -> (Policy, Arc<AtomicU64>) {
    let calls = Arc::new(AtomicU64::new(0));
    let faulty = Arc::new(Faulty {
        calls: Arc::clone(&calls),
        at,
        panics,
    });
    let builder = Policy::builder(&Schema::default());
    let builder = match hook {
        Hook::Score => builder.pair_hook(hook, faulty),
        _ => builder.customer_hook(hook, faulty),
    };
    (builder.build().unwrap(), calls)
}

/// The panics that a test makes are not news.
fn quiet_panics(beginning: &'static str) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let payload = info.payload();
        let text = (payload.downcast_ref::<&str>().copied())
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        if !text.is_some_and(|text| text.starts_with(beginning)) {
            before(info);
        }
    }));
}

/// Whoever the hook is asked about when it fails: that customer's demand has the problem, every
/// other customer is decided, and the host's panic never leaves the plan.
#[test]
fn a_hook_that_fails_or_panics_at_any_call_is_one_customers_problem() {
    let book = book();
    let records = written(&book);
    quiet_panics("broken");
    for hook in [Hook::Workload, Hook::Priority, Hook::Score] {
        let (policy, calls) = with(hook, u64::MAX, false);
        let whole = policy.plan(&book, &options()).unwrap();
        assert!(whole.problems.is_empty());
        for (at, panics) in
            (0..calls.load(Ordering::Relaxed)).flat_map(|at| [(at, false), (at, true)])
        {
            let (policy, _) = with(hook, at, panics);
            let plan = policy.plan(&book, &options()).unwrap();
            assert_eq!(
                plan.problems.len(),
                1,
                "{hook} at {at}: {:?}",
                plan.problems
            );
            let problem = &plan.problems[0];
            let expected = if panics {
                format!("the native hook panicked: broken\\n at {at}")
            } else {
                "the directory does not answer".to_owned()
            };
            assert_eq!(
                (&*problem.hook, &*problem.message),
                (hook.name(), &*expected)
            );
            let customer = problem.customer.as_deref().unwrap();
            assert_eq!(plan.totals.demands, whole.totals.demands, "{hook} at {at}");
            let failed = (plan.unassigned.iter())
                .filter(|it| matches!(it.reason, bookwright::Reason::HookFailed { .. }));
            assert!(
                failed.into_iter().all(|it| it.customer == customer),
                "{hook} at {at}"
            );
        }
    }
    assert_eq!(written(&book), records);
}

#[test]
fn budgets_that_end_anywhere_stop_the_plan_or_leave_it_whole() {
    let book = book();
    let records = written(&book);
    for text in [GREEDY, OPTIMAL] {
        let policy = policy(text);
        let plan = policy.plan(&book, &options()).unwrap();
        let mut stopped = 0;
        for step in 0..60_u64 {
            // By operations, which only the interpreter spends.
            let budget = Budget::default().operations(step * step * 8);
            for options in [options(), options().interpreter_only()] {
                let options = options.budget(budget.clone());
                stopped += u64::from(whole_or(&policy, &book, &options, &plan, Stop::Operations));
            }
            // By a clock that moves on whenever it is looked at.
            let looks = AtomicU64::new(0);
            let clock: Clock =
                Arc::new(move || Duration::from_millis(looks.fetch_add(1, Ordering::Relaxed)));
            let options = options().budget(Budget::time(Duration::from_millis(step), clock));
            stopped += u64::from(whole_or(&policy, &book, &options, &plan, Stop::Deadline));
        }
        assert!(stopped > 20, "only {stopped}");
        let cancel = Cancel::new();
        cancel.cancel();
        let options = options().budget(Budget::default().cancel(cancel));
        assert!(whole_or(&policy, &book, &options, &plan, Stop::Cancelled));
        assert_eq!(written(&book), records);
        as_ever(&policy, &book, &plan);
    }
}

/// Whether it stopped, for that reason. A plan that came about is the one without budget, or says
/// of its solver that it was stopped; either way it is right.
fn whole_or(policy: &Policy, book: &Book, within: &PlanOptions, plan: &Plan, why: Stop) -> bool {
    match policy.plan(book, within) {
        Err(PlanError::Stopped(stop)) => {
            assert_eq!(stop, why);
            true
        }
        Err(other) => panic!("{other}"),
        Ok(found) => {
            let cut_short = found.certificates.iter().any(|it| it.stopped.is_some());
            assert!(cut_short || found == *plan);
            if let Err(wrong) = found.verify(book, policy, &options()) {
                panic!(
                    "under {:?}: {wrong}\n{:#?}",
                    within.budget, found.certificates
                );
            }
            false
        }
    }
}

/// One call of a hook that spends more than it may is that customer's problem.
#[test]
fn a_call_beyond_its_budget_is_one_customers_problem() {
    let book = book();
    let text = r#"
        fn tier(customer) {
            let n = 0;
            if customer.id == "c03" { for i in 0..60 { n += i; } }
            if n > 5 { "A" } else { "C" }
        }
    "#;
    let policy = policy(text);
    let mut budget = Budget::default();
    budget.operations_per_call = Some(100);
    let options = options().budget(budget).interpreter_only();
    let plan = policy.plan(&book, &options).unwrap();
    let at: Vec<_> = plan
        .problems
        .iter()
        .map(|it| it.customer.as_deref())
        .collect();
    assert_eq!(at, [Some("c03")]);
    assert_eq!(plan.totals.customers, 18);
    plan.verify(&book, &policy, &options).unwrap();
}

/// FNV-1a, 64 bits.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Debug and release, few threads and many, with and without `parallel`, today and later: the
/// digests stand here.
#[test]
fn plans_have_the_digest_that_is_written_down() {
    let book = book();
    let digests: Vec<String> = [GREEDY, OPTIMAL, ""]
        .iter()
        .flat_map(|text| {
            let policy = policy(text);
            [
                "best_score",
                "round_robin",
                "weighted_round_robin",
                "least_loaded",
                "optimal",
            ]
            .map(|name| {
                let options = options().strategy(name);
                let mut plan = policy.plan(&book, &options).unwrap();
                let json = serde_json::to_string(&plan).unwrap();
                // What the plan is made from may be told in more detail; what it decides stays.
                plan.fingerprint.clear();
                std::thread::scope(|scope| {
                    let again =
                        || serde_json::to_string(&policy.plan(&book, &options).unwrap()).unwrap();
                    let others: Vec<_> = (0..4).map(|_| scope.spawn(again)).collect();
                    for other in others {
                        assert_eq!(other.join().unwrap(), json);
                    }
                });
                format!("{:016x}", digest(&serde_json::to_string(&plan).unwrap()))
            })
        })
        .collect();
    let expected = [
        "00e8511bb677922d",
        "00e8511bb677922d",
        "3022ce5da8541a87",
        "05bd83676149ed34",
        "1e774cc5f16834d7",
        "b8c493c1b1f51483",
        "305f68e8e70b8c34",
        "22d75809374a5ff3",
        "6b5e17bf5e62e078",
        "18f3614028848b4f",
        "04a35b5089625306",
        "83b6462679655c18",
        "45fea10136f859b9",
        "04a35b5089625306",
        "2708703ccc7622ff",
    ];
    assert_eq!(digests, expected);
}

/// A strategy of the host's own that does what it is told.
#[derive(Debug)]
struct Broken(fn(&Problem, &mut dyn Watch) -> Result<Allocation, Stop>);

impl Strategy for Broken {
    fn name(&self) -> &str {
        "broken\u{1b}"
    }

    fn allocate(
        &self,
        problem: &Problem,
        _: &dyn PairSource,
        watch: &mut dyn Watch,
    ) -> Result<Allocation, Stop> {
        (self.0)(problem, watch)
    }
}

fn nobody(problem: &Problem) -> Allocation {
    Allocation {
        rep_of: vec![None; problem.demands.len()],
        ..Allocation::default()
    }
}

#[test]
fn a_strategy_that_panics_or_answers_nonsense_is_an_error_of_the_plan() {
    let book = book();
    let records = written(&book);
    quiet_panics("broken");
    type Answer = fn(&Problem, &mut dyn Watch) -> Result<Allocation, Stop>;
    let cases: &[(Answer, &str)] = &[
        (
            |_, _| panic!("broken\u{202e} inside"),
            "it panicked: broken\\u{202e} inside",
        ),
        (
            |_, _| Ok(Allocation::default()),
            "it does not answer for every demand",
        ),
        (
            |problem, _| {
                Ok(Allocation {
                    rep_of: vec![Some(u32::MAX); problem.demands.len()],
                    ..nobody(problem)
                })
            },
            "it gives a demand to a rep that is not there",
        ),
        (
            |problem, _| {
                Ok(Allocation {
                    turns: vec![u32::MAX],
                    ..nobody(problem)
                })
            },
            "it names a demand that is not there",
        ),
        (
            |problem, _| {
                Ok(Allocation {
                    scores: vec![1.0],
                    ..nobody(problem)
                })
            },
            "its scores are not one finite number for each demand",
        ),
        (
            |problem, _| {
                Ok(Allocation {
                    credits: vec![f64::NAN; problem.credits.len()],
                    ..nobody(problem)
                })
            },
            "its credits are not one finite number for each rep and role",
        ),
    ];
    for (answer, problem) in cases {
        let builder = Policy::builder(&Schema::default()).strategy(Arc::new(Broken(*answer)));
        let error = builder
            .build()
            .unwrap()
            .plan(&book, &options())
            .unwrap_err();
        let expected = format!("the strategy `broken\\u{{1b}}` failed: {problem}");
        assert_eq!(error.to_string(), expected);
    }
    let builder = Policy::builder(&Schema::default());
    let sound = builder.strategy(Arc::new(Broken(|problem, _| Ok(nobody(problem)))));
    let sound = sound.build().unwrap();
    assert_eq!(sound.plan(&book, &options()).unwrap().assignments.len(), 4); // those who stay

    // A panic of the observer passes the strategy, even one that does not mind being stopped.
    let builder = Policy::builder(&Schema::default());
    let deaf = builder.strategy(Arc::new(Broken(|problem, watch| {
        let _ = watch.tick(1);
        Ok(nobody(problem))
    })));
    let deaf = deaf.build().unwrap();
    let mut calls = 0;
    let seen = std::panic::catch_unwind(AssertUnwindSafe(|| {
        deaf.plan_observed(&book, &options(), &mut |progress| {
            calls += 1;
            assert!(
                progress.stage != Stage::Allocation || progress.done == 0,
                "broken observer"
            );
            ControlFlow::Continue(())
        })
    }));
    let text = seen.unwrap_err();
    assert_eq!(text.downcast_ref::<&str>(), Some(&"broken observer"));
    assert_eq!(written(&book), records);
}
