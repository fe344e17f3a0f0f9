//! Blocks and statements.

use crate::language::Value;
use crate::syntax::ast::{BinaryOperator, Block, Expr, ExprKind, Name, Statement, StatementKind};

use super::evaluator::{Eval, Evaluator, Leave, Local, fail};
use super::observer::Observer;
use super::{operators, places};

impl<'a, O: Observer> Evaluator<'a, '_, O> {
    /// A block in a scope of its own.
    pub(super) fn block(&mut self, block: &'a Block) -> Eval {
        let scope = self.locals.len();
        let value = self.statements(&block.statements);
        self.locals.truncate(scope);
        value
    }

    /// Statements in the scope at hand; their value is that of the last.
    pub(super) fn statements(&mut self, statements: &'a [Statement]) -> Eval {
        let mut value = Value::Unit;
        self.producer = None;
        for statement in statements {
            value = self.statement(statement)?;
        }
        Ok(value)
    }

    fn statement(&mut self, statement: &'a Statement) -> Eval {
        self.step()?;
        self.observer.statement(statement);
        match &statement.kind {
            StatementKind::Expr { expr, semicolon } => {
                let value = self.expression(expr)?;
                if *semicolon {
                    self.producer = None;
                    return Ok(Value::Unit);
                }
                return Ok(value);
            }
            StatementKind::Let {
                name,
                value,
                constant,
            } => {
                self.binding(statement, name, value.as_ref(), *constant)?;
            }
            StatementKind::Assign {
                name,
                operator,
                value,
            } => {
                self.assign(statement, name, *operator, value)?;
            }
            StatementKind::For { .. } => self.for_each(statement)?,
            StatementKind::Return(value) => {
                self.producer = None;
                let value = match value {
                    Some(value) => self.expression(value)?,
                    None => Value::Unit,
                };
                return Err(Leave::Return(value));
            }
            StatementKind::Break => return Err(Leave::Break),
            StatementKind::Continue => return Err(Leave::Continue),
            StatementKind::Broken => {
                return fail(statement.span.start, "this could not be read");
            }
        }
        self.producer = None;
        Ok(Value::Unit)
    }

    fn binding(
        &mut self,
        statement: &Statement,
        name: &'a Name,
        value: Option<&'a Expr>,
        constant: bool,
    ) -> Eval<()> {
        let value = match value {
            Some(value) => self.expression(value)?,
            None => Value::Unit,
        };
        self.observer.assigns(statement, name, None, &value, &value);
        self.locals.push(Local {
            name: &name.text,
            value,
            constant,
        });
        Ok(())
    }

    fn assign(
        &mut self,
        statement: &Statement,
        name: &Name,
        operator: Option<BinaryOperator>,
        value: &'a Expr,
    ) -> Eval<()> {
        let given = self.expression(value)?;
        self.step()?;
        let place = name.span.start;
        let Some(at) = (self.locals.iter()).rposition(|local| local.name == &*name.text) else {
            return match self.global(&name.text) {
                Some(_) => fail(place, format!("`{}` cannot be assigned to", name.text)),
                None => fail(place, format!("`{}` is not known", name.text)),
            };
        };
        if self.global(&name.text).is_some() || self.locals[at].constant {
            return fail(place, format!("`{}` cannot be assigned to", name.text));
        }
        let before = self.variable(&name.text, place)?;
        let after = match operator {
            None => given.clone(),
            Some(operator) => {
                match operators::assigned(operator, &before, &given, self.code.limits) {
                    Ok(after) => after,
                    Err(message) => {
                        let sign = places::sign_after(self.code.source, name.span.end);
                        return fail(sign, message);
                    }
                }
            }
        };
        self.observer
            .assigns(statement, name, operator, &given, &after);
        self.locals[at].value = after;
        Ok(())
    }

    fn for_each(&mut self, statement: &'a Statement) -> Eval<()> {
        let StatementKind::For {
            variable,
            counter,
            over,
            body,
        } = &statement.kind
        else {
            return Ok(());
        };
        let items = self.items(over)?;
        let scope = self.locals.len();
        let mut passes = 0;
        for item in items {
            self.step()?;
            self.observer.pass(statement, passes);
            let local = |name: &'a Name, value| Local {
                name: &name.text,
                value,
                constant: false,
            };
            if let Some(counter) = counter {
                self.locals.push(local(counter, Value::Int(passes as i64))); // fuel is less
            }
            self.locals.push(local(variable, item));
            passes += 1;
            let end = self.block(body);
            self.locals.truncate(scope);
            match end {
                Ok(_) | Err(Leave::Continue) => {}
                Err(Leave::Break) => break,
                Err(leave) => return Err(leave),
            }
        }
        self.observer.passed(statement, passes);
        Ok(())
    }

    fn items(&mut self, over: &'a Expr) -> Eval<Items> {
        if let ExprKind::Range {
            start,
            end,
            inclusive,
        } = &over.kind
        {
            let (start, end) = self.range(over, start, end)?;
            return Ok(match inclusive {
                true => Items::To(start..=end),
                false => Items::Below(start..end),
            });
        }
        match self.expression(over)? {
            Value::Array(items) => Ok(Items::Of(items, 0)),
            _ => fail(
                places::start(self.code.source, over),
                "`for` runs over arrays, tags and ranges only",
            ),
        }
    }
}

/// What a loop goes over.
enum Items {
    Of(std::sync::Arc<[Value]>, usize),
    Below(std::ops::Range<i64>),
    To(std::ops::RangeInclusive<i64>),
}

impl Iterator for Items {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        match self {
            Self::Of(items, at) => {
                let item = items.get(*at)?.clone();
                *at += 1;
                Some(item)
            }
            Self::Below(range) => range.next().map(Value::Int),
            Self::To(range) => range.next().map(Value::Int),
        }
    }
}
