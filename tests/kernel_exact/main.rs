//! Kernel against interpreter: what the kernel answers is what the interpreter answers, to the bit.

#![cfg(test)]

mod cases;
mod harness;

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
