//! `optimal` is never worse than another strategy on the same book: in demands served, those that are
//! pinned first, then all, then by priority and tier, and then in score.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

mod allocation_oracle;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use allocation_oracle::Rng;
use bookwright::{Book, Plan, PlanOptions, Policy, Records};
use serde_json::{Value as Json, json};

const ROLES: [&str; 2] = ["developer", "maintainer"];
const STRATEGIES: [&str; 4] = [
    "best_score",
    "round_robin",
    "weighted_round_robin",
    "least_loaded",
];

/// What is unlike between demands, limits and rules.
const POLICIES: [(&str, &str); 5] = [
    ("", "fn capacity(rep) { #{ customers: rep.level } }"),
    ("", "fn capacity(rep, role) { #{ customers: rep.level, tiers: #{ A: 1 } } }"),
    (
        "",
        "fn capacity(rep) { rep.level * 2 } fn workload(customer) { customer.employees ?? 1 }",
    ),
    (
        ", keep_owners: false",
        "fn capacity(rep) { #{ workload: rep.level * 2.0, customers: rep.level } }
         fn workload(customer, role) { if role == \"developer\" { customer.employees ?? 1 } else { 2 } }",
    ),
    (
        ", different_rep: [\"developer\", \"maintainer\"]",
        "fn capacity(rep) { #{ customers: rep.level } }",
    ),
];

fn book(rng: &mut Rng) -> Book {
    let (customers, reps) = (3 + rng.below(10), 2 + rng.below(3));
    let mut scores = serde_json::Map::new();
    let mut pins = Vec::new();
    let holes = [0, 30][rng.below(2) as usize];
    for customer in 0..customers {
        for rep in 0..reps {
            for role in ROLES {
                if !rng.chance(holes) {
                    let key = format!("c{customer} r{rep} {role}");
                    scores.insert(key, json!(rng.below(20) as i64 - 3));
                }
            }
        }
        if rng.chance(8) {
            let rep = format!("r{}", rng.below(reps));
            pins.push(json!({"customer": format!("c{customer}"), "role": "developer", "rep": rep}));
        }
    }
    let customers: Vec<Json> = (0..customers)
        .map(|at| {
            let tier = ["A", "B", "C"][rng.below(3) as usize];
            let mut one = json!({
                "id": format!("c{at}"), "employees": 1 + rng.below(4), "intent": rng.below(3) as f64 / 2.0,
                "current_tier": tier,
                "tags": if rng.chance(60) { json!(["both"]) } else { json!([]) },
            });
            if rng.chance(20) {
                one["family"] = json!(format!("f{}", rng.below(2)));
            }
            if rng.chance(20) {
                one["owners"] = json!({"developer": format!("r{}", rng.below(reps))});
            }
            one
        })
        .collect();
    let reps: Vec<Json> = (0..reps)
        .map(|at| {
            let roles = if rng.chance(70) { 2 } else { 1 };
            json!({"id": format!("r{at}"), "level": 1 + rng.below(4), "roles": ROLES[..roles]})
        })
        .collect();
    let records =
        json!({"customers": customers, "reps": reps, "pins": pins, "tables": {"scores": scores}});
    let records: Records = serde_json::from_value(records).unwrap();
    let schema = records.schema_or_inferred();
    Book::build(records, schema).unwrap()
}

fn policy(settings: &str, more: &str, book: &Book) -> Policy {
    let text = format!(
        r#"
        const ALLOCATION = #{{ strategy: "optimal"{settings} }};
        fn tier(customer) {{ customer.current_tier ?? "C" }}
        fn coverage(customer) {{
            if customer.tags.has("both") {{ ["developer", "maintainer"] }} else {{ ["developer"] }}
        }}
        fn priority(customer) {{ customer.intent ?? 0.0 }}
        fn eligible(customer, rep, role) {{
            lookup("scores", `${{customer.id}} ${{rep.id}} ${{role}}`) != ()
        }}
        fn score(customer, rep, role) {{
            lookup("scores", `${{customer.id}} ${{rep.id}} ${{role}}`) ?? 0
        }}
        {more}"#
    );
    Policy::compile(&text, book.schema()).unwrap_or_else(|e| panic!("{e}"))
}

/// A demand: the customer, or the family's first; the role.
type At<'a> = (String, &'a str);

/// What is to be compared, part by part.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Worth {
    pinned: usize,
    served: usize,
    by_rank: Vec<usize>,
    score: i64,
}

/// What a plan is worth. Owners who stay are the same under every strategy.
fn worth(plan: &Plan, records: &Records) -> Worth {
    let records = serde_json::to_value(records).unwrap();
    let customers = records["customers"].as_array().unwrap();
    let kin = |customer: &str| -> String {
        let one = customers.iter().find(|one| one["id"] == customer).unwrap();
        one["family"].as_str().unwrap_or(customer).to_owned()
    };
    let pins = records["pins"].as_array().cloned().unwrap_or_default();
    let pinned: BTreeSet<At<'_>> = (pins.iter())
        .map(|pin| (kin(pin["customer"].as_str().unwrap()), "developer"))
        .collect();
    // Rank: priority, then tier; of a family the highest.
    let mut ranks: BTreeMap<At<'_>, (Reverse<u64>, &str)> = BTreeMap::new();
    let decided = (plan.assignments.iter()).map(|it| (&*it.customer, &*it.role));
    let open = (plan.unassigned.iter()).map(|it| (&*it.customer, &*it.role));
    for (customer, role) in decided.chain(open) {
        let one = customers.iter().find(|one| one["id"] == customer).unwrap();
        let priority = Reverse((one["intent"].as_f64().unwrap() * 2.0) as u64);
        let tier = &*plan.tiers[customer];
        let rank = ranks
            .entry((kin(customer), role))
            .or_insert((priority, tier));
        *rank = (rank.0.min(priority), rank.1.min(tier));
    }
    let all: BTreeSet<_> = ranks.values().copied().collect();
    let open: BTreeSet<At<'_>> = (plan.unassigned.iter())
        .map(|it| (kin(&it.customer), &*it.role))
        .collect();
    let served: BTreeSet<&At<'_>> = ranks.keys().filter(|at| !open.contains(*at)).collect();
    let count = |rank| served.iter().filter(|at| ranks[**at] == rank).count();
    Worth {
        pinned: served.iter().filter(|at| pinned.contains(**at)).count(),
        served: served.len(),
        by_rank: all.into_iter().map(count).collect(),
        score: (plan.totals.score * 1e6).round() as i64,
    }
}

#[test]
fn no_strategy_beats_optimal() {
    let (mut better, mut same) = (0, 0);
    for seed in 0..200 {
        let (settings, more) = POLICIES[seed as usize % POLICIES.len()];
        let book = book(&mut Rng(seed));
        let records = book.records();
        let policy = policy(settings, more, &book);
        let options = PlanOptions::at("2026-01-31".parse().unwrap());
        let best = policy.plan(&book, &options).unwrap();
        let own = worth(&best, &records);
        for strategy in STRATEGIES {
            let other = options.clone().strategy(strategy);
            let other = policy.plan(&book, &other).unwrap();
            let theirs = worth(&other, &records);
            assert!(
                own >= theirs,
                "seed {seed} {strategy} {settings} {more}: {own:#?} {theirs:#?}"
            );
            better += u32::from(own > theirs);
            same += u32::from(own == theirs);
        }
    }
    assert!(better > 200 && same > 20, "{better} {same}");
}
