//! The exact text of every finding, from a file of cases: a policy, then what is said about it.
//!
//! `cargo test --test diagnostics` compares; with `BLESS=1` it writes the file anew, to be read
//! before it is committed.

use std::collections::BTreeSet;
use std::fmt::Write;

use bookwright::syntax::codes;
use bookwright::{Schema, check};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/diagnostics/cases.txt");
const POLICY: &str = "======== ";
const FINDINGS: &str = "--------";

/// Title, policy, findings.
fn cases(text: &str) -> Vec<(String, String, String)> {
    let mut cases = Vec::new();
    for case in text.split(POLICY).skip(1) {
        let (title, rest) = case.split_once('\n').unwrap_or((case, ""));
        let (policy, findings) = rest.split_once(FINDINGS).unwrap_or((rest, "\n"));
        cases.push((
            title.trim().to_owned(),
            policy.trim_end_matches('\n').to_owned(),
            findings.trim_matches('\n').to_owned(),
        ));
    }
    cases
}

#[test]
fn every_finding_has_its_exact_text() {
    let text = std::fs::read_to_string(FILE).unwrap().replace("\r\n", "\n");
    let schema = Schema::default();
    let mut anew = String::new();
    let mut wrong = String::new();
    for (title, policy, findings) in cases(&text) {
        let report = check(&policy, &schema).to_string();
        let report = report.trim_matches('\n');
        write!(anew, "{POLICY}{title}\n{policy}\n{FINDINGS}\n{report}\n\n").unwrap();
        if report != findings {
            write!(
                wrong,
                "{title}\n{policy}\n--- expected\n{findings}\n--- found\n{report}\n\n"
            )
            .unwrap();
        }
        // The title begins with a code that is found.
        let code = title.split(':').next().unwrap();
        assert!(
            report.contains(&format!("[{code}]: ")),
            "{title}\n{policy}\n{report}"
        );
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(FILE, anew).unwrap();
    } else {
        assert!(wrong.is_empty(), "{wrong}");
    }
}

#[test]
fn every_code_in_the_source_has_a_case() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut codes = BTreeSet::new();
    for folder in [
        "syntax",
        "syntax/lexer",
        "syntax/parser",
        "policy/check",
        "policy/check/names",
        "policy/check/settings",
        "policy/check/types",
    ] {
        for entry in std::fs::read_dir(format!("{root}/{folder}")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|kind| kind != "rs") || path.ends_with("tests.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            // A code is a text of lower-case words joined by `-`.
            let word = |c: char| !(c.is_ascii_lowercase() || c == '-');
            for (at, _) in text.match_indices('"') {
                let rest = &text[at + 1..];
                let quoted = &rest[..rest.find(word).unwrap_or(0)];
                let whole = rest[quoted.len()..].starts_with('"');
                if whole && quoted.trim_matches('-').contains('-') {
                    codes.insert(quoted.to_owned());
                }
            }
        }
    }
    let text = std::fs::read_to_string(FILE).unwrap();
    let shown: BTreeSet<String> = text
        .split('[')
        .skip(1)
        .filter_map(|rest| rest.split_once("]:").map(|(code, _)| code.to_owned()))
        .collect();
    let missing: Vec<&String> = codes.difference(&shown).collect();
    assert!(codes.len() > 60, "{codes:?}");
    assert!(missing.is_empty(), "no case shows {missing:?}");
    let explained: BTreeSet<String> = codes::all().map(|code| code.code.to_owned()).collect();
    let missing: Vec<&String> = codes.difference(&explained).collect();
    assert!(missing.is_empty(), "src/syntax/codes.md has no {missing:?}");
    let unknown: Vec<&String> = (explained.iter())
        .filter(|code| !codes.contains(*code))
        // Single words, and what is found behind the checks.
        .filter(|code| !["recursion", "interpreted", "not-compiled"].contains(&&***code))
        .collect();
    assert!(unknown.is_empty(), "nothing gives {unknown:?}");
}
