//! Books and schemas through JSON and back.

use bookwright::{Book, Field, Kind, Records, Role, Schema, Turn};

const BOOK: &str = r#"{
    "customers": [
        {"id": "c1", "name": "华东精密", "annual_revenue": 1.5, "created": "2026-01-31",
         "owners": {"developer": {"rep": "r1", "since": "2026-01-31T00:00:00Z", "reason": "won"},
                    "maintainer": null}},
        {"id": "c2", "tags": ["b", "a", "b"], "owners": {"developer": "r1"}, "region": null}
    ],
    "reps": [{"id": "r1", "roles": ["developer"], "team": "t1",
              "last_assigned": {"developer": {"at": "2026-02-01", "turn": 3}, "maintainer": "2026-01-01"}}],
    "roles": [{"id": "hunter", "name": "Hunter"}],
    "teams": [{"id": "t1", "name": "North", "parent": "t0"}, {"id": "t0"}],
    "tables": {"zips": {"100": "north"}},
    "pins": [{"customer": "c1", "role": "developer", "rep": "r1"}],
    "exclusions": [{"customer": "c2", "rep": "r1", "role": "maintainer"}]
}"#;

#[test]
fn records_survive_json() {
    let records: Records = serde_json::from_str(BOOK).unwrap();
    let json = serde_json::to_string(&records).unwrap();
    assert_eq!(serde_json::from_str::<Records>(&json).unwrap(), records);
}

#[test]
fn a_book_survives_its_records() {
    let records: Records = serde_json::from_str(BOOK).unwrap();
    let book = Book::build(records, Schema::default()).unwrap();
    let out = book.records();
    assert_eq!(
        serde_json::to_string(&out.customers).unwrap(),
        concat!(
            r#"[{"id":"c1","name":"华东精密","annual_revenue":1.5,"created":"2026-01-31T00:00:00Z","#,
            r#""owners":{"developer":{"rep":"r1","since":"2026-01-31T00:00:00Z","reason":"won"}}},"#,
            r#"{"id":"c2","tags":["a","b"],"owners":{"developer":"r1"}}]"#
        )
    );
    assert_eq!(out.reps[0].last_assigned["developer"].turn, 3);
    let json = serde_json::to_string(&out).unwrap();
    let again: Records = serde_json::from_str(&json).unwrap();
    let again = Book::from_records(again).unwrap();
    assert_eq!(again.records(), out);
    assert_eq!(again.schema(), book.schema());
}

#[test]
fn dates_begin_at_the_offset_of_the_builder() {
    let records: Records = serde_json::from_str(BOOK).unwrap();
    let book = Book::builder(Schema::default())
        .offset("+08:00".parse().unwrap())
        .records(records)
        .build()
        .unwrap();
    let customer = book.customer(book.customer_row("c1").unwrap()).unwrap();
    let created = serde_json::to_string(&customer.attributes["created"]).unwrap();
    assert_eq!(created, r#""2026-01-30T16:00:00Z""#);
}

#[test]
fn schemas_survive_json_and_say_only_what_is_their_own() {
    assert_eq!(serde_json::to_string(&Schema::default()).unwrap(), "{}");
    let schema = Schema::builder()
        .customer_field(
            Field::new("客户来源", Kind::Text)
                .one_of(["展会"])
                .required(),
        )
        .customer_field(Field::new("annual_revenue", Kind::Float).sensitive())
        .rep_field(
            Field::new("quota", Kind::Float)
                .above(0.0)
                .default_value(1.0),
        )
        .role(Role::new("hunter"))
        .role(Role::new("auditor").without_customers())
        .table("zips", Kind::Text)
        .tiers(["A", "B"])
        .build()
        .unwrap();
    let json = serde_json::to_string(&schema).unwrap();
    assert_eq!(
        json,
        concat!(
            r#"{"customer_fields":[{"name":"annual_revenue","kind":"float","sensitive":true},"#,
            r#"{"name":"客户来源","kind":"text","presence":"required","allowed":["展会"]}],"#,
            r#""rep_fields":[{"name":"quota","kind":"float","presence":{"default":1.0},"min":0.0,"open_below":true}],"#,
            r#""roles":[{"id":"hunter"},{"id":"auditor","owns_customers":false}],"#,
            r#""tables":{"zips":"text"},"tiers":["A","B"]}"#
        )
    );
    assert_eq!(serde_json::from_str::<Schema>(&json).unwrap(), schema);
}

#[test]
fn broken_structure_is_refused_with_its_place() {
    let text = |json: &str| {
        serde_json::from_str::<Records>(json)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        text(r#"{"customers": [{"id": "a", "id": "b"}]}"#),
        "key `id` is there twice at line 1 column 37"
    );
    assert!(text(r#"{"customers": {"id": "a"}}"#).starts_with("invalid type: map"));
    assert!(text(r#"{"customers": [7]}"#).contains("expected a customer with its attributes"));
    assert!(text(r#"{"people": []}"#).starts_with("unknown field `people`"));
    assert!(
        text(r#"{"customers": [{"owners": {"developer": 5}}]}"#)
            .contains("expected the id of a rep, or a map")
    );
    assert!(
        text(r#"{"customers": [{"owners": {"developer": "a", "developer": "b"}}]}"#)
            .starts_with("key `developer` is there twice")
    );
    assert!(text(r#"{"pins": [{"customer": "a"}]}"#).starts_with("missing field `role`"));
    let schema = |json: &str| {
        serde_json::from_str::<Schema>(json)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        schema(r#"{"customer_fields": [{"name": "risk", "kind": "text"}]}"#),
        "customer field `risk` is built in as float and cannot be text"
    );
    assert_eq!(
        schema(r#"{"customer_fields": [{"name": "tier", "kind": "text"}]}"#),
        "customer field `tier`: the name is taken"
    );
    assert_eq!(
        schema(r#"{"rep_fields": [{"name": "q", "kind": "int", "presence": {"default": "x"}}]}"#),
        "rep field `q`: the default is text `x`, expected int"
    );
    assert_eq!(
        schema(r#"{"rep_fields": [{"name": "q", "kind": "int", "min": 2, "max": 1}]}"#),
        "rep field `q`: the range is empty"
    );
}

#[test]
fn turns_read_both_ways() {
    let turn: Turn = serde_json::from_str(r#""2026-01-31""#).unwrap();
    assert_eq!(serde_json::to_string(&turn).unwrap(), r#""2026-01-31""#);
}

/// Numbers of up to 15 digits come back to the bit from a reader that rounds roughly; longer ones a
/// few units of the last place off at worst, which is why docs name the feature that is exact.
#[test]
fn floats_of_fifteen_digits_survive_json_to_the_bit() {
    let back = |number: f64| {
        let customer = bookwright::Customer::new("c1").set("potential", number);
        let records = Records {
            customers: vec![customer],
            ..Records::default()
        };
        let json = serde_json::to_string(&records).unwrap();
        let read: Records = serde_json::from_str(&json).unwrap();
        let book = Book::build(read, Schema::default()).unwrap();
        let view = serde_json::to_value(&book.records().customers[0]).unwrap();
        view["potential"].as_f64().unwrap()
    };
    let mut state = 1_u64;
    for places in (0..=12).cycle().take(3_000) {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let digits = (state >> 20) % 1_000_000_000_000_000;
        let number: f64 = format!("{digits}e-{places}").parse().unwrap();
        assert_eq!(back(number).to_bits(), number.to_bits(), "{number}");
        let long = f64::from_bits((state >> 12) | (1_000 << 52));
        let apart = back(long).to_bits().abs_diff(long.to_bits());
        assert!(apart <= 4, "{long:?}: {apart}");
    }
}
