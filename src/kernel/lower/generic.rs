//! Host functions as calls of the very function that the interpreter calls, once per distinct
//! arguments.
//!
//! Arrays and maps among the arguments may hold values of the row; an array or a map that a
//! function makes is a value of a lane like others, to be handed on or answered.

use std::sync::Arc;

use crate::language::{FUNCTIONS, FunctionSpec, Kind, Limits, Type, UtcOffset, Value};
use crate::script::builtins::{self, Ambient};
use crate::syntax::Span;

use super::super::build::Builder;
use super::super::lanes::Ty;
use super::super::op::Op;
use super::super::op::host::{HostArg, HostCall, HostOp};
use super::super::op::source::kind_ty;
use super::super::program::N;
use super::value::{Atom, Val};
use super::{Lowered, Lowering, refusal};

/// A call is lowered for at most so many combinations of values that are there and absent ones.
const MOST_COMBINATIONS: usize = 64;

impl Lowering<'_> {
    /// A function without an operation of its own.
    pub(super) fn generic(
        &mut self,
        spec: &'static FunctionSpec,
        when: N,
        atoms: &[Atom],
        span: Span,
    ) -> Lowered<Val> {
        let mut all = vec![(when, Vec::new())];
        for atom in atoms {
            let mut next = Vec::new();
            for (also, atom) in self.spread(atom) {
                for (when, atoms) in &all {
                    let mut atoms: Vec<Atom> = atoms.clone();
                    atoms.push(atom.clone());
                    next.push((self.b.and(*when, also), atoms));
                }
            }
            all = next;
            if all.len() > MOST_COMBINATIONS {
                let what = format!("`{}` of many values that may be absent", spec.name);
                return Err(refusal(span, &what, "give them defaults by `??` first"));
            }
        }
        let mut out = Val::default();
        for (when, atoms) in all {
            let value = self.one_call(spec, when, &atoms, span)?;
            self.add_all(&mut out, when, &value);
        }
        Ok(out)
    }

    /// An argument as alternatives without alternatives in them.
    fn spread(&mut self, atom: &Atom) -> Vec<(N, Atom)> {
        let items: Vec<Val> = match atom {
            Atom::Array(items) => items.to_vec(),
            Atom::Map(entries) => entries.values().cloned().collect(),
            _ => return vec![(Builder::TRUE, atom.clone())],
        };
        let mut all: Vec<(N, Vec<Val>)> = vec![(Builder::TRUE, Vec::new())];
        for item in &items {
            let mut next = Vec::new();
            for alt in &item.alts {
                for (own, atom) in self.spread(&alt.atom) {
                    let own = self.b.and(alt.when, own);
                    for (when, items) in &all {
                        let items = [&items[..], &[atom.clone().into()]].concat();
                        next.push((self.b.and(*when, own), items));
                    }
                }
            }
            all = next;
            if all.len() > MOST_COMBINATIONS {
                break; // refused by the caller
            }
        }
        let whole = |items: Vec<Val>| match atom {
            Atom::Map(entries) => Atom::Map(std::rc::Rc::new(
                entries.keys().cloned().zip(items).collect(),
            )),
            _ => Atom::Array(items.into()),
        };
        (all.into_iter())
            .map(|(when, items)| (when, whole(items)))
            .collect()
    }

    fn one_call(
        &mut self,
        spec: &'static FunctionSpec,
        when: N,
        atoms: &[Atom],
        span: Span,
    ) -> Lowered<Val> {
        let mut operands = Vec::new();
        let arguments: Option<Vec<HostArg>> = (atoms.iter())
            .map(|atom| self.argument(atom, &mut operands))
            .collect();
        let Some(arguments) = arguments else {
            let what = format!("`{}` with such an argument", spec.name);
            return Err(refusal(span, &what, "pass a field, an array or a map"));
        };
        let ambient = matches!(
            spec.name,
            "lookup" | "days_since" | "days_between" | "parse_time"
        );
        let index = FUNCTIONS.iter().position(|known| known.name == spec.name);
        let index = index.unwrap_or(usize::MAX); // the row came from the table
        if !ambient && operands.is_empty() {
            return Ok(self.answered(index, when, &arguments));
        }
        let kinds = self.result_kinds(spec, atoms, &arguments);
        let call = self.b.call(HostCall {
            name: spec.name,
            index,
            arguments,
            ambient,
        });
        let call = self.b.node(Op::Host(HostOp::Call(call)), &operands);
        let fails = self.b.node(Op::Host(HostOp::Fails), &[call]);
        let fails = self.b.and(when, fails);
        self.fail(fails, "a call of a host function that fails");
        let (mut out, mut known) = (Val::default(), Builder::FALSE);
        for kind in &kinds {
            let is = match kinds.len() {
                1 => Builder::TRUE,
                _ => self.b.node(Op::Host(HostOp::Is(*kind)), &[call]),
            };
            known = self.b.or(known, is);
            let atom = match kind {
                Some(Ty::Host) => Atom::Lane(call),
                Some(ty) => Atom::Lane(self.b.node(Op::Host(HostOp::Get(*ty)), &[call])),
                None => Atom::Unit,
            };
            out.add(&mut self.b, is, atom);
        }
        let odd = self.b.and_not(when, known);
        self.fail(odd, "a result of an unforeseen kind");
        Ok(out)
    }

    /// A call of a function of its arguments alone, which are known.
    fn answered(&mut self, index: usize, when: N, arguments: &[HostArg]) -> Val {
        let values: Option<Vec<Value>> = (arguments.iter())
            .map(|argument| argument.value(&mut |_| None))
            .collect();
        let ambient = Ambient {
            now: None,
            offset: UtcOffset::default(),
            lookup: &|_, _| Value::Unit,
            limits: &Limits::default(),
        };
        let called = values.and_then(|values| builtins::call(index, &values, &ambient).ok());
        match called {
            Some(value) => self.constant(&value),
            None => {
                self.fail(when, "a call of a host function that fails");
                Val::default()
            }
        }
    }

    /// An argument of a call; what differs between rows is an operand.
    fn argument(&self, atom: &Atom, operands: &mut Vec<N>) -> Option<HostArg> {
        if let Some(value) = self.known(&atom.clone().into()) {
            return Some(HostArg::Value(value));
        }
        Some(match atom {
            Atom::Lane(node) => {
                operands.push(*node);
                HostArg::Operand(self.b.ty(*node))
            }
            Atom::Array(items) => HostArg::Array(
                (items.iter())
                    .map(|item| self.argument(item.only()?, operands))
                    .collect::<Option<_>>()?,
            ),
            Atom::Map(entries) => HostArg::Map(
                (entries.iter())
                    .map(|(key, item)| Some((key.clone(), self.argument(item.only()?, operands)?)))
                    .collect::<Option<Vec<(Arc<str>, HostArg)>>>()?,
            ),
            _ => return None,
        })
    }

    /// The kinds that a result may have.
    fn result_kinds(
        &self,
        spec: &FunctionSpec,
        atoms: &[Atom],
        arguments: &[HostArg],
    ) -> Vec<Option<Ty>> {
        let result = (spec.signatures.iter())
            .find(|signature| {
                signature.parameters.len() == atoms.len()
                    && (signature.parameters.iter().zip(atoms))
                        .all(|(ty, atom)| self.fits(*ty, atom))
            })
            .map_or(spec.signatures[0].result, |signature| signature.result);
        let any_float =
            || (atoms.iter()).any(|atom| matches!(atom.ty(&self.b), Some((Ty::Float, _))));
        match result {
            Type::Bool => vec![Some(Ty::Bool)],
            Type::Int => vec![Some(Ty::Int)],
            Type::Float => vec![Some(Ty::Float)],
            Type::Text => vec![Some(Ty::Text)],
            Type::Time => vec![Some(Ty::Time)],
            Type::Same => vec![
                atoms
                    .first()
                    .and_then(|atom| atom.ty(&self.b))
                    .map(|(ty, _)| ty),
            ],
            Type::Number if spec.name == "sum" || spec.name == "sum_of" => {
                vec![Some(Ty::Int), Some(Ty::Float)]
            }
            Type::Number if any_float() => vec![Some(Ty::Float)],
            Type::Number => vec![Some(Ty::Int)],
            Type::Found => self.found_kinds(spec, arguments),
            Type::Texts | Type::Array | Type::Map | Type::Any => vec![Some(Ty::Host)],
            Type::Customer | Type::Rep => Vec::new(), // tests make records, hooks do not
        }
    }

    /// The kinds of what a lookup may find.
    fn found_kinds(&self, spec: &FunctionSpec, arguments: &[HostArg]) -> Vec<Option<Ty>> {
        if spec.name == "lookup"
            && let Some(HostArg::Value(Value::Text(table))) = arguments.first()
            && let Some(kind) = self.env.schema.tables().get(&**table)
            && *kind != Kind::Tags
        {
            return vec![Some(kind_ty(*kind)), None];
        }
        let mut kinds = vec![
            None,
            Some(Ty::Bool),
            Some(Ty::Int),
            Some(Ty::Float),
            Some(Ty::Text),
            Some(Ty::Time),
            Some(Ty::Host),
        ];
        if let Some(HostArg::Value(Value::Map(map))) = arguments.last()
            && let Some(first) = map.values().next()
        {
            let float = map.values().all(|value| matches!(value, Value::Float(_)));
            let int = map.values().all(|value| matches!(value, Value::Int(_)));
            match first {
                Value::Float(_) if float => kinds = vec![None, Some(Ty::Float)],
                Value::Int(_) if int => kinds = vec![None, Some(Ty::Int)],
                _ => {}
            }
        }
        kinds
    }

    fn fits(&self, ty: Type, atom: &Atom) -> bool {
        match atom {
            Atom::Unit => ty == Type::Any,
            Atom::Array(_) => matches!(ty, Type::Array | Type::Texts | Type::Any),
            Atom::Map(_) => matches!(ty, Type::Map | Type::Any),
            Atom::Lane(node) => match self.b.ty(*node) {
                Ty::Bool => matches!(ty, Type::Bool | Type::Any),
                Ty::Int => matches!(ty, Type::Int | Type::Number | Type::Any),
                Ty::Float => matches!(ty, Type::Float | Type::Number | Type::Any),
                Ty::Text => matches!(ty, Type::Text | Type::Any),
                Ty::Time => matches!(ty, Type::Time | Type::Any),
                Ty::Tags => matches!(ty, Type::Texts | Type::Array | Type::Any),
                Ty::Host => matches!(ty, Type::Texts | Type::Array | Type::Map | Type::Any),
            },
            Atom::Record(_) | Atom::Params(..) | Atom::Range(..) => false,
        }
    }
}
