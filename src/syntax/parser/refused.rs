//! What Rhai has and the language has not: a code, the place, and what to write instead.
//!
//! Each construct is read on as far as it goes, so that what stands in it is checked too.

use super::{Failed, Parse, Parser};
use crate::syntax::ast::{Expr, ExprKind, StatementKind};
use crate::syntax::token::Kind;
use crate::syntax::{Diagnostic, Span};

/// A word: its code, what is wrong with it, what to write instead.
type Refusal = (&'static str, &'static str, &'static str);

const LOOP_HELP: &str =
    "use `for x in array` or `for i in 0..10`: every loop has a known end, so no policy hangs";

fn refusal(word: &str) -> Refusal {
    match word {
        "while" => ("no-while", "there is no `while`", LOOP_HELP),
        "loop" => ("no-loop", "there is no `loop`", LOOP_HELP),
        "do" => ("no-do", "there is no `do`", LOOP_HELP),
        "for" => (
            "no-for-value",
            "a loop has no value",
            "let the loop assign to a local that stands before it",
        ),
        "fn" | "private" => (
            "no-nested-function",
            "functions stand at the top level only",
            "move it out of this function",
        ),
        "try" | "catch" => (
            "no-try",
            "there is no `try`: errors cannot be caught",
            "test before: `x ?? default` for what may be absent, `if y != 0` before dividing",
        ),
        "throw" => (
            "no-throw",
            "there is no `throw`",
            "return a value; `eligible` may return the reason as text",
        ),
        "import" => (
            "no-import",
            "there are no modules: a policy is one text",
            "copy what you need into the policy",
        ),
        "export" => (
            "no-export",
            "there is no `export`: a policy is one text",
            "remove the word",
        ),
        "this" => (
            "no-this",
            "there is no `this`",
            "name the thing as a parameter",
        ),
        "Fn" => (
            "no-function-pointer",
            "functions are no values",
            "call the function by its name",
        ),
        "curry" => (
            "no-curry",
            "functions are no values and cannot be curried",
            "call the function with all its arguments",
        ),
        "call" => (
            "no-call",
            "functions are no values",
            "call the function by its name: `f(x)`",
        ),
        "eval" => (
            "no-eval",
            "there is no `eval`: a policy is read before it runs",
            "write the expression itself",
        ),
        "print" | "debug" => (
            "no-output",
            "a policy prints nothing",
            "explanations show what each line computed; return the text where it matters",
        ),
        "type_of" => (
            "no-type-of",
            "types are known before a policy runs",
            "test `x == ()` for what may be absent",
        ),
        "is_def_fn" | "is_def_var" | "is_shared" => (
            "no-reflection",
            "a policy cannot ask about its own names",
            "all names are known before it runs",
        ),
        "null" | "nil" | "void" => ("reserved-word", "what is absent is `()`", "write `()`"),
        "match" | "case" => (
            "reserved-word",
            "there is no such word",
            "write `switch x { 1 => …, _ => … }`",
        ),
        "var" | "static" => (
            "reserved-word",
            "there is no such word",
            "write `let`, or `const` at the top level",
        ),
        _ => (
            "reserved-word",
            "this word is reserved",
            "choose another name",
        ),
    }
}

impl Parser<'_> {
    fn refuse(&mut self, word: &str, span: Span) {
        let (code, message, help) = refusal(word);
        let finding = Diagnostic::error(code, span, message).with_help(help);
        self.report(match word {
            "null" | "nil" | "void" => finding.with_fix(span, "()"),
            "var" => finding.with_fix(span, "let"),
            "export" => finding.with_fix(span, ""),
            _ => finding,
        });
    }

    /// Refuses the word here and takes it.
    pub(super) fn refuse_word(&mut self) {
        if let Kind::Keyword(word) | Kind::Reserved(word) = *self.peek() {
            let span = self.bump();
            self.refuse(word, span);
        }
    }

    /// A statement that the language lacks.
    pub(super) fn refused_statement(&mut self, word: &str) -> Parse<StatementKind> {
        self.refuse_word();
        let outer = std::mem::replace(&mut self.in_loop, true);
        let result = self.rest_of_refused(word);
        self.in_loop = outer;
        result.map(|()| StatementKind::Broken)
    }

    fn rest_of_refused(&mut self, word: &str) -> Parse<()> {
        match word {
            "while" => {
                self.deeper(1, 0, Self::condition)?;
                self.deeper(1, 0, Self::block)?;
            }
            "loop" => {
                self.deeper(1, 0, Self::block)?;
            }
            "do" => {
                self.deeper(1, 0, Self::block)?;
                if self.eat_keyword("while").is_some() || self.eat_keyword("until").is_some() {
                    self.deeper(1, 0, Self::condition)?;
                }
            }
            "try" => {
                self.deeper(1, 0, Self::block)?;
                if self.eat_keyword("catch").is_some() {
                    if self.eat("(").is_some() {
                        self.name("the error's name")?;
                        self.expect(")", "after the error's name")?;
                    }
                    self.deeper(1, 0, Self::block)?;
                }
            }
            "throw" => {
                if !matches!(self.peek(), Kind::End | Kind::Symbol(";" | "}" | ",")) {
                    self.deeper(1, 0, Self::expression)?;
                }
            }
            // `import "x" as y`, `export x as y`
            _ => {
                while !matches!(self.peek(), Kind::End | Kind::Symbol(";" | "}")) {
                    if self.token().first_on_line {
                        break;
                    }
                    self.bump();
                }
            }
        }
        Ok(())
    }

    /// A statement that the language lacks, or has only as a statement, as a value.
    pub(super) fn refused_value(&mut self, word: &str) -> Parse<Expr> {
        let start = self.here();
        match word {
            "for" => {
                self.refuse("for", start);
                self.deeper(1, 1, Self::statement)?;
            }
            "fn" => {
                self.nested_function()?;
            }
            _ => {
                self.deeper(1, 1, |parser| parser.refused_statement(word))?;
            }
        }
        Ok(self.node(ExprKind::Broken, start.to(self.before())))
    }

    /// A reserved word where a value is needed.
    pub(super) fn reserved(&mut self, word: &'static str) -> Parse<Expr> {
        let start = self.here();
        self.refuse_word();
        if self.at_arguments() {
            self.arguments()?;
        } else if self.at_symbol("!") {
            self.bump();
            if self.at_arguments() {
                self.arguments()?;
            }
        } else if matches!(
            word,
            "var" | "match" | "case" | "static" | "new" | "use" | "yield"
        ) {
            return Err(Failed);
        }
        Ok(self.node(ExprKind::Broken, start.to(self.before())))
    }

    /// A reserved word after a point.
    pub(super) fn reserved_member(&mut self, receiver: Expr, word: &'static str) -> Parse<Expr> {
        let span = self.bump();
        if self.at_arguments() {
            self.refuse(word, span);
            self.arguments()?;
        } else {
            self.report(
                Diagnostic::error(
                    "reserved-word",
                    span,
                    format!("`{word}` is a reserved word, not a field"),
                )
                .with_help(format!(
                    "read a field of that name with brackets: `[\"{word}\"]`"
                )),
            );
        }
        Ok(self.node(ExprKind::Broken, receiver.span.to(self.before())))
    }

    /// `|x| …`
    pub(super) fn closure(&mut self) -> Parse<Expr> {
        let start = self.here();
        if self.eat("||").is_none() {
            self.bump();
            while !self.at_symbol("|") {
                if !matches!(self.peek(), Kind::Name(_) | Kind::Symbol(",")) {
                    // No closure, but an operator without its left side.
                    return self.fail("expected-expression", "an expression");
                }
                self.bump();
            }
            self.bump();
        }
        let span = start.to(self.before());
        self.report(
            Diagnostic::error("no-closure", span, "there are no closures").with_help(
                "use `has_any`, `has_all`, `overlap`, `count_in`, `best_of`, or a `for` loop",
            ),
        );
        let outer = std::mem::replace(&mut self.in_loop, false);
        let body = self.deeper(1, 1, Self::statement);
        self.in_loop = outer;
        body?;
        Ok(self.node(ExprKind::Broken, start.to(self.before())))
    }

    /// `module::name`, from the `::` on.
    pub(super) fn module_path(&mut self, first: &str, start: Span) -> Parse<Expr> {
        while self.eat("::").is_some() {
            if !matches!(self.peek(), Kind::Name(_) | Kind::Reserved(_)) {
                break;
            }
            self.bump();
        }
        let span = start.to(self.before());
        let finding = if first == "global" {
            Diagnostic::error("no-global-path", span, "there is no `global::`")
                .with_help("name the constant itself; functions see it")
        } else {
            Diagnostic::error("no-module-path", span, "there are no modules")
                .with_help("name the function or constant itself")
        };
        self.report(finding);
        if self.at_arguments() {
            self.arguments()?;
        }
        Ok(self.node(ExprKind::Broken, start.to(self.before())))
    }

    /// `..5`
    pub(super) fn range_without_begin(&mut self) -> Parse<Expr> {
        let span = self.bump();
        self.report(
            Diagnostic::error("open-range", span, "this range has no begin")
                .with_help("give both ends: `0..10` without the last, `0..=10` with it"),
        );
        Err(Failed)
    }
}
