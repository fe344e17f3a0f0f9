use super::*;

fn kinds(text: &str) -> Vec<Kind> {
    let (tokens, diagnostics) = lex(text, &Limits::default());
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    tokens.into_iter().map(|token| token.kind).collect()
}

fn codes(text: &str) -> Vec<&'static str> {
    lex(text, &Limits::default())
        .1
        .iter()
        .map(|finding| finding.code)
        .collect()
}

fn first(text: &str) -> Kind {
    kinds(text).remove(0)
}

#[test]
fn numbers_are_read_as_rhai_reads_them() {
    assert_eq!(first("1_000"), Kind::Int(1000));
    assert_eq!(first("0xff"), Kind::Int(255));
    assert_eq!(first("0b1_01"), Kind::Int(5));
    assert_eq!(first("0_o17"), Kind::Int(15));
    assert_eq!(first("0xFFFF_FFFF_FFFF_FFFF"), Kind::Int(-1));
    assert_eq!(first("1. "), Kind::Float(1.0));
    assert_eq!(first("1e5"), Kind::Float(1e5));
    assert_eq!(first("1.5E-3"), Kind::Float(1.5e-3));
    assert_eq!(kinds("1..2")[1], Kind::Symbol(".."));
    assert_eq!(kinds("1.abs")[1], Kind::Symbol("."));
    assert_eq!(first("-9223372036854775808"), Kind::Int(i64::MIN));
    assert_eq!(codes("9223372036854775808"), ["int-overflow"]);
    assert_eq!(
        codes("1e999 1e+ 0x -0x1"),
        ["float-overflow", "malformed-number", "malformed-number"]
    );
    assert_eq!(codes("(-0x1)"), ["malformed-number"]);
}

#[test]
fn a_sign_belongs_to_a_number_only_after_an_operator() {
    assert_eq!(
        kinds("a -5"),
        [
            Kind::Name("a".into()),
            Kind::Symbol("-"),
            Kind::Int(5),
            Kind::End
        ]
    );
    assert_eq!(kinds("a - -5")[2], Kind::Int(-5));
    assert_eq!(kinds("=> -5")[1], Kind::Symbol("-"));
}

#[test]
fn texts_are_read_as_rhai_reads_them() {
    assert_eq!(
        first(r#""a\n\x41\u4e00""b""#),
        Kind::Text("a\nA一\"b".into())
    );
    assert_eq!(
        first(r#""\r\t\\\U0001F600\"""#),
        Kind::Text("\r\t\\\u{1F600}\"".into())
    );
    assert_eq!(first("\"a\\\n  b\""), Kind::Text("a b".into()));
    assert_eq!(first("`\na\r\nb``c`"), Kind::Text("a\nb`c".into()));
    assert_eq!(first(r"`a\${b}`"), Kind::Text("a${b}".into()));
    assert_eq!(first("##\"a\"#b\"##"), Kind::Text("a\"#b".into()));
    assert_eq!(codes("\"a\nb"), ["unterminated-text"]);
    assert_eq!(codes(r#""\q""#), ["malformed-escape"]);
    assert_eq!(codes("`a"), ["unterminated-text"]);
    assert_eq!(
        codes(&format!("\"{}\"", "a".repeat(1025))),
        ["text-too-long"]
    );
}

#[test]
fn interpolation_nests() {
    let kinds = kinds("`a${ #{b: `c${1}`} }d${2}e`");
    assert_eq!(kinds[0], Kind::Opening("a".into()));
    assert!(kinds.contains(&Kind::Opening("c".into())));
    assert!(kinds.contains(&Kind::Middle("d".into())));
    assert_eq!(kinds[kinds.len() - 2], Kind::Closing("e".into()));
}

#[test]
fn comments_nest_and_a_lone_return_ends_a_line() {
    assert_eq!(
        kinds("/* a /* b */ c */ 1 // x\r2"),
        [Kind::Int(1), Kind::Int(2), Kind::End]
    );
    assert_eq!(codes("/* a /* b */"), ["unterminated-comment"]);
    assert_eq!(codes("// \u{202e}"), ["direction-change"]);
}

#[test]
fn what_is_no_word_is_refused_with_its_name() {
    for (text, code) in [
        ("a ++ b", "unknown-symbol"),
        ("a === b", "unknown-symbol"),
        ("\u{feff}1", "unknown-character"),
        ("a\0b", "unknown-character"),
        ("客户", "non-ascii-name"),
        ("cust\u{43e}mer", "non-ascii-name"),
        ("f（1）", "wide-punctuation"),
        ("“A”", "wide-punctuation"),
        ("#!/bin/sh\n1", "no-shebang"),
        ("_1", "malformed-name"),
        ("\u{a0}", "unknown-character"),
    ] {
        assert_eq!(codes(text).first(), Some(&code), "{text}");
    }
}
