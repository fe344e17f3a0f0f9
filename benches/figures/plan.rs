//! Whole plans, by the policy of the quickstart.

use bookwright::{Book, PlanOptions, Policy, Schema};

use crate::{Figures, made_up, median, seconds};

const POLICY: &str = include_str!("../../examples/quickstart/policy.rhai");

pub(crate) fn figures(figures: &Figures) {
    let policy = Policy::compile(POLICY, &Schema::default()).expect("a right policy");
    let reps = figures.size(100, 10);
    let time = |book: &Book| {
        let now = "2026-03-02".parse().expect("a date");
        let options = PlanOptions::at(now);
        let times = (0..figures.size(5, 1))
            .map(|_| seconds(|| policy.plan(book, &options).expect("a plan")));
        median(times.collect())
    };
    if figures.wants("plan.10k_100.seconds") {
        let book = made_up::book(figures.size(10_000, 100), reps);
        figures.print("plan.10k_100.seconds", time(&book), "s");
    }
    if figures.wants("plan.scaling.exponent") {
        let small = time(&made_up::book(figures.size(10_000, 10), reps));
        let large = time(&made_up::book(figures.size(1_000_000, 1_000), reps));
        figures.print("plan.scaling.exponent", (large / small).log(100.0), "");
    }
}
