//! Kernel against interpreter: what the kernel answers is what the interpreter answers, to the bit.
//!
//! `cases` holds programs that the kernel must take, on one book of awkward values. `random` draws
//! schemas, books and programs: 21,000 programs times books in a normal run, and whole plans, with
//! their problems and the lines of these. The long mode compares a given number of rows and as many
//! pairs, with other seeds where asked:
//!
//! ```text
//! KERNEL_ROWS=10000000 KERNEL_FIRST=1000000 cargo test --release --test kernel_exact random
//! ```
//!
//! A case that fails names its seed. What is found becomes a case of `tests/corpus`.

#![cfg(test)]

mod cases;
mod harness;
mod lowers;
mod programs;
mod random;
mod worlds;

use bookwright::Hook;
use bookwright::probe::Probe;
use harness::Check;

#[test]
fn hooks_of_customers_are_exact_and_only_failures_defer() {
    let book = harness::book();
    for (name, text) in cases::TIERS {
        let (kernel, interpreter) = Check::new(text, &book).customers();
        assert_eq!(kernel, interpreter, "{name}");
    }
}

#[test]
fn hooks_of_pairs_are_exact_and_only_failures_defer() {
    let book = harness::book();
    for (name, text) in cases::PAIRS {
        let (kernel, interpreter) = Check::new(text, &book).pairs(150);
        assert_eq!(kernel, interpreter, "{name}");
    }
}

/// The policies of the repository that are examples of good ones: on the awkward book, and that of
/// the funnel on records made up for its schema.
#[test]
fn bundled_policies_defer_nothing() {
    let readme = include_str!("../../README.md");
    let shown = readme.split("```rhai\n").skip(1);
    let shown = shown.filter_map(|rest| rest.split("```").next());
    // One of them shows what is wrong with a policy, one has tests and no hooks.
    let shown = shown.filter(|text| !text.contains("fn test_"));
    let shown: Vec<&str> = shown.filter(|text| Probe::new(text).is_ok()).collect();
    assert_eq!(shown.len(), 2, "policies of the README");
    let book = harness::book();
    let examples = [
        include_str!("../../examples/first.rhai"),
        include_str!("../../examples/quickstart/policy.rhai"),
    ];
    for text in examples.into_iter().chain(shown) {
        let check = Check::new(text, &book);
        assert!(
            Hook::ALL
                .map(|hook| check.defers_nothing(hook))
                .contains(&true)
        );
    }
    let funnel = include_str!("../../examples/olist/policy.rhai");
    let check = Check::new(funnel, &harness::funnel());
    for hook in Hook::ALL {
        check.defers_nothing(hook);
    }
}

#[test]
fn the_listing_shows_the_source() {
    let book = harness::book_of(1, 1);
    let text = "fn f(customer) {\n    (customer.risk ?? 0.5) > 0.7\n}";
    let check = Check::new(text, &book);
    let listing = check.lower("f", Hook::Tier).unwrap().listing(text);
    for (line, source) in [
        ("float customer.risk", "; 2: customer.risk"),
        ("bool  has customer.risk", "; 2: customer.risk"),
        ("float select %3 %2 %4", "; 2: 0.5"),
        (
            "bool  float Greater %5 %6",
            "; 2: (customer.risk ?? 0.5) > 0.7",
        ),
    ] {
        let found = listing
            .lines()
            .any(|own| own.contains(line) && own.ends_with(source));
        assert!(found, "{line} {source} in\n{listing}");
    }
}
