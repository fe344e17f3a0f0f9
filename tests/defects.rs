//! What the checker finds, over policies as people write them: one planted defect each, which must
//! be found at its place and nothing else with it; and right ones, of which nothing may be said.
//!
//! The first line of a file says what is in it: `// planted: CODE at LINE:COLUMN`, or `// clean`;
//! with ` with BOOK` behind it where the schema is that of a book beside the folders.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bookwright::syntax::{Report, Severity};
use bookwright::{Records, Schema, check};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/defects")
        .join(name)
}

/// A policy of the corpus.
struct Case {
    name: String,
    /// `CODE at LINE:COLUMN`; nothing for a clean one.
    planted: Option<String>,
    report: Report,
}

fn cases(name: &str) -> Vec<Case> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| case(file)).collect()
}

fn case(file: &Path) -> Case {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(file).unwrap();
    let text = text.replace("\r\n", "\n");
    let first = text.lines().next().unwrap();
    let (first, schema) = match first.split_once(" with ") {
        Some((first, book)) => {
            let book = std::fs::read_to_string(folder(book)).unwrap();
            let records: Records = serde_json::from_str(&book).unwrap();
            (first, records.schema_or_inferred())
        }
        None => (first, Schema::default()),
    };
    let planted = first.strip_prefix("// planted: ").map(str::to_owned);
    assert!(planted.is_some() || first == "// clean", "{name}: {first}");
    let report = check(&text, &schema);
    Case {
        name,
        planted,
        report,
    }
}

/// The errors and warnings, each as `CODE at LINE:COLUMN`. Notes say what is good to know of any
/// policy.
fn found(report: &Report) -> Vec<String> {
    (report.iter())
        .filter(|finding| finding.severity != Severity::Note)
        .map(|finding| {
            let place = report.source().position(finding.span.start);
            format!("{} at {}:{}", finding.code, place.line, place.column)
        })
        .collect()
}

#[test]
fn every_planted_defect_is_found_at_its_place() {
    let cases = cases("planted");
    assert!(cases.len() >= 200, "only {} policies", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let planted = case.planted.clone().expect("a planted defect");
        let found = found(&case.report);
        if found != [planted.clone()] {
            wrong.push(format!("{}: planted {planted}, found {found:?}", case.name));
        }
    }
    // The figure `check.seeded_defects.percent` is 100.
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let codes: BTreeSet<String> = (cases.iter())
        .filter_map(|case| Some(case.planted.as_ref()?.split_once(' ')?.0.to_owned()))
        .collect();
    assert!(codes.len() >= 60, "{codes:?}");
}

#[test]
fn nothing_is_said_of_a_clean_policy() {
    let cases = cases("clean");
    assert!(cases.len() >= 80, "only {} policies", cases.len());
    let mut wrong = String::new();
    for case in &cases {
        assert_eq!(case.planted, None, "{}", case.name);
        if !found(&case.report).is_empty() {
            wrong.push_str(&format!("{}\n{}\n", case.name, case.report));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
