//! Calls: the script's own functions are inlined, host functions become operations.

use crate::syntax::Span;
use crate::syntax::ast::{Expr, FunctionItem, Name};

use super::super::build::Builder;
use super::statements::End;
use super::value::{Atom, Val};
use super::{Frame, Lowered, Lowering, refusal};

impl Lowering<'_> {
    /// `name(arguments)`, `receiver.name(arguments)`, `receiver?.name(arguments)`.
    pub(super) fn call(
        &mut self,
        name: &Name,
        receiver: Option<&Expr>,
        optional: bool,
        arguments: &[Expr],
        span: Span,
    ) -> Lowered<Val> {
        let receiver = receiver.map(|receiver| self.open(receiver)).transpose()?;
        // An absent receiver of `?.` skips the call, arguments and all.
        let absent = match &receiver {
            Some(receiver) if optional => receiver.absent(),
            _ => Builder::FALSE,
        };
        if absent == Builder::FALSE {
            return self.call_present(name, receiver, arguments, span);
        }
        if absent == Builder::TRUE {
            return Ok(Val::unit());
        }
        let present = self.b.not(absent);
        let receiver = receiver.map(|receiver| receiver.without_unit());
        let value = self.maybe(present, |s| s.call_present(name, receiver, arguments, span))?;
        Ok(Val::choose(&mut self.b, absent, &Val::unit(), &value))
    }

    fn call_present(
        &mut self,
        name: &Name,
        receiver: Option<Val>,
        arguments: &[Expr],
        span: Span,
    ) -> Lowered<Val> {
        let script = self.script;
        let method = receiver.is_some();
        let mut values: Vec<Val> = receiver.into_iter().collect();
        for argument in arguments {
            values.push(self.open(argument)?);
        }
        self.b.span = span;
        let own = (script.functions.iter()).find(|function| {
            function.name.text == name.text && function.parameters.len() == values.len()
        });
        match own {
            Some(_) if method => Err(refusal(
                span,
                "a function of the script called as a method",
                "pass the receiver as the first argument",
            )),
            Some(function) => self.inline(function, values),
            None => self.host_call(&name.text, values, span),
        }
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
