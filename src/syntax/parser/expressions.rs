//! Operators: precedence and associativity as Rhai has them; signs; conditions; `if`.

use super::{Failed, Parse, Parser};
use crate::syntax::ast::{BinaryOperator, Block, Expr, ExprKind, Statement, UnaryOperator};
use crate::syntax::token::Kind;
use crate::syntax::{Diagnostic, Span};

/// What stands between two operands.
#[derive(Clone, Copy, PartialEq)]
enum Infix {
    Operator(BinaryOperator),
    Range { inclusive: bool },
}

/// The operator of a word and how strongly it binds.
fn infix(kind: &Kind) -> Option<(Infix, u8)> {
    use BinaryOperator as B;
    let (operator, strength) = match kind {
        Kind::Keyword("in") => (B::In, 110),
        Kind::Symbol(symbol) => match *symbol {
            "||" => (B::Or, 30),
            "|" => (B::BitOr, 30),
            "^" => (B::BitXor, 30),
            "&&" => (B::And, 60),
            "&" => (B::BitAnd, 60),
            "==" => (B::Equal, 90),
            "!=" => (B::NotEqual, 90),
            "!in" => (B::NotIn, 110),
            "<" => (B::Less, 130),
            "<=" => (B::LessOrEqual, 130),
            ">" => (B::Greater, 130),
            ">=" => (B::GreaterOrEqual, 130),
            "??" => (B::Coalesce, 135),
            ".." => return Some((Infix::Range { inclusive: false }, 140)),
            "..=" => return Some((Infix::Range { inclusive: true }, 140)),
            "+" => (B::Add, 150),
            "-" => (B::Subtract, 150),
            "*" => (B::Multiply, 180),
            "/" => (B::Divide, 180),
            "%" => (B::Modulo, 180),
            "**" => (B::Power, 190),
            "<<" => (B::ShiftLeft, 210),
            ">>" => (B::ShiftRight, 210),
            _ => return None,
        },
        _ => return None,
    };
    Some((Infix::Operator(operator), strength))
}

impl Parser<'_> {
    /// An expression that is no range.
    pub(super) fn expression(&mut self) -> Parse<Expr> {
        let expr = self.expression_or_range()?;
        Ok(self.no_range(expr))
    }

    pub(super) fn expression_or_range(&mut self) -> Parse<Expr> {
        self.deeper(1, 0, |parser| {
            let left = parser.unary()?;
            parser.binary(left, 0)
        })
    }

    /// Reports a range where a value is needed.
    pub(super) fn no_range(&mut self, expr: Expr) -> Expr {
        if matches!(expr.kind, ExprKind::Range { .. }) {
            self.report(
                Diagnostic::error("range-value", expr.span, "a range is no value")
                    .with_help("ranges stand after `in` only: `x in 1..10`, `for i in 0..5 { … }`"),
            );
            return Expr {
                kind: ExprKind::Broken,
                ..expr
            };
        }
        expr
    }

    /// The operators after `left` that bind more strongly than `floor`; `**` also as strongly,
    /// since it binds to the right.
    fn binary(&mut self, mut left: Expr, floor: u8) -> Parse<Expr> {
        let levels = self.levels;
        while let Some((operator, strength)) = infix(self.peek()) {
            let binds_right = operator == Infix::Operator(BinaryOperator::Power);
            if strength < floor || (strength == floor && !binds_right) {
                break;
            }
            let at = self.bump();
            let mut right = self.operand(operator, at)?;
            if let Some((_, next)) = infix(self.peek())
                && (strength < next || (strength == next && binds_right))
            {
                right = self.deeper(1, 0, |parser| parser.binary(right, strength))?;
            }
            // Rhai descends one level for each operator of a chain.
            self.check_depth(1, 0)?;
            self.levels += 1;
            left = self.combine(left, operator, at, right);
        }
        self.levels = levels;
        Ok(left)
    }

    fn operand(&mut self, operator: Infix, at: Span) -> Parse<Expr> {
        if operator == Infix::Operator(BinaryOperator::Coalesce)
            && matches!(
                self.peek(),
                Kind::Keyword("return" | "break" | "continue" | "throw")
            )
        {
            let bare = self.statement()?;
            let block = Block {
                statements: vec![Statement {
                    kind: bare.kind,
                    span: bare.span,
                }],
                span: bare.span,
            };
            return Ok(self.node(ExprKind::Block(block), bare.span));
        }
        if matches!(operator, Infix::Range { .. })
            && matches!(
                self.peek(),
                Kind::End | Kind::Symbol("]" | ")" | "}" | "," | ";" | "=>" | "{")
            )
        {
            self.report(
                Diagnostic::error("open-range", at, "this range has no end")
                    .with_help("give both ends: `1..10` without the last, `1..=10` with it"),
            );
            return Ok(self.node(ExprKind::Broken, at));
        }
        self.unary()
    }

    fn combine(&mut self, left: Expr, operator: Infix, at: Span, right: Expr) -> Expr {
        let span = left.span.to(right.span);
        let left = self.no_range(left);
        let kind = match operator {
            Infix::Range { inclusive } => {
                let right = self.no_range(right);
                ExprKind::Range {
                    start: Box::new(left),
                    end: Box::new(right),
                    inclusive,
                }
            }
            Infix::Operator(operator) => {
                let right = match operator {
                    BinaryOperator::In | BinaryOperator::NotIn => right,
                    _ => self.no_range(right),
                };
                if matches!(operator, BinaryOperator::And | BinaryOperator::Or) {
                    self.refuse_not_bool(&left);
                    self.refuse_not_bool(&right);
                }
                ExprKind::Binary {
                    operator,
                    operator_span: at,
                    left: Box::new(left),
                    right: Box::new(right),
                }
            }
        };
        self.node(kind, span)
    }

    /// A sign or `!` before an operand; binds more strongly than any operator between two.
    fn unary(&mut self) -> Parse<Expr> {
        let operator = match self.peek() {
            Kind::Symbol("-") => UnaryOperator::Minus,
            Kind::Symbol("+") => UnaryOperator::Plus,
            Kind::Symbol("!") => UnaryOperator::Not,
            _ => return self.primary(),
        };
        let at = self.bump();
        let operand = self.deeper(1, 1, Self::unary)?;
        let operand = self.no_range(operand);
        let span = at.to(operand.span);
        // A sign before a literal is part of it.
        let kind = match (operator, operand.kind) {
            (UnaryOperator::Minus, ExprKind::Int(int)) => match int.checked_neg() {
                Some(int) => ExprKind::Int(int),
                None => {
                    self.report(Diagnostic::error(
                        "int-overflow",
                        span,
                        format!("an int is between {} and {}", i64::MIN, i64::MAX),
                    ));
                    ExprKind::Int(int)
                }
            },
            (UnaryOperator::Minus, ExprKind::Float(float)) => ExprKind::Float(-float),
            (UnaryOperator::Plus, kind @ (ExprKind::Int(_) | ExprKind::Float(_))) => kind,
            (operator, kind) => ExprKind::Unary {
                operator,
                operand: Box::new(Expr { kind, ..operand }),
            },
        };
        Ok(self.node(kind, span))
    }

    /// A condition: no block, no assignment, no literal that is not a bool.
    pub(super) fn condition(&mut self) -> Parse<Expr> {
        if self.at_symbol("{") {
            return self.fail("expected-expression", "a condition");
        }
        let expr = self.expression()?;
        self.refuse_not_bool(&expr);
        if let Some(at) = self.eat("=") {
            self.report(
                Diagnostic::error("invalid-assignment", at, "`=` assigns; it does not compare")
                    .with_help("write `==` to compare")
                    .with_fix(at, "=="),
            );
            self.expression()?;
        }
        Ok(expr)
    }

    fn refuse_not_bool(&mut self, expr: &Expr) {
        let what = match expr.kind {
            ExprKind::Unit => "`()`",
            ExprKind::Int(_) | ExprKind::Float(_) => "a number",
            ExprKind::Text(_) | ExprKind::Interpolated(_) => "a text",
            ExprKind::Array(_) => "an array",
            ExprKind::Map(_) => "a map",
            _ => return,
        };
        self.report(Diagnostic::error(
            "not-a-condition",
            expr.span,
            format!("a condition must be a bool, not {what}"),
        ));
    }

    /// `if condition { … } else …`
    pub(super) fn if_expression(&mut self) -> Parse<Expr> {
        self.deeper(1, 0, Self::if_branches)
    }

    fn if_branches(&mut self) -> Parse<Expr> {
        let start = self.bump();
        let condition = match self.condition() {
            Ok(condition) => condition,
            Err(Failed) => self.leave_condition()?,
        };
        let then = self.block_of(true)?;
        let otherwise = if let Some(word) = self.at_elseif() {
            let finding =
                Diagnostic::error("no-elseif", self.here(), format!("there is no `{word}`"))
                    .with_help("write `else if`")
                    .with_fix(self.here(), "else if");
            self.report(finding);
            Some(Box::new(self.if_expression()?))
        } else if self.eat_keyword("else").is_none() {
            None
        } else if self.at_keyword("if") {
            Some(Box::new(self.if_expression()?))
        } else {
            let block = self.block()?;
            let span = block.span;
            Some(Box::new(self.node(ExprKind::Block(block), span)))
        };
        let span = start.to(self.before());
        let kind = ExprKind::If {
            condition: Box::new(condition),
            then,
            otherwise,
        };
        Ok(self.node(kind, span))
    }

    /// The one word that other languages have for `else if`, on the line of the `}` or before a
    /// condition.
    fn at_elseif(&self) -> Option<&'static str> {
        let Kind::Name(name) = self.peek() else {
            return None;
        };
        ["elseif", "elif", "elsif", "elseIf", "ElseIf"]
            .into_iter()
            .find(|word| **word == **name)
    }

    /// After an error in a condition: goes to the block, if it begins on the same line.
    fn leave_condition(&mut self) -> Parse<Expr> {
        let start = self.here();
        loop {
            match self.peek() {
                Kind::Symbol("{") => {
                    let span = Span::new(start.start, self.here().start.max(start.start));
                    return Ok(self.node(ExprKind::Broken, span));
                }
                Kind::End | Kind::Symbol(";" | "}" | "#{") => return Err(Failed),
                _ if self.token().first_on_line => return Err(Failed),
                _ => self.bump(),
            };
        }
    }
}
