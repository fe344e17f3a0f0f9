//! What holds of every plan, whatever the book: generated books under a handful of policies.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::collections::{BTreeMap, BTreeSet};

use bookwright::{
    Assignment, Book, ByCustomer, Change, Customer, Exclusion, Ownership, Pin, Plan, PlanOptions,
    Policy, Reason, Records, Rep, Sample, Schema, Time,
};
use proptest::prelude::*;

/// Policies that read no id, no owner and no `holding`, so that plans may be compared.
const POLICIES: [&str; 7] = [
    "",
    r#"
        fn tier(customer) { if (customer.potential ?? 0.0) > 3.0 { "A" } else if customer.tags.has("vip") { "B" } else { "C" } }
        fn score(customer, rep) { (if customer.region in rep.regions { 10.0 } else { 0.0 }) + rep.level }
        fn workload(customer) { 1.0 + (customer.potential ?? 0.0) / 2.0 }
        fn priority(customer) { customer.intent ?? 0.5 }
    "#,
    r#"
        const TIERS = [#{ tier: "A", top: 0.2 }, #{ tier: "B", top: 0.5 }, #{ tier: "C" }];
        fn value(customer) { customer.potential ?? 0.0 }
        fn segment(customer) { customer.region ?? "nowhere" }
        fn coverage(customer) { if customer.tier == "C" { ["developer"] } else { ["manager", "developer"] } }
        fn capacity(rep, role) { if role == "developer" { #{ workload: 3.0, customers: 2 } } else { 2 } }
        fn eligible(customer, rep, role) {
            if customer.region == () || rep.regions.is_empty() { return true; }
            if customer.region in rep.regions { true } else { `not in ${customer.region}` }
        }
        fn score(customer, rep) { 10 / (rep.level - 2) }
    "#,
    r#"
        const ALLOCATION = #{ strategy: "round_robin" };
        fn coverage(customer) { if customer.stage == "active" { ["maintainer"] } else { ["developer", "maintainer"] } }
        fn eligible(customer, rep) { (customer.intent ?? 1.0) > 0.2 || rep.level > 1 }
    "#,
    r#"
        const ALLOCATION = #{ strategy: "least_loaded" };
        const TIERS = [#{ tier: "A", at_least: 4.0, keep_within: 0.5 }, #{ tier: "C" }];
        fn value(customer) { parse_float(`${customer.potential ?? "none"}`) }
        fn workload(customer, role) { if role == "developer" { customer.potential ?? 1.0 } else { 0.5 } }
        fn score(customer, rep) { rep.level * (customer.intent ?? 0.5) }
    "#,
    r#"
        const ALLOCATION = #{ developer: #{ strategy: "weighted_round_robin" }, maintainer: #{ strategy: "best_score" } };
        fn capacity(rep) { #{ customers: 3 } }
        fn score(customer, rep) { overlap(rep.regions, ["north", customer.region ?? "south"]) }
    "#,
    r#"
        const ALLOCATION = #{ strategy: "optimal", unassigned_price: 50.0 };
        fn tier(customer) { if customer.tags.has("vip") { "A" } else { "C" } }
        fn priority(customer) { customer.intent ?? 0.5 }
        fn capacity(rep) { #{ customers: 3 } }
        fn score(customer, rep) { if customer.region in rep.regions { 10.0 * (customer.potential ?? 1.0) } else { -20.0 * rep.level } }
    "#,
];

const REGIONS: [&str; 3] = ["north", "south", "east"];
const ROLES: [&str; 3] = ["developer", "maintainer", "manager"];

fn now() -> Time {
    "2026-01-31T00:00:00Z".parse().unwrap()
}

fn moment() -> impl Strategy<Value = Time> {
    (-20i64..20).prop_map(|days| Time::from_micros(now().micros() + days * 86_400_000_000).unwrap())
}

fn some_of(of: &[&str]) -> impl Strategy<Value = Vec<String>> + use<> {
    let of: Vec<String> = of.iter().map(|it| (*it).to_owned()).collect();
    let most = of.len();
    prop::sample::subsequence(of, 0..=most)
}

prop_compose! {
    fn customer()(
        region in prop::option::of(prop::sample::select(REGIONS.to_vec())),
        stage in prop::sample::select(vec!["lead", "active", "lost", "dormant"]),
        potential in prop::option::of(prop::sample::select(vec![0.0, 0.5, 1.0, 2.0, 4.0, 5.0])),
        intent in prop::option::of(prop::sample::select(vec![0.0, 0.1, 0.5, 1.0])),
        vip in any::<bool>(),
        tier in prop::option::of(prop::sample::select(vec!["A", "C"])),
        family in prop::option::weighted(0.4, 0..3u8),
        owners in prop::collection::btree_map(
            prop::sample::select(ROLES.to_vec()), (any::<prop::sample::Index>(), prop::option::of(moment())), 0..3),
    ) -> (Customer, BTreeMap<&'static str, (prop::sample::Index, Option<Time>)>) {
        let tags: Vec<String> = vip.then(|| "vip".to_owned()).into_iter().collect();
        let customer = Customer::new("")
            .set("region", region)
            .set("stage", stage)
            .set("potential", potential)
            .set("intent", intent)
            .set("tags", tags)
            .set("current_tier", tier)
            .set("family", family.map(|family| format!("f{family}")));
        (customer, owners)
    }
}

prop_compose! {
    fn rep()(
        roles in some_of(&ROLES),
        regions in some_of(&REGIONS),
        level in 1i64..4,
        capacity in prop::sample::select(vec![0.0, 1.0, 2.5, 4.0, 100.0]),
        weight in prop::sample::select(vec![0.5, 1.0, 3.0]),
        active in prop::bool::weighted(0.85),
        away in prop::option::weighted(0.15, moment()),
    ) -> Rep {
        Rep::new("")
            .roles(roles)
            .set("regions", regions)
            .set("level", level)
            .set("capacity", capacity)
            .set("weight", weight)
            .set("active", active)
            .set("away_until", away)
    }
}

prop_compose! {
    /// Owners have the role that they own in; pins and exclusions do not contradict each other.
    fn records()(
        customers in prop::collection::vec(customer(), 0..12),
        reps in prop::collection::vec(rep(), 0..6),
        pins in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3usize), 0..2),
        exclusions in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), prop::option::of(0..3usize)), 0..4),
    ) -> Records {
        let reps: Vec<Rep> = reps.into_iter().enumerate()
            .map(|(at, mut rep)| { rep.id = format!("r{at}"); rep })
            .collect();
        let in_role = |rep: &Rep, role: &str| {
            serde_json::to_value(rep).unwrap()["roles"].as_array()
                .is_some_and(|roles| roles.iter().any(|has| has == role))
        };
        let customers: Vec<Customer> = customers.into_iter().enumerate()
            .map(|(at, (mut customer, owners))| {
                customer.id = format!("c{at}");
                for (role, (rep, since)) in owners {
                    let able: Vec<&Rep> = reps.iter().filter(|rep| in_role(rep, role)).collect();
                    if able.is_empty() { continue; }
                    let mut owner = Ownership::new(rep.get(&able).id.clone());
                    if let Some(since) = since { owner = owner.since(since); }
                    customer = customer.owner(role, owner);
                }
                customer
            })
            .collect();
        let mut records = Records { customers, reps, ..Records::default() };
        if records.customers.is_empty() || records.reps.is_empty() { return records; }
        for (customer, rep, role) in pins {
            let (customer, rep) = (&customer.get(&records.customers).id, rep.get(&records.reps));
            let known = records.pins.iter().any(|pin| pin.customer == *customer && pin.role == ROLES[role]);
            if in_role(rep, ROLES[role]) && !known {
                records.pins.push(Pin::new(customer.clone(), ROLES[role], rep.id.clone()));
            }
        }
        for (customer, rep, role) in exclusions {
            let (customer, rep) = (&customer.get(&records.customers).id, &rep.get(&records.reps).id);
            if records.pins.iter().any(|pin| pin.customer == *customer && pin.rep == *rep) { continue; }
            let mut exclusion = Exclusion::new(customer.clone(), rep.clone());
            exclusion.role = role.map(|role| ROLES[role].to_owned());
            if !records.exclusions.contains(&exclusion) { records.exclusions.push(exclusion); }
        }
        records
    }
}

fn build(records: &Records) -> Book {
    Book::build(records.clone(), Schema::default()).unwrap()
}

fn policy(text: &str) -> Policy {
    Policy::compile(text, &Schema::default()).unwrap()
}

/// Every plan of these tests is checked once more, through the interpreter.
fn plan(text: &str, book: &Book) -> Plan {
    let (policy, options) = (policy(text), PlanOptions::at(now()));
    let plan = policy.plan(book, &options).unwrap();
    if let Err(wrong) = plan.verify(book, &policy, &options) {
        panic!("{wrong}\n{plan:#?}");
    }
    plan
}

/// Settings under which owners are moved, and demands left open by choice.
const OPEN: [&str; 4] = [
    r#"
        const ALLOCATION = #{ strategy: "best_score", keep_owners: false };
        fn score(customer, rep) { rep.level }
        fn capacity(rep) { #{ customers: 3, tiers: #{ C: 1 } } }
        fn tier(customer) { if (customer.potential ?? 0.0) > 1.0 { "B" } else { "C" } }
        fn priority(customer) { 10 / (customer.tags.len() - 1) }
    "#,
    r#"
        const ALLOCATION = #{ strategy: "optimal", keep_owners: false, move_price: 2.0 };
        fn score(customer, rep) { rep.level * 2 + (if customer.region in rep.regions { 3 } else { 0 }) }
        fn capacity(rep) { #{ customers: 2 } }
    "#,
    r#"
        const ALLOCATION = #{ strategy: "optimal", unassigned_price: 1.5 };
        fn score(customer, rep) { if customer.region in rep.regions { 3 } else { -3 } }
        fn workload(customer) { 1.0 + (customer.potential ?? 0.0) / 2.0 }
        fn eligible(customer, rep) { (customer.intent ?? 1.0) > 0.2 || rep.level > 1 }
    "#,
    r#"
        const ALLOCATION = #{ strategy: "optimal", balance: 0.5, max_moves: 1, keep_owners: false };
        fn coverage(customer) { ["developer", "maintainer"] }
        fn eligible(customer, rep) { if 6 / (rep.level - 1) > 3 { true } else { "too senior" } }
    "#,
];

fn any_policy() -> impl Strategy<Value = &'static str> {
    prop::sample::select(POLICIES.to_vec())
}

fn owners(plan: &Plan) -> BTreeMap<(&str, &str), (&str, u64)> {
    let key = |it: &Assignment| it.score.to_bits();
    plan.assignments
        .iter()
        .map(|it| ((&*it.customer, &*it.role), (&*it.rep, key(it))))
        .collect()
}

/// The rename keeps the order, for it is a common prefix.
fn renamed(text: &str) -> String {
    format!("新-{text}")
}

fn rename(records: &Records) -> Records {
    let mut records = records.clone();
    for customer in &mut records.customers {
        customer.id = renamed(&customer.id);
        for owner in customer.owners.values_mut() {
            owner.rep = renamed(&owner.rep);
        }
    }
    for rep in &mut records.reps {
        rep.id = renamed(&rep.id);
    }
    for pin in &mut records.pins {
        (pin.customer, pin.rep) = (renamed(&pin.customer), renamed(&pin.rep));
    }
    for exclusion in &mut records.exclusions {
        (exclusion.customer, exclusion.rep) =
            (renamed(&exclusion.customer), renamed(&exclusion.rep));
    }
    records
}

fn rename_reason(text: &str) -> String {
    let Some((before, rest)) = text.split_once("`r") else {
        return text.to_owned();
    };
    format!("{before}`{}{rest}", renamed("r"))
}

fn rename_plan(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    let keys = |map: &ByCustomer| -> ByCustomer {
        map.iter()
            .map(|(key, value)| (renamed(key), value.clone()))
            .collect()
    };
    (plan.tiers, plan.segments) = (keys(&plan.tiers), keys(&plan.segments));
    for it in &mut plan.assignments {
        (it.customer, it.rep) = (renamed(&it.customer), renamed(&it.rep));
    }
    for it in &mut plan.released {
        (it.customer, it.rep) = (renamed(&it.customer), renamed(&it.rep));
        it.reason = rename_reason(&it.reason);
    }
    for it in &mut plan.unassigned {
        it.customer = renamed(&it.customer);
        if let Reason::NoneEligible { reasons } = &mut it.reason {
            *reasons = reasons
                .iter()
                .map(|(why, count)| (rename_reason(why), *count))
                .collect();
        }
    }
    for it in &mut plan.problems {
        it.customer = it.customer.as_deref().map(renamed);
        it.rep = it.rep.as_deref().map(renamed);
    }
    for it in &mut plan.loads {
        it.rep = renamed(&it.rep);
    }
    for it in &mut plan.rotation {
        it.rep = renamed(&it.rep);
    }
    for slot in plan.certificates.iter_mut().flat_map(|it| &mut it.slots) {
        slot.rep = renamed(&slot.rep);
        if slot.of == "rep" {
            slot.name = renamed(&slot.name);
        }
    }
    for price in plan.certificates.iter_mut().flat_map(|it| &mut it.prices) {
        price.rep = renamed(&price.rep);
    }
    plan.fingerprint.clear();
    plan
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_input_changes_nothing(records in records(), text in any_policy(), seed in any::<u64>()) {
        let mut shuffled = records.clone();
        let mut state = seed;
        let mut below = |n: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % n
        };
        for at in (1..shuffled.customers.len()).rev() { shuffled.customers.swap(at, below(at + 1)); }
        for at in (1..shuffled.reps.len()).rev() { shuffled.reps.swap(at, below(at + 1)); }
        shuffled.pins.reverse();
        shuffled.exclusions.reverse();
        prop_assert_eq!(plan(text, &build(&records)), plan(text, &build(&shuffled)));
    }

    #[test]
    fn every_plan_stands_its_own_check(records in records(), text in prop::sample::select(OPEN.to_vec())) {
        let book = build(&records);
        let found = plan(text, &book);
        // As it was read from JSON, and customers by turns.
        let json = serde_json::to_string(&found).unwrap();
        let again: Plan = serde_json::from_str(&json).unwrap();
        for seed in 0..3 {
            let sample = Sample::every(3).seed(seed);
            let checked = again.verify_sample(&book, &policy(text), &PlanOptions::at(now()), sample);
            // What it was made from is gone, and with it what the proofs are of.
            prop_assert_eq!(checked.map(|it| it.certificates), Ok(0));
        }
    }

    #[test]
    fn the_interpreter_alone_plans_the_same(records in records(), text in any_policy()) {
        let book = build(&records);
        let alone = policy(text).plan(&book, &PlanOptions::at(now()).interpreter_only()).unwrap();
        prop_assert_eq!(plan(text, &book), alone);
    }

    #[test]
    fn a_plan_survives_json(records in records(), text in any_policy()) {
        let plan = plan(text, &build(&records));
        let json = serde_json::to_string(&plan).unwrap();
        let again: Plan = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&again, &plan);
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), json);
    }

    #[test]
    fn every_demand_is_assigned_or_explained(records in records(), text in any_policy()) {
        let book = build(&records);
        let plan = plan(text, &book);
        let assigned: BTreeSet<(&str, &str)> = plan.assignments.iter().map(|it| (&*it.customer, &*it.role)).collect();
        let open: BTreeSet<(&str, &str)> = plan.unassigned.iter().map(|it| (&*it.customer, &*it.role)).collect();
        prop_assert_eq!(assigned.len(), plan.assignments.len());
        prop_assert_eq!(open.len(), plan.unassigned.len());
        prop_assert!(assigned.is_disjoint(&open));
        let mut needed = BTreeSet::new();
        for customer in &records.customers {
            let json = serde_json::to_value(customer).unwrap();
            let (stage, tier) = (json["stage"].as_str().unwrap(), &*plan.tiers[&customer.id]);
            let roles: &[&str] = if text == POLICIES[2] {
                if tier == "C" { &["developer"] } else { &["manager", "developer"] }
            } else if text == POLICIES[3] {
                if stage == "active" { &["maintainer"] } else { &["developer", "maintainer"] }
            } else {
                match (matches!(stage, "lead" | "lost"), tier == "A") {
                    (true, true) => &["developer", "manager"],
                    (true, false) => &["developer"],
                    (false, true) => &["maintainer", "manager"],
                    (false, false) => &["maintainer"],
                }
            };
            needed.extend(roles.iter().map(|role| (customer.id.clone(), (*role).to_owned())));
        }
        let told: BTreeSet<(String, String)> = assigned.union(&open).map(|(c, r)| ((*c).to_owned(), (*r).to_owned())).collect();
        prop_assert_eq!(told, needed);
        prop_assert_eq!(plan.totals.demands as usize, assigned.len() + open.len());
    }

    #[test]
    fn only_kept_owners_exceed_a_capacity(records in records(), text in any_policy()) {
        let book = build(&records);
        let plan = plan(text, &book);
        for load in &plan.loads {
            let of = |it: &&Assignment| it.rep == load.rep && load.role.as_ref().is_none_or(|role| *role == it.role);
            let held: Vec<&Assignment> = plan.assignments.iter().filter(of).collect();
            prop_assert_eq!(load.customers as usize, held.len());
            let over = load.capacity.is_some_and(|most| load.workload > most)
                || load.capacity_customers.is_some_and(|most| load.customers > most);
            prop_assert_eq!(over, load.overfull);
            if over {
                prop_assert!(held.iter().all(|it| it.change == Change::Kept), "{:?}", load);
            }
        }
    }

    #[test]
    fn owners_are_able_and_not_excluded(records in records(), text in any_policy()) {
        let book = build(&records);
        let plan = plan(text, &book);
        for given in &plan.assignments {
            let rep = records.reps.iter().find(|rep| rep.id == given.rep).unwrap();
            let json = serde_json::to_value(rep).unwrap();
            let able = json["roles"].as_array().unwrap().iter().any(|role| *role == *given.role);
            let away = json["away_until"].as_str().is_some_and(|until| until > "2026-01-31T00:00:00Z");
            let barred = records.exclusions.iter().any(|it| {
                it.customer == given.customer && it.rep == given.rep && it.role.as_ref().is_none_or(|role| *role == given.role)
            });
            let elsewhere = records.pins.iter().any(|pin| {
                pin.customer == given.customer && pin.role == given.role && pin.rep != given.rep
            });
            let active = json["active"] != false;
            // A hook that failed froze the demand with the owner it had.
            let frozen = plan.problems.iter().any(|it| {
                it.customer.as_ref() == Some(&given.customer) && given.change == Change::Kept
            });
            prop_assert!(frozen || able && active && !away && !barred && !elsewhere, "{:?}", given);
        }
    }

    #[test]
    fn what_changes_is_told(records in records(), text in any_policy()) {
        let book = build(&records);
        let plan = plan(text, &book);
        let after = book.apply(&plan).unwrap();
        let mut ended = BTreeSet::new();
        for customer in &records.customers {
            for (role, owner) in &customer.owners {
                let row = after.customer_row(&customer.id).unwrap();
                let role_ix = after.schema().role(role).unwrap();
                let now = after.owner(row, role_ix).map(|owner| after.rep_id(owner.rep).to_owned());
                if now.as_ref() != Some(&owner.rep) { ended.insert((customer.id.clone(), role.clone(), owner.rep.clone())); }
                let change = plan.assignments.iter().find(|it| it.customer == customer.id && it.role == *role).map(|it| it.change);
                let expected = match &now {
                    Some(rep) if *rep == owner.rep => Some(Change::Kept),
                    Some(_) => Some(Change::Moved),
                    None => None,
                };
                prop_assert_eq!(change, expected);
            }
        }
        let told: BTreeSet<_> = plan.released.iter().map(|it| (it.customer.clone(), it.role.clone(), it.rep.clone())).collect();
        prop_assert_eq!(told, ended);
    }

    #[test]
    fn a_rep_that_won_nothing_can_leave(records in records(), text in prop::sample::select(vec![POLICIES[0], POLICIES[1], POLICIES[2]])) {
        let before = plan(text, &build(&records));
        for (at, rep) in records.reps.iter().enumerate() {
            let holds = before.assignments.iter().any(|it| it.rep == rep.id);
            if holds || records.pins.iter().any(|pin| pin.rep == rep.id) { continue; }
            let mut fewer = records.clone();
            fewer.reps.remove(at);
            fewer.exclusions.retain(|it| it.rep != rep.id);
            for customer in &mut fewer.customers {
                customer.owners.retain(|_, owner| owner.rep != rep.id);
            }
            let after = plan(text, &build(&fewer));
            prop_assert_eq!(owners(&before), owners(&after), "without {}", &rep.id);
        }
    }

    #[test]
    fn renaming_that_keeps_the_order_commutes(records in records(), text in any_policy()) {
        let mut after = plan(text, &build(&rename(&records)));
        after.fingerprint.clear();
        prop_assert_eq!(rename_plan(&plan(text, &build(&records))), after);
    }

    #[test]
    fn an_applied_plan_keeps_everybody(records in records(), text in any_policy()) {
        let book = build(&records);
        let first = plan(text, &book);
        let book = book.apply(&first).unwrap();
        let second = plan(text, &book);
        prop_assert_eq!(&first.tiers, &second.tiers);
        prop_assert_eq!(owners(&first), owners(&second));
        prop_assert!(second.assignments.iter().all(|it| it.change == Change::Kept));
        prop_assert_eq!(&second.released, &Vec::new());
        prop_assert_eq!(&first.unassigned, &second.unassigned);
    }

    #[test]
    fn the_fingerprint_tells_inputs_apart(records in records(), text in any_policy()) {
        let book = build(&records);
        let of = |options: PlanOptions| policy(text).plan(&book, &options).unwrap().fingerprint;
        let first = of(PlanOptions::at(now()));
        prop_assert_eq!(&first, &of(PlanOptions::at(now())));
        prop_assert_ne!(&first, &of(PlanOptions::at(now()).seed(1)));
        prop_assert_ne!(&first, &of(PlanOptions::at(Time::from_micros(0).unwrap())));
        prop_assert_ne!(&first, &of(PlanOptions::at(now()).utc_offset("+08:00".parse().unwrap())));
        let mut more = records.clone();
        more.customers.push(Customer::new("z"));
        prop_assert_ne!(&first, &policy(text).plan(&build(&more), &PlanOptions::at(now())).unwrap().fingerprint);
    }
}

/// Customers that arrive one a day, each plan applied before the next comes.
fn single_arrivals(strategy: &str, reps: &[Rep], count: usize) -> BTreeMap<String, usize> {
    let policy = policy("");
    let mut book = build(&Records {
        reps: reps.to_vec(),
        ..Records::default()
    });
    for day in 0..count {
        book.insert_customer(&Customer::new(format!("c{day:03}")))
            .unwrap();
        let now = Time::from_micros(now().micros() + day as i64 * 86_400_000_000).unwrap();
        let plan = policy
            .plan(&book, &PlanOptions::at(now).strategy(strategy))
            .unwrap();
        assert_eq!(
            (plan.totals.new, plan.totals.kept),
            (1, day as u64),
            "{strategy}"
        );
        book = book.apply(&plan).unwrap();
    }
    let mut counts = BTreeMap::new();
    for customer in book.records().customers {
        *counts
            .entry(customer.owners["developer"].rep.clone())
            .or_default() += 1;
    }
    counts
}

const TURNS: [&str; 4] = [
    "best_score",
    "round_robin",
    "weighted_round_robin",
    "least_loaded",
];

#[test]
fn thirty_single_arrivals_over_two_equal_reps_end_even() {
    let reps = ["r1", "r2"].map(|id| Rep::new(id).roles(["developer"]));
    for strategy in TURNS {
        let counts = single_arrivals(strategy, &reps, 30);
        assert_eq!((counts["r1"], counts["r2"]), (15, 15), "{strategy}");
    }
}

#[test]
fn thirty_single_arrivals_end_even_under_optimal() {
    let reps = ["r1", "r2"].map(|id| Rep::new(id).roles(["developer"]));
    let counts = single_arrivals("optimal", &reps, 30);
    assert_eq!((counts.get("r1"), counts.get("r2")), (Some(&15), Some(&15)));
}

#[test]
fn single_arrivals_keep_to_the_weights() {
    let reps = [("r1", 3.0), ("r2", 1.0), ("r3", 1.0)]
        .map(|(id, weight)| Rep::new(id).roles(["developer"]).set("weight", weight));
    let counts = single_arrivals("weighted_round_robin", &reps, 30);
    assert_eq!((counts["r1"], counts["r2"], counts["r3"]), (18, 6, 6));
}

/// The turns of one plan count as turns, in the order in which they were taken.
#[test]
fn round_robin_goes_on_where_the_plan_before_stopped() {
    let text = r#"
        const ALLOCATION = #{ strategy: "round_robin" };
        fn priority(customer) { customer.intent ?? 0.0 }
    "#;
    let reps = ["r1", "r2"]
        .map(|id| Rep::new(id).roles(["developer"]))
        .to_vec();
    // c2 has the first turn and goes to r1, c1 the second and goes to r2: r1 is next.
    let customers = vec![Customer::new("c1"), Customer::new("c2").set("intent", 1.0)];
    let mut book = build(&Records {
        reps,
        customers,
        ..Records::default()
    });
    let first = plan(text, &book);
    assert_eq!(owners(&first)[&("c2", "developer")].0, "r1");
    book = book.apply(&first).unwrap();
    book.insert_customer(&Customer::new("c3")).unwrap();
    let tomorrow = Time::from_micros(now().micros() + 86_400_000_000).unwrap();
    let second = policy(text)
        .plan(&book, &PlanOptions::at(tomorrow))
        .unwrap();
    assert_eq!(owners(&second)[&("c3", "developer")].0, "r1");
}

/// On one thread and on seven, with hooks that fail here and there and some that are native.
#[cfg(feature = "parallel")]
#[test]
fn the_number_of_threads_changes_nothing() {
    let customers = (0..300).map(|n| {
        Customer::new(format!("c{n:04}"))
            .set("region", REGIONS[n % 3])
            .set("potential", (n % 7) as f64)
            .set("intent", (n % 11) as f64 / 11.0)
            .set("family", (n % 20 == 0).then(|| format!("f{}", n % 80)))
    });
    let reps = (0..12).map(|n| {
        Rep::new(format!("r{n:02}"))
            .roles(ROLES)
            .set("regions", [REGIONS[n % 3]])
            .set("level", (n % 3 + 1) as i64)
            .set("capacity", 25.0 + n as f64)
    });
    let book = build(&Records {
        customers: customers.collect(),
        reps: reps.collect(),
        ..Records::default()
    });
    let native = Policy::builder(&Schema::default())
        .script(POLICIES[1])
        .score(
            |customer, rep| match (customer.float("potential"), rep.int("level")) {
                (Some(3.0), Some(2)) => Err(bookwright::HookError::new("odd")),
                (potential, level) => Ok(potential.unwrap_or(0.0) * level.unwrap_or(0) as f64),
            },
        )
        .build()
        .unwrap();
    let on = |threads: usize, policy: &Policy, options: &PlanOptions| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| policy.plan(&book, options).unwrap())
    };
    let policies = POLICIES
        .iter()
        .take(6)
        .map(|text| policy(text))
        .chain([native]);
    for policy in policies {
        let options = PlanOptions::at(now());
        let one = on(1, &policy, &options);
        assert_eq!(one, on(7, &policy, &options), "{}", policy.text());
        assert_eq!(
            one,
            on(2, &policy, &options.interpreter_only()),
            "{}",
            policy.text()
        );
    }
}
