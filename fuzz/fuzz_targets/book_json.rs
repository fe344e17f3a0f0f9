//! Any bytes as a book: records or an error, a book or its problems. What is a book comes out as
//! the same records, and plans.
#![no_main]

use bookwright::{Book, Policy, Records, Schema};
use bookwright_fuzz::options;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(records) = serde_json::from_slice::<Records>(bytes) else {
        return;
    };
    let inferred = Schema::infer(&records);
    for schema in [
        Schema::default(),
        inferred,
        records.schema.clone().unwrap_or_default(),
    ] {
        match Book::build(records.clone(), schema.clone()) {
            Err(errors) => assert!(!errors.to_string().is_empty() && !errors.problems().is_empty()),
            Ok(book) => {
                let again = Book::build(book.records(), schema);
                let again = again.expect("the records of a book make one");
                let json = serde_json::to_string(&book.records()).expect("records are JSON");
                assert_eq!(
                    json,
                    serde_json::to_string(&again.records()).expect("records are JSON")
                );
                let parsed: Records =
                    serde_json::from_str(&json).expect("the JSON of records is one");
                assert_eq!(
                    json,
                    serde_json::to_string(&parsed).expect("records are JSON")
                );
                let Ok(policy) = Policy::compile("", book.schema()) else {
                    continue;
                };
                let plan = policy.plan(&book, &options()).expect("nothing stops it");
                if let Err(wrong) = plan.verify(&book, &policy, &options()) {
                    panic!("{wrong}");
                }
            }
        }
    }
});
