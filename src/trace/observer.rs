//! What an observer is told while a function is evaluated.

use crate::language::{Side, Value};
use crate::syntax::Span;
use crate::syntax::ast::{Arm, BinaryOperator, Expr, FunctionItem, Name, Statement};

use super::Fuel;

/// Which way a `switch` went.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Taken<'a> {
    /// An arm that matched and whose guard held.
    Arm(&'a Arm),
    /// `_ => …`
    Default(&'a Expr),
    /// No arm, and there is no default.
    Nothing,
}

/// Listens to an evaluation; each method has an empty body, so that an observer names only what
/// it needs.
///
/// Everything is told in the order in which it happens; what an expression is made of comes
/// before it. Nodes are told by reference: their spans are places in the text and their
/// [`NodeId`](crate::syntax::ast::NodeId)s index side tables.
#[expect(unused_variables, reason = "the names say what is told")]
pub(crate) trait Observer {
    /// A function of the observer's own, asked for where neither the script nor the table of host
    /// functions has the name; `None` where the observer has none either. The error becomes that
    /// of the call. Within it, more may be evaluated on the same fuel.
    fn function(
        &mut self,
        name: &str,
        arguments: &[Value],
        place: Span,
        fuel: &mut Fuel,
    ) -> Option<Result<Value, String>> {
        None
    }

    /// A function of the script begins.
    fn enters(&mut self, function: &FunctionItem, arguments: &[Value]) {}

    /// It ends with a value, which the expression produced: the innermost one behind branches,
    /// arms and `return`. There is none where the last statement has no value.
    fn leaves(&mut self, function: &FunctionItem, value: &Value, producer: Option<&Expr>) {}

    /// A statement begins.
    fn statement(&mut self, statement: &Statement) {}

    /// An expression that is no block and no literal has a value.
    fn value(&mut self, expr: &Expr, value: &Value) {}

    /// A field of a record was read.
    fn field(&mut self, expr: &Expr, side: Side, row: u32, name: &Name, value: &Value) {}

    /// An operator between two values gave one; not told of `&&`, `||` and `??`. Where a range
    /// stands after `in`, the right side is the array of its two bounds.
    fn operation(
        &mut self,
        expr: &Expr,
        operator: BinaryOperator,
        left: &Value,
        right: &Value,
        value: &Value,
    ) {
    }

    /// `&&`, `||` or `??` had that value on its left, and did or did not look at its right.
    fn sides(&mut self, expr: &Expr, operator: BinaryOperator, left: &Value, right: bool) {}

    /// `?.` met an absent value, or a present one.
    fn optional(&mut self, expr: &Expr, absent: bool) {}

    /// An `if` decided.
    fn branch(&mut self, expr: &Expr, condition: &Expr, holds: bool) {}

    /// The guard of an arm was asked.
    fn guard(&mut self, arm: &Arm, guard: &Expr, holds: bool) {}

    /// A `switch` decided.
    fn switch(&mut self, expr: &Expr, subject: &Value, taken: Taken<'_>) {}

    /// A host function gave a value.
    fn called(&mut self, expr: &Expr, name: &Name, arguments: &[Value], value: &Value) {}

    /// A `for` is about to begin with its `pass`th round, from 0.
    fn pass(&mut self, statement: &Statement, pass: usize) {}

    /// A `for` is over, after so many rounds.
    fn passed(&mut self, statement: &Statement, passes: usize) {}

    /// A local was set; `given` is the right side, and `after` what the local holds now.
    fn assigns(
        &mut self,
        statement: &Statement,
        name: &Name,
        operator: Option<BinaryOperator>,
        given: &Value,
        after: &Value,
    ) {
    }
}

/// An observer that listens to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Unobserved;

impl Observer for Unobserved {}
