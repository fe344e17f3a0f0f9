//! What one call of a hook costs in the interpreter: a plan with the hook less one without it.

use std::sync::Arc;

use bookwright::{
    Book, Call, CustomerHook, CustomerRef, Hook, HookError, PlanOptions, Policy, Schema, Value,
};

use crate::{Figures, made_up, median, seconds};

const TIER: &str = r#"
    const PARAMS = #{ large: 250_000.0, active_bonus: 1.5 };
    fn tier(customer) {
        let value = customer.annual_revenue ?? 0.0;
        if customer.stage == "active" { value *= params.active_bonus; }
        if has(customer.tags, "vip") || value >= params.large { "A" }
        else if value + (customer.potential ?? 0.0) * (customer.intent ?? 0.3) >= 80_000.0 { "B" }
        else { "C" }
    }
"#;

const SCORE: &str = r#"
    const PARAMS = #{ home_region: 30.0, same_industry: 20.0 };
    fn score(customer, rep) {
        let points = 0.0;
        if customer.region in rep.regions { points += params.home_region; }
        if customer.industry in rep.industries { points += params.same_industry; }
        if customer.tier == "A" { points += 5.0 * rep.level; }
        points - (customer.risk ?? 0.2) * 10.0 / rep.level
    }
"#;

/// Needs that role, or nobody at all.
struct Needs(Option<&'static str>);

impl CustomerHook for Needs {
    fn answer(&self, _: CustomerRef<'_>, _: &mut Call<'_>) -> Result<Value, HookError> {
        let roles: Vec<Value> = self.0.iter().map(|role| Value::from(*role)).collect();
        Ok(Value::Array(roles.into()))
    }
}

pub(crate) fn figures(figures: &Figures) {
    if figures.wants("interpreter.tier.ns") {
        let customers = figures.size(20_000, 20);
        let book = made_up::book(customers, 0);
        let with = policy(TIER, None);
        let without = policy("", None);
        let nanoseconds = difference(figures, &book, &with, &without) / customers as f64;
        figures.print("interpreter.tier.ns", nanoseconds, "ns");
    }
    if figures.wants("interpreter.score.ns") {
        let (customers, reps) = (figures.size(400, 4), figures.size(99, 9));
        let book = made_up::book(customers, reps);
        let pairs = customers * reps / 3; // one in three is a developer
        let with = policy(SCORE, Some("developer"));
        let without = policy("", Some("developer"));
        let nanoseconds = difference(figures, &book, &with, &without) / pairs as f64;
        figures.print("interpreter.score.ns", nanoseconds, "ns");
    }
}

fn policy(script: &str, needs: Option<&'static str>) -> Policy {
    Policy::builder(&Schema::default())
        .script(script)
        .customer_hook(Hook::Coverage, Arc::new(Needs(needs)))
        .build()
        .expect("a right policy")
}

/// The median difference in nanoseconds, the two sides taking turns.
fn difference(figures: &Figures, book: &Book, with: &Policy, without: &Policy) -> f64 {
    let now = "2026-03-02".parse().expect("a date");
    let options = PlanOptions::at(now).interpreter_only();
    let time = |policy: &Policy| seconds(|| policy.plan(book, &options).expect("a plan")) * 1e9;
    median(
        (0..figures.size(15, 1))
            .map(|_| time(with) - time(without))
            .collect(),
    )
}
