//! Calls: the script's own functions are inlined, host functions become operations.

use crate::syntax::Span;
use crate::syntax::ast::{Expr, ExprKind, FunctionItem, Name};

use super::super::build::Builder;
use super::statements::End;
use super::value::{Atom, Val};
use super::{Frame, Lowered, Lowering, refusal};

impl<'a> Lowering<'a> {
    /// The script's own function of that name.
    fn own(&self, name: &Name, parameters: usize) -> Option<&'a FunctionItem> {
        let script = self.script;
        (script.functions.iter()).find(|function| {
            function.name.text == name.text && function.parameters.len() == parameters
        })
    }

    /// `name(arguments)`. The interpreter looks at a first argument that is a bare name last.
    pub(super) fn call(&mut self, name: &Name, arguments: &[Expr], span: Span) -> Lowered<Val> {
        let mut values = Vec::with_capacity(arguments.len());
        match arguments {
            [first, rest @ ..] if matches!(first.kind, ExprKind::Variable(_)) => {
                values.push(Val::default());
                for argument in rest {
                    values.push(self.open(argument)?);
                }
                values[0] = self.open(first)?;
            }
            _ => {
                for argument in arguments {
                    values.push(self.open(argument)?);
                }
            }
        }
        self.b.span = span;
        match self.own(name, values.len()) {
            Some(function) => self.inline(function, values),
            None => self.host_call(&name.text, values, span),
        }
    }

    /// `receiver.name(arguments)`, `receiver?.name(arguments)`: an absent receiver of `?.` skips
    /// the call.
    pub(super) fn method(
        &mut self,
        name: &Name,
        receiver: &Val,
        optional: bool,
        arguments: Vec<Val>,
        span: Span,
    ) -> Lowered<Val> {
        if self.own(name, arguments.len() + 1).is_some() {
            return Err(refusal(
                span,
                "a function of the script called as a method",
                "pass the receiver as the first argument",
            ));
        }
        let absent = if optional {
            receiver.absent()
        } else {
            Builder::FALSE
        };
        let with = |receiver: Val| [vec![receiver], arguments].concat();
        if absent == Builder::FALSE {
            return self.host_call(&name.text, with(receiver.clone()), span);
        }
        if absent == Builder::TRUE {
            return Ok(Val::unit());
        }
        let present = self.b.not(absent);
        let values = with(receiver.clone().without_unit());
        let value = self.maybe(present, |s| s.host_call(&name.text, values, span))?;
        Ok(Val::choose(&mut self.b, absent, &Val::unit(), &value))
    }

    /// The value of a call of one of the script's functions.
    pub(super) fn inline(&mut self, function: &FunctionItem, arguments: Vec<Val>) -> Lowered<Val> {
        if self.depth > self.env.limits.call_depth {
            return Err(refusal(
                function.name.span,
                "recursion",
                "call functions only downward",
            ));
        }
        let locals = (function.parameters.iter().zip(arguments))
            .map(|(parameter, value)| (parameter.text.clone(), value))
            .collect();
        let outer = self.reached();
        let outer = std::mem::replace(&mut self.outer, outer);
        let frame = Frame {
            locals,
            ..Frame::default()
        };
        let frame = std::mem::replace(&mut self.frame, frame);
        self.depth += 1;
        let result = self.statements(&function.body.statements);
        self.depth -= 1;
        let frame = std::mem::replace(&mut self.frame, frame);
        self.outer = outer;
        let (value, end) = result?;
        let mut value = if end == End::Open {
            value
        } else {
            Val::default()
        };
        // Of two returns the earlier one wins, so the later is chosen among what it left.
        for (rows, returned) in frame.returns.iter().rev() {
            value = Val::choose(&mut self.b, *rows, returned, &value);
        }
        Ok(value)
    }

    /// The alternatives of the arguments, one list per combination, with the rows of each.
    pub(super) fn combinations(&mut self, arguments: &[Val]) -> Vec<(super::N, Vec<Atom>)> {
        let mut all = vec![(Builder::TRUE, Vec::new())];
        for argument in arguments {
            let mut next = Vec::new();
            for (when, atoms) in &all {
                for alt in &argument.alts {
                    let when = self.b.and(*when, alt.when);
                    if when != Builder::FALSE {
                        let mut atoms: Vec<Atom> = atoms.clone();
                        atoms.push(alt.atom.clone());
                        next.push((when, atoms));
                    }
                }
            }
            all = next;
        }
        all
    }
}
