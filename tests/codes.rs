//! The page of codes, run: each example is found to be what it is an example of, and what stands
//! instead is right. Fixes that a machine can apply are applied, and put right what they are for.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::path::Path;

use bookwright::syntax::{Diagnostic, Report, Severity, codes};
use bookwright::{Records, Schema, check};

/// A policy with its repeated lines written out.
fn written_out(policy: &str) -> String {
    let mut out = String::new();
    for line in policy.lines() {
        let repeated = line.rsplit_once(" × ").and_then(|(line, times)| {
            let times: usize = times.parse().ok()?;
            Some((line, times))
        });
        match repeated {
            Some((line, times)) => {
                for n in 0..times {
                    out.push_str(&line.replace("{n}", &n.to_string()));
                    out.push('\n');
                }
            }
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

fn found(report: &Report) -> BTreeSet<&'static str> {
    (report.iter())
        .filter(|finding| finding.severity != Severity::Note)
        .map(|finding| finding.code)
        .collect()
}

#[test]
fn examples_show_their_code_and_nothing_else() {
    let schema = Schema::default();
    let mut wrong = String::new();
    for code in codes::all() {
        assert!(!code.meaning.is_empty(), "{}", code.code);
        let (Some(example), Some(instead)) = (code.example, code.instead) else {
            assert_eq!(code.code, "not-compiled");
            continue;
        };
        let report = check(&written_out(example), &schema);
        let right = if code.group == "Notes" {
            report.notes().any(|note| note.code == code.code)
        } else {
            found(&report) == BTreeSet::from([code.code])
        };
        if !right {
            wrong.push_str(&format!("example of {}:\n{example}\n{report}\n", code.code));
        }
        let report = check(&written_out(instead), &schema);
        if !found(&report).is_empty() || report.iter().any(|note| note.code == code.code) {
            wrong.push_str(&format!("instead of {}:\n{instead}\n{report}\n", code.code));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn codes_stand_once_on_the_page_and_are_explained() {
    let all: Vec<&str> = codes::all().map(|code| code.code).collect();
    let once: BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(all.len(), once.len());
    assert!(all.len() > 130, "{}", all.len());
    for code in all {
        let explained = codes::explain(code).unwrap();
        assert!(explained.to_string().starts_with(code));
    }
    let shown = codes::explain("not-interpolated").unwrap().to_string();
    assert!(shown.contains("\n\nInstead:\n\n    fn eligible"), "{shown}");
}

/// Every policy that the tests have with something wrong in it, and the schema it is for.
fn wrong_policies() -> Vec<(String, Schema)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut all = Vec::new();
    let cases = std::fs::read_to_string(root.join("diagnostics/cases.txt")).unwrap();
    for case in cases.split("======== ").skip(1) {
        let (_, rest) = case.split_once('\n').unwrap();
        let (policy, _) = rest.split_once("--------").unwrap();
        all.push((policy.to_owned(), Schema::default()));
    }
    for file in std::fs::read_dir(root.join("defects/planted")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let schema = match text.lines().next().unwrap().split_once(" with ") {
            Some((_, book)) => {
                let book = std::fs::read_to_string(root.join("defects").join(book)).unwrap();
                let records: Records = serde_json::from_str(&book).unwrap();
                records.schema_or_inferred()
            }
            None => Schema::default(),
        };
        all.push((text, schema));
    }
    let examples = codes::all().filter_map(|code| code.example);
    all.extend(examples.map(|example| (written_out(example), Schema::default())));
    all
}

#[test]
fn a_fix_puts_right_what_it_is_for() {
    let count = |report: &Report, finding: &Diagnostic| {
        (report.iter())
            .filter(|other| other.code == finding.code && other.message == finding.message)
            .count()
    };
    let mut applied = BTreeSet::new();
    let mut wrong = String::new();
    for (text, schema) in wrong_policies() {
        let report = check(&text, &schema);
        for finding in report.iter() {
            let Some(fix) = &finding.fix else { continue };
            let fixed = fix.apply(&text);
            let after = check(&fixed, &schema);
            applied.insert(finding.code);
            if count(&after, finding) >= count(&report, finding) {
                wrong.push_str(&format!("{finding}\n{fixed}\n{after}\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(applied.len() >= 25, "{applied:?}");
}
