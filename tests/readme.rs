//! What README.md shows that is not Rust: policies compile, or fail with the very text shown.
//! (Its Rust runs as documentation tests.)

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test like the tests do"
)]

use bookwright::{Policy, Schema};

const README: &str = include_str!("../README.md");

/// The blocks of a language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    let rest = README.split(&fence).skip(1);
    rest.map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_first_policy_is_the_file_that_the_example_reads() {
    let [first, wrong, tests, chinese] = blocks("rhai")[..] else {
        panic!("other policies than the test knows")
    };
    assert_eq!(first, include_str!("../examples/first.rhai"));
    for right in [first, chinese] {
        let policy = Policy::compile(right, &Schema::default()).unwrap();
        assert!(policy.notes().is_empty(), "{}", policy.notes());
    }

    let tested = Policy::compile(first, &Schema::default()).unwrap();
    bookwright::testing::assert_policy(&tested.with_tests(tests).unwrap());

    let error = Policy::compile(wrong, &Schema::default()).unwrap_err();
    let shown = blocks("text");
    let shown = shown.iter().find(|it| it.starts_with("error[")).unwrap();
    assert_eq!(error.to_string().trim_end(), shown.trim_end());
}

#[test]
fn the_limits_are_those_of_the_code() {
    let limits = bookwright::Limits::default();
    let kib = |bytes: usize| bytes / 1024;
    for row in [
        format!("| source of a policy | {} KiB |", kib(limits.source_bytes)),
        format!(
            "| depth of calls / of expressions | {} / {} |",
            limits.call_depth, limits.expression_depth
        ),
        format!(
            "| text, array, map in a script | {} KiB, {}, {} |",
            kib(limits.text_bytes),
            limits.array_length,
            limits.map_entries
        ),
        format!(
            "| functions, locals in one, parameters, `switch` arms | {}, {}, {}, {} |",
            limits.functions, limits.locals, limits.parameters, limits.switch_arms
        ),
        format!(
            "| worst case of one call of a hook | {},000 operations, known when compiled |",
            limits.operations / 1000
        ),
        format!("| id of a record | {} bytes |", limits.id_bytes),
    ] {
        assert!(README.contains(&row), "{row}");
    }
}
