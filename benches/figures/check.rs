//! The checker: how long a long policy takes, and what it finds in the corpus of defects.

use std::hint::black_box;
use std::path::Path;

use bookwright::syntax::Severity;
use bookwright::{Records, Schema, check};

use crate::kernel::LONG;
use crate::{Figures, least};

pub(crate) fn figures(figures: &Figures) {
    let name = "check.long_policy.milliseconds";
    if figures.wants(name) {
        let schema = Schema::default();
        let mut run = || drop(black_box(check(black_box(LONG), &schema)));
        let taken = least(figures, &mut [&mut run]);
        figures.print(name, taken[0] * 1e3, "ms");
    }
    let name = "check.seeded_defects.percent";
    if figures.wants(name) {
        figures.print(name, right(), "%");
    }
}

/// How many of a hundred policies of the corpus are judged right: the planted defect at its place
/// and nothing else, or nothing at all. `tests/defects.rs` holds it to a hundred.
fn right() -> f64 {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/defects");
    let (mut all, mut right) = (0.0, 0.0);
    for folder in ["planted", "clean"] {
        for file in std::fs::read_dir(root.join(folder)).expect("the corpus") {
            let text = std::fs::read_to_string(file.expect("a file").path()).expect("a policy");
            let first = text.lines().next().expect("a first line");
            let (first, schema) = match first.split_once(" with ") {
                Some((first, book)) => {
                    let book = std::fs::read_to_string(root.join(book)).expect("a book");
                    let records: Records = serde_json::from_str(&book).expect("records");
                    (first, records.schema_or_inferred())
                }
                None => (first, Schema::default()),
            };
            let report = check(&text, &schema);
            let found: Vec<String> = (report.iter())
                .filter(|finding| finding.severity != Severity::Note)
                .map(|finding| {
                    let place = report.source().position(finding.span.start);
                    format!("{} at {}:{}", finding.code, place.line, place.column)
                })
                .collect();
            let planted = first.strip_prefix("// planted: ");
            all += 1.0;
            right += f64::from(u8::from(found == planted.as_slice()));
        }
    }
    100.0 * right / all
}
