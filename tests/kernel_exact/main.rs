//! Kernel against interpreter: what the kernel answers is what the interpreter answers, to the bit.

#![cfg(test)]

mod cases;
mod harness;
mod programs;

use bookwright::Hook;
use harness::Check;
use programs::{Programs, Scope, Want};

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

/// The policies of the repository that are examples of good ones.
#[test]
fn bundled_policies_defer_nothing() {
    let book = harness::book();
    for path in ["examples/first.rhai", "examples/quickstart/policy.rhai"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = std::fs::read_to_string(&path).unwrap();
        let check = Check::new(&text, &book);
        for hook in Hook::ALL {
            check.defers_nothing(hook);
        }
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

/// Programs of the normal run, each on some books; `KERNEL_CASES` asks for others, and for `KERNEL_FIRST` as the first.
fn cases() -> std::ops::Range<u64> {
    let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first = asked("KERNEL_FIRST").unwrap_or(0);
    first..first + asked("KERNEL_CASES").unwrap_or(1_500)
}

/// Each program runs on as many books as these, of sixteen.
const BOOKS: [usize; 7] = [0, 1, 3, 6, 10, 13, 15];

const WANTS: [Want; 5] = [Want::Bool, Want::Int, Want::Float, Want::Text, Want::Any];

#[test]
fn programs_at_random_are_exact_on_rows() {
    let books: Vec<_> = (0..16).map(|seed| harness::book_from(seed, 4, 0)).collect();
    let (mut answered, mut possible, mut refused) = (0, 0, 0);
    for seed in cases() {
        let want = WANTS[seed as usize % WANTS.len()];
        let text = Programs::new(seed, Scope::Customer).policy("f", want);
        let Some(check) = Check::try_new(&format!("// {seed}\n{text}"), &books[seed as usize % 16])
        else {
            continue; // outside the language: refused by both engines alike
        };
        let checks = BOOKS.map(|other| check.on(&books[(seed as usize + other) % 16]));
        for check in checks {
            match check.try_customers() {
                Some((kernel, interpreter)) => {
                    answered += kernel;
                    possible += interpreter;
                }
                None => refused += 1,
            }
        }
    }
    // A kernel that answers little would be exact, too.
    assert!(
        answered * 100 >= possible * 97,
        "{answered} of {possible}; {refused} refused"
    );
    println!("{answered} of {possible} rows answered, {refused} programs refused");
}

#[test]
fn programs_at_random_are_exact_on_pairs() {
    let books: Vec<_> = (0..16).map(|seed| harness::book_from(seed, 2, 3)).collect();
    let (mut answered, mut possible, mut refused) = (0, 0, 0);
    for seed in cases() {
        let mut programs = Programs::new(seed, Scope::Pair);
        let text = match seed % 3 {
            0 => programs.policy("eligible", Want::Bool),
            _ => programs.policy("score", Want::Float),
        };
        let Some(check) = Check::try_new(&format!("// {seed}\n{text}"), &books[seed as usize % 16])
        else {
            continue;
        };
        let checks = BOOKS.map(|other| check.on(&books[(seed as usize + other) % 16]));
        for check in checks {
            match check.try_pairs(2) {
                Some((kernel, interpreter)) => {
                    answered += kernel;
                    possible += interpreter;
                }
                None => refused += 1,
            }
        }
    }
    assert!(
        answered * 100 >= possible * 97,
        "{answered} of {possible}; {refused} refused"
    );
    println!("{answered} of {possible} pairs answered, {refused} programs refused");
}
