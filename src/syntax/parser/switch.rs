//! `switch`.

use super::{Failed, Parse, Parser};
use crate::syntax::ast::{
    Arm, Block, Expr, ExprKind, Pattern, PatternKind, Statement, StatementKind,
};
use crate::syntax::token::Kind;
use crate::syntax::{Diagnostic, Span};

impl Parser<'_> {
    /// `switch subject { … }`
    pub(super) fn switch(&mut self) -> Parse<Expr> {
        self.deeper(1, 1, Self::switch_arms)
    }

    fn switch_arms(&mut self) -> Parse<Expr> {
        let start = self.bump();
        let subject = self.expression()?;
        let open = self.expect("{", "and the arms of the `switch`")?;
        let mut arms: Vec<Arm> = Vec::new();
        let mut default: Option<Box<Expr>> = None;
        let mut ranges = None;
        loop {
            if self.eat("}").is_some() {
                break;
            }
            if *self.peek() == Kind::End || self.at_outer_function() {
                self.unclosed(open);
                break;
            }
            let first = self.at;
            if self.arm(&mut arms, &mut default, &mut ranges).is_err() {
                self.leave_arm(first);
            }
        }
        let span = start.to(self.before());
        let kind = ExprKind::Switch {
            subject: Box::new(subject),
            arms,
            default,
        };
        Ok(self.node(kind, span))
    }

    /// One arm and its comma. `ranges` is the first range so far.
    fn arm(
        &mut self,
        arms: &mut Vec<Arm>,
        default: &mut Option<Box<Expr>>,
        ranges: &mut Option<Span>,
    ) -> Parse<()> {
        let start = self.here();
        if let Some(default) = &default {
            self.report(
                Diagnostic::error(
                    "default-not-last",
                    start,
                    "an arm after `_` is never reached",
                )
                .with_related(default.span, "the default is here")
                .with_help("move `_ => …` to the end"),
            );
        }
        if self.eat_keyword("_").is_some() {
            if self.at_keyword("if") {
                let span = self.bump();
                self.report(
                    Diagnostic::error("default-guard", span, "the default cannot have a condition")
                        .with_help("put an `if` into its body"),
                );
                self.condition()?;
            }
            self.expect("=>", "after `_`")?;
            let body = self.arm_body()?;
            default.get_or_insert_with(|| Box::new(body));
            return Ok(());
        }
        let mut patterns = Vec::new();
        loop {
            let pattern = self.pattern()?;
            match (&pattern.kind, &ranges) {
                (PatternKind::Range { .. }, None) => *ranges = Some(pattern.span),
                (PatternKind::Int(_) | PatternKind::Float(_), Some(range)) => {
                    let finding = Diagnostic::error(
                        "number-after-range",
                        pattern.span,
                        "a number cannot stand after a range",
                    )
                    .with_related(*range, "the range is here")
                    .with_help("move single numbers before all ranges");
                    self.report(finding);
                }
                _ => {}
            }
            patterns.push(pattern);
            if self.eat("|").is_none() {
                break;
            }
        }
        let guard = match self.eat_keyword("if") {
            Some(_) => Some(self.condition()?),
            None => None,
        };
        self.arrow()?;
        if arms.len() == self.limits.switch_arms {
            self.report(Diagnostic::error(
                "too-many-arms",
                start,
                format!("a `switch` has at most {} arms", self.limits.switch_arms),
            ));
        }
        let body = self.arm_body()?;
        let id = self.id();
        arms.push(Arm {
            id,
            patterns,
            guard,
            span: start.to(body.span),
            body,
        });
        Ok(())
    }

    /// The `=>` after a pattern, or what others write there.
    fn arrow(&mut self) -> Parse<()> {
        let (help, instead) = match self.peek() {
            Kind::Symbol(",") => ("several patterns are joined by `|`", " |"),
            Kind::Symbol("||") => ("several patterns are joined by `|`", "|"),
            Kind::Symbol(":") => ("an arm is `pattern => result`", " =>"),
            _ => return self.expect("=>", "after the pattern").map(|_| ()),
        };
        let (span, found) = (self.here(), self.peek().describe());
        let message = format!("expected `=>` after the pattern, found {found}");
        self.report(
            Diagnostic::error("expected-token", span, message)
                .with_help(help)
                .with_fix(span, instead),
        );
        Err(Failed)
    }

    /// What an arm gives: any statement, as a block unless it is an expression; and the comma.
    fn arm_body(&mut self) -> Parse<Expr> {
        if self.at_symbol(";") || self.at_keyword("let") || self.at_keyword("const") {
            return self.fail(
                "expected-expression",
                "what the arm gives; put statements in `{ … }`",
            );
        }
        let bare = self.statement()?;
        let body = match bare.kind {
            StatementKind::Expr { expr, .. } => expr,
            kind => {
                let block = Block {
                    statements: vec![Statement {
                        kind,
                        span: bare.span,
                    }],
                    span: bare.span,
                };
                self.node(ExprKind::Block(block), bare.span)
            }
        };
        if self.eat(",").is_some() || self.at_symbol("}") || !bare.needs_semicolon {
            return Ok(body);
        }
        if *self.peek() == Kind::Invalid {
            return Err(Failed);
        }
        // The `switch` is not closed, and is told so.
        if *self.peek() == Kind::End || self.at_outer_function() {
            return Ok(body);
        }
        let end = Span::new(body.span.end, body.span.end);
        let found = self.peek().describe();
        self.report(
            Diagnostic::error(
                "expected-token",
                end,
                format!("expected `,` after this arm, found {found}"),
            )
            .with_fix(end, ","),
        );
        if self.eat(";").is_some() || self.token().first_on_line {
            Ok(body)
        } else {
            Err(Failed)
        }
    }

    /// A literal, or a range of ints.
    fn pattern(&mut self) -> Parse<Pattern> {
        let start = self.here();
        let kind = match self.peek().clone() {
            Kind::Symbol("()") => PatternKind::Unit,
            Kind::Keyword("true") => PatternKind::Bool(true),
            Kind::Keyword("false") => PatternKind::Bool(false),
            Kind::Text(text) => PatternKind::Text(text),
            Kind::Character(text) => {
                self.refuse_character(&text, start);
                PatternKind::Text(text)
            }
            Kind::Int(_) | Kind::Float(_) | Kind::Symbol("-" | "+") => {
                return self.number_pattern();
            }
            Kind::Symbol(".." | "..=") => {
                self.range_without_begin()?;
                return Err(Failed);
            }
            Kind::Invalid | Kind::BrokenText => return Err(Failed),
            _ => {
                let found = self.peek().describe();
                let finding = Diagnostic::error(
                    "pattern-not-literal",
                    start,
                    format!("an arm matches literals and ranges of ints, not {found}"),
                );
                let finding = match self.peek() {
                    Kind::Keyword("else") | Kind::Reserved("default") => finding
                        .with_help("the arm for all the rest is `_ => …`")
                        .with_fix(start, "_"),
                    Kind::Reserved("case") => {
                        finding.with_help("an arm is `pattern => result`, without a word before it")
                    }
                    Kind::Reserved("null" | "nil" | "void") => {
                        finding.with_help("what is absent is `()`").with_fix(start, "()")
                    }
                    _ => finding.with_help(
                        "compare other things in a condition: `_ => if x == y { … }`, or use `if` … `else if`",
                    ),
                };
                self.report(finding);
                return Err(Failed);
            }
        };
        self.bump();
        if matches!(self.peek(), Kind::Symbol(".." | "..=")) {
            let span = self.here();
            return self.refuse_range(span);
        }
        Ok(Pattern { kind, span: start })
    }

    fn number_pattern(&mut self) -> Parse<Pattern> {
        let start = self.here();
        let first = self.signed()?;
        let inclusive = self.at_symbol("..=");
        if !inclusive && !self.at_symbol("..") {
            return Ok(Pattern {
                kind: first,
                span: start.to(self.before()),
            });
        }
        let at = self.bump();
        let PatternKind::Int(from) = first else {
            return self.refuse_range(start.to(at));
        };
        if !matches!(
            self.peek(),
            Kind::Int(_) | Kind::Float(_) | Kind::Symbol("-" | "+")
        ) {
            return self.refuse_range(start.to(at));
        }
        let last = self.signed()?;
        let span = start.to(self.before());
        let PatternKind::Int(to) = last else {
            return self.refuse_range(span);
        };
        Ok(Pattern {
            kind: PatternKind::Range {
                start: from,
                end: to,
                inclusive,
            },
            span,
        })
    }

    fn refuse_range<T>(&mut self, span: Span) -> Parse<T> {
        self.report(
            Diagnostic::error(
                "pattern-not-literal",
                span,
                "a range in an arm goes from one int to another",
            )
            .with_help("write `1..10` or `1..=10`; it also matches floats between"),
        );
        Err(Failed)
    }

    /// A number with its sign.
    fn signed(&mut self) -> Parse<PatternKind> {
        let sign = match self.peek() {
            Kind::Symbol("-") => -1,
            Kind::Symbol("+") => 1,
            _ => 0,
        };
        if sign != 0 {
            self.bump();
        }
        let kind = match *self.peek() {
            Kind::Int(int) if sign < 0 => PatternKind::Int(int.wrapping_neg()),
            Kind::Float(float) if sign < 0 => PatternKind::Float(-float),
            Kind::Int(int) => PatternKind::Int(int),
            Kind::Float(float) => PatternKind::Float(float),
            _ => return self.fail("pattern-not-literal", "a number"),
        };
        self.bump();
        Ok(kind)
    }

    /// After an error in an arm that began at token `start`: goes to the next.
    fn leave_arm(&mut self, start: usize) {
        let (mut braces, mut brackets) = (0_u32, 0_u32);
        loop {
            match self.peek() {
                Kind::End => return,
                _ if self.at_outer_function() => return,
                Kind::Symbol("{" | "#{") => braces += 1,
                Kind::Symbol("}") if braces == 0 => return,
                Kind::Symbol("}") => braces -= 1,
                Kind::Symbol("(" | "[" | "?[") if braces == 0 => brackets += 1,
                Kind::Symbol(")" | "]") if braces == 0 => brackets = brackets.saturating_sub(1),
                Kind::Symbol(",") if braces == 0 && brackets == 0 => {
                    self.bump();
                    return;
                }
                // A new line that begins like an arm.
                Kind::Text(_) | Kind::Int(_) | Kind::Keyword("_")
                    if braces == 0 && self.at > start && self.token().first_on_line =>
                {
                    return;
                }
                _ => {}
            }
            self.bump();
        }
    }
}
