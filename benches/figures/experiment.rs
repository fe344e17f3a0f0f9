//! What a comparison costs beside its two plans.

use std::hint::black_box;

use bookwright::{PlanOptions, Policy, Schema, compare};

use crate::{Figures, made_up, median, seconds};

const POLICY: &str = include_str!("../../examples/quickstart/policy.rhai");

pub(crate) fn figures(figures: &Figures) {
    let name = "compare.100k_100.vs_two_plans";
    if !figures.wants(name) {
        return;
    }
    let compile = |text: &str| Policy::compile(text, &Schema::default()).expect("a right policy");
    let baseline = compile(POLICY);
    // Tiers, eligibility and scores differ, so that very many demands change owner.
    let candidate = compile(
        &POLICY
            .replace("at_least: 80_000.0", "at_least: 60_000.0")
            .replace("senior_from: 3", "senior_from: 4")
            .replace("home_region: 30.0", "home_region: 15.0"),
    );
    let book = made_up::book(figures.size(100_000, 200), figures.size(100, 10));
    let options = PlanOptions::at("2026-03-02".parse().expect("a date"));
    let plan = |policy: &Policy| policy.plan(&book, &options).expect("a plan");
    let ratios = (0..figures.size(7, 1)).map(|_| {
        // Both sides free their plans within the time that is taken.
        let plans = seconds(|| drop(black_box((plan(&baseline), plan(&candidate)))));
        let compared = || compare(&baseline, &candidate, &book, &options);
        seconds(|| black_box(compared().expect("a comparison"))) / plans
    });
    figures.print(name, median(ratios.collect()), "");
}
