//! Customers and reps as scripts see them: a row number, and fields read from the [`Facts`].

use rhai::{Dynamic, EvalAltResult, ImmutableString, Module, NativeCallContext};

use super::convert::into_script;
use super::engine::{Session, fault};
use crate::language::{BuiltInField, CUSTOMER_FIELDS, REP_FIELDS, Side, Time, UtcOffset, Value};

/// What hooks may look at during a plan; the role at hand is fixed in it.
///
/// Not every field of every record need exist beforehand: they are read one at a time.
pub(crate) trait Facts: Send + Sync {
    /// The number of a field, if the schema has it.
    fn field(&self, side: Side, name: &str) -> Option<u16>;
    /// A field of a record; `()` where it is absent.
    fn value(&self, side: Side, row: u32, field: u16) -> Value;
    /// What a lookup table has for a key, or `()`.
    fn lookup(&self, table: &str, key: &str) -> Value;
    /// The moment of the plan; `None` where there is none: in constants.
    fn now(&self) -> Option<Time>;
    /// The offset at which days are counted.
    fn offset(&self) -> UtcOffset;
    /// `params`: a map, with what the host passed already in it; `None` in constants.
    fn params(&self) -> Option<Value>;
}

/// A customer, by its row in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CustomerRow(pub(super) u32);

/// A rep, by its row in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct RepRow(pub(super) u32);

/// Field numbers of the built-in fields, in the order of their tables, found once per binding.
#[derive(Debug)]
pub(super) struct BuiltIn {
    customer: Vec<Option<u16>>,
    rep: Vec<Option<u16>>,
}

impl BuiltIn {
    pub(super) fn new(facts: &dyn Facts) -> Self {
        let numbers = |side, fields: &[BuiltInField]| {
            (fields.iter())
                .map(|field| facts.field(side, field.name))
                .collect()
        };
        Self {
            customer: numbers(Side::Customer, CUSTOMER_FIELDS),
            rep: numbers(Side::Rep, REP_FIELDS),
        }
    }

    fn number(&self, side: Side, at: usize) -> Option<u16> {
        let numbers = match side {
            Side::Customer => &self.customer,
            Side::Rep => &self.rep,
        };
        numbers.get(at).copied().flatten()
    }
}

type Answer = Result<Dynamic, Box<EvalAltResult>>;

/// Registers how scripts read records: a getter for each built-in field, and the indexer, which
/// Rhai also asks for properties without a getter.
pub(super) fn register(module: &mut Module) {
    module.set_custom_type::<CustomerRow>(Side::Customer.name());
    module.set_custom_type::<RepRow>(Side::Rep.name());
    for (at, field) in CUSTOMER_FIELDS.iter().enumerate() {
        module.set_getter_fn(
            field.name,
            move |context: NativeCallContext<'_>, record: &mut CustomerRow| -> Answer {
                built_in(&context, Side::Customer, record.0, at, field.name)
            },
        );
    }
    for (at, field) in REP_FIELDS.iter().enumerate() {
        module.set_getter_fn(
            field.name,
            move |context: NativeCallContext<'_>, record: &mut RepRow| -> Answer {
                built_in(&context, Side::Rep, record.0, at, field.name)
            },
        );
    }
    module.set_indexer_get_fn(
        |context: NativeCallContext<'_>, record: &mut CustomerRow, name: ImmutableString| {
            by_name(&context, Side::Customer, record.0, &name)
        },
    );
    module.set_indexer_get_fn(
        |context: NativeCallContext<'_>, record: &mut RepRow, name: ImmutableString| {
            by_name(&context, Side::Rep, record.0, &name)
        },
    );
    let customers = |a: CustomerRow, b: CustomerRow| a == b;
    module.set_native_fn("==", move |a, b| Ok(customers(a, b)));
    module.set_native_fn("!=", move |a, b| Ok(!customers(a, b)));
    let reps = |a: RepRow, b: RepRow| a == b;
    module.set_native_fn("==", move |a, b| Ok(reps(a, b)));
    module.set_native_fn("!=", move |a, b| Ok(!reps(a, b)));
}

fn built_in(
    context: &NativeCallContext<'_>,
    side: Side,
    row: u32,
    at: usize,
    name: &str,
) -> Answer {
    let session = Session::of(context.tag())?;
    match session.built_in.number(side, at) {
        Some(field) => Ok(into_script(&session.facts.value(side, row, field))),
        None => Err(unknown_field(side, name)),
    }
}

fn by_name(context: &NativeCallContext<'_>, side: Side, row: u32, name: &str) -> Answer {
    let session = Session::of(context.tag())?;
    match session.facts.field(side, name) {
        Some(field) => Ok(into_script(&session.facts.value(side, row, field))),
        None => Err(unknown_field(side, name)),
    }
}

fn unknown_field(side: Side, name: &str) -> Box<EvalAltResult> {
    fault(format!("`{name}` is not a field of a {}", side.name()))
}

/// No facts at all: what the constants of a script see.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoFacts;

impl Facts for NoFacts {
    fn field(&self, _: Side, _: &str) -> Option<u16> {
        None
    }
    fn value(&self, _: Side, _: u32, _: u16) -> Value {
        Value::Unit
    }
    fn lookup(&self, _: &str, _: &str) -> Value {
        Value::Unit
    }
    fn now(&self) -> Option<Time> {
        None
    }
    fn offset(&self) -> UtcOffset {
        UtcOffset::default()
    }
    fn params(&self) -> Option<Value> {
        None
    }
}
