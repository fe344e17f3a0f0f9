//! What an expression is apart from its place: two with one shape give one value, since nothing in
//! the language has an effect.
//!
//! A shape is a text. Small expressions have one; what branches has one only where it is asked for.

use std::fmt::Write;

use crate::syntax::ast::{Block, Expr, ExprKind, Piece, Statement, StatementKind};

/// How many nodes a shape has at most.
const MOST: usize = 64;

/// The shape of an expression without branches; `resolve` says how a variable is written. `None`
/// for one that branches, that is large, or that has a variable without a name.
pub(super) fn of(expr: &Expr, resolve: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut shape = Shape {
        text: String::new(),
        left: MOST,
        branches: false,
        resolve,
    };
    shape.expression(expr)?;
    Some(shape.text)
}

/// The shape of a block with all its statements.
pub(super) fn of_block(block: &Block) -> Option<String> {
    let mut shape = Shape {
        text: String::new(),
        left: MOST,
        branches: true,
        resolve: &|name| Some(name.to_owned()),
    };
    shape.block(block)?;
    Some(shape.text)
}

struct Shape<'r> {
    text: String,
    left: usize,
    branches: bool,
    resolve: &'r dyn Fn(&str) -> Option<String>,
}

impl Shape<'_> {
    fn put(&mut self, what: impl std::fmt::Display) -> Option<()> {
        write!(self.text, "{what}").ok()
    }

    fn all<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) -> Option<()> {
        self.put("(")?;
        for expr in exprs {
            self.expression(expr)?;
            self.put(",")?;
        }
        self.put(")")
    }

    fn expression(&mut self, expr: &Expr) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        match &expr.kind {
            ExprKind::Unit => self.put("()"),
            ExprKind::Bool(bool) => self.put(bool),
            ExprKind::Int(int) => self.put(int),
            ExprKind::Float(float) => self.put(format_args!("{float:?}")),
            ExprKind::Text(text) => self.put(format_args!("{text:?}")),
            ExprKind::Interpolated(pieces) => {
                self.put("`")?;
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => self.put(format_args!("{text:?}"))?,
                        Piece::Expr(expr) => self.expression(expr)?,
                    }
                }
                self.put("`")
            }
            ExprKind::Array(elements) => {
                self.put("[]")?;
                self.all(elements)
            }
            ExprKind::Map(entries) => {
                self.put("#")?;
                for (key, _) in entries {
                    self.put(format_args!("{:?},", key.text))?;
                }
                self.all(entries.iter().map(|(_, value)| value))
            }
            ExprKind::Variable(name) => {
                let name = (self.resolve)(name)?;
                self.put(name)
            }
            ExprKind::Unary { operator, operand } => {
                self.put(operator.text())?;
                self.expression(operand)
            }
            ExprKind::Binary {
                operator,
                left,
                right,
                ..
            } => {
                self.put(operator.text())?;
                self.all([&**left, &**right])
            }
            ExprKind::Range {
                start,
                end,
                inclusive,
            } => {
                self.put(if *inclusive { "..=" } else { ".." })?;
                self.all([&**start, &**end])
            }
            ExprKind::Field { receiver, name, .. } => {
                self.expression(receiver)?;
                self.put(format_args!(".{:?}", name.text))
            }
            ExprKind::Index {
                receiver, index, ..
            } => {
                self.put("at")?;
                self.all([&**receiver, &**index])
            }
            ExprKind::Call {
                name,
                receiver,
                arguments,
                ..
            } => {
                self.put(format_args!("{}", name.text))?;
                self.all(receiver.as_deref().into_iter().chain(arguments))
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } if self.branches => {
                self.put("if ")?;
                self.expression(condition)?;
                self.block(then)?;
                match otherwise {
                    Some(otherwise) => self.expression(otherwise),
                    None => Some(()),
                }
            }
            ExprKind::Block(block) if self.branches => self.block(block),
            ExprKind::If { .. }
            | ExprKind::Switch { .. }
            | ExprKind::Block(_)
            | ExprKind::Broken => None,
        }
    }

    fn block(&mut self, block: &Block) -> Option<()> {
        self.put("{")?;
        for statement in &block.statements {
            self.statement(statement)?;
            self.put(";")?;
        }
        self.put("}")
    }

    fn statement(&mut self, statement: &Statement) -> Option<()> {
        match &statement.kind {
            StatementKind::Let { name, value, .. } => {
                self.put(format_args!("let {}=", name.text))?;
                self.all(value)
            }
            StatementKind::Assign {
                name,
                operator,
                value,
            } => {
                self.put(format_args!("{}=", name.text))?;
                self.put(operator.map_or("", |operator| operator.text()))?;
                self.expression(value)
            }
            StatementKind::Return(value) => {
                self.put("return ")?;
                self.all(value)
            }
            StatementKind::Expr { expr, .. } => self.expression(expr),
            StatementKind::Break => self.put("break"),
            StatementKind::Continue => self.put("continue"),
            StatementKind::For { .. } | StatementKind::Broken => None,
        }
    }
}
