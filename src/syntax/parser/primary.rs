//! What an operator is applied to: literals, names, calls, brackets, blocks.

use std::sync::Arc;

use super::{Failed, Parse, Parser};
use crate::syntax::ast::{Expr, ExprKind, Name, Piece, StatementKind};
use crate::syntax::token::Kind;
use crate::syntax::{Diagnostic, Span};

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Parse<Expr> {
        let root = self.root()?;
        self.postfix(root)
    }

    fn root(&mut self) -> Parse<Expr> {
        let start = self.here();
        let kind = match self.peek().clone() {
            Kind::Int(int) => ExprKind::Int(int),
            Kind::Float(float) => ExprKind::Float(float),
            Kind::Text(text) => ExprKind::Text(text),
            Kind::BrokenText => ExprKind::Broken,
            Kind::Keyword("true") => ExprKind::Bool(true),
            Kind::Keyword("false") => ExprKind::Bool(false),
            Kind::Symbol("()") => ExprKind::Unit,
            Kind::Character(text) => {
                self.refuse_character(&text, start);
                ExprKind::Text(text)
            }
            Kind::Name(name) => return self.name_or_call(name),
            Kind::Opening(text) => return self.interpolated(text),
            Kind::Symbol("(") => return self.parenthesised(),
            Kind::Symbol("[") => return self.array(),
            Kind::Symbol("#{") => return self.map("#{"),
            Kind::Symbol("{") if self.at_bare_map() => {
                self.report(
                    Diagnostic::error("map-without-hash", start, "a map begins with `#{`")
                        .with_help("write `#{ key: value }`; `{ … }` alone is a block")
                        .with_fix(start, "#{"),
                );
                return self.map("{");
            }
            Kind::Symbol("{") => {
                let block = self.deeper(1, 0, Self::block)?;
                let span = block.span;
                return Ok(self.node(ExprKind::Block(block), span));
            }
            Kind::Keyword("if") => return self.deeper(1, 1, Self::if_expression),
            Kind::Keyword("switch") => return self.deeper(1, 0, Self::switch),
            Kind::Symbol("|" | "||") => return self.closure(),
            Kind::Symbol(".." | "..=") => return self.range_without_begin(),
            Kind::Reserved(word) => return self.reserved(word),
            Kind::Keyword(word @ ("for" | "while" | "loop" | "do" | "fn" | "try" | "throw")) => {
                return self.refused_value(word);
            }
            _ => return self.fail("expected-expression", "an expression"),
        };
        self.bump();
        Ok(self.node(kind, start))
    }

    pub(super) fn refuse_character(&mut self, text: &str, span: Span) {
        let mut quoted = "\"".to_owned();
        for letter in text.chars() {
            match letter {
                '"' | '\\' => quoted.extend(['\\', letter]),
                '\n' => quoted.push_str("\\n"),
                '\r' => quoted.push_str("\\r"),
                '\t' => quoted.push_str("\\t"),
                _ if letter.is_control() => {
                    quoted.push_str(&format!("\\u{:04x}", u32::from(letter)))
                }
                _ => quoted.push(letter),
            }
        }
        quoted.push('"');
        self.report(
            Diagnostic::error("no-character", span, "there are no characters, only texts")
                .with_help(format!("write `{quoted}`"))
                .with_fix(span, quoted),
        );
    }

    fn name_or_call(&mut self, text: Arc<str>) -> Parse<Expr> {
        let span = self.bump();
        match self.peek() {
            Kind::Symbol("(" | "()") => {
                let name = Name { text, span };
                let arguments = self.arguments()?;
                let span = span.to(self.before());
                let kind = ExprKind::Call {
                    name,
                    receiver: None,
                    optional: false,
                    arguments,
                };
                Ok(self.node(kind, span))
            }
            Kind::Symbol("!") => {
                let at = self.bump();
                self.report(
                    Diagnostic::error(
                        "no-caller-scope",
                        at,
                        format!("`{text}!` would call a function with the caller's locals"),
                    )
                    .with_help("pass what the function needs as arguments"),
                );
                if matches!(self.peek(), Kind::Symbol("(" | "()")) {
                    self.arguments()?;
                    return Ok(self.node(ExprKind::Broken, span.to(self.before())));
                }
                Err(Failed)
            }
            Kind::Symbol("::") => self.module_path(&text, span),
            _ => Ok(self.node(ExprKind::Variable(text), span)),
        }
    }

    /// `(expression)`
    fn parenthesised(&mut self) -> Parse<Expr> {
        let open = self.here();
        let inner = self.bracketed("(", ")", 1, |parser| {
            let inner = parser.expression_or_range()?;
            parser.expect(")", "to close the bracket")?;
            Ok(inner)
        })?;
        let span = open.to(self.before());
        Ok(match inner {
            Some(inner) => Expr { span, ..inner },
            None => self.node(ExprKind::Broken, span),
        })
    }

    /// `[a, b]`
    fn array(&mut self) -> Parse<Expr> {
        let open = self.here();
        let elements = self.bracketed("[", "]", 2, |parser| {
            let mut elements = Vec::new();
            while parser.eat("]").is_none() {
                // Rhai stops one before its limit.
                if elements.len() + 1 == parser.limits.array_length {
                    let span = parser.here();
                    parser.report(Diagnostic::error(
                        "too-many-elements",
                        span,
                        format!(
                            "an array has at most {} elements here",
                            parser.limits.array_length - 1
                        ),
                    ));
                }
                elements.push(parser.expression()?);
                if parser.eat(",").is_none() {
                    parser.expect("]", "or `,` after an element")?;
                    break;
                }
            }
            Ok(elements)
        })?;
        let span = open.to(self.before());
        Ok(match elements {
            Some(elements) => self.node(ExprKind::Array(elements), span),
            None => self.node(ExprKind::Broken, span),
        })
    }

    /// `#{ key: value }`
    /// Whether a map stands here whose `#` is missing.
    pub(super) fn at_bare_map(&self) -> bool {
        let kind = |ahead: usize| self.tokens.get(self.at + ahead).map(|token| &token.kind);
        self.at_symbol("{")
            && matches!(
                kind(1),
                Some(Kind::Name(_) | Kind::Text(_) | Kind::Reserved(_) | Kind::Keyword(_))
            )
            && matches!(kind(2), Some(Kind::Symbol(":")))
    }

    fn map(&mut self, open_symbol: &'static str) -> Parse<Expr> {
        let open = self.here();
        let entries = self.bracketed(open_symbol, "}", 2, |parser| {
            let mut entries: Vec<(Name, Expr)> = Vec::new();
            while parser.eat("}").is_none() {
                let key = parser.key()?;
                if let Some((earlier, _)) =
                    entries.iter().find(|(earlier, _)| earlier.text == key.text)
                {
                    let finding = Diagnostic::error(
                        "duplicate-key",
                        key.span,
                        format!(
                            "the key `{}` is there twice",
                            crate::syntax::render::clipped(&key.text)
                        ),
                    )
                    .with_related(earlier.span, "first here");
                    parser.report(finding);
                }
                if entries.len() == parser.limits.map_entries {
                    parser.report(Diagnostic::error(
                        "too-many-elements",
                        key.span,
                        format!("a map has at most {} entries", parser.limits.map_entries),
                    ));
                }
                parser.expect(
                    ":",
                    &format!(
                        "after the key `{}`",
                        crate::syntax::render::clipped(&key.text)
                    ),
                )?;
                let value = parser.expression()?;
                entries.push((key, value));
                if parser.eat(",").is_none() {
                    parser.expect("}", "or `,` after a value")?;
                    break;
                }
            }
            Ok(entries)
        })?;
        let span = open.to(self.before());
        Ok(match entries {
            Some(entries) => self.node(ExprKind::Map(entries), span),
            None => self.node(ExprKind::Broken, span),
        })
    }

    fn key(&mut self) -> Parse<Name> {
        match self.peek().clone() {
            Kind::Name(text) | Kind::Text(text) => {
                let span = self.bump();
                Ok(Name { text, span })
            }
            Kind::Reserved(word) | Kind::Keyword(word) => {
                let span = self.bump();
                self.report(
                    Diagnostic::error(
                        "reserved-word",
                        span,
                        format!("`{word}` is a reserved word, not a key"),
                    )
                    .with_help(format!("write it in quotes: `\"{word}\"`"))
                    .with_fix(span, format!("\"{word}\"")),
                );
                Ok(Name {
                    text: word.into(),
                    span,
                })
            }
            _ => self.fail("expected-name", "a key or `}`"),
        }
    }

    /// `` `text ${expression} text` ``
    fn interpolated(&mut self, first: Arc<str>) -> Parse<Expr> {
        let start = self.bump();
        self.deeper(1, 1, |parser| {
            let mut pieces = Vec::new();
            push_text(&mut pieces, first);
            loop {
                let block = parser.block()?;
                pieces.push(Piece::Expr(parser.piece(block)));
                match parser.peek().clone() {
                    Kind::Middle(text) => {
                        parser.bump();
                        push_text(&mut pieces, text);
                    }
                    Kind::Closing(text) => {
                        parser.bump();
                        push_text(&mut pieces, text);
                        break;
                    }
                    _ => return Err(Failed),
                }
            }
            let span = start.to(parser.before());
            Ok(parser.node(ExprKind::Interpolated(pieces), span))
        })
    }

    /// The content of `${…}`: the expression alone where it is one.
    fn piece(&mut self, mut block: crate::syntax::ast::Block) -> Expr {
        if block.statements.len() == 1
            && let Some(statement) = block.statements.pop()
        {
            match statement.kind {
                StatementKind::Expr { expr, .. } => return expr,
                _ => block.statements.push(statement),
            }
        }
        let span = block.span;
        self.node(ExprKind::Block(block), span)
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: Arc<str>) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
}
