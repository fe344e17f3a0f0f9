//! What one run knows besides its rows: the numbers of texts, the sets, and what host functions
//! have answered.
//!
//! A text is a number throughout a run: that of the book where the book has it, else one given
//! here. Equal texts have equal numbers, so that comparing is comparing numbers. Looking a text up
//! costs a hash; rows cost none.

use std::collections::HashMap;
use std::sync::Arc;

use crate::language::{Limits, Side, Time, UtcOffset, Value};
use crate::model::{Symbol, TagSet, TagSets, View};
use crate::script::builtins::{self, Ambient};

use super::lanes::{Scalar, Ty};
use super::op::host::HostCall;
use super::op::sets::SetOp;
use super::op::source::Constant;

/// Numbers from here on are texts that the book does not have.
const OWN: u32 = 1 << 31;

/// The texts of a run, by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts<'v> {
    view: Option<&'v View>,
    own: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
    joined: HashMap<(u32, u32), u32>,
}

impl Texts<'_> {
    /// The number of a text.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(symbol) = self.view.and_then(|view| view.symbol(text)) {
            return symbol.0;
        }
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = OWN | u32::try_from(self.own.len()).unwrap_or(u32::MAX); // memory ends before
        let text: Arc<str> = text.into();
        self.own.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    pub(super) fn text(&self, number: u32) -> &str {
        match (number.checked_sub(OWN), self.view) {
            (Some(own), _) => self.own.get(own as usize).map_or("", |text| text),
            (None, Some(view)) => view.text(Symbol(number)),
            (None, None) => "",
        }
    }

    /// The text to keep.
    pub(super) fn shared(&self, number: u32) -> Arc<str> {
        match number
            .checked_sub(OWN)
            .and_then(|own| self.own.get(own as usize))
        {
            Some(text) => text.clone(),
            None => self.text(number).into(),
        }
    }

    /// Two texts joined.
    pub(super) fn join(&mut self, a: u32, b: u32) -> u32 {
        if let Some(&joined) = self.joined.get(&(a, b)) {
            return joined;
        }
        let text = [self.text(a), self.text(b)].concat();
        let joined = self.number(&text);
        self.joined.insert((a, b), joined);
        joined
    }
}

/// Arenas of sets: customers, reps, the run's own.
const OWN_SETS: u64 = 2 << 32;

/// The state of a run, or of a block of one.
#[derive(Debug, Clone, Default)]
pub(super) struct Context<'v> {
    pub(super) texts: Texts<'v>,
    view: Option<&'v View>,
    calls: &'v [HostCall],
    arenas: [Option<&'v TagSets>; 2],
    sets: Vec<Arc<[Symbol]>>,
    results: Vec<Option<Value>>,
    answered: HashMap<(u32, Box<[u64]>), u32>,
    /// By operation and other side: the answers by set of the book.
    of_sets: HashMap<(SetOp, u64), Vec<u32>>,
}

impl<'v> Context<'v> {
    /// For folding constants: no book.
    pub(super) fn detached() -> Self {
        Self::default()
    }

    pub(super) fn new(view: &'v View, calls: &'v [HostCall]) -> Self {
        Self {
            texts: Texts {
                view: Some(view),
                ..Texts::default()
            },
            view: Some(view),
            calls,
            ..Self::default()
        }
    }

    pub(super) fn offset(&self) -> UtcOffset {
        self.view.map_or_else(UtcOffset::default, View::offset)
    }

    /// The offset of the plan, in microseconds.
    pub(super) fn offset_micros(&self) -> i64 {
        i64::from(self.offset().seconds()) * 1_000_000
    }

    /// A constant as a lane's value.
    pub(super) fn constant(&mut self, constant: &Constant) -> Scalar {
        match constant {
            Constant::Bool(x) => Scalar::Bool(*x),
            Constant::Int(x) | Constant::Time(x) => Scalar::Long(*x),
            Constant::Float(x) => Scalar::Float(*x),
            Constant::Text(x) => Scalar::Word(self.texts.number(x)),
            Constant::Tags(texts) => self.set(texts.iter().map(|text| &**text)),
        }
    }

    /// A set of texts of the run's own.
    pub(super) fn set<'t>(&mut self, texts: impl Iterator<Item = &'t str>) -> Scalar {
        let mut set: Vec<Symbol> = texts.map(|text| Symbol(self.texts.number(text))).collect();
        set.sort_unstable();
        set.dedup();
        let at = self.sets.iter().position(|known| **known == *set);
        let at = at.unwrap_or_else(|| {
            self.sets.push(set.into());
            self.sets.len() - 1
        });
        Scalar::Set(OWN_SETS | at as u64)
    }

    /// The place of a column's set; the column's arena is the side's from then on.
    pub(super) fn arena(&mut self, side: Side, arena: &'v TagSets) {
        self.arenas[side as usize] = Some(arena);
    }

    pub(super) const fn handle(side: Side, set: TagSet) -> u64 {
        ((side as u64) << 32) | set.0 as u64
    }

    /// The texts of a set, by number.
    pub(super) fn tags(&self, handle: u64) -> &[Symbol] {
        #[expect(clippy::cast_possible_truncation, reason = "the lower half is the set")]
        let set = handle as u32;
        match handle >> 32 {
            side @ 0..2 => self.arenas[side as usize].map_or(&[], |arena| arena.tags(TagSet(set))),
            _ => self.sets.get(set as usize).map_or(&[], |set| set),
        }
    }

    /// A value of a host function as a lane's; `None` for what no lane holds.
    pub(super) fn scalar(&mut self, value: &Value) -> Option<Scalar> {
        Some(match value {
            Value::Bool(x) => Scalar::Bool(*x),
            Value::Int(x) => Scalar::Long(*x),
            Value::Float(x) => Scalar::Float(*x),
            Value::Text(x) => Scalar::Word(self.texts.number(x)),
            Value::Time(x) => Scalar::Long(x.micros()),
            _ => return None,
        })
    }

    /// A lane's value for a host function and for answers.
    pub(super) fn value(&self, ty: Ty, scalar: Scalar) -> Value {
        match (ty, scalar) {
            (_, Scalar::Bool(x)) => Value::Bool(x),
            (Ty::Time, Scalar::Long(x)) => Time::from_micros(x).map_or(Value::Unit, Value::Time),
            (_, Scalar::Long(x)) => Value::Int(x),
            (_, Scalar::Float(x)) => Value::Float(x),
            (Ty::Host, Scalar::Word(x)) => self.result(x).cloned().unwrap_or(Value::Unit),
            (_, Scalar::Word(x)) => Value::Text(self.texts.shared(x)),
            (_, Scalar::Set(x)) => {
                // Scripts see tags in the order of their texts.
                let mut texts: Vec<Arc<str>> = (self.tags(x).iter())
                    .map(|text| self.texts.shared(text.0))
                    .collect();
                texts.sort_unstable();
                Value::Array(texts.into_iter().map(Value::Text).collect())
            }
        }
    }

    /// Calls a host function unless it has answered for these operands.
    pub(super) fn call(&mut self, call: u32, operands: &[Scalar]) -> u32 {
        let key = (
            call,
            operands.iter().map(|operand| operand.bits()).collect(),
        );
        if let Some(&answered) = self.answered.get(&key) {
            return answered;
        }
        let result = self.ask(call, operands);
        let number = u32::try_from(self.results.len()).unwrap_or(u32::MAX); // memory ends before
        self.results.push(result);
        self.answered.insert(key, number);
        number
    }

    fn ask(&self, call: u32, operands: &[Scalar]) -> Option<Value> {
        let call = self.calls.get(call as usize)?;
        let mut operands = operands.iter();
        let mut next = |ty| operands.next().map(|operand| self.value(ty, *operand));
        let arguments: Vec<Value> = (call.arguments.iter())
            .map(|argument| argument.value(&mut next))
            .collect::<Option<_>>()?;
        let limits = Limits::default();
        let view = self.view?;
        let ambient = Ambient {
            now: Some(view.now()),
            offset: self.offset(),
            lookup: &|table, key| view.lookup(table, key),
            limits: &limits,
        };
        // A failing call is a deferred row: the interpreter reports it, with its place.
        builtins::call(call.index, &arguments, &ambient).ok()
    }

    /// The answers of an operation by set of the book, to be given back.
    pub(super) fn take_answers(&mut self, of: (SetOp, u64)) -> Vec<u32> {
        // Where none were kept yet, all are to be asked for.
        self.of_sets
            .get_mut(&of)
            .map(std::mem::take)
            .unwrap_or_default()
    }

    pub(super) fn keep_answers(&mut self, of: (SetOp, u64), answers: Vec<u32>) {
        self.of_sets.insert(of, answers);
    }

    /// What a call has answered; `None` where it failed.
    pub(super) fn result(&self, number: u32) -> Option<&Value> {
        self.results.get(number as usize)?.as_ref()
    }
}
