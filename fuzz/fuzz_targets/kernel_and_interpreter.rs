//! A policy that a grammar makes, over columns and in the interpreter: the same plan, which stands
//! its check and survives JSON.
#![no_main]

use arbitrary::Unstructured;
use bookwright::{Plan, Policy};
use bookwright_fuzz::{BOOK, options, policy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = policy(&mut Unstructured::new(bytes)) else {
        return;
    };
    let Ok(policy) = Policy::compile(&text, BOOK.schema()) else {
        return;
    };
    let plan = policy.plan(&BOOK, &options()).expect("nothing stops it");
    let interpreted = policy
        .plan(&BOOK, &options().interpreter_only())
        .expect("nothing stops it");
    assert_eq!(plan, interpreted, "{text}");
    if let Err(wrong) = plan.verify(&BOOK, &policy, &options()) {
        panic!("{wrong}\n{text}");
    }
    let json = serde_json::to_string(&plan).expect("a plan is JSON");
    let again: Plan = serde_json::from_str(&json).expect("the JSON of a plan is one");
    assert_eq!(plan, again, "{text}");
});
