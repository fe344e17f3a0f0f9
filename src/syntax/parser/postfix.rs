//! `.field`, `.method(…)`, `["field"]`, `[index]`, and each with `?`.

use super::{Failed, Parse, Parser};
use crate::syntax::Diagnostic;
use crate::syntax::ast::{BinaryOperator, Expr, ExprKind, Name};
use crate::syntax::token::Kind;

impl Parser<'_> {
    /// What follows an operand directly.
    pub(super) fn postfix(&mut self, mut expr: Expr) -> Parse<Expr> {
        let levels = self.levels;
        loop {
            let point = match self.peek() {
                Kind::Symbol("." | "?.") => true,
                Kind::Symbol("[" | "?[") => false,
                _ => break,
            };
            // Rhai descends one level for each step.
            self.check_depth(1, 0)?;
            self.levels += 1;
            expr = self.no_range(expr);
            expr = if point {
                self.dot(expr)?
            } else {
                self.index(expr)?
            };
        }
        self.levels = levels;
        Ok(expr)
    }

    fn dot(&mut self, receiver: Expr) -> Parse<Expr> {
        let optional = self.at_symbol("?.");
        self.bump();
        let name = match self.peek().clone() {
            Kind::Name(text) => {
                let span = self.bump();
                Name { text, span }
            }
            Kind::Reserved(word) | Kind::Keyword(word) if word != "_" => {
                return self.reserved_member(receiver, word);
            }
            _ => return self.fail("expected-name", "a field or a method after the point"),
        };
        if self.at_symbol("!") {
            let span = self.bump();
            self.report(Diagnostic::error(
                "no-caller-scope",
                span,
                "a method cannot be called with the caller's locals",
            ));
            return Err(Failed);
        }
        if self.at_symbol("::") {
            return self.module_path(&name.text, name.span);
        }
        let kind = if self.at_arguments() {
            ExprKind::Call {
                name,
                arguments: self.arguments()?,
                receiver: Some(Box::new(receiver)),
                optional,
            }
        } else {
            ExprKind::Field {
                name,
                receiver: Box::new(receiver),
                optional,
                bracket: false,
            }
        };
        let start = match &kind {
            ExprKind::Call {
                receiver: Some(receiver),
                ..
            }
            | ExprKind::Field { receiver, .. } => receiver.span,
            _ => self.before(),
        };
        let span = start.to(self.before());
        Ok(self.node(kind, span))
    }

    fn index(&mut self, receiver: Expr) -> Parse<Expr> {
        let optional = self.at_symbol("?[");
        let open = if optional { "?[" } else { "[" };
        let index = self.bracketed(open, "]", 2, |parser| {
            let index = parser.expression()?;
            parser.expect("]", "after the index")?;
            Ok(index)
        })?;
        let span = receiver.span.to(self.before());
        let Some(index) = index else {
            return Ok(self.node(ExprKind::Broken, span));
        };
        if self.refuse_wrong_index(&receiver, &index) {
            return Ok(self.node(ExprKind::Broken, span));
        }
        let receiver = Box::new(receiver);
        let kind = match index.kind {
            ExprKind::Text(text) => ExprKind::Field {
                receiver,
                name: Name {
                    text,
                    span: index.span,
                },
                optional,
                bracket: true,
            },
            _ => ExprKind::Index {
                receiver,
                index: Box::new(index),
                optional,
            },
        };
        Ok(self.node(kind, span))
    }

    /// What Rhai refuses when it parses: a literal indexed with what can never fit.
    fn refuse_wrong_index(&mut self, receiver: &Expr, index: &Expr) -> bool {
        let text = matches!(index.kind, ExprKind::Text(_) | ExprKind::Interpolated(_));
        let neither = matches!(
            index.kind,
            ExprKind::Float(_)
                | ExprKind::Unit
                | ExprKind::Bool(_)
                | ExprKind::Binary {
                    operator: BinaryOperator::And | BinaryOperator::Or,
                    ..
                }
        );
        let (what, wanted, wrong) = match receiver.kind {
            ExprKind::Map(_) => (
                "a map",
                "a text",
                neither || matches!(index.kind, ExprKind::Int(_)),
            ),
            ExprKind::Array(_) => ("an array", "an int", neither || text),
            ExprKind::Text(_) | ExprKind::Interpolated(_) => ("a text", "an int", neither || text),
            ExprKind::Int(_) => ("an int", "nothing", true),
            _ => return false,
        };
        if wrong {
            self.report(Diagnostic::error(
                "wrong-index",
                index.span,
                format!("{what} is indexed with {wanted}"),
            ));
        }
        wrong
    }
}
