//! Reps, pins, exclusions, owners and turns as a book changes.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test like the tests do"
)]

use bookwright::{
    Book, Customer, Exclusion, Kind, Owner, Ownership, Pin, PlanOptions, Policy, Records, Rep,
    Role, RoleIx, Schema, Side, Time,
};

fn book() -> Book {
    let roles = ["developer", "manager"];
    let records = Records {
        customers: vec![
            Customer::new("c1").owner("developer", "r1"),
            Customer::new("c2").owner("developer", Ownership::new("r3").since("2026-01-02")),
        ],
        reps: ["r1", "r2", "r3"]
            .map(|id| Rep::new(id).roles(roles))
            .to_vec(),
        ..Records::default()
    };
    Book::build(records, Schema::default()).unwrap()
}

#[test]
fn owners_are_found_after_reps_have_moved() {
    let mut book = book();
    book.remove_rep("r2").unwrap(); // the last one takes its row
    let developer = book.schema().role("developer").unwrap();
    let owner = |id: &str| {
        let owner = book
            .owner(book.customer_row(id).unwrap(), developer)
            .unwrap();
        book.rep_id(owner.rep).to_owned()
    };
    assert_eq!(
        (owner("c1"), owner("c2")),
        ("r1".to_owned(), "r3".to_owned())
    );
    let third = book.rep_row("r3").unwrap();
    assert_eq!(book.holding(third), 1);
    let day = "2026-01-02".parse::<Time>().unwrap();
    assert_eq!(book.last_assigned(third, developer), Some((day, 0)));
    assert_eq!(book.rep_row("r2"), None);
}

#[test]
fn a_clone_is_not_touched_by_changes() {
    let mut changed = book();
    let kept = changed.clone();
    changed.remove_customer("c1").unwrap();
    changed.insert_rep(&Rep::new("r9")).unwrap();
    assert_eq!((kept.customer_count(), kept.rep_count()), (2, 3));
    assert_eq!((changed.customer_count(), changed.rep_count()), (1, 4));
    assert_eq!(kept.records(), book().records());
}

#[test]
fn turns_of_one_moment_follow_each_other_and_outlive_ownership() {
    let mut book = book();
    let developer = book.schema().role("developer").unwrap();
    let since = "2026-02-01".parse::<Time>().ok();
    let (first, third) = (book.rep_row("r1").unwrap(), book.rep_row("r3").unwrap());
    for (customer, rep) in [(0, third), (1, first)] {
        book.set_owner(customer, developer, Some(Owner { rep, since }), None)
            .unwrap();
    }
    assert_eq!(
        book.last_assigned(third, developer),
        since.map(|at| (at, 0))
    );
    assert_eq!(
        book.last_assigned(first, developer),
        since.map(|at| (at, 1))
    );
    book.set_owner(0, developer, None, None).unwrap();
    let again = Book::from_records(book.records()).unwrap();
    let third = again.rep_row("r3").unwrap();
    assert_eq!(
        again.last_assigned(third, developer),
        since.map(|at| (at, 0))
    );
    assert_eq!(again.holding(third), 0);
}

#[test]
fn pins_and_exclusions_come_and_go() {
    let mut book = book();
    let developer = book.schema().role("developer").unwrap();
    book.insert_pin(&Pin::new("c1", "developer", "r2")).unwrap();
    assert_eq!(book.pin(0, developer), book.rep_row("r2"));
    let all = Exclusion::new("c1", "r2");
    assert_eq!(
        book.insert_exclusion(&all).unwrap_err().to_string(),
        "customer `c1` is pinned in role `developer` to `r2`, whom an exclusion keeps away"
    );
    assert_eq!(
        book.remove_rep("r2").unwrap_err().to_string(),
        "rep `r2` is still named by 1 pin or exclusion"
    );
    book.remove_pin("c1", "developer");
    book.insert_exclusion(&all).unwrap();
    assert_eq!(
        book.insert_pin(&Pin::new("c1", "developer", "r2"))
            .unwrap_err()
            .to_string(),
        "customer `c1` is pinned in role `developer` to `r2`, whom an exclusion keeps away"
    );
    let second = book.rep_row("r2").unwrap();
    assert!(book.is_excluded(0, second, developer));
    assert_eq!(book.exclusions(0).collect::<Vec<_>>(), [(second, None)]);
    book.insert_exclusion(&Exclusion::new("c2", "r2").in_role("manager"))
        .unwrap();
    assert!(!book.is_excluded(1, second, developer));
    book.remove_customer("c1").unwrap();
    book.remove_exclusion(&Exclusion::new("c2", "r2").in_role("manager"));
    book.remove_rep("r2").unwrap();
    assert!(book.records().pins.is_empty() && book.records().exclusions.is_empty());
}

#[test]
fn owners_are_set_only_where_rows_and_roles_are() {
    let mut book = book();
    let list = book.schema().role("list_manager").unwrap();
    let developer = book.schema().role("developer").unwrap();
    let owner = |rep| Some(Owner { rep, since: None });
    let text = |result: Result<(), bookwright::BookError>| result.unwrap_err().to_string();
    assert_eq!(
        text(book.set_owner(0, list, owner(0), None)),
        "customer `c1`: role `list_manager` owns no customers"
    );
    assert_eq!(
        text(book.set_owner(9, developer, owner(0), None)),
        "customers[9] is not in the book"
    );
    assert_eq!(
        text(book.set_owner(0, developer, owner(9), None)),
        "reps[9] is not in the book"
    );
}

#[test]
fn inference_finds_fields_roles_and_tables() {
    let records: Records = serde_json::from_str(
        r#"{
            "customers": [{"id": "a", "visits": 1, "labels": ["x"], "vip": true, "due": "2026-01-31"},
                          {"id": "b", "visits": 1.5, "labels": [], "due": "soon", "odd": 1},
                          {"id": "c", "odd": "one", "region": "x", "none": null}],
            "reps": [{"id": "r", "roles": ["hunter", "developer"], "shoe": 43}],
            "roles": [{"id": "auditor", "owns_customers": false}],
            "tables": {"zips": {"1": "n"}, "rates": {"a": 1, "b": 0.5}, "bad": {"a": 1, "b": "x"}}
        }"#,
    )
    .unwrap();
    let schema = Schema::infer(&records);
    let own = |side: Side| -> Vec<(String, Kind)> {
        let fields = schema.fields(side)[Schema::default().fields(side).len()..].iter();
        fields
            .map(|field| (field.name.clone(), field.kind))
            .collect()
    };
    let named = |name: &str, kind| (name.to_owned(), kind);
    assert_eq!(
        own(Side::Customer),
        [
            named("due", Kind::Text),
            named("labels", Kind::Tags),
            named("vip", Kind::Bool),
            named("visits", Kind::Float),
        ]
    );
    assert_eq!(own(Side::Rep), [named("shoe", Kind::Int)]);
    let roles: Vec<&Role> = schema.roles()[4..].iter().collect();
    assert_eq!(
        roles,
        [
            &Role::new("auditor").without_customers(),
            &Role::new("hunter")
        ]
    );
    let tables: Vec<_> = schema
        .tables()
        .iter()
        .map(|(name, kind)| (name.as_str(), *kind))
        .collect();
    assert_eq!(tables, [("rates", Kind::Float), ("zips", Kind::Text)]);
}

#[test]
fn roles_of_the_records_name_built_in_ones_and_do_not_widen_them() {
    let records = Records {
        roles: vec![
            Role::new("list_manager"),
            Role::new("developer").name("Hunters"),
        ],
        ..Records::default()
    };
    let book = Book::build(records, Schema::default()).unwrap();
    let role = |id: &str| &book.schema().roles()[book.schema().role(id).unwrap().index()];
    assert!(!role("list_manager").owns_customers);
    assert_eq!(
        role("list_manager").name.as_deref(),
        Some("list management")
    );
    assert_eq!(role("developer").name.as_deref(), Some("Hunters"));
}

/// The digests of records are kept from one plan to the next, but not over a change.
#[test]
fn every_change_is_in_the_fingerprint() {
    type Change = (&'static str, fn(&mut Book, RoleIx));
    let policy = Policy::compile("", &Schema::default()).unwrap();
    let options = PlanOptions::at("2026-03-02".parse().unwrap());
    let of = |book: &Book| policy.plan(book, &options).unwrap().fingerprint;
    let developer = Schema::default().role("developer").unwrap();
    let changes: [Change; 9] = [
        ("insert", |book, _| {
            book.insert_customer(&Customer::new("c3")).unwrap();
        }),
        ("replace", |book, _| {
            let changed = Customer::new("c1").set("region", "east");
            book.replace_customer(&changed).unwrap();
        }),
        ("remove", |book, _| book.remove_customer("c1").unwrap()),
        ("rep", |book, _| {
            book.replace_rep(&Rep::new("r2").set("level", 4)).unwrap();
        }),
        ("owner", |book, role| {
            let rep = book.rep_row("r2").unwrap();
            let owner = Owner { rep, since: None };
            let customer = book.customer_row("c1").unwrap();
            book.set_owner(customer, role, Some(owner), None).unwrap();
        }),
        ("credit", |book, role| {
            book.set_credit(0, role, 0.5).unwrap();
        }),
        ("tier", |book, _| {
            book.set_current_tier(0, Some("B")).unwrap();
        }),
        ("pin", |book, _| {
            book.insert_pin(&Pin::new("c1", "developer", "r1")).unwrap();
        }),
        ("exclusion", |book, _| {
            book.insert_exclusion(&Exclusion::new("c1", "r2")).unwrap();
        }),
    ];
    let mut seen = vec![of(&book())];
    for (what, change) in changes {
        let mut changed = book();
        assert_eq!(of(&changed), seen[0], "{what}");
        change(&mut changed, developer);
        let fingerprint = of(&changed);
        assert!(!seen.contains(&fingerprint), "{what}");
        assert_eq!(of(&changed), fingerprint, "{what}");
        seen.push(fingerprint);
    }
}
