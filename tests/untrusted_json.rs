//! JSON that nobody vouches for, read as each public type that can be read: an error or a value,
//! never a panic; what is read can be written, and reads back the same.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;

use bookwright::experiment::{Arm, Arms, Decision, Stratum};
use bookwright::syntax::Severity;
use bookwright::tiering::{Border, Cut, Per, Place, TierRule};
use bookwright::{
    Allocating, Assignment, Attribute, BalanceSetting, Book, ByCustomer, Change, Customer,
    Exclusion, Field, HookProblem, Kind, Load, Ownership, Pin, Plan, PlanCertificate, PlanOptions,
    Policy, Presence, Reason, Records, Released, Rep, Role, Rotation, Schema, ShadowPrice,
    SlotPrice, Team, Time, Totals, Turn, Unassigned, Value,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};

/// What is put in the place of every part of a sample.
fn strangers() -> Vec<Json> {
    let deep = |open: &str, inner: &str, close: &str, times| {
        let text = format!("{}{inner}{}", open.repeat(times), close.repeat(times));
        serde_json::from_str(&text).unwrap()
    };
    vec![
        Json::Null,
        json!(true),
        json!(-1),
        json!(0),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(-0.0),
        json!(f64::MAX),
        json!(5e-324),
        json!(""),
        json!("never_heard_of"),
        json!("\u{1b}[31m\u{202e}\u{0}"),
        json!("9".repeat(5000)),
        json!("2026-13-45T99:99:99Z"),
        json!([]),
        json!([[]]),
        json!([null, 1, "x", {}]),
        json!({}),
        json!({"": null}),
        json!({"kind": "never_heard_of", "customer": 1}),
        json!({"default": {"default": {"default": []}}}),
        deep("[", "1", "]", 100),
        deep("{\"a\":", "1", "}", 100),
    ]
}

/// All versions of a document in which one part is another, is gone, or has company.
fn changed(whole: &Json, each: &mut dyn FnMut(String)) {
    fn walk(part: &Json, rebuild: &dyn Fn(Json) -> Json, each: &mut dyn FnMut(String)) {
        for stranger in strangers() {
            each(rebuild(stranger).to_string());
        }
        match part {
            Json::Array(items) => {
                each(rebuild(Json::Array([&items[..], &items[..]].concat())).to_string());
                for (at, item) in items.iter().enumerate() {
                    let inside = |new: Json| {
                        let mut items = items.clone();
                        items[at] = new;
                        rebuild(Json::Array(items))
                    };
                    walk(item, &inside, each);
                }
            }
            Json::Object(entries) => {
                let with = |change: &dyn Fn(&mut Map<String, Json>)| {
                    let mut entries = entries.clone();
                    change(&mut entries);
                    rebuild(Json::Object(entries))
                };
                each(
                    with(&|it| {
                        it.insert("never_heard_of".into(), json!([1]));
                    })
                    .to_string(),
                );
                for (key, value) in entries {
                    each(
                        with(&|it| {
                            it.remove(key);
                        })
                        .to_string(),
                    );
                    // The same key once more, at the end.
                    let text = with(&|it| {
                        it.insert("\u{1}".into(), json!("\u{1}"));
                    })
                    .to_string();
                    let twice = format!("{}:{value}", json!(key));
                    each(text.replace("\"\\u0001\":\"\\u0001\"", &twice));
                    let inside = |new: Json| {
                        with(&|it| {
                            it.insert(key.clone(), new.clone());
                        })
                    };
                    walk(value, &inside, each);
                }
            }
            _ => {}
        }
    }
    walk(whole, &|new| new, each);
    let text = whole.to_string();
    for (at, _) in text.char_indices() {
        each(text[..at].to_owned());
    }
}

/// Reads a sample as a type, then everything that it can be changed into.
fn read<T: DeserializeOwned + Serialize + Debug>(sample: Json) -> (usize, usize) {
    let own: T = serde_json::from_value(sample.clone()).unwrap();
    drop(own);
    let (mut tried, mut accepted) = (0, 0);
    changed(&sample, &mut |text| {
        tried += 1;
        match serde_json::from_str::<T>(&text) {
            Ok(value) => {
                accepted += 1;
                let written = serde_json::to_string(&value).unwrap();
                let again: T = serde_json::from_str(&written)
                    .unwrap_or_else(|error| panic!("{error}: {written}, from {text}"));
                assert_eq!(
                    serde_json::to_string(&again).unwrap(),
                    written,
                    "from {text}"
                );
            }
            Err(error) => assert!(error.to_string().len() < 20_000),
        }
    });
    (tried, accepted)
}

fn plan() -> (Book, Policy, PlanOptions, Plan) {
    let records: Records = serde_json::from_value(json!({
        "customers": [
            {"id": "c1", "potential": 3.0, "owners": {"developer": "r1"}},
            {"id": "c2", "potential": 1.0, "owners": {"developer": "r2"}}, {"id": "c3"}, {"id": "c4", "name": "x"}
        ],
        "reps": [{"id": "r1", "roles": ["developer"], "capacity": 1.0}, {"id": "r2", "roles": ["developer"], "capacity": 0.0}]
    }))
    .unwrap();
    let text = r#"
        const TIERS = [#{ tier: "A", at_least: 2.0 }, #{ tier: "B" }];
        const ALLOCATION = #{ strategy: "optimal", keep_owners: false };
        fn value(customer) { customer.potential ?? 0.0 }
        fn eligible(customer, rep) { if customer.id == "c3" { "no" } else { true } }
        fn score(customer, rep) { if customer.id == "c4" { 1 / 0 } else { 2 } }
    "#;
    let book = Book::build(records, Schema::default()).unwrap();
    let policy = Policy::compile(text, book.schema()).unwrap();
    let options = PlanOptions::at("2026-01-31T00:00:00Z".parse().unwrap());
    let plan = policy.plan(&book, &options).unwrap();
    (book, policy, options, plan)
}

/// Every type with a sample of it, in which everything optional is there.
macro_rules! types {
    ($($type:ident: $sample:expr,)*) => {
        #[test]
        fn each_type_reads_or_refuses() {
            for (name, (tried, accepted)) in [$((stringify!($type), read::<$type>($sample)),)*] {
                // Something must have been read and something refused, or nothing was tried.
                let free = ["Attribute", "Value"].contains(&name);
                assert!(tried > 20 && (accepted < tried || free), "{name}: {tried} {accepted}");
            }
        }
        const READ: &[&str] = &[$(stringify!($type)),*];
    };
}

types! {
    Allocating: json!({"strategy": "optimal", "keep_owners": false, "unassigned_price": 1.0,
        "move_price": 2.0, "max_moves": 3, "balance": "leximin", "min_load": 0.1, "max_load": 0.9,
        "same_rep": ["developer"], "different_rep": ["manager"]}),
    Arm: json!({"name": "a", "share": 0.5}),
    Arms: json!({"seed": "s", "arms": [{"name": "a", "share": 1.0}], "customers": {"c1": "a"},
        "strata": [{"tier": "A", "customers": [1]}]}),
    Assignment: json!({"customer": "c1", "role": "developer", "rep": "r1", "score": 1.0, "change": "kept"}),
    Attribute: json!({"a": [1, "x", null, {"b": 2.5}]}),
    BalanceSetting: json!(0.5),
    ByCustomer: json!({"c1": "A", "c2": "B"}),
    Border: json!({"at": 1.0, "distance": 0.5}),
    Change: json!("moved"),
    Customer: json!({"id": "c1", "name": "n", "region": "east", "tags": ["vip"],
        "owners": {"developer": {"rep": "r1", "since": "2026-01-31", "reason": "won"}}}),
    Cut: json!({"tier": "A", "at_least": 5.0, "top": 0.1, "per": "segment", "keep_within": 0.1}),
    Decision: json!({"customer": "c1", "arm": "a", "tier": "A", "role": "developer", "rep": "r1",
        "score": 1.0, "change": "new"}),
    Exclusion: json!({"customer": "c1", "rep": "r1", "role": "developer"}),
    Field: json!({"name": "f", "kind": "int", "presence": {"default": 3}, "min": 0.0, "max": 9.0,
        "open_below": true, "allowed": [], "sensitive": true}),
    HookProblem: json!({"customer": "c1", "rep": "r1", "role": "developer", "hook": "score",
        "message": "m", "line": 1}),
    Kind: json!("tags"),
    Load: json!({"rep": "r1", "role": "developer", "workload": 1.0, "customers": 1, "capacity": 9.0,
        "capacity_customers": 3, "overfull": false}),
    Ownership: json!({"rep": "r1", "since": "2026-01-31T08:00:00+08:00", "reason": "won"}),
    Pin: json!({"customer": "c1", "role": "developer", "rep": "r1"}),
    Place: json!({"value": 1.0, "above": {"at": 2.0, "distance": 1.0},
        "below": {"at": 0.5, "distance": 0.5}, "held": true}),
    Plan: serde_json::to_value(&plan().3).unwrap(),
    PlanCertificate: json!({"strategy": "optimal", "roles": ["developer"], "exact": true, "gap": 0.0,
        "stopped": "deadline", "prices": [{"rep": "r1", "role": "developer", "tier": "A",
        "unit": "demand", "score": 1.0, "served": 0.0}]}),
    Per: json!("segment"),
    Presence: json!({"default": ["x"]}),
    Reason: json!({"kind": "none_eligible", "reasons": {"no": 3}}),
    Records: json!({"schema": {"tiers": ["A"]}, "customers": [{"id": "c1", "owners": {"developer": "r1"}}],
        "reps": [{"id": "r1", "roles": ["developer"]}], "roles": [{"id": "hunter"}],
        "teams": [{"id": "t", "parent": "t0"}], "tables": {"zips": {"1": "north"}},
        "pins": [{"customer": "c1", "role": "developer", "rep": "r1"}],
        "exclusions": [{"customer": "c1", "rep": "r1"}]}),
    Released: json!({"customer": "c1", "role": "developer", "rep": "r1", "reason": "away"}),
    Rep: json!({"id": "r1", "name": "n", "roles": ["developer"], "level": 2,
        "last_assigned": {"developer": {"at": "2026-01-31", "turn": 3, "credit": 0.5}}}),
    Role: json!({"id": "hunter", "name": "Hunter", "owns_customers": true}),
    Rotation: json!({"rep": "r1", "role": "developer", "credit": 0.5, "turn": 3}),
    Schema: json!({"customer_fields": [{"name": "f", "kind": "text", "presence": "required",
        "allowed": ["x"]}], "rep_fields": [{"name": "g", "kind": "float", "min": 0.0}],
        "roles": [{"id": "hunter"}], "tables": {"zips": "text"}, "tiers": ["A", "B"]}),
    Severity: json!("warning"),
    SlotPrice: json!({"of": "rep", "name": "r1", "rep": "r1", "score": 1.0, "served": 0.0}),
    ShadowPrice: json!({"rep": "r1", "role": "developer", "tier": "A", "unit": "demand", "score": 1.0,
        "served": 0.0}),
    Stratum: json!({"tier": "A", "customers": [1, 2]}),
    Team: json!({"id": "t", "name": "n", "parent": "t0"}),
    TierRule: json!({"cuts": [{"tier": "A", "at_least": 5.0}, {"tier": "B"}]}),
    Time: json!("2026-01-31T00:00:00Z"),
    Totals: json!({"customers": 1, "reps": 1, "tiers": {"A": 1}, "demands": 1, "kept": 0, "new": 1,
        "moved": 0, "released": 0, "unassigned": 0, "score": 1.0}),
    Turn: json!({"at": "2026-01-31", "turn": 3, "credit": 0.5}),
    Unassigned: json!({"customer": "c1", "role": "developer", "reason": {"kind": "no_capacity", "eligible": 1}}),
    Value: json!({"a": [1, "x", null, {"b": 2.5}]}),
}

/// The source is read, so that a type that becomes readable needs a sample.
#[test]
fn no_readable_type_is_left_out() {
    fn files(folder: &Path, texts: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, texts);
            } else {
                texts.push(std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut texts = Vec::new();
    files(Path::new("src"), &mut texts);
    let word = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric())
            .collect::<String>()
    };
    let mut found = BTreeSet::new();
    for text in &texts {
        for (at, _) in text.match_indices("Deserialize)]") {
            let rest = &text[at..at + text[at..].find('{').unwrap()];
            let public = ["pub struct ", "pub enum "]
                .iter()
                .find_map(|it| rest.split_once(it));
            found.extend(public.map(|(_, name)| word(name)));
        }
        for (at, mark) in text.match_indices("Deserialize<'de> for ") {
            let name = word(&text[at + mark.len()..]);
            let public = [format!("pub struct {name}"), format!("pub enum {name}")];
            if texts
                .iter()
                .any(|text| public.iter().any(|it| text.contains(it.as_str())))
            {
                found.insert(name);
            }
        }
    }
    assert!(found.len() > 30, "{found:?}");
    assert_eq!(found, READ.iter().map(|it| (*it).to_owned()).collect());
}

/// Unknown values of enumerations are refused, each by name.
#[test]
fn unknown_values_of_enumerations_are_refused() {
    fn refused<T: DeserializeOwned + Debug>(json: Json) {
        let error = serde_json::from_value::<T>(json.clone())
            .unwrap_err()
            .to_string();
        assert!(error.contains("variant"), "{json}: {error}");
    }
    for value in [json!("never_heard_of"), json!("Kept"), json!("")] {
        refused::<Change>(value.clone());
        refused::<Kind>(value.clone());
        refused::<Per>(value.clone());
        refused::<Presence>(value.clone());
        refused::<Severity>(value.clone());
        refused::<TierRule>(value.clone());
        refused::<Reason>(json!({"kind": value.clone(), "eligible": 1}));
        refused::<Field>(json!({"name": "f", "kind": value}));
    }
}

/// A plan of anybody's making, checked, applied and explained beside the book that it names: told
/// wrong or right, and the book stays whole.
#[test]
fn a_plan_of_anybodys_making_does_no_harm() {
    let (book, policy, options, plan) = plan();
    let (mut readable, mut right) = (0, 0);
    let before = book.records();
    changed(&serde_json::to_value(&plan).unwrap(), &mut |text| {
        let Ok(read) = serde_json::from_str::<Plan>(&text) else {
            return;
        };
        readable += 1;
        if read.verify(&book, &policy, &options).is_ok() {
            right += 1;
            // What a plan that was read is not held to: its certificates, whose proof stays where
            // it was found, and the words of what failed and of releases.
            let mut decided = read.clone();
            decided.certificates.clone_from(&plan.certificates);
            decided.problems.clone_from(&plan.problems);
            for (found, made) in decided.released.iter_mut().zip(&plan.released) {
                found.reason.clone_from(&made.reason);
            }
            assert_eq!(decided, plan, "from {text}");
        }
        if let Ok(after) = book.apply(&read) {
            let again = Book::build(after.records(), after.schema().clone());
            again.unwrap_or_else(|errors| panic!("{errors}\nfrom {text}"));
        }
        assert!(read.explain(&book, "c1").is_err());
    });
    assert_eq!(book.records(), before);
    assert!(
        readable > 300 && right > 0 && right < readable,
        "{readable} {right}"
    );
}
