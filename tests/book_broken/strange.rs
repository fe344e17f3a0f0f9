//! Books that are sound by the letter and strange all the same: planned to the end, and verified.

use std::ops::ControlFlow;

use bookwright::{
    Book, Customer, Exclusion, Pin, Plan, PlanOptions, Policy, Reason, Records, Rep, STRATEGIES,
    Schema, Team,
};

fn options() -> PlanOptions {
    PlanOptions::at("2026-01-31T00:00:00Z".parse().unwrap())
}

/// Plans by every strategy; each plan stands being checked, written, read, applied and explained.
fn planned(records: &Records, text: &str, each: impl Fn(&Plan)) {
    let book = Book::build(records.clone(), Schema::default()).unwrap();
    let policy = Policy::compile(text, book.schema()).unwrap();
    for strategy in STRATEGIES {
        let options = options().strategy(*strategy);
        let plan = policy.plan(&book, &options).unwrap();
        let verified = plan.verify(&book, &policy, &options);
        verified.unwrap_or_else(|wrong| panic!("{strategy}: {wrong}"));
        each(&plan);
        let json = serde_json::to_string(&plan).unwrap();
        let read: Plan = serde_json::from_str(&json).unwrap();
        let again = serde_json::to_string(&read).unwrap();
        let apart = json.bytes().zip(again.bytes()).position(|(a, b)| a != b);
        let around = |text: &str, at: usize| {
            text[at.saturating_sub(80)..]
                .chars()
                .take(120)
                .collect::<String>()
        };
        if let Some(at) = apart {
            panic!("{strategy}: {} {}", around(&json, at), around(&again, at));
        }
        book.apply(&plan).unwrap();
        for customer in records.customers.iter().take(5) {
            let told = plan.explain(&book, &customer.id).unwrap().to_string();
            assert!(
                !told.replace('\n', "").chars().any(crate::told::is_harmful),
                "{told:?}"
            );
        }
    }
}

fn crowd(customers: usize, reps: usize) -> Records {
    Records {
        customers: (0..customers)
            .map(|n| Customer::new(format!("c{n}")))
            .collect(),
        reps: (0..reps)
            .map(|n| Rep::new(format!("r{n}")).roles(["developer"]))
            .collect(),
        ..Records::default()
    }
}

#[test]
fn nobody_is_eligible() {
    for text in [
        "fn eligible(customer, rep) { false }",
        "fn eligible(customer, rep) { `not ${rep.id} for \\u202e${customer.id}` }",
        "fn eligible(customer, rep) { 1 / 0 == 1 }",
        "fn eligible(customer, rep) { customer.id.len() / (rep.id.len() - rep.id.len()) == rep.id.len() }",
        "fn score(customer, rep) { rep.id.len() / (rep.level - 1) }",
        "fn score(customer, rep) { customer.id.len() / 0 }",
    ] {
        planned(&crowd(40, 12), text, |plan| {
            assert_eq!((plan.assignments.len(), plan.unassigned.len()), (0, 40));
        });
    }
}

/// Each pair with a reason of its own: what a plan keeps of them does not grow with the reps.
#[test]
fn reasons_are_bounded_per_demand() {
    let text = "fn eligible(customer, rep) { `${rep.id} and ${customer.id}` }";
    planned(&crowd(3, 500), text, |plan| {
        for open in &plan.unassigned {
            let Reason::NoneEligible { reasons } = &open.reason else {
                panic!("{open:?}");
            };
            assert_eq!(reasons.values().sum::<u64>(), 500);
            assert!(reasons.len() <= 33, "{}", reasons.len());
        }
    });
}

#[test]
fn everybody_is_excluded_pinned_away_or_full() {
    let mut records = crowd(20, 4);
    let pairs = || (0..20).flat_map(|c| (0..4).map(move |r| (format!("c{c}"), format!("r{r}"))));
    records.exclusions = pairs().map(|(c, r)| Exclusion::new(c, r)).collect();
    planned(&records, "", |plan| {
        assert!(
            plan.unassigned
                .iter()
                .all(|it| matches!(it.reason, Reason::Excluded { reps: 4 }))
        );
    });
    let mut records = crowd(20, 4);
    for rep in &mut records.reps {
        *rep = std::mem::take(rep).set("capacity", 0);
    }
    records.pins = (0..20)
        .map(|c| Pin::new(format!("c{c}"), "developer", "r0"))
        .collect();
    planned(&records, "", |plan| assert_eq!(plan.unassigned.len(), 20));
}

/// Ids that look alike, run from right to left or cannot be seen are ids like all others.
#[test]
fn ids_in_any_script() {
    let ids = [
        "a",
        "a\u{200b}",
        "\u{200b}",
        "\u{202e}a",
        "a\u{0301}",
        "á",
        "א",
        "ש\u{200f}",
        "\u{feff}",
        "\0",
        "\u{1b}[31m",
        "\n",
        "'\"`${x}",
        "恒",
        "🏴\u{e0067}\u{e0062}",
        "__proto__",
        " ",
        "-0",
        "null",
    ];
    let records = Records {
        customers: ids
            .iter()
            .map(|id| {
                Customer::new(*id)
                    .name(*id)
                    .set("region", *id)
                    .set("family", ids[0])
                    .owner("developer", *id)
            })
            .collect(),
        reps: ids
            .iter()
            .map(|id| {
                Rep::new(*id)
                    .name(*id)
                    .roles(["developer"])
                    .set("regions", [*id])
                    .set("team", *id)
            })
            .collect(),
        teams: ids.iter().map(|id| Team::new(*id)).collect(),
        ..Records::default()
    };
    let text = r#"
        fn segment(customer) { customer.region ?? "" }
        fn eligible(customer, rep) { if customer.region in rep.regions { true } else { rep.name } }
        fn score(customer, rep) { rep.id.len() + (customer.family ?? "").len() }
    "#;
    planned(&records, text, |plan| {
        assert_eq!(plan.tiers.len(), ids.len())
    });
    let book = Book::build(records, Schema::default()).unwrap();
    // What is said of a plan that is wrong is as harmless.
    let policy = Policy::compile(text, book.schema()).unwrap();
    let mut wrong = policy.plan(&book, &options()).unwrap();
    wrong.tiers.insert("\u{1b}[2J", "\u{202e}".to_owned());
    wrong.segments.insert("\0", "\u{202e}".to_owned());
    for given in &mut wrong.assignments {
        given.rep = "\u{202e}\u{7}".to_owned();
    }
    for open in &mut wrong.unassigned {
        open.reason = Reason::NoRepInRole;
    }
    wrong.released.clear();
    let told = wrong
        .verify(&book, &policy, &options())
        .unwrap_err()
        .to_string();
    assert!(told.lines().count() > 20, "{told}");
    assert!(
        !told.replace('\n', "").chars().any(crate::told::is_harmful),
        "{told:?}"
    );

    assert!(book.warnings().len() >= 8 * 3);
    assert!(
        !book
            .warnings()
            .iter()
            .any(|it| it.to_string().chars().any(crate::told::is_harmful))
    );
}

/// The edges of what numbers may be, in the book and in what hooks answer.
#[test]
fn numbers_at_their_edges() {
    let mut records = crowd(12, 3);
    let capacities = [0.0, 1e-9, 8.9e12];
    for (rep, capacity) in records.reps.iter_mut().zip(capacities) {
        *rep = std::mem::take(rep)
            .set("capacity", capacity)
            .set("weight", f64::MIN_POSITIVE);
    }
    let potentials = [
        0.0,
        5e-324,
        1e-6,
        0.5,
        1.0,
        1e12,
        1e15,
        f64::MAX,
        9e18,
        1e300,
        1e-300,
        2e12,
    ];
    for (customer, potential) in records.customers.iter_mut().zip(potentials) {
        *customer = std::mem::take(customer)
            .set("potential", potential)
            .set("employees", i64::MAX);
    }
    for text in [
        "fn score(customer, rep) { customer.potential ?? 0.0 }",
        "fn score(customer, rep) { -(customer.potential ?? 0.0) }",
        "fn workload(customer) { customer.potential ?? 0.0 }",
        "fn priority(customer) { (customer.potential ?? 0.0) * (customer.potential ?? 0.0) }",
        "fn priority(customer) { customer.employees ?? 0 }",
        "fn score(customer, rep) { (customer.employees ?? 0) + rep.level }",
        "const TIERS = [#{ tier: \"A\", top: 0.1 }, #{ tier: \"B\" }]; fn value(customer) { (customer.potential ?? 0.0) * 2.0 }",
        "fn capacity(rep) { rep.capacity * 1e300 }",
        "fn capacity(rep) { #{ workload: -0.0, customers: 9223372036854775807 } }",
        "const ALLOCATION = #{ unassigned_price: 1e12, move_price: 1e12, keep_owners: false }; fn score(customer, rep) { (customer.potential ?? 0.0) ** 0.5 }",
    ] {
        planned(&records, text, |plan| assert_eq!(plan.tiers.len(), 12));
    }
}

/// A hundred thousand teams under each other, as rep's team and in a plan.
#[test]
fn a_chain_of_teams_is_planned() {
    let count = 100_000;
    let records = Records {
        teams: (0..count)
            .map(|at| match at {
                0 => Team::new("t0"),
                _ => Team::new(format!("t{at}")).parent(format!("t{}", at - 1)),
            })
            .collect(),
        reps: vec![
            Rep::new("r1")
                .roles(["developer"])
                .set("team", format!("t{}", count - 1)),
        ],
        customers: vec![Customer::new("c1")],
        ..Records::default()
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let run = move || {
        planned(
            &records,
            "fn score(customer, rep) { (rep.team ?? \"\").len() }",
            |_| {},
        )
    };
    thread.spawn(run).unwrap().join().unwrap();
}

/// Nothing at all, or all of one side only.
#[test]
fn empty_sides() {
    for (customers, reps) in [(0, 0), (0, 5), (5, 0)] {
        planned(&crowd(customers, reps), "", |plan| {
            assert_eq!(plan.unassigned.len(), customers);
        });
        let book = Book::build(crowd(customers, reps), Schema::default()).unwrap();
        let policy = Policy::compile("", book.schema()).unwrap();
        let mut calls = 0;
        let mut count = |_| {
            calls += 1;
            ControlFlow::Continue(())
        };
        policy.plan_observed(&book, &options(), &mut count).unwrap();
        assert!(calls > 0);
    }
}

/// Texts and tags as long as a book takes them: both engines answer alike, which verifying shows.
#[test]
fn values_at_their_limits() {
    let tags: Vec<String> = (0..256).map(|n| format!("{n:032}")).collect();
    let text = "n".repeat(1024);
    let mut records = crowd(3, 3);
    for customer in &mut records.customers {
        *customer = std::mem::take(customer)
            .set("tags", tags.clone())
            .set("region", text.as_str());
    }
    for rep in &mut records.reps {
        *rep = std::mem::take(rep)
            .set("regions", vec![text.clone(); 7])
            .set("skills", tags.clone());
    }
    let policy = r#"
        fn segment(customer) { if customer.tags.has("x") || customer.tags == [] { "a" } else { customer.region ?? "" } }
        fn workload(customer) { let n = 1; for tag in customer.tags { n += tag.len(); } n }
        fn eligible(customer, rep) { if customer.region in rep.regions { true } else { customer.region ?? "" } }
        fn score(customer, rep) { overlap(customer.tags, rep.skills) + count_in(rep.skills, customer.tags) }
    "#;
    planned(&records, policy, |plan| {
        assert!(plan.problems.is_empty(), "{:?}", plan.problems)
    });
}
