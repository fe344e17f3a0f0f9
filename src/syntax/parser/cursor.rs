//! Looking at words, taking them, reporting, and finding the way after an error.

use std::sync::Arc;

use super::{Failed, Parse, Parser};
use crate::syntax::ast::{Expr, ExprKind, Name, NodeId};
use crate::syntax::token::{Kind, Token};
use crate::syntax::{Diagnostic, Span};

impl Parser<'_> {
    pub(super) fn token(&self) -> &Token {
        // `at` never passes the end, which is the last token.
        &self.tokens[self.at]
    }

    pub(super) fn peek(&self) -> &Kind {
        &self.token().kind
    }

    pub(super) fn peek_second(&self) -> &Kind {
        &self.tokens[(self.at + 1).min(self.tokens.len() - 1)].kind
    }

    pub(super) fn here(&self) -> Span {
        self.token().span
    }

    /// The span of the word taken last.
    pub(super) fn before(&self) -> Span {
        self.at
            .checked_sub(1)
            .map_or(Span::new(0, 0), |at| self.tokens[at].span)
    }

    /// Takes a word; the end stays.
    pub(super) fn bump(&mut self) -> Span {
        let span = self.here();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        span
    }

    pub(super) fn at_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Kind::Symbol(found) if *found == symbol)
    }

    pub(super) fn at_keyword(&self, keyword: &str) -> bool {
        matches!(self.peek(), Kind::Keyword(found) if *found == keyword)
    }

    pub(super) fn eat(&mut self, symbol: &str) -> Option<Span> {
        self.at_symbol(symbol).then(|| self.bump())
    }

    pub(super) fn eat_keyword(&mut self, keyword: &str) -> Option<Span> {
        self.at_keyword(keyword).then(|| self.bump())
    }

    /// Takes the symbol, or reports what stands there instead.
    pub(super) fn expect(&mut self, symbol: &'static str, purpose: &str) -> Parse<Span> {
        match self.eat(symbol) {
            Some(span) => Ok(span),
            None => self.fail("expected-token", &format!("`{symbol}` {purpose}")),
        }
    }

    /// Reports that something else was expected here.
    pub(super) fn fail<T>(&mut self, code: &'static str, wanted: &str) -> Parse<T> {
        if !matches!(self.peek(), Kind::Invalid | Kind::BrokenText) {
            let found = self.peek().describe();
            let span = self.here();
            self.report(Diagnostic::error(
                code,
                span,
                format!("expected {wanted}, found {found}"),
            ));
        }
        Err(Failed)
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn node(&mut self, kind: ExprKind, span: Span) -> Expr {
        let id = self.id();
        Expr { id, span, kind }
    }

    pub(super) fn id(&mut self) -> NodeId {
        let id = NodeId(self.nodes);
        self.nodes += 1;
        id
    }

    /// A name to be defined or read; other words with what to do about them.
    pub(super) fn name(&mut self, wanted: &str) -> Parse<Name> {
        match self.peek() {
            Kind::Name(text) => {
                let text = Arc::clone(text);
                let span = self.bump();
                Ok(Name { text, span })
            }
            Kind::Reserved(word) => {
                let word = *word;
                let span = self.bump();
                self.report(
                    Diagnostic::error(
                        "reserved-word",
                        span,
                        format!("`{word}` is a reserved word, not a name"),
                    )
                    .with_help("choose another name"),
                );
                Ok(Name {
                    text: word.into(),
                    span,
                })
            }
            _ => self.fail("expected-name", wanted),
        }
    }

    /// Parses something that is `levels` levels deeper for Rhai and `nesting` deeper for us.
    pub(super) fn deeper<T>(
        &mut self,
        levels: usize,
        nesting: usize,
        parse: impl FnOnce(&mut Self) -> Parse<T>,
    ) -> Parse<T> {
        self.check_depth(levels, nesting)?;
        let before = (self.levels, self.nesting);
        self.levels += levels;
        self.nesting += nesting;
        let result = parse(self);
        (self.levels, self.nesting) = before;
        result
    }

    pub(super) fn check_depth(&mut self, levels: usize, nesting: usize) -> Parse<()> {
        let most = self.limits.expression_depth;
        if self.nesting + nesting <= most && self.levels + levels <= self.most_levels {
            return Ok(());
        }
        if !std::mem::replace(&mut self.told_depth, true) {
            let span = self.here();
            self.report(
                Diagnostic::error(
                    "too-deep",
                    span,
                    format!(
                        "brackets, blocks and chains of operators go more than {most} levels deep here"
                    ),
                )
                .with_help("move a part into a `let` or a function of its own"),
            );
        }
        Err(Failed)
    }

    /// Whether a `fn` stands at the very begin of its line: no nested function, but a `}` missing.
    pub(super) fn at_outer_function(&self) -> bool {
        if !(self.at_keyword("fn") || self.at_keyword("private")) {
            return false;
        }
        let start = self.here().start as usize;
        start == 0 || self.text.as_bytes()[start - 1] == b'\n'
    }

    /// After an error in a statement that began at token `start`: goes behind its `;`, to the `}`
    /// of its block, or to a line that begins with a statement's keyword.
    pub(super) fn leave_statement(&mut self, start: usize) {
        let mut braces = 0_u32;
        loop {
            let first_on_line = self.token().first_on_line;
            match self.peek() {
                Kind::End => return,
                Kind::Symbol(";") if braces == 0 => {
                    self.bump();
                    return;
                }
                Kind::Symbol("{" | "#{") => braces += 1,
                Kind::Symbol("}") if braces == 0 => return,
                Kind::Symbol("}") => braces -= 1,
                Kind::Keyword(
                    "let" | "const" | "if" | "for" | "return" | "switch" | "while" | "loop" | "do"
                    | "try" | "throw" | "break" | "continue",
                ) if braces == 0 && first_on_line && self.at > start => return,
                _ if self.at_outer_function() && self.at > start => return,
                _ => {}
            }
            self.bump();
        }
    }

    /// After an error within brackets: goes behind the closing one, if it comes before the end of
    /// the statement.
    pub(super) fn leave_brackets(&mut self, close: &str) -> Parse<()> {
        let (mut brackets, mut braces) = (0_u32, 0_u32);
        loop {
            match self.peek() {
                Kind::End => return Err(Failed),
                _ if self.at_outer_function() => return Err(Failed),
                Kind::Symbol(found) => match *found {
                    "{" | "#{" => braces += 1,
                    "}" if braces > 0 => braces -= 1,
                    "}" if close == "}" => {
                        self.bump();
                        return Ok(());
                    }
                    "}" => return Err(Failed),
                    ";" if braces == 0 && close != "}" => return Err(Failed),
                    _ if braces > 0 => {}
                    "(" | "[" | "?[" => brackets += 1,
                    found @ (")" | "]") => {
                        if brackets > 0 {
                            brackets -= 1;
                        } else if found == close {
                            self.bump();
                            return Ok(());
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
            self.bump();
        }
    }
}
