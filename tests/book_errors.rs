//! What is wrong with a book: every class, its exact text, all at once, within bounds.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test like the tests do"
)]

use bookwright::{
    Book, BookError, Customer, Exclusion, Field, FieldError, Kind, Ownership, Pin, Records, Rep,
    Role, Schema, Team, Warning,
};

fn problems(records: Records) -> Vec<String> {
    problems_with(records, Schema::default())
}

fn problems_with(records: Records, schema: Schema) -> Vec<String> {
    let errors = Book::build(records, schema).unwrap_err();
    assert_eq!(errors.more(), 0);
    errors.problems().iter().map(ToString::to_string).collect()
}

fn customers(customers: impl IntoIterator<Item = Customer>) -> Records {
    Records {
        customers: customers.into_iter().collect(),
        reps: vec![Rep::new("r1").roles(["developer"]), Rep::new("r2")],
        ..Records::default()
    }
}

fn reps(reps: impl IntoIterator<Item = Rep>) -> Records {
    Records {
        reps: reps.into_iter().collect(),
        ..Records::default()
    }
}

#[test]
fn wrong_kinds_from_json_are_told_beside_all_others() {
    let records: Records = serde_json::from_str(
        r#"{
            "customers": [
                {"id": 17, "annual_revenue": "much"},
                {"id": "c2", "name": ["x"], "tags": "vip", "created": "yesterday"},
                {"id": "c3", "tags": ["vip", 3], "employees": 3.5, "stage": {"a": 1}},
                {"id": "c4", "owners": {"developer": {"rep": "r1", "since": "soon"}}}
            ],
            "reps": [
                {"id": "r1", "roles": ["developer"]},
                {"id": "r4", "level": "high", "active": 1, "hired": true}
            ]
        }"#,
    )
    .unwrap();
    assert_eq!(
        problems(records),
        [
            "rep `r4`: field `level` is text `high`, expected int",
            "rep `r4`: field `hired` is bool `true`, expected time",
            "rep `r4`: field `active` is int `1`, expected bool",
            "customers[0]: the id is missing or empty",
            "customers[0]: field `id` is int `17`, expected text",
            "customers[0]: field `annual_revenue` is text `much`, expected float",
            "customer `c2`: field `name` is tags, expected text",
            "customer `c2`: field `created` is text `yesterday`, expected a time: RFC 3339 \
             (`2026-01-31T08:30:00Z`) or a date (`2026-01-31`)",
            "customer `c2`: field `tags` is text `vip`, expected tags",
            "customer `c3`: field `stage` is map, expected text",
            "customer `c3`: field `employees` is float `3.5`, expected int",
            "customer `c3`: field `tags` is list, expected tags",
            "customer `c4`: field `owners.developer.since` is text `soon`, expected a time: \
             RFC 3339 (`2026-01-31T08:30:00Z`) or a date (`2026-01-31`)",
        ]
    );
}

#[test]
fn numbers_are_finite_and_in_range() {
    let records = customers([
        Customer::new("c1").set("risk", f64::NAN),
        Customer::new("c2").set("annual_revenue", f64::INFINITY),
        Customer::new("c3").set("annual_revenue", -1),
        Customer::new("c4").set("risk", 1.5),
        Customer::new("c5")
            .set("employees", 3.0)
            .set("annual_revenue", 7),
    ]);
    let records = Records {
        reps: vec![
            Rep::new("r1").set("capacity", -0.5),
            Rep::new("r2").set("weight", 0),
            Rep::new("r3").set("level", 0),
        ],
        ..records
    };
    assert_eq!(
        problems(records),
        [
            "rep `r1`: field `capacity` is `-0.5`, expected at least 0",
            "rep `r2`: field `weight` is `0`, expected more than 0",
            "rep `r3`: field `level` is `0`, expected at least 1",
            "customer `c1`: field `risk` is NaN, expected a finite number",
            "customer `c2`: field `annual_revenue` is inf, expected a finite number",
            "customer `c3`: field `annual_revenue` is `-1`, expected at least 0",
            "customer `c4`: field `risk` is `1.5`, expected 0 to 1",
        ]
    );
}

#[test]
fn ids_are_there_short_and_unique() {
    let records = customers([
        Customer::new("c1"),
        Customer::new("c1"),
        Customer::new(""),
        Customer::new("x".repeat(1_000_000)),
        Customer::new("y".repeat(256)),
    ]);
    let told = problems(records);
    assert_eq!(told[0], "customer `c1` is there more than once");
    assert_eq!(told[1], "customers[2]: the id is missing or empty");
    assert_eq!(
        told[2],
        format!(
            "customers[3]: the id `{}` has 1000000 bytes, at most 256 are allowed",
            "x".repeat(64)
        )
    );
    assert_eq!(told.len(), 3);
}

#[test]
fn what_is_named_is_there_and_can_hold_the_role() {
    let records = Records {
        customers: vec![
            Customer::new("c1")
                .owner("developer", "r9")
                .owner("hunter", "r1"),
            Customer::new("c2").owner("developer", "r2"),
            Customer::new("c3").owner("list_manager", "r3"),
        ],
        reps: vec![
            Rep::new("r1").roles(["developer"]).set("team", "t9"),
            Rep::new("r2").roles(["maintainer", "manager"]),
            Rep::new("r3").roles(["list_manager", "wizard"]),
        ],
        pins: vec![
            Pin::new("c1", "developer", "r1"),
            Pin::new("c9", "developer", "r1"),
            Pin::new("c1", "developer", "r2"),
        ],
        exclusions: vec![Exclusion::new("c1", "r9").in_role("x")],
        teams: vec![Team::new("t1").parent("t7")],
        ..Records::default()
    };
    assert_eq!(
        problems(records),
        [
            "rep `r1`: `team` names the unknown team `t9`",
            "rep `r3`: `roles` names the unknown role `wizard`",
            "customer `c1`: `owners.developer` names the unknown rep `r9`",
            "customer `c1`: `owners.hunter` names the unknown role `hunter`",
            "customer `c2`: rep `r2` cannot hold role `developer`, its roles are `maintainer`, \
             `manager`",
            "customer `c3`: role `list_manager` owns no customers",
            "pins[1]: `customer` names the unknown customer `c9`",
            "pins[2]: rep `r2` cannot hold role `developer`, its roles are `maintainer`, \
             `manager`",
            "exclusions[0]: `rep` names the unknown rep `r9`",
            "exclusions[0]: `role` names the unknown role `x`",
            "team `t1`: `parent` names the unknown team `t7`",
        ]
    );
}

#[test]
fn pins_and_exclusions_do_not_contradict_each_other() {
    let rep = |id: &str| Rep::new(id).roles(["developer", "maintainer"]);
    let records = Records {
        customers: vec![Customer::new("c1"), Customer::new("c2")],
        reps: vec![rep("r1"), rep("r2")],
        pins: vec![
            Pin::new("c1", "developer", "r1"),
            Pin::new("c1", "developer", "r1"),
            Pin::new("c1", "developer", "r2"),
            Pin::new("c2", "maintainer", "r1"),
        ],
        exclusions: vec![
            Exclusion::new("c1", "r1"),
            Exclusion::new("c2", "r1").in_role("developer"),
            Exclusion::new("c1", "r1"),
        ],
        ..Records::default()
    };
    assert_eq!(
        problems(records),
        [
            "pin of customer `c1` and rep `r1` is there more than once",
            "customer `c1` is pinned in role `developer` to both `r1` and `r2`",
            "exclusion of customer `c1` and rep `r1` is there more than once",
            "customer `c1` is pinned in role `developer` to `r1`, whom an exclusion keeps away",
        ]
    );
}

#[test]
fn team_cycles_are_shown_once_each() {
    let records = Records {
        teams: vec![
            Team::new("b").parent("c"),
            Team::new("c").parent("a"),
            Team::new("a").parent("b"),
            Team::new("d").parent("a"),
            Team::new("e").parent("e"),
            Team::new("f"),
        ],
        ..Records::default()
    };
    assert_eq!(
        problems(records),
        ["team cycle: `a` → `b` → `c` → `a`", "team cycle: `e` → `e`"]
    );
}

#[test]
fn long_chains_of_teams_are_walked_on_a_small_stack() {
    let chain = |closed: bool| Records {
        teams: (0..100_000)
            .map(|n| match n {
                0 if !closed => Team::new("t0"),
                0 => Team::new("t0").parent("t99999"),
                n => Team::new(format!("t{n}")).parent(format!("t{}", n - 1)),
            })
            .collect(),
        reps: vec![Rep::new("r1").set("team", "t99999")],
        ..Records::default()
    };
    let book = Book::build(chain(false), Schema::default()).unwrap();
    assert_eq!(book.teams_of(0).count(), 100_000);
    let told = problems(chain(true));
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("team cycle: `t0` → `t99999` → "),
        "{told:?}"
    );
    assert!(told[0].contains(" → … 99991 more … → "), "{told:?}");
}

#[test]
fn capacities_add_up_to_what_can_be_counted() {
    let told = problems(reps(
        (0..10).map(|n| Rep::new(format!("r{n}")).set("capacity", 1e12)),
    ));
    assert_eq!(
        told,
        ["the capacities of the reps add up to 1e13, at most 9e12 can be counted exactly"]
    );
    problems(reps(
        (0..10).map(|n| Rep::new(format!("r{n}")).set("capacity", f64::MAX)),
    ));
}

#[test]
fn schemas_narrow_what_a_book_takes() {
    let schema = Schema::builder()
        .customer_field(
            Field::new("source", Kind::Text)
                .required()
                .one_of(["fair", "web"]),
        )
        .customer_field(Field::new("credit", Kind::Int).at_most(9.0).sensitive())
        .customer_field(Field::new("labels", Kind::Tags).one_of(["x"]))
        .tiers(["A", "B"])
        .build()
        .unwrap();
    let records = customers([
        Customer::new("c1"),
        Customer::new("c2").set("source", "phone").set("credit", 10),
        Customer::new("c3")
            .set("source", "fair")
            .set("credit", "secret")
            .set("current_tier", "Z"),
        Customer::new("c4")
            .set("source", "web")
            .set("labels", ["x", "y"]),
    ]);
    assert_eq!(
        problems_with(records, schema),
        [
            "customer `c1`: field `source` is missing",
            "customer `c2`: field `source` is `phone`, expected one of `fair`, `web`",
            "customer `c2`: field `credit` is, expected at most 9",
            "customer `c3`: field `credit` is text, expected int",
            "customer `c3`: field `current_tier` names the unknown tier `Z`, the schema has `A`, `B`",
            "customer `c4`: field `labels` is `y`, expected one of `x`",
        ]
    );
}

#[test]
fn texts_and_tag_sets_are_short() {
    let tags: Vec<String> = (0..257).map(|n| n.to_string()).collect();
    let records = customers([
        Customer::new("c1")
            .set("region", "x".repeat(1025))
            .set("tags", tags),
        Customer::new("c2")
            .name("n".repeat(2000))
            .set("tags", vec!["t".repeat(1025)]),
    ]);
    assert_eq!(
        problems(records),
        [
            "customer `c1`: field `region` has a text of 1025 bytes, at most 1024 are allowed",
            "customer `c1`: field `tags` has 257 tags, at most 256 are allowed",
            "customer `c2`: field `name` has a text of 2000 bytes, at most 1024 are allowed",
            "customer `c2`: field `tags` has a text of 1025 bytes, at most 1024 are allowed",
        ]
    );
}

#[test]
fn tables_have_values_of_one_kind() {
    let records: Records = serde_json::from_str(
        r#"{"tables": {
            "zips": {"100": "north", "200": 7},
            "rates": {"a": 1, "b": 2.5},
            "mixed": {"a": 1, "b": "x"},
            "empty": {}
        }}"#,
    )
    .unwrap();
    let schema = Schema::builder().table("zips", Kind::Text).build().unwrap();
    assert_eq!(
        problems_with(records, schema),
        [
            "table `mixed`: key `b` is text `x`, expected int",
            "table `zips`: key `200` is int `7`, expected text",
        ]
    );
}

#[test]
fn a_million_problems_are_counted_and_a_hundred_told() {
    let records = customers((0..50_000).flat_map(|n| {
        [
            Customer::new(format!("c{n}")).set("risk", 2),
            Customer::new(format!("c{n}")).set("risk", f64::NAN),
        ]
    }));
    let errors = Book::build(records, Schema::default()).unwrap_err();
    assert_eq!(errors.problems().len(), 100);
    assert_eq!(errors.more(), 150_000 - 100);
    let text = errors.to_string();
    assert!(text.ends_with("\nand 149900 more problems"), "{text}");
    assert!(text.len() < 20_000);
}

#[test]
fn messages_show_no_control_characters() {
    let records = customers([Customer::new("a\u{1b}[31m\u{202e}b\n").set("stage", "\r\0")]);
    let told = problems(records);
    assert_eq!(
        told[0],
        "customer `a\\u{1b}[31m\\u{202e}b\\u{a}`: field `stage` is `\\u{d}\\u{0}`, expected one \
         of `lead`, `prospect`, `active`, `at_risk`, `dormant`, `lost`, `won_back`"
    );
}

#[test]
fn warnings_tell_strange_ids_and_unknown_keys() {
    let records = Records {
        customers: vec![
            Customer::new("b").set("colour", "red").set("tier", "A"),
            Customer::new("a").set("colour", 7),
            Customer::new("c\u{200b}"),
        ],
        reps: vec![Rep::new("r1").set("shoe", 43)],
        tables: [("zips".to_owned(), [("1".to_owned(), "n".into())].into())].into(),
        ..Records::default()
    };
    let book = Book::build(records.clone(), Schema::default()).unwrap();
    let told: Vec<String> = book.warnings().iter().map(Warning::to_string).collect();
    assert_eq!(
        told,
        [
            "customer `c\\u{200b}`: the id has the invisible or direction-changing character \
             `\\u{200b}`",
            "unknown key `colour` of 2 customers, the first is `a`",
            "key `tier` of 1 customers is not read, the first is `b`: the field is computed",
            "unknown key `shoe` of 1 reps, the first is `r1`",
            "the schema does not name the table `zips`",
        ]
    );
    let kept = book.records();
    assert_eq!(kept.customers[1], records.customers[0]);
    assert_eq!(kept.reps, records.reps);
    assert_eq!(kept.tables, records.tables);
}

#[test]
fn errors_are_data() {
    let errors = Book::build(
        customers([Customer::new("c1").set("employees", "x")]),
        Schema::default(),
    )
    .unwrap_err();
    assert!(matches!(
        &errors.problems()[0],
        BookError::Field { field, problem: FieldError::WrongKind { expected: Kind::Int, .. }, .. }
            if field == "employees"
    ));
}

#[test]
fn an_empty_book_and_a_book_without_reps_are_fine() {
    assert_eq!(
        Book::build(Records::default(), Schema::default())
            .unwrap()
            .customer_count(),
        0
    );
    let records = Records {
        customers: vec![Customer::new("c1")],
        ..Records::default()
    };
    let book = Book::build(records, Schema::default()).unwrap();
    assert_eq!((book.customer_count(), book.rep_count()), (1, 0));
}

#[test]
fn a_change_that_is_refused_changes_nothing() {
    let mut book = Book::build(
        Records {
            roles: vec![Role::new("hunter")],
            customers: vec![Customer::new("c1").owner("hunter", "r1")],
            reps: vec![Rep::new("r1").roles(["hunter"])],
            ..Records::default()
        },
        Schema::default(),
    )
    .unwrap();
    let before = book.records();
    let text = |result: Result<_, bookwright::BookErrors>| result.unwrap_err().to_string();
    assert_eq!(
        text(book.remove_rep("r1")),
        "rep `r1` is still named by 1 customer that it owns"
    );
    assert_eq!(
        text(book.remove_customer("c2")),
        "customer `c2` is not in the book"
    );
    assert_eq!(
        text(
            book.replace_customer(&Customer::new("c1").owner("hunter", "r7"))
                .map(drop)
        ),
        "customer `c1`: `owners.hunter` names the unknown rep `r7`"
    );
    assert_eq!(
        text(
            book.insert_rep(&Rep::new("r2").set("capacity", 1e13))
                .map(drop)
        ),
        "the capacities of the reps add up to 1.00000000001e13, at most 9e12 can be counted exactly"
    );
    assert_eq!(book.records(), before);
    let since = bookwright::Attribute::from("2026-01-31");
    book.replace_customer(&Customer::new("c1").owner("hunter", Ownership::new("r1").since(since)))
        .unwrap();
    assert_ne!(book.records(), before);
}
