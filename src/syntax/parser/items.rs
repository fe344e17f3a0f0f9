//! The top level: constants and functions, and what may not stand there.

use super::{Failed, Parse, Parser};
use crate::syntax::ast::{Block, Constant, ExprKind, FunctionItem, Name, Script, StatementKind};
use crate::syntax::token::Kind;
use crate::syntax::{Diagnostic, Span};

impl Parser<'_> {
    pub(super) fn script(&mut self) -> Script {
        let mut script = Script::default();
        loop {
            let start = self.at;
            (self.levels, self.nesting, self.in_loop) = (0, 0, false);
            self.told_depth = false;
            self.told_unclosed = false;
            self.locals = 0;
            match self.peek() {
                Kind::End => return script,
                Kind::Symbol(";") => {
                    self.bump();
                }
                _ => {
                    if self.item(&mut script).is_err() {
                        self.leave_item(start);
                    }
                }
            }
        }
    }

    fn item(&mut self, script: &mut Script) -> Parse<()> {
        match self.peek() {
            Kind::Keyword("const") => {
                let constant = self.constant()?;
                script.constants.push(constant);
                Ok(())
            }
            Kind::Keyword("fn" | "private") => {
                let function = self.function()?;
                if script.functions.len() == self.limits.functions {
                    self.report(Diagnostic::error(
                        "too-many-functions",
                        function.name.span,
                        format!("a policy has at most {} functions", self.limits.functions),
                    ));
                }
                script.functions.push(function);
                Ok(())
            }
            Kind::Name(word)
                if matches!(&**word, "function" | "def" | "func" | "sub")
                    && matches!(self.peek_second(), Kind::Name(_)) =>
            {
                let word = std::sync::Arc::clone(word);
                let finding = Diagnostic::error(
                    "no-function-word",
                    self.here(),
                    format!("there is no `{word}`"),
                )
                .with_help("a function begins with `fn`")
                .with_fix(self.here(), "fn");
                self.report(finding);
                self.tokens[self.at].kind = Kind::Keyword("fn");
                self.item(script)
            }
            Kind::Keyword("let") => self.top_level_let(script),
            Kind::Keyword("export")
                if matches!(self.peek_second(), Kind::Keyword("let" | "const")) =>
            {
                self.refuse_word();
                Ok(())
            }
            Kind::Keyword("import" | "export") => {
                self.refuse_word();
                let start = self.at;
                self.leave_statement(start);
                Ok(())
            }
            Kind::Symbol("}") => {
                let span = self.bump();
                self.report(Diagnostic::error(
                    "unmatched-brace",
                    span,
                    "this `}` closes nothing",
                ));
                Ok(())
            }
            _ => self.top_level_statement(),
        }
    }

    /// `const NAME = value;`
    fn constant(&mut self) -> Parse<Constant> {
        let start = self.bump();
        let name = self.name("the constant's name")?;
        self.expect("=", &format!("and the value of `{}`", name.text))?;
        let first = self.at;
        let at = self.here();
        let value = match self.deeper(2, 0, Self::expression) {
            Ok(value) => value,
            Err(Failed) => {
                // The name stays known.
                self.leave_item(first.saturating_sub(1));
                let value = self.node(ExprKind::Broken, at);
                return Ok(Constant {
                    name,
                    value,
                    span: start,
                });
            }
        };
        self.end_item(start.to(value.span), "const");
        let span = start.to(self.before());
        Ok(Constant { name, value, span })
    }

    fn end_item(&mut self, span: Span, what: &str) {
        if self.eat(";").is_some() || *self.peek() == Kind::End {
            return;
        }
        if *self.peek() == Kind::Invalid {
            return;
        }
        let end = Span::new(span.end, span.end);
        self.report(
            Diagnostic::error(
                "expected-semicolon",
                end,
                format!("expected `;` after this `{what}`"),
            )
            .with_fix(end, ";"),
        );
        if !self.token().first_on_line {
            let start = self.at;
            self.leave_item(start);
        }
    }

    /// `let` at the top level: read as the constant that it must become.
    fn top_level_let(&mut self, script: &mut Script) -> Parse<()> {
        let start = self.here();
        self.report(
            Diagnostic::error(
                "no-top-level-let",
                start,
                "the top level holds only `const` and `fn`",
            )
            .with_help("write `const`, or move it into a function")
            .with_fix(start, "const"),
        );
        let constant = self.constant()?;
        script.constants.push(constant);
        Ok(())
    }

    fn top_level_statement(&mut self) -> Parse<()> {
        let start = self.here();
        let before = self.diagnostics.len();
        let statement = self.statement()?;
        let span = start.to(statement.span);
        if statement.needs_semicolon {
            self.end_item(span, "statement");
        }
        // A construct that the language lacks anyway has its own message.
        if !matches!(statement.kind, StatementKind::Broken)
            && !matches!(&statement.kind, StatementKind::Expr { expr, .. } if matches!(expr.kind, ExprKind::Broken))
            || self.diagnostics.len() == before
        {
            self.report(
                Diagnostic::error(
                    "no-top-level-statement",
                    span,
                    "the top level holds only `const` and `fn`",
                )
                .with_help("move it into a hook: `fn tier(customer) { … }`"),
            );
        }
        Ok(())
    }

    /// `fn name(parameters) { … }`, or the same with `private` before it.
    pub(super) fn function(&mut self) -> Parse<FunctionItem> {
        let start = self.here();
        let private = self.eat_keyword("private").is_some();
        if self.eat_keyword("fn").is_none() {
            return self.fail("expected-token", "`fn` after `private`");
        }
        if matches!(self.peek(), Kind::Text(_) | Kind::Name(_))
            && matches!(self.peek_second(), Kind::Symbol("."))
        {
            let span = self.bump().to(self.bump());
            self.report(
                Diagnostic::error(
                    "no-typed-method",
                    span,
                    "functions do not belong to a type here",
                )
                .with_help("write a function that takes the thing as its first parameter"),
            );
        }
        let name = self.name("the function's name")?;
        let mut parameters = Vec::new();
        if self.parameters(&name, &mut parameters).is_err() {
            self.leave_parameters(&mut parameters)?;
        }
        if !self.at_symbol("{") {
            return self.fail(
                "expected-token",
                &format!("`{{` and the body of `{}`", name.text),
            );
        }
        let body = self.deeper(1, 0, Self::block)?;
        Ok(FunctionItem {
            name,
            parameters,
            span: start.to(body.span),
            body,
            private,
        })
    }

    fn parameters(&mut self, function: &Name, parameters: &mut Vec<Name>) -> Parse<()> {
        if self.eat("()").is_some() {
            return Ok(());
        }
        self.expect("(", &format!("and the parameters of `{}`", function.text))?;
        loop {
            if self.eat(")").is_some() {
                break;
            }
            let name = self.name("a parameter's name or `)`")?;
            if let Some(earlier) = parameters.iter().find(|earlier| earlier.text == name.text) {
                let finding = Diagnostic::error(
                    "duplicate-parameter",
                    name.span,
                    format!(
                        "`{}` is already a parameter of `{}`",
                        name.text, function.text
                    ),
                )
                .with_related(earlier.span, "first here");
                self.report(finding);
            }
            if parameters.len() == self.limits.parameters {
                self.report(Diagnostic::error(
                    "too-many-parameters",
                    name.span,
                    format!(
                        "a function has at most {} parameters",
                        self.limits.parameters
                    ),
                ));
            }
            parameters.push(name);
            if self.eat(",").is_none() {
                self.expect(")", "or `,` after a parameter")?;
                break;
            }
        }
        Ok(())
    }

    /// After an error in a list of parameters: goes to the body, and takes the names on the way.
    fn leave_parameters(&mut self, parameters: &mut Vec<Name>) -> Parse<()> {
        // One stands for what could not be read, so that nobody complains about the number.
        let span = self.here();
        parameters.push(Name {
            text: "".into(),
            span,
        });
        while !self.at_symbol("{") {
            match self.peek().clone() {
                Kind::End | Kind::Symbol(";" | "}") => return Err(Failed),
                _ if self.token().first_on_line => return Err(Failed),
                Kind::Name(text) => {
                    let span = self.bump();
                    parameters.push(Name { text, span });
                }
                _ => {
                    self.bump();
                }
            }
        }
        Ok(())
    }

    /// A function within a function: refused, but read.
    pub(super) fn nested_function(&mut self) -> Parse<StatementKind> {
        let start = self.here();
        self.report(
            Diagnostic::error(
                "no-nested-function",
                start,
                "functions stand at the top level only",
            )
            .with_help("move it out of this function"),
        );
        let locals = std::mem::take(&mut self.locals);
        let in_loop = std::mem::take(&mut self.in_loop);
        let function = self.function();
        (self.locals, self.in_loop) = (locals, in_loop);
        function.map(|_| StatementKind::Broken)
    }

    /// After an error at the top level that began at token `start`: goes to the next item.
    fn leave_item(&mut self, start: usize) {
        let mut braces = 0_u32;
        loop {
            match self.peek() {
                Kind::End => return,
                Kind::Symbol("{" | "#{") => braces += 1,
                Kind::Symbol("}") => braces = braces.saturating_sub(1),
                Kind::Keyword("fn" | "private") if self.at > start && braces == 0 => return,
                Kind::Keyword("fn" | "const" | "private") if self.at > start => {
                    let at = self.here().start as usize;
                    let line_begins = at == 0 || self.text.as_bytes()[at - 1] == b'\n';
                    if line_begins || (braces == 0 && self.token().first_on_line) {
                        return;
                    }
                }
                _ => {}
            }
            self.bump();
        }
    }
}

impl Block {
    pub(super) fn empty(span: Span) -> Self {
        Self {
            statements: Vec::new(),
            span,
        }
    }
}
