//! Any bytes as a plan: what can be read is written and read again as the same, is checked against
//! a book that it is not of, and applied to it, without harm.
#![no_main]

use bookwright::{Plan, Policy};
use bookwright_fuzz::{BOOK, options};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let text = "fn score(customer, rep) { rep.level } fn segment(customer) { customer.region ?? \"none\" }";
    Policy::compile(text, BOOK.schema()).expect("it is right")
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(plan) = serde_json::from_slice::<Plan>(bytes) else {
        return;
    };
    let json = serde_json::to_string(&plan).expect("a plan is JSON");
    let again: Plan = serde_json::from_str(&json).expect("the JSON of a plan is one");
    assert_eq!(json, serde_json::to_string(&again).expect("a plan is JSON"));
    let wrong = plan.verify(&BOOK, &POLICY, &options());
    let right = POLICY.plan(&BOOK, &options()).expect("nothing stops it");
    if let Ok(verified) = wrong {
        assert_eq!(verified.demands, right.totals.demands);
    }
    let before = serde_json::to_string(&BOOK.records()).expect("records are JSON");
    let _ = BOOK.apply(&plan);
    assert_eq!(
        before,
        serde_json::to_string(&BOOK.records()).expect("records are JSON")
    );
    let _ = plan.explain(&BOOK, "c1").map(|it| it.to_string());
});
