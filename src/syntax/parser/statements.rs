//! Blocks and statements.

use super::{Failed, Parse, Parser};
use crate::syntax::ast::{BinaryOperator, Block, Expr, ExprKind, Name, Statement, StatementKind};
use crate::syntax::token::Kind;
use crate::syntax::{Diagnostic, Span};

/// A statement before its semicolon.
pub(super) struct Bare {
    pub(super) kind: StatementKind,
    pub(super) span: Span,
    /// Whether a semicolon must follow, unless the block ends.
    pub(super) needs_semicolon: bool,
}

/// The operators of compound assignments.
const COMPOUND: &[(&str, BinaryOperator)] = &[
    ("+=", BinaryOperator::Add),
    ("-=", BinaryOperator::Subtract),
    ("*=", BinaryOperator::Multiply),
    ("/=", BinaryOperator::Divide),
    ("%=", BinaryOperator::Modulo),
    ("**=", BinaryOperator::Power),
    ("<<=", BinaryOperator::ShiftLeft),
    (">>=", BinaryOperator::ShiftRight),
    ("&=", BinaryOperator::BitAnd),
    ("|=", BinaryOperator::BitOr),
    ("^=", BinaryOperator::BitXor),
];

impl Parser<'_> {
    /// `{ … }`
    pub(super) fn block(&mut self) -> Parse<Block> {
        self.block_of(false)
    }

    /// A block; `branch` where an `else` may follow it.
    pub(super) fn block_of(&mut self, branch: bool) -> Parse<Block> {
        if !self.at_symbol("{") {
            return self.fail("expected-token", "`{` to begin a block");
        }
        let outer = std::mem::replace(&mut self.in_branch, branch);
        let block = self.deeper(1, 1, Self::braced);
        self.in_branch = outer;
        match block {
            Ok(block) => Ok(block),
            Err(Failed) if self.at_symbol("{") => {
                // Too deep: go behind it.
                let open = self.bump();
                self.leave_brackets("}")?;
                Ok(Block::empty(open.to(self.before())))
            }
            Err(Failed) => Err(Failed),
        }
    }

    fn braced(&mut self) -> Parse<Block> {
        let open = self.bump();
        let mut statements = Vec::new();
        loop {
            while self.eat(";").is_some() {}
            if let Some(close) = self.eat("}") {
                keep_last_value(&mut statements);
                return Ok(Block {
                    statements,
                    span: open.to(close),
                });
            }
            if self.in_branch && self.at_keyword("else") {
                self.unclosed_branch(open);
                return Ok(Block {
                    statements,
                    span: open.to(self.before()),
                });
            }
            if *self.peek() == Kind::End || self.at_outer_function() {
                self.unclosed(open);
                return Ok(Block {
                    statements,
                    span: open.to(self.before()),
                });
            }
            let start = self.at;
            match self.statement().map(|bare| self.terminated(bare)) {
                Ok((statement, Ok(()))) => statements.push(statement),
                failed => {
                    // A local that is there is no unknown one further down.
                    if let Ok((statement, _)) = failed
                        && matches!(statement.kind, StatementKind::Let { .. })
                    {
                        statements.push(statement);
                    }
                    let from = self.tokens[start].span;
                    self.leave_statement(start);
                    statements.push(Statement {
                        kind: StatementKind::Broken,
                        span: from.to(self.before()),
                    });
                }
            }
        }
    }

    /// Reports the innermost brace that is never closed.
    pub(super) fn unclosed(&mut self, open: Span) {
        if !std::mem::replace(&mut self.told_unclosed, true) {
            let finding = Diagnostic::error("unclosed-brace", open, "this `{` is never closed");
            self.report(finding);
        }
    }

    /// Reports a branch that an `else` follows before its `}`.
    fn unclosed_branch(&mut self, open: Span) {
        let before = Span::new(self.here().start, self.here().start);
        let finding = Diagnostic::error(
            "unclosed-brace",
            open,
            "this `{` is not closed before `else`",
        )
        .with_related(self.here(), "the `else` is here")
        .with_help("write `}` before `else`")
        .with_fix(before, "} ");
        self.report(finding);
    }

    /// Takes the semicolon of a statement, where it has or needs one.
    fn terminated(&mut self, bare: Bare) -> (Statement, Parse<()>) {
        let Bare {
            mut kind,
            mut span,
            needs_semicolon,
        } = bare;
        let mut ended = Ok(());
        if let Some(end) = self.eat(";") {
            span = span.to(end);
            if let StatementKind::Expr { semicolon, .. } = &mut kind {
                *semicolon = true;
            }
        } else if self.in_branch && self.at_keyword("else") {
            // The block is not closed: that is said of it.
        } else if needs_semicolon && !self.at_symbol("}") && *self.peek() != Kind::End {
            ended = self.missing_semicolon(span);
        }
        (Statement { kind, span }, ended)
    }

    fn missing_semicolon(&mut self, span: Span) -> Parse<()> {
        if *self.peek() == Kind::Invalid {
            return Err(Failed);
        }
        let end = Span::new(span.end, span.end);
        let finding = if let Kind::Symbol("=") = self.peek() {
            let at = self.here();
            Diagnostic::error("expected-semicolon", at, "an assignment has no value here")
                .with_help("write one assignment per statement, or `==` to compare")
        } else if self.at_keyword("else") {
            let at = self.here();
            Diagnostic::error("stray-else", at, "this `else` belongs to no `if`")
        } else {
            let found = self.peek().describe();
            Diagnostic::error(
                "expected-semicolon",
                end,
                format!("expected `;` after this statement, found {found}"),
            )
            .with_fix(end, ";")
        };
        self.report(finding);
        // On a new line a new statement begins; else nobody knows.
        if self.token().first_on_line && !matches!(self.peek(), Kind::Symbol("=")) {
            Ok(())
        } else {
            Err(Failed)
        }
    }

    pub(super) fn statement(&mut self) -> Parse<Bare> {
        let start = self.here();
        let Kind::Keyword(word) = *self.peek() else {
            if self.at_symbol("{") && !self.at_bare_map() {
                let block = self.deeper(1, 0, Self::block)?;
                let expr = self.node(ExprKind::Block(block), start.to(self.before()));
                return Ok(self.expression_statement(expr, false));
            }
            if matches!(self.peek(), Kind::Reserved("var" | "static"))
                && matches!(self.peek_second(), Kind::Name(_))
            {
                let at = self.at;
                self.refuse_word();
                self.at = at;
                return self.deeper(1, 0, Self::binding);
            }
            return self.deeper(1, 0, Self::expression_or_assignment);
        };
        let (kind, needs_semicolon) = match word {
            "if" => {
                let expr = self.deeper(1, 0, Self::if_expression)?;
                return Ok(self.expression_statement(expr, false));
            }
            "switch" => {
                let expr = self.deeper(1, 0, Self::switch)?;
                return Ok(self.expression_statement(expr, false));
            }
            "for" => (self.deeper(1, 0, Self::for_loop)?, false),
            "let" | "const" => return self.deeper(1, 0, Self::binding),
            "return" => {
                self.bump();
                let value = self.optional_value()?;
                (StatementKind::Return(value), true)
            }
            "break" | "continue" => (self.jump(word)?, true),
            "fn" | "private" => (self.nested_function()?, false),
            "while" | "loop" | "do" | "try" | "throw" | "import" | "export" => {
                let needs = matches!(word, "do" | "throw" | "import" | "export");
                (self.refused_statement(word)?, needs)
            }
            "else" => {
                self.bump();
                self.report(Diagnostic::error(
                    "stray-else",
                    start,
                    "this `else` belongs to no `if`",
                ));
                return Err(Failed);
            }
            _ => return self.deeper(1, 0, Self::expression_or_assignment),
        };
        Ok(Bare {
            kind,
            span: start.to(self.before()),
            needs_semicolon,
        })
    }

    fn expression_statement(&self, expr: Expr, needs_semicolon: bool) -> Bare {
        Bare {
            span: expr.span,
            kind: StatementKind::Expr {
                expr,
                semicolon: false,
            },
            needs_semicolon,
        }
    }

    /// The value after `return`, if one follows.
    fn optional_value(&mut self) -> Parse<Option<Expr>> {
        let ends = matches!(
            self.peek(),
            Kind::End | Kind::Symbol(";" | "}" | "," | ")" | "]")
        );
        if ends {
            Ok(None)
        } else {
            self.deeper(1, 0, Self::expression).map(Some)
        }
    }

    /// `let name = value`, `let name`, `const name = value`. A value that cannot be read leaves
    /// the name known.
    fn binding(&mut self) -> Parse<Bare> {
        let first = self.at;
        let constant = self.at_keyword("const");
        let start = self.bump();
        let name = self.name("the name of a local")?;
        self.count_local(&name);
        let mut needs_semicolon = true;
        let value = if self.eat("=").is_none() {
            None
        } else {
            let at = self.here();
            Some(match self.deeper(1, 0, Self::expression) {
                Ok(value) => value,
                Err(Failed) => {
                    self.leave_statement(first);
                    needs_semicolon = false;
                    self.node(ExprKind::Broken, at)
                }
            })
        };
        Ok(Bare {
            kind: StatementKind::Let {
                name,
                value,
                constant,
            },
            span: start.to(self.before()),
            needs_semicolon,
        })
    }

    fn count_local(&mut self, name: &Name) {
        self.locals += 1;
        if self.locals == self.limits.locals + 1 {
            self.report(Diagnostic::error(
                "too-many-locals",
                name.span,
                format!("a function has at most {} locals", self.limits.locals),
            ));
        }
    }

    fn jump(&mut self, word: &str) -> Parse<StatementKind> {
        let span = self.bump();
        if !self.in_loop {
            self.report(Diagnostic::error(
                "outside-loop",
                span,
                format!("`{word}` works inside `for` only"),
            ));
        }
        if word == "continue" {
            return Ok(StatementKind::Continue);
        }
        if let Some(value) = self.optional_value()? {
            self.report(
                Diagnostic::error("no-break-value", value.span, "a loop has no value here")
                    .with_help("assign it to a local before the loop, or `return` it"),
            );
        }
        Ok(StatementKind::Break)
    }

    /// `for name in over { … }`, `for (name, counter) in over { … }`
    fn for_loop(&mut self) -> Parse<StatementKind> {
        self.bump();
        let (variable, counter) = if self.eat("(").is_some() {
            let variable = self.name("the loop's variable")?;
            self.expect(",", "and the name of a counter")?;
            let counter = self.name("the loop's counter")?;
            if counter.text == variable.text {
                self.report(
                    Diagnostic::error(
                        "duplicate-parameter",
                        counter.span,
                        format!("`{}` is already the loop's variable", counter.text),
                    )
                    .with_related(variable.span, "first here"),
                );
            }
            self.expect(")", "after the loop's variables")?;
            (variable, Some(counter))
        } else {
            (self.name("the loop's variable")?, None)
        };
        self.count_local(&variable);
        if let Some(counter) = &counter {
            self.count_local(counter);
        }
        if self.eat_keyword("in").is_none() {
            return self.fail("expected-token", "`in` after the loop's variable");
        }
        if self.at_symbol("{") {
            return self.fail(
                "expected-expression",
                "an array, tags or a range to loop over",
            );
        }
        let over = self.deeper(1, 0, Self::expression_or_range)?;
        self.refuse_not_iterable(&over);
        let outer = std::mem::replace(&mut self.in_loop, true);
        let body = self.deeper(1, 0, Self::block);
        self.in_loop = outer;
        Ok(StatementKind::For {
            variable,
            counter,
            over,
            body: body?,
        })
    }

    fn refuse_not_iterable(&mut self, over: &Expr) {
        let what = match over.kind {
            ExprKind::Unit => "`()`",
            ExprKind::Bool(_) => "a bool",
            ExprKind::Int(_) | ExprKind::Float(_) => "a number",
            ExprKind::Map(_) => "a map",
            ExprKind::Text(_) | ExprKind::Interpolated(_) => "a text",
            _ => return,
        };
        self.report(
            Diagnostic::error(
                "not-iterable",
                over.span,
                format!("`for` goes over arrays, tags and ranges, not over {what}"),
            )
            .with_help("for a number of times write `0..10`"),
        );
    }

    /// An expression, and an assignment where a `=` follows.
    fn expression_or_assignment(&mut self) -> Parse<Bare> {
        let target = self.expression()?;
        let operator = match self.peek() {
            Kind::Symbol("=") => None,
            Kind::Symbol(symbol) => match COMPOUND.iter().find(|(text, _)| text == symbol) {
                Some((_, operator)) => Some(*operator),
                None => return Ok(self.expression_statement(target, true)),
            },
            _ => return Ok(self.expression_statement(target, true)),
        };
        let at = self.bump();
        let value = self.expression()?;
        let span = target.span.to(value.span);
        let kind = match target.kind {
            ExprKind::Variable(text) => StatementKind::Assign {
                name: Name {
                    text,
                    span: target.span,
                },
                operator,
                value,
            },
            _ => {
                self.refuse_assignment(&target, operator, at);
                StatementKind::Broken
            }
        };
        Ok(Bare {
            kind,
            span,
            needs_semicolon: true,
        })
    }

    fn refuse_assignment(&mut self, target: &Expr, operator: Option<BinaryOperator>, at: Span) {
        let finding = match &target.kind {
            ExprKind::Broken => return,
            ExprKind::Field { name, .. } => Diagnostic::error(
                "no-field-assignment",
                target.span,
                format!(
                    "the field `{}` cannot be changed: records and maps are read-only",
                    crate::syntax::render::clipped(&name.text)
                ),
            )
            .with_help("assign to a local of your own: `let x = …;`"),
            ExprKind::Index { .. } => Diagnostic::error(
                "no-index-assignment",
                target.span,
                "an element cannot be changed: arrays and maps are read-only",
            )
            .with_help("build a new array, or use locals"),
            ExprKind::Binary { .. } if operator.is_none() => {
                Diagnostic::error("invalid-assignment", at, "`=` assigns; it does not compare")
                    .with_help("write `==` to compare")
                    .with_fix(at, "==")
            }
            _ => Diagnostic::error(
                "invalid-assignment",
                target.span,
                "only a local can be assigned to",
            ),
        };
        self.report(finding);
    }
}

/// Rhai keeps the value of a block's last statement, with or without a semicolon.
fn keep_last_value(statements: &mut [Statement]) {
    if let Some(StatementKind::Expr { semicolon, .. }) =
        statements.last_mut().map(|statement| &mut statement.kind)
    {
        *semicolon = false;
    }
}
