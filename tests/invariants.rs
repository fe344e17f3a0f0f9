//! The strategies of the feature `proptest` and the search for books that break an invariant: what
//! is drawn makes a book, looks like a list, and shrinks; bundled policies hold what they should;
//! each planted mistake is found, and found small.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test like the tests do"
)]

use bookwright::testing::{
    Books, Broken, Case, Search, blind_to, books, capacity_respected, customers, everyone_decided,
    monotone_in, no_flapping, no_hook_fails, nobody_overbooked, order_independent, reps, roles,
};
use bookwright::{Attribute, Book, Customer, Field, Kind, Policy, Records, Role, Schema, Side};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// A schema with fields of every kind, presence and range.
fn rich() -> Schema {
    Schema::builder()
        .customer_field(
            Field::new("客户来源", Kind::Text)
                .one_of(["展会", "官网"])
                .required(),
        )
        .customer_field(Field::new("credit", Kind::Int).at_least(-5.0).at_most(5.0))
        .customer_field(
            Field::new("share", Kind::Float)
                .above(0.0)
                .at_most(1.0)
                .required(),
        )
        .customer_field(Field::new("margin", Kind::Float).at_most(-1.0))
        .customer_field(Field::new("seats", Kind::Int).above(0.0))
        .customer_field(Field::new("flag", Kind::Bool).default_value(false))
        .customer_field(Field::new("seen", Kind::Time))
        .customer_field(Field::new("likes", Kind::Tags).one_of(["a", "b"]))
        .rep_field(Field::new("quota", Kind::Float).at_least(10.0).required())
        .rep_field(Field::new("night", Kind::Bool).required())
        .role(Role::new("hunter"))
        .role(Role::new("auditor").without_customers())
        .table("zips", Kind::Text)
        .table("rates", Kind::Float)
        .tiers(["gold", "rest"])
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_drawn_makes_a_book(plain in books(&Books::of(&Schema::default())), rich_one in books(&Books::of(&rich()))) {
        for (records, schema) in [(plain, Schema::default()), (rich_one, rich())] {
            let book = Book::build(records.clone(), schema);
            prop_assert!(book.is_ok(), "{}", book.unwrap_err());
            let warnings = book.unwrap().warnings();
            prop_assert!(warnings.is_empty(), "{warnings:?}");
        }
    }

    #[test]
    fn single_records_make_a_book_too(customer in customers(&rich()), rep in reps(&rich()), role in roles()) {
        let records = Records {
            customers: vec![customer],
            reps: vec![rep],
            roles: vec![role],
            teams: vec![bookwright::Team::new("t1"), bookwright::Team::new("t2")],
            ..Records::default()
        };
        let book = Book::build(records, rich());
        prop_assert!(book.is_ok(), "{}", book.unwrap_err());
    }
}

fn drawn(count: usize, schema: &Schema) -> Vec<Customer> {
    let mut runner = TestRunner::deterministic();
    let strategy = customers(schema);
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

fn number(customer: &Customer, field: &str) -> Option<f64> {
    match customer.attributes.get(field)? {
        Attribute::Float(number) => Some(*number),
        Attribute::Int(number) => Some(*number as f64),
        _ => None,
    }
}

#[test]
fn what_is_drawn_looks_like_a_list() {
    let list = drawn(2000, &Schema::default());
    let share = |of: &dyn Fn(&Customer) -> bool| {
        list.iter().filter(|customer| of(customer)).count() as f64 / list.len() as f64
    };
    let absent = share(&|customer| number(customer, "annual_revenue").is_none());
    assert!((0.2..0.4).contains(&absent), "{absent}");
    let orders_without_revenue = share(&|customer| {
        number(customer, "annual_revenue") == Some(0.0)
            && customer.attributes.contains_key("last_order")
    });
    assert!(orders_without_revenue < 0.05, "{orders_without_revenue}");
    // The potential goes with the number of employees.
    let mut pairs: Vec<(f64, f64)> = list
        .iter()
        .filter_map(|customer| {
            Some((
                number(customer, "employees")?,
                number(customer, "potential")?,
            ))
        })
        .collect();
    pairs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mean =
        |half: &[(f64, f64)]| half.iter().map(|pair| pair.1).sum::<f64>() / half.len() as f64;
    let (small, large) = pairs.split_at(pairs.len() / 2);
    assert!(
        mean(large) > 5.0 * mean(small),
        "{} {}",
        mean(small),
        mean(large)
    );
    // Amounts over orders of magnitude, and some at the border.
    let potentials: Vec<f64> = list
        .iter()
        .filter_map(|it| number(it, "potential"))
        .collect();
    assert!(
        potentials.iter().any(|&it| it > 1e6) && potentials.iter().any(|&it| it > 0.0 && it < 1e4)
    );
    assert!(potentials.contains(&0.0));
}

#[test]
fn every_field_of_a_schema_is_drawn() {
    let schema = rich();
    let list = drawn(300, &schema);
    for field in schema.fields(Side::Customer) {
        let special = ["id", "name"].contains(&field.name.as_str());
        if field.is_recorded() && !special {
            let has = list
                .iter()
                .any(|customer| customer.attributes.contains_key(&field.name));
            assert!(has, "{}", field.name);
        }
    }
}

const BUNDLED: [&str; 2] = [
    include_str!("../examples/first.rhai"),
    include_str!("../examples/quickstart/policy.rhai"),
];

#[test]
fn bundled_policies_hold() {
    for text in BUNDLED {
        let policy = Policy::compile(text, &Schema::default()).unwrap();
        let search = Search::of(&policy).cases(32);
        for invariant in [
            no_hook_fails,
            everyone_decided,
            capacity_respected,
            order_independent,
            no_flapping,
        ] {
            search.holds(invariant).unwrap();
        }
        search.holds(monotone_in("annual_revenue")).unwrap();
        search.holds(blind_to("created")).unwrap();
    }
}

/// What a search for a mistake finds: the message and the book.
fn found(text: &str, invariant: impl Fn(&Case<'_>) -> Result<(), Broken>) -> (String, Records) {
    let policy = Policy::compile(text, &Schema::default()).unwrap();
    let found = Search::of(&policy).holds(invariant).unwrap_err();
    assert!(found.to_string().starts_with(&found.broken.to_string()));
    (found.broken.what, *found.records)
}

#[test]
fn a_failing_hook_is_found_with_one_customer() {
    let text = "fn priority(customer) { 1000 / (customer.employees ?? 1) }";
    let (what, records) = found(text, no_hook_fails);
    assert_eq!(
        what,
        "has no answer from `priority`: division by zero: 1000 / 0, line 1"
    );
    assert_eq!((records.customers.len(), records.reps.len()), (1, 0));
    let attributes = &records.customers[0].attributes;
    assert_eq!(attributes.get("employees"), Some(&Attribute::Int(0)));
}

#[test]
fn the_same_search_finds_the_same_and_another_seed_draws_others() {
    let policy = Policy::compile("", &Schema::default()).unwrap();
    let drawn = |seed| {
        let all = std::cell::RefCell::new(Vec::new());
        let search = Search::of(&policy).cases(8).seed(seed);
        search
            .holds(|case| {
                all.borrow_mut().push(case.records.clone());
                Ok(())
            })
            .unwrap();
        all.into_inner()
    };
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
}

#[test]
fn a_forgotten_stage_is_found_with_one_customer() {
    let text = r#"fn coverage(customer) {
        switch customer.stage { "lost" => [], _ => ["developer"] }
    }"#;
    let (what, records) = found(text, everyone_decided);
    assert_eq!(what, "needs nobody: `coverage` names no role for it");
    assert_eq!((records.customers.len(), records.reps.len()), (1, 0));
}

#[test]
fn tiers_the_wrong_way_round_are_found() {
    let text = r#"fn tier(customer) {
        let revenue = customer.annual_revenue ?? 0.0;
        if revenue > 500_000.0 { "B" } else if revenue > 100_000.0 { "A" } else { "C" }
    }"#;
    let (what, records) = found(text, monotone_in("annual_revenue"));
    assert!(
        what.starts_with("goes from tier A to tier B when `annual_revenue` goes from"),
        "{what}"
    );
    assert!(records.customers.len() <= 2);
    assert_eq!(records.reps.len(), 0);
}

#[test]
fn a_rule_that_answers_to_its_own_effect_is_found() {
    let (what, records) = found(
        "fn eligible(customer, rep) { rep.holding < 1 }",
        no_flapping,
    );
    assert!(
        what.ends_with("in the next plan, with nothing changed"),
        "{what}"
    );
    assert_eq!((records.customers.len(), records.reps.len()), (1, 1));
}

#[test]
fn work_outside_the_book_that_is_forgotten_is_found() {
    let (what, records) = found("fn capacity(rep) { rep.capacity }", nobody_overbooked);
    assert!(what.contains("of it outside this book"), "{what}");
    assert_eq!((records.customers.len(), records.reps.len()), (1, 1));
}

#[test]
fn a_field_that_must_not_count_is_found() {
    let text = r#"fn tier(customer) { if customer.region == "north" { "A" } else { "C" } }"#;
    let (what, records) = found(text, blind_to("region"));
    assert_eq!(
        what,
        "is in tier A, but in tier C where nobody has a `region`"
    );
    assert_eq!(records.customers.len(), 1);
}

#[test]
fn an_invariant_of_a_field_that_is_not_there_says_so() {
    let policy = Policy::compile("", &Schema::default()).unwrap();
    let search = Search::of(&policy).cases(1);
    let message = |found: Result<(), bookwright::testing::Counterexample>| {
        found.unwrap_err().broken.to_string()
    };
    assert_eq!(
        message(search.holds(monotone_in("turnover"))),
        "there is no customer field `turnover`"
    );
    assert_eq!(
        message(search.holds(monotone_in("region"))),
        "`region` is text, expected a number"
    );
    assert_eq!(
        message(search.holds(blind_to("turnover"))),
        "there is no customer field `turnover`"
    );
}
