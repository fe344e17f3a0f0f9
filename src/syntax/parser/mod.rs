//! From words to the syntax tree, with all errors at once.
//!
//! Recursive descent with Rhai 1.27's precedence, associativity and rules for semicolons. A
//! construct that Rhai has and the language has not is reported with its own code and read on as
//! far as it goes, so that what follows is found too. After a syntax error the parser leaves the
//! statement (or the brackets) and goes on behind it; it does not report twice for one place.
//!
//! Two depths are limited. *Nesting* counts brackets, blocks, signs and calls. *Levels* mirror what
//! Rhai counts while it parses: each operator of a chain `a + b + c …`, each `.` and each `else if`
//! is one more level, because its interpreter descends through them; see
//! [`interpreter_levels`]. Both bound the recursion of everything that walks the tree, its drop
//! included. Time is linear in the text.

mod brackets;
mod cursor;
mod expressions;
mod items;
mod postfix;
mod primary;
mod refused;
mod statements;
mod switch;

use super::lexer::lex;
use super::token::Token;
use super::{Diagnostic, Span, ast};
use crate::language::Limits;

/// A policy's tree, and what is wrong with its text.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// The tree; where there are errors, with broken parts.
    pub script: ast::Script,
    /// What the parser found, in order of place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    /// Whether the text is refused.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|finding| finding.severity == super::Severity::Error)
    }
}

/// How deep Rhai may find one function of a policy that [`parse`] accepts, as its
/// `set_max_expr_depths` counts. The sandbox sets the same number, so that what is accepted here
/// is accepted there; a sum may then have some twenty terms, and `let` makes longer ones.
#[must_use]
pub const fn interpreter_levels(limits: &Limits) -> usize {
    limits.expression_depth
}

/// Reads a policy; never fails, and finds all errors of the text at once.
///
/// ```
/// use bookwright::syntax::parse;
/// use bookwright::Limits;
///
/// let parsed = parse("fn tier(customer) { while true {} }\nlet x = 'A';", &Limits::default());
/// let codes: Vec<_> = parsed.diagnostics.iter().map(|finding| finding.code).collect();
/// assert_eq!(codes, ["no-while", "no-top-level-let", "no-character"]);
/// ```
#[must_use]
pub fn parse(text: &str, limits: &Limits) -> Parsed {
    if text.len() > limits.source_bytes || u32::try_from(text.len()).is_err() {
        let finding = Diagnostic::error(
            "source-too-long",
            Span::new(0, 0),
            format!(
                "this policy has {} bytes; at most {} are allowed",
                text.len(),
                limits.source_bytes
            ),
        );
        return Parsed {
            script: ast::Script::default(),
            diagnostics: vec![finding],
        };
    }
    let (tokens, diagnostics) = lex(text, limits);
    let mut parser = Parser {
        text,
        tokens,
        at: 0,
        limits,
        diagnostics,
        nodes: 0,
        levels: 0,
        nesting: 0,
        most_levels: interpreter_levels(limits),
        in_loop: false,
        locals: 0,
        told_depth: false,
        told_unclosed: false,
        in_branch: false,
    };
    let mut script = parser.script();
    script.nodes = parser.nodes;
    let diagnostics = without_open_texts(text, parser.diagnostics);
    Parsed {
        script,
        diagnostics: capped(diagnostics, limits.problems),
    }
}

/// On a line with a text that is never closed nobody knows what is text and what is not: what else
/// was expected there is not said.
fn without_open_texts(text: &str, mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let open: Vec<u32> = (diagnostics.iter())
        .filter(|finding| finding.code == "unterminated-text")
        .map(|finding| finding.span.start)
        .collect();
    if !open.is_empty() {
        let same_line = |a: u32, b: u32| {
            let between = text.get(a.min(b) as usize..a.max(b) as usize);
            between.is_some_and(|between| !between.contains('\n'))
        };
        diagnostics.retain(|finding| {
            !(finding.code.starts_with("expected-")
                && open.iter().any(|&at| same_line(at, finding.span.start)))
        });
    }
    diagnostics
}

/// The first findings in order of place, and how many more there are.
fn capped(mut diagnostics: Vec<Diagnostic>, most: usize) -> Vec<Diagnostic> {
    diagnostics.sort_by_key(|finding| (finding.span.start, finding.span.end));
    diagnostics.dedup();
    if diagnostics.len() > most {
        let rest = diagnostics.len() - most;
        let at = diagnostics[most].span;
        diagnostics.truncate(most);
        diagnostics.push(Diagnostic::note(
            "more-problems",
            at,
            format!("{rest} more problems from here on are not listed"),
        ));
    }
    diagnostics
}

/// A syntax error, already reported: leave the statement.
#[derive(Debug, Clone, Copy)]
struct Failed;

type Parse<T> = Result<T, Failed>;

struct Parser<'a> {
    text: &'a str,
    /// Never empty; the last is the end.
    tokens: Vec<Token>,
    at: usize,
    limits: &'a Limits,
    diagnostics: Vec<Diagnostic>,
    nodes: u32,
    levels: usize,
    nesting: usize,
    most_levels: usize,
    in_loop: bool,
    /// Whether the block at hand belongs to an `if`, so that an `else` may end it.
    in_branch: bool,
    /// How many locals the function at hand has so far.
    locals: usize,
    /// Whether the function at hand was told to be too deep.
    told_depth: bool,
    /// Whether a brace of the item at hand was told to be never closed.
    told_unclosed: bool,
}

#[cfg(test)]
mod tests;
