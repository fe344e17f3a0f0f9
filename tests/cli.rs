//! The command `plan`: what it prints, where it prints it, and how it ends.
//!
//! `cargo test` builds the example beside the tests; `cargo test --test cli` alone does not, and
//! wants a `cargo build --example plan` before it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

/// What a run of the command left behind.
struct Ran {
    status: i32,
    out: String,
    problems: String,
}

/// The example that `cargo test` builds, beside the directory of this test.
fn command() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.parent().and_then(Path::parent).unwrap();
    let name = format!("plan{}", std::env::consts::EXE_SUFFIX);
    target.join("examples").join(name)
}

/// Runs the command in a directory of its own, with these files in it.
fn run(name: &str, files: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let directory = std::env::temp_dir().join(format!("bookwright-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    for (file, text) in files {
        std::fs::write(directory.join(file), text).unwrap();
    }
    let ended = Command::new(command())
        .args(arguments)
        .current_dir(&directory)
        .output();
    std::fs::remove_dir_all(&directory).unwrap();
    let ended = ended.unwrap_or_else(|error| panic!("{}: {error}", command().display()));
    Ran {
        status: ended.status.code().unwrap(),
        out: String::from_utf8(ended.stdout).unwrap(),
        problems: String::from_utf8(ended.stderr).unwrap(),
    }
}

const POLICY: &str = "const PARAMS = #{ bonus: 10.0 };
fn tier(customer) { if customer.region == \"east\" { \"B\" } else { \"C\" } }
fn score(customer, rep) { if customer.region in rep.regions { params.bonus } else { 0.0 } }
";

const BOOK: &str = r#"{
    "customers": [{"id": "c1", "region": "east", "created": "2026-01-30T17:00:00Z"}, {"id": "c2", "region": "west"}],
    "reps": [{"id": "r1", "roles": ["developer"], "regions": ["east"]},
             {"id": "r2", "roles": ["developer"], "regions": ["west"]}]
}"#;

fn plan(name: &str, policy: &str, book: &str, more: &[&str]) -> Ran {
    let mut arguments = vec!["policy.rhai", "book.json"];
    arguments.extend(more);
    run(
        name,
        &[("policy.rhai", policy), ("book.json", book)],
        &arguments,
    )
}

#[test]
fn a_plan_is_printed_as_json() {
    let ran = plan("fine", POLICY, BOOK, &["--now", "2026-01-31"]);
    assert_eq!((ran.status, ran.problems.as_str()), (0, ""));
    let plan: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(plan["tiers"], serde_json::json!({"c1": "B", "c2": "C"}));
    assert_eq!(plan["assignments"][0]["rep"], "r1");
    assert_eq!(plan["assignments"][0]["change"], "new");
    assert_eq!(plan["now"], "2026-01-31T00:00:00Z");
    for key in [
        "segments",
        "released",
        "unassigned",
        "problems",
        "loads",
        "totals",
    ] {
        assert!(!plan[key].is_null(), "{key}");
    }
    let fingerprint = plan["fingerprint"].as_str().unwrap();
    assert!(fingerprint.len() == 32 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn the_plan_can_be_read_back_and_is_the_same_every_time() {
    let once = plan("once", POLICY, BOOK, &["--now", "2026-01-31"]);
    let twice = plan("twice", POLICY, BOOK, &["--now", "2026-01-31"]);
    assert_eq!(once.out, twice.out);
    let read: bookwright::Plan = serde_json::from_str(&once.out).unwrap();
    assert_eq!(read.assignments.len(), 2);
}

#[test]
fn options_reach_the_plan() {
    let json = |ran: Ran| -> Json {
        assert_eq!(ran.status, 0, "{}", ran.problems);
        serde_json::from_str(&ran.out).unwrap()
    };
    let bonus = json(plan(
        "params",
        POLICY,
        BOOK,
        &["--now", "2026-01-31", "--params", r#"{"bonus": 7}"#],
    ));
    assert_eq!(bonus["assignments"][0]["score"], 7.0);
    let days = "fn segment(customer) { `${days_since(customer.created ?? now)}` }";
    let china = ["--now", "2026-01-31", "--utc-offset", "+08:00"];
    let offset = json(plan("offset", days, BOOK, &china));
    assert_eq!(offset["now"], "2026-01-30T16:00:00Z");
    assert_eq!(offset["segments"]["c1"], "0");
    // Dates in the book begin there too: the rep is back at midnight in China.
    let away = r#"{"customers": [{"id": "c1"}], "reps": [{"id": "r1", "roles": ["developer"],
        "away_until": "2026-01-31"}]}"#;
    assert_eq!(json(plan("back", "", away, &china))["totals"]["new"], 1);
    let before = ["--now", "2026-01-30T15:59:59Z", "--utc-offset", "+08:00"];
    assert_eq!(
        json(plan("away", "", away, &before))["unassigned"][0]["reason"],
        serde_json::json!({"kind": "none_eligible", "reasons": {"away until 2026-01-31": 1}})
    );
    let seed = |seed| {
        json(plan(
            &format!("seed{seed}"),
            POLICY,
            BOOK,
            &["--now", "2026-01-31", "--seed", seed],
        ))["fingerprint"]
            .clone()
    };
    assert_ne!(seed("1"), seed("2"));
    let turns = json(plan(
        "strategy",
        POLICY,
        BOOK,
        &["--now", "2026-01-31", "--strategy", "round_robin"],
    ));
    assert_eq!(turns["assignments"][1]["rep"], "r2");
}

#[test]
fn explain_prints_words_instead() {
    let ran = plan(
        "explain",
        POLICY,
        BOOK,
        &["--now", "2026-01-31", "--explain", "c1"],
    );
    assert_eq!(ran.status, 0);
    assert!(
        ran.out
            .starts_with("c1: tier B, named by `tier`, segment `all`\n  developer: r1 gets it"),
        "{}",
        ran.out
    );
    let ran = plan(
        "unknown",
        POLICY,
        BOOK,
        &["--now", "2026-01-31", "--explain", "c9"],
    );
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert_eq!(ran.problems, "unknown customer `c9`\n");
}

#[test]
fn a_wrong_policy_ends_with_1() {
    let ran = plan("policy", "fn tier(customer) { customer.regio }", BOOK, &[]);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    assert!(
        ran.problems.contains("error[unknown-field]"),
        "{}",
        ran.problems
    );
    assert!(
        ran.problems.contains("did you mean `region`"),
        "{}",
        ran.problems
    );
    let ran = plan("strategies", POLICY, BOOK, &["--strategy", "best"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.problems.starts_with("unknown strategy `best`"),
        "{}",
        ran.problems
    );
    let ran = run(
        "nopolicy",
        &[("book.json", BOOK)],
        &["policy.rhai", "book.json"],
    );
    assert_eq!(ran.status, 1);
    assert!(
        ran.problems.starts_with("cannot read policy.rhai: "),
        "{}",
        ran.problems
    );
}

#[test]
fn a_wrong_book_ends_with_2() {
    let twice =
        r#"{"customers": [{"id": "c1", "owners": {"developer": "r9"}}, {"id": "c1"}], "reps": []}"#;
    let ran = plan("book", POLICY, twice, &[]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(
        ran.problems.contains("`c1`") && ran.problems.contains("`r9`"),
        "{}",
        ran.problems
    );
    let ran = plan("json", POLICY, "{", &[]);
    assert_eq!(ran.status, 2);
    assert!(ran.problems.starts_with("book.json: "), "{}", ran.problems);
    let ran = run(
        "nobook",
        &[("policy.rhai", POLICY)],
        &["policy.rhai", "book.json"],
    );
    assert_eq!(ran.status, 2);
    assert!(
        ran.problems.starts_with("cannot read book.json: "),
        "{}",
        ran.problems
    );
}

#[test]
fn a_wrong_command_line_ends_with_2_and_the_usage() {
    for (name, arguments) in [
        ("none", &[] as &[&str]),
        ("one", &["policy.rhai"]),
        (
            "option",
            &["policy.rhai", "book.json", "--nwo", "2026-01-31"],
        ),
        ("value", &["policy.rhai", "book.json", "--now"]),
        ("seed", &["policy.rhai", "book.json", "--seed", "x"]),
        ("params", &["policy.rhai", "book.json", "--params", "[1]"]),
        ("check", &["--check"]),
    ] {
        let ran = run(
            name,
            &[("policy.rhai", POLICY), ("book.json", BOOK)],
            arguments,
        );
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{name}");
        assert!(ran.problems.contains("usage:"), "{name}: {}", ran.problems);
    }
}

#[test]
fn a_budget_that_is_used_up_ends_with_3() {
    let ran = plan("budget", POLICY, BOOK, &["--seconds", "0"]);
    assert_eq!((ran.status, ran.out.as_str()), (3, ""));
    assert_eq!(ran.problems, "the plan was stopped: its time is up\n");
}

#[test]
fn problems_of_single_customers_go_to_standard_error() {
    let policy =
        "fn tier(customer) { if 1 / (customer.employees ?? 0) > 0 { \"A\" } else { \"B\" } }";
    let ran = plan("problems", policy, BOOK, &["--now", "2026-01-31"]);
    assert_eq!(ran.status, 0);
    let problems: Vec<&str> = ran
        .problems
        .lines()
        .filter(|line| line.starts_with("problem: "))
        .collect();
    assert_eq!(
        problems,
        [
            "problem: `tier` failed for customer `c1`: division by zero: 1 / 0 (line 1)",
            "problem: `tier` failed for customer `c2`: division by zero: 1 / 0 (line 1)",
        ]
    );
}

#[test]
fn check_prints_diagnostics_as_json() {
    let fine = run(
        "check0",
        &[("policy.rhai", POLICY)],
        &["--check", "policy.rhai"],
    );
    assert_eq!((fine.status, fine.problems.as_str()), (0, ""));
    assert_eq!(
        serde_json::from_str::<Json>(&fine.out).unwrap(),
        serde_json::json!([])
    );

    let policy =
        "// 客户\nfn tier(customer) { /* 名单 */ customer.regio }\nfn scoer(customer, rep) { 1 }\n";
    let wrong = run(
        "check1",
        &[("policy.rhai", policy)],
        &["--check", "policy.rhai"],
    );
    assert_eq!(wrong.status, 1);
    let found: Json = serde_json::from_str(&wrong.out).unwrap();
    let found = found.as_array().unwrap();
    assert!(found.len() >= 2, "{found:?}");
    for finding in found {
        let keys: Vec<&str> = finding
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        for key in [
            "severity",
            "code",
            "message",
            "line",
            "column",
            "end_line",
            "end_column",
            "start",
            "end",
        ] {
            assert!(keys.contains(&key), "{finding}");
        }
        let more = ["help", "related", "fix"];
        let more = more.iter().filter(|key| keys.contains(key)).count();
        assert_eq!(keys.len(), 9 + more, "{finding}");
        assert!(["error", "warning", "note"].contains(&finding["severity"].as_str().unwrap()));
    }
    let field = &found[0];
    assert_eq!(field["code"], "unknown-field");
    let at = ["line", "column", "end_line", "end_column"].map(|key| field[key].as_u64().unwrap());
    // In characters, from 1: the name begins after `fn tier(customer) { /* 名单 */ customer.`.
    assert_eq!(at, [2, 39, 2, 44]);
    assert!(
        wrong.problems.contains("error[unknown-field]"),
        "{}",
        wrong.problems
    );
}

#[test]
fn check_knows_the_fields_of_the_book() {
    let policy = "fn tier(customer) { if customer.source == \"fair\" { \"A\" } else { \"C\" } }";
    let without = run(
        "check2",
        &[("policy.rhai", policy)],
        &["--check", "policy.rhai"],
    );
    assert_eq!(without.status, 1);
    let book = r#"{"customers": [{"id": "c1", "source": "fair"}], "reps": []}"#;
    let files = [("policy.rhai", policy), ("book.json", book)];
    let with = run("check3", &files, &["--check", "policy.rhai", "book.json"]);
    assert_eq!(with.status, 0, "{}", with.problems);
    let broken = [("policy.rhai", policy), ("book.json", "{\"customers\": 3}")];
    assert_eq!(
        run("check4", &broken, &["--check", "policy.rhai", "book.json"]).status,
        2
    );
}

#[test]
fn codes_are_explained() {
    let ran = run("code0", &[], &["--code", "no-floor"]);
    assert_eq!(ran.status, 0, "{}", ran.problems);
    assert!(ran.out.starts_with("no-floor\n\nThe last tier has a cut"));
    assert!(
        ran.out.contains("\nInstead:\n\n    const TIERS"),
        "{}",
        ran.out
    );
    assert_eq!(run("code1", &[], &["--code", "nothing"]).status, 2);
}

#[test]
fn help_is_fine() {
    let ran = run("help", &[], &["--help"]);
    assert_eq!((ran.status, ran.problems.as_str()), (0, ""));
    assert!(ran.out.contains("plan --check POLICY [BOOK.json]"));
}
