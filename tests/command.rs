//! The command of `examples/plan.rs`: what it prints where, and its exit status.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test like the tests do"
)]

#[path = "../examples/plan.rs"]
#[expect(dead_code, reason = "tests call `run`, not `main`")]
mod plan;

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

const POLICY: &str = r#"
const PARAMS = #{ bonus: 1.0 };
fn tier(customer) { if (customer.visits ?? 0) > 2 { "A" } else { "C" } }
fn coverage(customer) { ["developer"] }
fn score(customer, rep) { params.bonus * rep.level }
"#;

/// Files of one test, taken away at its end.
struct Files(PathBuf);

impl Files {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("bookwright-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Status, output and problems of a command line.
fn run(arguments: &[&str]) -> (u8, String, String) {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = plan::run(&arguments, &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status, text(out), text(err))
}

fn book() -> String {
    json!({
        "customers": [{"id": "c1", "visits": 3}, {"id": "c2", "visits": 1}],
        "reps": [
            {"id": "r1", "roles": ["developer"], "level": 2},
            {"id": "r2", "roles": ["developer"], "level": 1, "away_until": "2026-03-03"},
        ],
    })
    .to_string()
}

#[test]
fn a_plan_is_printed_and_repeats_itself() {
    let files = Files::new("plan");
    let policy = files.file("policy.rhai", POLICY);
    let book = files.file("book.json", &book());
    let command = [
        &*policy,
        &*book,
        "--now",
        "2026-03-02",
        "--params",
        r#"{"bonus": 3}"#,
    ];
    let (status, out, err) = run(&command);
    assert_eq!((status, err.as_str()), (0, ""));
    let plan: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(plan["tiers"], json!({"c1": "A", "c2": "C"}));
    assert_eq!(
        plan["assignments"][0],
        json!({"customer": "c1", "role": "developer", "rep": "r1", "score": 6.0, "change": "new"})
    );
    assert_eq!(run(&command).1, out);
}

#[test]
fn dates_begin_at_the_offset() {
    let files = Files::new("offset");
    let policy = files.file("policy.rhai", POLICY);
    let book = files.file("book.json", &book());
    let explain = |now: &str| {
        let command = [&*policy, &*book, "--now", now, "--utc-offset", "+08:00"];
        run(&[&command[..], &["--explain", "c1"]].concat()).1
    };
    assert!(explain("2026-03-02T15:59:59Z").contains("r2, away until 2026-03-03\n"));
    assert!(!explain("2026-03-02T16:00:00Z").contains("away"));
}

#[test]
fn a_wrong_policy_is_status_1() {
    let files = Files::new("policy");
    let wrong = files.file("wrong.rhai", "fn tier(customer) { customer.visit }");
    let book = files.file("book.json", &book());

    let (status, out, err) = run(&["--check", &wrong, &book]);
    assert_eq!(status, 1);
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        found,
        json!([{
            "severity": "error", "code": "unknown-field",
            "message": "a customer has no field `visit`",
            "line": 1, "column": 30, "end_line": 1, "end_column": 35,
            "help": "did you mean `visits`?",
        }])
    );
    assert!(err.contains("1 | fn tier(customer)"), "{err}");

    let (status, out, told) = run(&[&wrong, &book]);
    assert_eq!((status, out.as_str(), &told), (1, "", &err));
    assert_eq!(run(&["no such file", &book]).0, 1);

    let right = files.file("right.rhai", POLICY);
    let (status, _, err) = run(&[&right, &book, "--params", r#"{"bonsu": 1}"#]);
    assert_eq!(status, 1);
    assert_eq!(
        err,
        "unknown parameter `bonsu` (did you mean `bonus`?): `PARAMS` has `bonus`\n"
    );
}

#[test]
fn a_right_policy_is_checked_in_silence() {
    let files = Files::new("check");
    let policy = files.file("policy.rhai", POLICY);
    let book = files.file("book.json", &book());
    let checked = run(&["--check", &policy, &book]);
    assert_eq!(checked, (0, "[]\n".to_owned(), String::new()));
}

#[test]
fn a_wrong_book_or_command_line_is_status_2() {
    let files = Files::new("book");
    let policy = files.file("policy.rhai", "fn tier(customer) { \"C\" }");
    let book = files.file(
        "book.json",
        r#"{"customers": [{"id": "c1", "intent": 7}, {"id": "c1"}]}"#,
    );
    let (status, out, err) = run(&[&policy, &book]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert_eq!(
        err,
        "customer `c1`: field `intent` is `7`, expected 0 to 1\n\
         customer `c1` is there more than once\n"
    );
    for wrong in [&[&*policy][..], &["--nwo", "x"], &[&policy, &book, "--now"]] {
        let (status, _, err) = run(wrong);
        assert_eq!(status, 2, "{wrong:?}");
        assert!(err.contains("usage:"), "{wrong:?}: {err}");
    }
    let (status, _, err) = run(&[&policy, &book, "--now", "soon"]);
    assert_eq!(status, 2, "{err}");
}

#[test]
fn a_budget_that_is_used_up_is_status_3() {
    let files = Files::new("budget");
    let policy = files.file("policy.rhai", POLICY);
    let book = files.file("book.json", &book());
    let (status, out, err) = run(&[&policy, &book, "--now", "2026-03-02", "--seconds", "0"]);
    assert_eq!((status, out.as_str()), (3, ""));
    assert_eq!(err, "the plan was stopped: its time is up\n");
}
