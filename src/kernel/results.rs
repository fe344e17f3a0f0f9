//! What a hook answered for each row: typed columns, texts by number, and which rows deferred.

use std::collections::HashMap;
use std::sync::Arc;

use crate::language::Value;

use super::context::Context;
use super::lanes::{Arg, In, Lanes, Scalar, Ty};
use super::program::{Answer, N, Program, Shape};

/// The answers of a hook for some rows, in the order of the rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowResults {
    deferred: Vec<bool>,
    answers: Vec<Answer>,
    /// By output of the program; the answers' nodes are places in it.
    columns: Vec<Column>,
    /// The distinct texts, sets and results of host functions that were answered.
    values: Vec<Value>,
    numbers: HashMap<(Ty, u64), u32>,
}

/// The values of one node; all but numbers and bools by their number in `values`.
#[derive(Debug, Clone)]
struct Column {
    ty: Ty,
    lanes: Lanes,
}

impl RowResults {
    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.deferred.len()
    }

    /// Which rows the interpreter has to run.
    pub(crate) fn deferred(&self) -> &[bool] {
        &self.deferred
    }

    /// The answer for a row; `None` where it defers.
    pub(crate) fn value(&self, row: usize) -> Option<Value> {
        if *self.deferred.get(row)? {
            return None;
        }
        self.of(&self.answers, row)
    }

    /// A number that only rows with the same answer share; `None` where the row defers, or too many
    /// different answers are possible.
    pub(crate) fn key(&self, row: usize) -> Option<u64> {
        const BITS: u32 = 12;
        if *self.deferred.get(row)? {
            return None;
        }
        let holds =
            |answer: &Answer| matches!(self.scalar(answer.when, row), Some(Scalar::Bool(true)));
        let at = self.answers.iter().position(holds)?;
        let (mut key, mut bits) = (Some(at as u64), 8);
        self.answers[at].visit(&mut |node| {
            let own = match self.scalar(node, row) {
                Some(Scalar::Bool(own)) => (u64::from(own), 1),
                Some(Scalar::Word(own)) if own < 1 << BITS => (u64::from(own), BITS),
                _ => (0, u64::BITS),
            };
            key = key
                .filter(|_| bits + own.1 <= u64::BITS)
                .map(|key| key | own.0 << bits);
            bits = (bits + own.1).min(u64::BITS);
        });
        key.filter(|_| at < 1 << 8)
    }

    /// The answer as a number, where it is one: an int as its nearest float.
    pub(crate) fn number(&self, row: usize) -> Option<f64> {
        match (self.floats(), self.deferred.get(row)?) {
            (_, true) => None,
            (Some(floats), false) => floats.get(row).copied(),
            (None, false) => self.value(row)?.as_number(),
        }
    }

    /// The answers, where all are floats; arbitrary on rows that defer.
    pub(crate) fn floats(&self) -> Option<&[f64]> {
        let [
            Answer {
                shape: Shape::Node(node),
                ..
            },
        ] = self.answers.as_slice()
        else {
            return None;
        };
        match &self.columns.get(node.ix())?.lanes {
            Lanes::Float(values) => Some(values),
            _ => None,
        }
    }

    /// The answers as numbers into [`Self::texts`], where all are texts; arbitrary on rows that
    /// defer.
    pub(crate) fn text_numbers(&self) -> Option<&[u32]> {
        let [
            Answer {
                shape: Shape::Node(node),
                ..
            },
        ] = self.answers.as_slice()
        else {
            return None;
        };
        match self.columns.get(node.ix())? {
            Column {
                ty: Ty::Text,
                lanes: Lanes::Word(values),
            } => Some(values),
            _ => None,
        }
    }

    /// What [`Self::text_numbers`] count.
    pub(crate) fn texts(&self) -> &[Value] {
        &self.values
    }

    fn of(&self, answers: &[Answer], row: usize) -> Option<Value> {
        let answer = (answers.iter())
            .find(|answer| matches!(self.scalar(answer.when, row), Some(Scalar::Bool(true))))?;
        Some(match &answer.shape {
            Shape::Unit => Value::Unit,
            Shape::Node(node) => {
                let column = self.columns.get(node.ix())?;
                match (column.ty, self.scalar(*node, row)?) {
                    (_, Scalar::Word(number)) => self.values.get(number as usize)?.clone(),
                    (_, Scalar::Bool(x)) => Value::Bool(x),
                    (_, Scalar::Float(x)) => Value::Float(x),
                    (Ty::Time, Scalar::Long(x)) => {
                        Value::Time(crate::language::Time::from_micros(x).ok()?)
                    }
                    (_, Scalar::Long(x)) => Value::Int(x),
                    (_, Scalar::Set(_)) => return None,
                }
            }
            Shape::Array(items) => Value::Array(
                (items.iter())
                    .map(|item| self.of(item, row))
                    .collect::<Option<_>>()?,
            ),
            Shape::Map(entries) => Value::Map(Arc::new(
                (entries.iter())
                    .map(|(key, item)| Some((key.clone(), self.of(item, row)?)))
                    .collect::<Option<_>>()?,
            )),
        })
    }

    fn scalar(&self, node: N, row: usize) -> Option<Scalar> {
        self.columns
            .get(node.ix())
            .map(|column| column.lanes.arg().at(row))
    }

    /// Empties the results for a program's answers.
    pub(super) fn start(&mut self, program: &Program, outputs: &[N]) {
        self.deferred.clear();
        self.values.clear();
        self.numbers.clear();
        self.columns.clear();
        for node in outputs {
            let ty = program.nodes[node.ix()].ty;
            let stored = if ty == Ty::Tags { Ty::Text } else { ty };
            let lanes = Lanes::new(stored, 0);
            self.columns.push(Column { ty, lanes });
        }
        let mut place = vec![N(0); program.nodes.len()];
        for (at, node) in outputs.iter().enumerate() {
            place[node.ix()] = N(at as u32); // fewer than nodes
        }
        self.answers = program.answers.clone();
        for answer in &mut self.answers {
            answer.renumber(&place);
        }
    }

    /// Appends rows whose deferral is known.
    pub(super) fn deferred_mut(&mut self) -> &mut Vec<bool> {
        &mut self.deferred
    }

    /// Appends the values of an output for `lanes` rows.
    pub(super) fn extend(&mut self, output: usize, arg: Arg<'_>, lanes: usize, cx: &Context<'_>) {
        let ty = self.columns[output].ty;
        let arg = match (ty, arg) {
            (Ty::Text, Arg::Word(In::All(text))) => {
                Arg::Word(In::All(self.number_of(ty, Scalar::Word(text), cx)))
            }
            (Ty::Text, Arg::Word(In::Each(texts))) => {
                let numbers = self.numbers_of(ty, texts.iter().map(|text| Scalar::Word(*text)), cx);
                return self.columns[output]
                    .lanes
                    .extend(Lanes::Word(numbers).arg(), lanes);
            }
            (Ty::Tags | Ty::Host, values) => {
                let values = (0..lanes).map(|lane| values.at(lane));
                let numbers = self.numbers_of(ty, values, cx);
                return self.columns[output]
                    .lanes
                    .extend(Lanes::Word(numbers).arg(), lanes);
            }
            (_, arg) => arg,
        };
        self.columns[output].lanes.extend(arg, lanes);
    }

    fn numbers_of(
        &mut self,
        ty: Ty,
        scalars: impl Iterator<Item = Scalar>,
        cx: &Context<'_>,
    ) -> Vec<u32> {
        // Few distinct answers are the rule: most lanes find theirs in a small table.
        const RECENT: usize = 64;
        let mut recent = [(u64::MAX, 0); RECENT];
        scalars
            .map(|scalar| {
                let bits = scalar.bits();
                let slot = &mut recent[bits as usize % RECENT];
                if slot.0 != bits {
                    *slot = (bits, self.number_of(ty, scalar, cx));
                }
                slot.1
            })
            .collect()
    }

    fn number_of(&mut self, ty: Ty, scalar: Scalar, cx: &Context<'_>) -> u32 {
        let key = (ty, scalar.bits());
        if let Some(&number) = self.numbers.get(&key) {
            return number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX); // fewer than rows
        self.values.push(cx.value(ty, scalar));
        self.numbers.insert(key, number);
        number
    }
}
