//! Kernel against interpreter: what the kernel answers is what the interpreter answers, to the bit.

#![cfg(test)]

mod cases;
mod harness;
mod programs;

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

/// Cases of the normal run; `KERNEL_CASES` asks for others, and for `KERNEL_FIRST` as the first.
fn cases() -> std::ops::Range<u64> {
    let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first = asked("KERNEL_FIRST").unwrap_or(0);
    first..first + asked("KERNEL_CASES").unwrap_or(2_000)
}

const WANTS: [Want; 5] = [Want::Bool, Want::Int, Want::Float, Want::Text, Want::Any];

#[test]
fn programs_at_random_are_exact_on_rows() {
    let book = harness::book_of(40, 0);
    let (mut answered, mut possible, mut refused) = (0, 0, 0);
    for seed in cases() {
        let want = WANTS[seed as usize % WANTS.len()];
        let text = Programs::new(seed, Scope::Customer).policy("f", want);
        let Some(check) = Check::try_new(&format!("// {seed}\n{text}"), &book) else {
            continue; // outside the language: refused by both engines alike
        };
        match check.try_customers() {
            Some((kernel, interpreter)) => {
                answered += kernel;
                possible += interpreter;
            }
            None => refused += 1,
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
    let book = harness::book_of(9, 11);
    let (mut answered, mut possible, mut refused) = (0, 0, 0);
    for seed in cases() {
        let mut programs = Programs::new(seed, Scope::Pair);
        let text = match seed % 3 {
            0 => programs.policy("eligible", Want::Bool),
            _ => programs.policy("score", Want::Float),
        };
        let Some(check) = Check::try_new(&format!("// {seed}\n{text}"), &book) else {
            continue;
        };
        match check.try_pairs(9) {
            Some((kernel, interpreter)) => {
                answered += kernel;
                possible += interpreter;
            }
            None => refused += 1,
        }
    }
    assert!(
        answered * 100 >= possible * 97,
        "{answered} of {possible}; {refused} refused"
    );
    println!("{answered} of {possible} pairs answered, {refused} programs refused");
}
