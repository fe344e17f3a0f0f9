//! Broken books, made: every class of problem alone, combined, in any number, and in records that
//! are as strange as hostile senders make them.
//!
//! Held here: no panic, every problem told or counted, messages that harm no terminal. What large
//! ones cost is in `book_large`, exact texts are in `book_errors`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

mod breaks;
mod strange;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use bookwright::{Book, BookErrors, Limits, Records};
use breaks::{BREAKS, Break, ELSEWHERE, WHOLE, schema, sound};
use proptest::prelude::*;
use told::{classes, count, is_told_well};

fn all() -> Vec<(&'static str, Break)> {
    BREAKS.iter().chain(WHOLE).copied().collect()
}

#[test]
fn sound_records_make_a_book() {
    let book = Book::build(sound(), schema()).unwrap();
    assert!(book.warnings().is_empty(), "{:?}", book.warnings());
}

#[test]
fn each_class_alone_is_the_one_problem() {
    for (at, (name, broken)) in all().into_iter().enumerate() {
        let mut records = sound();
        broken(&mut records, format!("x{at}"));
        let errors = Book::build(records, schema()).unwrap_err();
        let expected = BTreeMap::from([(name.to_owned(), 1)]);
        assert_eq!(classes(&errors), expected, "break {at}: {errors}");
        is_told_well(&errors);
    }
}

/// The type of the errors is read, so that a class that is added needs a break.
#[test]
fn no_class_is_left_out() {
    let text = std::fs::read_to_string("src/model/error.rs").unwrap();
    let variants = |of: &str| {
        let start = text.find(&format!("pub enum {of} {{")).unwrap();
        let body = &text[start..start + text[start..].find("\n}").unwrap()];
        let line = |line: &str| {
            let name: String = line
                .strip_prefix("    ")?
                .chars()
                .take_while(|c| c.is_alphanumeric())
                .collect();
            name.starts_with(char::is_uppercase).then_some(name)
        };
        body.lines().filter_map(line).collect::<Vec<_>>()
    };
    let mut known: BTreeSet<String> = variants("BookError").into_iter().collect();
    assert!(known.remove("Field") && known.len() > 12, "{known:?}");
    known.extend(
        variants("FieldError")
            .iter()
            .map(|it| format!("Field/{it}")),
    );
    let made = all()
        .into_iter()
        .map(|it| it.0)
        .chain(ELSEWHERE.iter().copied());
    assert_eq!(known, made.map(str::to_owned).collect());
}

/// Numbers of breaks with marks, some of them strange.
fn chosen() -> impl Strategy<Value = Vec<(usize, String)>> {
    let mark = prop_oneof![
        3 => Just("x"),
        1 => Just("\u{202e}\u{200b}"),
        1 => Just("\u{1b}]0;\u{7}"),
        1 => Just("名\n\r\t"),
    ];
    prop::collection::vec((0..BREAKS.len() + WHOLE.len(), mark), 1..40).prop_map(|chosen| {
        let marked = chosen.into_iter().enumerate();
        marked
            .map(|(n, (at, mark))| (at, format!("{mark}{n}-")))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 60 } else { 600 }))]

    /// Any breaks together are all told, each once, with the rest counted.
    #[test]
    fn classes_combined_are_all_there(chosen in chosen(), few in 1_usize..30) {
        let (all, mut records) = (all(), sound());
        for (at, mark) in &chosen {
            all[*at].1(&mut records, mark.clone());
        }
        let whole = |name: &str| WHOLE.iter().any(|it| it.0 == name);
        let mut expected = count(chosen.iter().map(|(at, _)| all[*at].0.to_owned()));
        for (name, count) in &mut expected {
            if whole(name) { *count = 1; }
        }
        let errors = Book::build(records.clone(), schema()).unwrap_err();
        prop_assert_eq!(errors.more(), 0);
        prop_assert_eq!(classes(&errors), expected, "{}", errors);
        is_told_well(&errors);

        // The same again, but for where those without an id stand.
        let again = Book::build(records.clone(), schema()).unwrap_err();
        prop_assert_eq!(again.to_string(), errors.to_string());
        // With room for few, the first few and the number of the rest.
        let mut limits = Limits::default();
        limits.problems = few;
        let capped = Book::builder(schema()).limits(limits).records(records).build().unwrap_err();
        let told = few.min(errors.problems().len());
        let texts = |of: &BookErrors| of.problems().iter().take(told).map(ToString::to_string).collect::<Vec<_>>();
        prop_assert_eq!(texts(&capped), texts(&errors));
        prop_assert_eq!(capped.more(), errors.problems().len() - told);
    }

    /// What JSON can carry of it is refused in the same words.
    #[test]
    fn classes_combined_come_through_json(chosen in chosen()) {
        let (all, mut records) = (all(), sound());
        for (at, mark) in chosen.iter().filter(|(at, _)| all[*at].0 != "Field/NotFinite") {
            all[*at].1(&mut records, mark.clone());
        }
        let text = serde_json::to_string(&records).unwrap();
        let read: Records = serde_json::from_str(&text).unwrap();
        let told = |records| Book::build(records, schema()).map(drop).map_err(|it| it.to_string());
        prop_assert_eq!(told(read), told(records));
    }
}
