//! From the syntax tree of a hook to a program.
//!
//! The lowering walks the tree as an interpreter would, with alternatives of nodes for values and
//! a mask for "this row comes here". Functions are inlined, loops over known arrays and literal
//! ranges unrolled. Where the interpreter would fail, the rows that get there are deferred; a
//! construct outside the subset refuses the whole hook.

mod calls;
mod chains;
mod expressions;
mod generic;
mod host;
mod operators;
mod statements;
mod switch;
mod value;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::language::{Limits, Parameter, Side, Value};
use crate::model::Schema;
use crate::syntax::Span;
use crate::syntax::ast::{FunctionItem, Script};

use super::build::Builder;
use super::lanes::Ty;
use super::op::Op;
use super::op::source::{Constant, Source};
use super::program::{Answer, N, PairAnswer, Program, Shape};
use value::{Atom, Val};

/// What a hook is lowered against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Env<'a> {
    /// The fields of both sides, and the tables.
    pub(crate) schema: &'a Schema,
    /// The top-level constants, evaluated; `PARAMS` among them gives the kinds of `params`.
    pub(crate) constants: &'a BTreeMap<Arc<str>, Value>,
    /// What each parameter of the hook holds.
    pub(crate) parameters: &'static [Parameter],
    /// How long texts and how deep calls may be.
    pub(crate) limits: &'a Limits,
}

/// Why a hook runs in the interpreter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The construct.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) construct: String,
    /// What to write instead.
    pub(crate) advice: String,
}

pub(super) type Lowered<T> = Result<T, Refusal>;

/// More nodes than this are no gain over the interpreter, and slow to build.
const MAX_NODES: usize = 20_000;

/// Lowers a hook to a program.
///
/// # Errors
/// [`Refusal`] where the hook has a construct outside the subset, or always fails.
pub(crate) fn lower(script: &Script, function: &FunctionItem, env: &Env<'_>) -> Lowered<Program> {
    let mut lowering = Lowering {
        script,
        env: *env,
        b: Builder::new(function.span),
        outer: Builder::TRUE,
        frame: Frame::default(),
        deferred: Builder::FALSE,
        first_failure: None,
        depth: 0,
    };
    let mut arguments = Vec::new();
    for (at, _) in function.parameters.iter().enumerate() {
        arguments.push(match env.parameters.get(at) {
            Some(Parameter::Customer) => Atom::Record(Side::Customer).into(),
            Some(Parameter::Rep) => Atom::Record(Side::Rep).into(),
            Some(Parameter::Role) => Val::lane(lowering.b.node(Op::Source(Source::Role), &[])),
            None => {
                let more = "more parameters than the hook passes";
                return Err(refusal(function.name.span, more, "drop the last parameter"));
            }
        });
    }
    let result = lowering.inline(function, arguments)?;
    let answers = lowering.answers(&result, function.span)?;
    if lowering.deferred == Builder::TRUE || answers.is_empty() {
        let (span, what) = (lowering.first_failure).unwrap_or((function.span, "this always fails"));
        return Err(refusal(
            span,
            what,
            "the interpreter reports the failure for each record",
        ));
    }
    let pairs = [Side::Customer, Side::Rep]
        .iter()
        .all(|side| result_parameters(env).contains(side));
    let pair = if pairs {
        lowering.pair_answer(&result)
    } else {
        None
    };
    let Lowering { b, deferred, .. } = lowering;
    Ok(Program::finish(
        function.name.text.clone(),
        b,
        answers,
        deferred,
        pair,
    ))
}

/// The records that a hook gets.
fn result_parameters(env: &Env<'_>) -> Vec<Side> {
    (env.parameters.iter())
        .filter_map(|parameter| match parameter {
            Parameter::Customer => Some(Side::Customer),
            Parameter::Rep => Some(Side::Rep),
            Parameter::Role => None,
        })
        .collect()
}

pub(super) fn refusal(span: Span, construct: &str, advice: &str) -> Refusal {
    Refusal {
        span,
        construct: construct.to_owned(),
        advice: advice.to_owned(),
    }
}

/// The state of lowering one hook.
struct Lowering<'a> {
    script: &'a Script,
    env: Env<'a>,
    b: Builder,
    /// The rows that reach the function at hand.
    outer: N,
    frame: Frame,
    /// The rows that the interpreter has to run.
    deferred: N,
    first_failure: Option<(Span, &'static str)>,
    depth: usize,
}

/// One function call.
struct Frame {
    locals: Vec<(Arc<str>, Val)>,
    /// The branches around the place at hand hold on these rows.
    branch: N,
    /// Rows that have left the body of the loop at hand, or an outer one.
    skipped: N,
    /// Rows that have left the loop at hand for good.
    broken: N,
    /// Rows that have returned.
    gone: N,
    /// What was returned, in order: the rows (of which earlier ones are already gone) and the value.
    returns: Vec<(N, Val)>,
    in_loop: bool,
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            locals: Vec::new(),
            branch: Builder::TRUE,
            skipped: Builder::FALSE,
            broken: Builder::FALSE,
            gone: Builder::FALSE,
            returns: Vec::new(),
            in_loop: false,
        }
    }
}

impl Lowering<'_> {
    /// The rows that come to the place at hand.
    fn reached(&mut self) -> N {
        let here = self.b.and(self.outer, self.frame.branch);
        let here = self.b.and_not(here, self.frame.skipped);
        self.b.and_not(here, self.frame.gone)
    }

    /// Defers the rows of `when` that come here.
    fn fail(&mut self, when: N, what: &'static str) {
        if when == Builder::FALSE {
            return;
        }
        let here = self.reached();
        let here = self.b.and(here, when);
        if here != Builder::FALSE && self.first_failure.is_none() {
            self.first_failure = Some((self.b.span, what));
        }
        self.deferred = self.b.or(self.deferred, here);
    }

    /// Lowers something that runs only on the rows of `when`; what it does to locals, too, happens
    /// on these rows alone.
    fn maybe<T>(&mut self, when: N, f: impl FnOnce(&mut Self) -> Lowered<T>) -> Lowered<T> {
        let before = self.frame.locals.clone();
        let result = self.under(when, f)?;
        for (at, (_, before)) in before.iter().enumerate() {
            let after = &self.frame.locals[at].1;
            if after != before {
                self.frame.locals[at].1 = Val::choose(&mut self.b, when, after, before);
            }
        }
        Ok(result)
    }

    /// The same for what touches no locals, or joins them itself.
    fn under<T>(&mut self, when: N, f: impl FnOnce(&mut Self) -> Lowered<T>) -> Lowered<T> {
        let saved = self.frame.branch;
        self.frame.branch = self.b.and(saved, when);
        let result = f(self);
        self.frame.branch = saved;
        result
    }

    fn size_checked(&self, span: Span) -> Lowered<()> {
        if self.b.nodes.len() > MAX_NODES {
            return Err(refusal(
                span,
                "too much to unroll",
                "loop over fewer elements",
            ));
        }
        Ok(())
    }

    /// A constant as a value to work with.
    fn constant(&mut self, value: &Value) -> Val {
        let constant = match value {
            Value::Unit => return Val::unit(),
            Value::Bool(x) => Constant::Bool(*x),
            Value::Int(x) => Constant::Int(*x),
            Value::Float(x) => Constant::Float(*x),
            Value::Text(x) => Constant::Text(x.clone()),
            Value::Time(x) => Constant::Time(x.micros()),
            Value::Array(items) => {
                return Atom::Array(items.iter().map(|item| self.constant(item)).collect()).into();
            }
            Value::Map(entries) => {
                let entries =
                    (entries.iter()).map(|(key, item)| (key.clone(), self.constant(item)));
                return Atom::Map(Rc::new(entries.collect())).into();
            }
            Value::Record(side, _) => return Atom::Record(*side).into(),
        };
        Val::lane(self.b.constant(constant))
    }

    /// The value of a node that is one, arrays and maps of them included.
    fn known(&self, value: &Val) -> Option<Value> {
        Some(match value.only()? {
            Atom::Unit => Value::Unit,
            Atom::Lane(node) => match self.b.known(*node)? {
                Constant::Bool(x) => Value::Bool(*x),
                Constant::Int(x) => Value::Int(*x),
                Constant::Float(x) => Value::Float(*x),
                Constant::Text(x) => Value::Text(x.clone()),
                Constant::Time(x) => Value::Time(crate::language::Time::from_micros(*x).ok()?),
                Constant::Tags(_) => return None,
            },
            Atom::Array(items) => Value::Array(
                items
                    .iter()
                    .map(|item| self.known(item))
                    .collect::<Option<_>>()?,
            ),
            Atom::Map(entries) => Value::Map(Arc::new(
                (entries.iter())
                    .map(|(key, item)| Some((key.clone(), self.known(item)?)))
                    .collect::<Option<_>>()?,
            )),
            Atom::Record(_) | Atom::Params(..) | Atom::Range(..) => return None,
        })
    }

    /// The answer of a hook of pairs: a verdict where it may be a bool or a text (why not), else
    /// a number.
    fn pair_answer(&mut self, value: &Val) -> Option<PairAnswer> {
        let ty = |s: &Self, alt: &value::Alt| alt.atom.ty(&s.b).map(|(ty, _)| ty);
        let some = |s: &Self, tys: &[Ty]| {
            (value.alts.iter()).any(|alt| ty(s, alt).is_some_and(|ty| tys.contains(&ty)))
        };
        let numbers = some(self, &[Ty::Int, Ty::Float]);
        let verdict = some(self, &[Ty::Bool]) || (!numbers && some(self, &[Ty::Text]));
        let (mut made, mut valid): (Option<N>, N) = (None, Builder::FALSE);
        for alt in &value.alts {
            let node = match (alt.atom.ty(&self.b), verdict) {
                (Some((Ty::Bool, node)), true) => node,
                (Some((Ty::Text, _)), true) => Builder::FALSE,
                (Some((Ty::Int | Ty::Float, node)), false) => self.float(node),
                _ => continue,
            };
            valid = self.b.or(valid, alt.when);
            made = Some(match made {
                Some(made) => self.b.select(alt.when, node, made),
                None => node,
            });
        }
        // Where no alternative of a row holds, it has failed and is deferred already.
        let invalid = if value.alts.len() == 1 && valid == Builder::TRUE {
            self.deferred
        } else {
            let kinds = (value.alts.iter()).all(|alt| match ty(self, alt) {
                Some(Ty::Bool | Ty::Text) => verdict,
                Some(Ty::Int | Ty::Float) => !verdict,
                _ => false,
            });
            let odd = if kinds {
                Builder::FALSE
            } else {
                self.b.not(valid)
            };
            self.b.or(self.deferred, odd)
        };
        made.map(|value| PairAnswer { value, invalid })
    }

    /// What the program gives for a value.
    fn answers(&mut self, value: &Val, span: Span) -> Lowered<Vec<Answer>> {
        let mut answers = Vec::new();
        for alt in &value.alts {
            let shape = match &alt.atom {
                Atom::Unit => Shape::Unit,
                Atom::Lane(node) => Shape::Node(*node),
                Atom::Array(items) => Shape::Array(
                    (items.iter())
                        .map(|item| self.answers(item, span))
                        .collect::<Lowered<_>>()?,
                ),
                Atom::Map(entries) => Shape::Map(
                    (entries.iter())
                        .map(|(key, item)| Ok((key.clone(), self.answers(item, span)?)))
                        .collect::<Lowered<_>>()?,
                ),
                Atom::Params(..) | Atom::Record(_) | Atom::Range(..) => {
                    let what = "a record or `params` as an answer";
                    return Err(refusal(span, what, "answer with what is in it"));
                }
            };
            answers.push(Answer {
                when: alt.when,
                shape,
            });
        }
        Ok(answers)
    }
}
