//! A program bound to a view of a book: constants resolved, columns at hand.
//!
//! Binding computes what does not depend on a record, and takes time linear in the program.

use crate::language::{Kind, Side, Value};
use crate::model::{Bits, ColumnRef, RoleIx, View};

use super::context::Context;
use super::lanes::{Arg, In, Lanes, Scalar};
use super::op::Op;
use super::op::source::Source;
use super::program::{N, Program, Sides};
use super::slots::{self, with_args};

/// Some rows, and the first of them where they follow one another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    rows: &'a [u32],
    start: Option<usize>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(rows: &'a [u32]) -> Self {
        Self {
            rows,
            start: contiguous(rows),
        }
    }

    /// The values of the rows where they lie in order.
    fn slice<T>(self, values: &[T]) -> Option<&[T]> {
        let start = self.start?;
        values.get(start..start + self.rows.len())
    }
}

/// A program at work on one view, in one role.
#[derive(Debug, Clone)]
pub(super) struct Run<'v> {
    pub(super) program: &'v Program,
    pub(super) view: &'v View,
    pub(super) role: Option<RoleIx>,
    pub(super) cx: Context<'v>,
    /// The columns of the fields read, by node.
    columns: Vec<Option<ColumnRef<'v>>>,
    /// The values that are the same for the whole run.
    pub(super) scalars: Vec<Option<Scalar>>,
    /// A parameter or a field is not of the kind that was lowered: every row is the interpreter's.
    pub(super) unfit: bool,
    /// Fields that the schema says are always there and the book says are not.
    missing: Vec<(Side, &'v Bits)>,
}

impl<'v> Run<'v> {
    pub(super) fn new(program: &'v Program, view: &'v View, role: Option<RoleIx>) -> Self {
        let mut run = Self {
            program,
            view,
            role,
            cx: Context::new(view, &program.calls),
            columns: vec![None; program.nodes.len()],
            scalars: vec![None; program.nodes.len()],
            unfit: false,
            missing: Vec::new(),
        };
        for at in 0..program.nodes.len() {
            run.bind(at);
        }
        run
    }

    fn bind(&mut self, at: usize) {
        let node = &self.program.nodes[at];
        if let Op::Source(Source::Field { side, name, .. } | Source::Present { side, name }) =
            &node.op
        {
            self.columns[at] = self.column(*side, name);
            self.unfit |= self.columns[at].is_none();
        }
        if let Op::Source(Source::Field {
            side,
            kind,
            optional,
            ..
        }) = &node.op
            && let Some(column) = self.columns[at]
        {
            self.unfit |= column.kind() != *kind;
            if let ColumnRef::Tags { arena, .. } = column {
                self.cx.arena(*side, arena);
            }
            if let Some(present) = column.present()
                && !optional
            {
                self.missing.push((*side, present));
            }
        }
        if node.sides != Sides::NONE {
            return;
        }
        let scalar = match &node.op {
            Op::Source(Source::Constant(constant)) => self.cx.constant(constant),
            Op::Source(Source::Role) => {
                let role = self
                    .role
                    .and_then(|role| self.view.book().schema().roles().get(role.index()));
                match role {
                    Some(role) => Scalar::Word(self.cx.texts.number(&role.id)),
                    None => {
                        self.unfit = true;
                        Scalar::Word(0)
                    }
                }
            }
            Op::Source(Source::Now) => Scalar::Long(self.view.now().micros()),
            Op::Source(Source::Parameter { path, kind }) => {
                self.parameter(path, *kind).unwrap_or_else(|| {
                    self.unfit = true;
                    Scalar::zero(node.ty)
                })
            }
            op => {
                let mut out = Lanes::new(node.ty, 1);
                let mut cx = std::mem::take(&mut self.cx);
                with_args(
                    &node.args,
                    |arg| slots::all(self.scalars[arg.ix()], self.program.nodes[arg.ix()].ty),
                    |args| op.eval(args, &mut out, &mut cx),
                );
                self.cx = cx;
                out.arg().at(0)
            }
        };
        self.scalars[at] = Some(scalar);
    }

    fn parameter(&mut self, path: &[std::sync::Arc<str>], kind: Kind) -> Option<Scalar> {
        let (first, rest) = path.split_first()?;
        let mut value = self.view.params().get(first)?;
        for key in rest {
            value = match value {
                Value::Map(entries) => entries.get(key)?,
                _ => return None,
            };
        }
        match (kind, value) {
            (Kind::Tags, Value::Array(items)) => {
                let texts: Vec<&str> = items.iter().map(Value::as_text).collect::<Option<_>>()?;
                Some(self.cx.set(texts.into_iter()))
            }
            (Kind::Bool, Value::Bool(_))
            | (Kind::Int, Value::Int(_))
            | (Kind::Float, Value::Float(_))
            | (Kind::Text, Value::Text(_))
            | (Kind::Time, Value::Time(_)) => self.cx.scalar(value),
            _ => None,
        }
    }

    fn column(&self, side: Side, name: &str) -> Option<ColumnRef<'v>> {
        let field = self.view.book().schema().field(side, name)?;
        self.view.column(side, field, self.role)
    }

    /// Reads the values of a field, or its presence, for some rows.
    pub(super) fn load(&self, node: N, rows: Rows<'_>, out: &mut Lanes) {
        match (&self.program.nodes[node.ix()].op, self.columns[node.ix()]) {
            (Op::Source(Source::Field { side, .. }), Some(column)) => {
                values(*side, column, rows, out);
            }
            (Op::Source(Source::Present { .. }), Some(column)) => match column.present() {
                Some(present) => bits(present, rows, out.bools_mut()),
                None => out.bools_mut().fill(true),
            },
            _ => {} // only fields are loaded, and without its column no row is run
        }
    }

    /// The values of a field where they lie in order, without copying.
    pub(super) fn borrowed(&self, node: N, rows: Rows<'_>) -> Option<Arg<'v>> {
        let Op::Source(Source::Field { .. }) = &self.program.nodes[node.ix()].op else {
            return None;
        };
        match self.columns[node.ix()]? {
            ColumnRef::Float { values, .. } => Some(Arg::Float(In::Each(rows.slice(values)?))),
            ColumnRef::Int { values, .. } | ColumnRef::Time { values, .. } => {
                Some(Arg::Long(In::Each(rows.slice(values)?)))
            }
            _ => None,
        }
    }

    /// Marks the rows of a side whose records lack what the schema promises.
    pub(super) fn mark_missing(&self, side: Side, rows: &[u32], deferred: &mut [bool]) {
        for (_, present) in self.missing.iter().filter(|(of, _)| *of == side) {
            for (row, deferred) in rows.iter().zip(deferred.iter_mut()) {
                *deferred |= !present.get(*row as usize);
            }
        }
    }
}

/// The first row, where the rows follow one another.
fn contiguous(rows: &[u32]) -> Option<usize> {
    let first = *rows.first()?;
    let last = *rows.last()?;
    // Ends that fit make the whole check one vectorised pass.
    if (last as usize).checked_sub(first as usize)? + 1 != rows.len() {
        return None;
    }
    let follows = rows
        .iter()
        .zip(first..)
        .fold(true, |all, (row, at)| all & (*row == at));
    follows.then_some(first as usize)
}

fn copy<T: Copy, U>(values: &[T], rows: Rows<'_>, out: &mut [U], f: impl Fn(T) -> U) {
    match rows.slice(values) {
        Some(values) => {
            for (out, value) in out.iter_mut().zip(values) {
                *out = f(*value);
            }
        }
        None => {
            for (out, row) in out.iter_mut().zip(rows.rows) {
                *out = f(values[*row as usize]); // rows are of this book
            }
        }
    }
}

fn values(side: Side, column: ColumnRef<'_>, rows: Rows<'_>, out: &mut Lanes) {
    match column {
        ColumnRef::Bool { values, .. } => bits(values, rows, out.bools_mut()),
        ColumnRef::Int { values, .. } | ColumnRef::Time { values, .. } => {
            copy(values, rows, out.longs_mut(), |x| x);
        }
        ColumnRef::Float { values, .. } => copy(values, rows, out.floats_mut(), |x| x),
        ColumnRef::Text { symbols, .. } => copy(symbols, rows, out.words_mut(), |x| x.0),
        ColumnRef::Tags { sets, .. } => {
            copy(sets, rows, out.sets_mut(), |x| Context::handle(side, x));
        }
    }
}

/// Bits as bools.
fn bits(bits: &Bits, rows: Rows<'_>, out: &mut [bool]) {
    let Some(start) = rows.start.filter(|start| start % 8 == 0) else {
        for (out, row) in out.iter_mut().zip(rows.rows) {
            *out = bits.get(*row as usize);
        }
        return;
    };
    let words = bits.words();
    let byte = |at: usize| {
        words
            .get(at / 8)
            .map_or(0, |word| (word >> (at % 8 * 8)) as u8)
    };
    let (eights, rest) = out.as_chunks_mut::<8>();
    for (out, at) in eights.iter_mut().zip(start / 8..) {
        // Each byte of the product holds its own bit of the eight and nothing else.
        let spread =
            u64::from(byte(at)).wrapping_mul(0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
        *out = spread.to_le_bytes().map(|byte| byte != 0);
    }
    let done = start + eights.len() * 8;
    for (at, out) in rest.iter_mut().enumerate() {
        *out = bits.get(done + at);
    }
}
