//! Which byte the interpreter names for an expression.
//!
//! For most it is where the expression begins; for what has an operator it is the operator, for a
//! chain of fields, elements and methods the first `.` or `[`. The tree has no spans for those
//! signs, so they are looked for in the text, only once an error is certain.

use crate::syntax::Source;
use crate::syntax::ast::{BinaryOperator, Expr, ExprKind};

/// What an error names that is about an expression as a whole.
pub(super) fn of(source: &Source, expr: &Expr) -> u32 {
    match &expr.kind {
        ExprKind::Binary {
            operator,
            operator_span,
            left,
            ..
        } => match &left.kind {
            // `a ?? b ?? c` is one thing for the interpreter, and is where its first sign is.
            ExprKind::Binary { operator: same, .. } if same == operator && joins(*operator) => {
                of(source, left)
            }
            _ => operator_span.start,
        },
        ExprKind::Field { receiver, .. } | ExprKind::Index { receiver, .. } => {
            first_sign(source, receiver)
        }
        ExprKind::Call {
            receiver: None,
            name,
            ..
        } => name.span.start,
        ExprKind::Call {
            receiver: Some(receiver),
            ..
        } => first_sign(source, receiver),
        ExprKind::Range { start, .. } => sign_after(source, start.span.end),
        _ => begin(source, expr),
    }
}

/// What an error names that is about where an expression begins.
pub(super) fn start(source: &Source, expr: &Expr) -> u32 {
    match &expr.kind {
        ExprKind::Binary { operator, left, .. } if joins(*operator) => start(source, left),
        ExprKind::Field { receiver, .. } | ExprKind::Index { receiver, .. } => {
            start(source, receiver)
        }
        ExprKind::Call {
            receiver: Some(receiver),
            ..
        } => start(source, receiver),
        _ => of(source, expr),
    }
}

/// Whether a chain of the operator is one node for the interpreter.
const fn joins(operator: BinaryOperator) -> bool {
    matches!(
        operator,
        BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Coalesce
    )
}

/// The first `.` or `[` of the chain that goes on after `receiver`.
fn first_sign(source: &Source, receiver: &Expr) -> u32 {
    match &receiver.kind {
        ExprKind::Field { receiver, .. }
        | ExprKind::Index { receiver, .. }
        | ExprKind::Call {
            receiver: Some(receiver),
            ..
        } => first_sign(source, receiver),
        _ => sign_after(source, receiver.span.end),
    }
}

/// The first byte at or after one that is no space, comment or closing bracket.
pub(super) fn sign_after(source: &Source, byte: u32) -> u32 {
    skip(source.text(), byte as usize, ')')
}

/// Where an expression begins within the brackets around it.
fn begin(source: &Source, expr: &Expr) -> u32 {
    if matches!(expr.kind, ExprKind::Unit) {
        return expr.span.start;
    }
    skip(source.text(), expr.span.start as usize, '(')
}

/// Skips spaces, comments and that bracket.
fn skip(text: &str, mut at: usize, bracket: char) -> u32 {
    loop {
        let rest = text.get(at..).unwrap_or("");
        let trimmed = rest.trim_start_matches(|char: char| char.is_whitespace() || char == bracket);
        at += rest.len() - trimmed.len();
        let comment = if trimmed.starts_with("//") {
            trimmed.find('\n')
        } else if trimmed.starts_with("/*") {
            block_comment(trimmed)
        } else {
            return at as u32;
        };
        match comment {
            Some(length) => at += length,
            None => return text.len() as u32,
        }
    }
}

/// The length of the comment that a text begins with; comments nest.
fn block_comment(text: &str) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let rest = text.get(at..)?;
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += rest.chars().next()?.len_utf8();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Limits;
    use crate::syntax::ast::StatementKind;

    /// The texts from the places on that an expression has as a whole and where it begins.
    fn places(text: &str) -> (String, String) {
        let whole = format!("fn f(a, b) {{ {text} }}");
        let parsed = crate::syntax::parse(&whole, &Limits::default());
        assert!(!parsed.has_errors(), "{text}");
        let source = Source::new(whole.as_str());
        let StatementKind::Expr { expr, .. } = &parsed.script.functions[0].body.statements[0].kind
        else {
            panic!("{text}");
        };
        let rest = |byte: u32| {
            let rest = whole[byte as usize..].strip_suffix(" }").unwrap();
            rest.to_owned()
        };
        (rest(of(&source, expr)), rest(start(&source, expr)))
    }

    #[test]
    fn places_are_those_of_the_interpreter() {
        for (text, whole, start) in [
            ("a", "a", "a"),
            ("( /* ( */ a)", "a)", "a)"),
            ("a + b * 2", "+ b * 2", "+ b * 2"),
            ("a ?? b ?? 2", "?? b ?? 2", "a ?? b ?? 2"),
            ("a ?? (b ?? 2)", "?? (b ?? 2)", "a ?? (b ?? 2)"),
            ("a.b.c", ".b.c", "a.b.c"),
            ("(a . b).c", ". b).c", "a . b).c"),
            ("(a)/* . */ ?.b(1)[2]", "?.b(1)[2]", "a)/* . */ ?.b(1)[2]"),
            ("f(a, b)", "f(a, b)", "f(a, b)"),
            ("a[0].x", "[0].x", "a[0].x"),
            ("-a.b", "-a.b", "-a.b"),
            (
                "if a { 1 } else { 2 }",
                "if a { 1 } else { 2 }",
                "if a { 1 } else { 2 }",
            ),
        ] {
            assert_eq!(places(text), (whole.to_owned(), start.to_owned()), "{text}");
        }
    }
}
