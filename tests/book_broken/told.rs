//! How problems of a book are told, whatever they are.

use std::collections::BTreeMap;

use bookwright::{BookError, BookErrors};

/// The class of an error: its variant, and for fields the variant of what is wrong.
fn class(error: &BookError) -> String {
    let name = |debug: String| {
        let end = debug.find(|c: char| !c.is_alphanumeric());
        debug[..end.unwrap_or(debug.len())].to_owned()
    };
    match error {
        BookError::Field { problem, .. } => format!("Field/{}", name(format!("{problem:?}"))),
        other => name(format!("{other:?}")),
    }
}

pub(crate) fn count<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    items.into_iter().fold(BTreeMap::new(), |mut counts, item| {
        *counts.entry(item).or_default() += 1;
        counts
    })
}

pub(crate) fn classes(errors: &BookErrors) -> BTreeMap<String, usize> {
    count(errors.problems().iter().map(class))
}

/// What holds of any error: texts are short, on one line each, without control or invisible
/// characters, and keep the values of sensitive fields to themselves.
pub(crate) fn is_told_well(errors: &BookErrors) {
    assert!(!errors.problems().is_empty() && errors.problems().len() <= 100);
    for problem in errors.problems() {
        let text = problem.to_string();
        assert!(
            text.chars().count() < 3000,
            "{} characters: {text}",
            text.len()
        );
        assert!(!text.chars().any(is_harmful), "{text:?}");
        assert!(!text.contains("secret"), "{text}");
    }
    let whole = errors.to_string();
    let more = if errors.more() > 0 { 1 } else { 0 };
    assert_eq!(whole.lines().count(), errors.problems().len() + more);
}

pub(crate) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
