//! The example `policy_lab`: what it prints, and how it ends.
//!
//! `cargo test` builds the example beside the tests; `cargo test --test lab` alone does not, and
//! wants a `cargo build --example policy_lab` before it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::path::Path;
use std::process::Command;

/// Runs the example in a directory of its own with a policy and a book; status, output, problems.
fn lab(name: &str, policy: &str, more: &[&str]) -> (i32, String, String) {
    let test = std::env::current_exe().unwrap();
    let target = test.parent().and_then(Path::parent).unwrap();
    let lab = format!("policy_lab{}", std::env::consts::EXE_SUFFIX);
    let lab = target.join("examples").join(lab);
    let directory = std::env::temp_dir().join(format!("bookwright-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("policy.rhai"), policy).unwrap();
    std::fs::write(directory.join("next.rhai"), "fn tier(customer) { \"C\" }").unwrap();
    let book = r#"{"customers": [{"id": "c1", "risk": 0.9}], "reps": [{"id": "r1", "roles": ["developer"]}]}"#;
    std::fs::write(directory.join("book.json"), book).unwrap();
    let ended = (Command::new(&lab)
        .args(["policy.rhai", "book.json"])
        .args(more))
    .current_dir(&directory)
    .output();
    std::fs::remove_dir_all(&directory).unwrap();
    let ended = ended.unwrap_or_else(|error| panic!("{}: {error}", lab.display()));
    (
        ended.status.code().unwrap(),
        String::from_utf8(ended.stdout).unwrap(),
        String::from_utf8(ended.stderr).unwrap(),
    )
}

const HOOK: &str =
    "fn tier(customer) { if (customer.risk ?? 0.0) > 0.5 { \"A\" } else { \"C\" } }\n";

/// A policy with a test of this body.
fn tested(body: &str) -> String {
    format!("{HOOK}fn test_it() {{ {body} }}\n")
}

const LAX: &str = "assert_eq(tier(customer(#{ risk: 0.9 })), \"A\");";

#[test]
fn everything_is_told_in_order() {
    let (status, out, problems) = lab("fine", &tested(LAX), &["--next", "next.rhai"]);
    assert_eq!((status, problems.as_str()), (0, ""));
    let parts = [
        "# Diagnostics",
        "# Tests",
        "coverage: 50 %",
        "# Mutants",
        "no test notices",
        "# Comparison",
    ];
    let places: Vec<usize> = parts.iter().map(|part| out.find(part).unwrap()).collect();
    assert!(places.is_sorted(), "{out}");
}

#[test]
fn the_status_tells_what_fails() {
    let status = |name: &str, policy: &str, more: &[&str]| lab(name, policy, more).0;
    assert_eq!(status("wrong", "fn tier(c) { c.x }", &[]), 1);
    assert_eq!(status("tests-wrong", &tested("asert(true);"), &[]), 1);
    assert_eq!(status("option", &tested(LAX), &["--nonsense"]), 2);
    assert_eq!(status("time", &tested(LAX), &["--seconds", "0"]), 3);
    assert_eq!(status("fails", &tested("assert(1 > 2);"), &[]), 4);
    assert_eq!(
        status("coverage", &tested(LAX), &["--least-coverage", "60"]),
        5
    );
    assert_eq!(
        status("mutants", &tested(LAX), &["--most-survivors", "0"]),
        6
    );
    let enough = ["--least-coverage", "50", "--most-survivors", "9"];
    assert_eq!(status("enough", &tested(LAX), &enough), 0);
}
