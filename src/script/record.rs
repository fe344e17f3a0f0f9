//! Customers and reps as scripts see them: a row number, and fields read from the [`Facts`].

use rhai::{Dynamic, EvalAltResult, ImmutableString, NativeCallContext};

use super::convert::into_script;
use super::error::fault;
use super::functions::Registry;
use super::session::Session;
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
    /// Whether `now` and `params` may change while a call runs: in tests.
    fn changes(&self) -> bool {
        false
    }
    /// Calls a function of the host's own, by its place among [`Program::compile_with`]'s.
    ///
    /// [`Program::compile_with`]: super::Program::compile_with
    fn call(&self, _function: usize, _arguments: &[Value]) -> Result<Value, String> {
        Err("there is no such function".to_owned())
    }
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

/// Registers how scripts read records: a property for each built-in field, and the indexer, which
/// Rhai also asks for properties that it does not know.
pub(super) fn register(registry: &mut Registry) {
    macro_rules! side {
        ($row:ident, $side:expr, $fields:expr) => {
            registry.module.set_custom_type::<$row>($side.name());
            for (at, field) in $fields.iter().enumerate() {
                let body = move |context: NativeCallContext<'_>, record: &mut $row| -> Answer {
                    built_in(&context, $side, record.0, at, field.name)
                };
                registry
                    .property(field.name)
                    .set_into_module(&mut registry.module, body);
            }
            let by_name =
                |context: NativeCallContext<'_>, record: &mut $row, name: ImmutableString| {
                    named(&context, $side, record.0, &name)
                };
            registry
                .indexer()
                .set_into_module(&mut registry.module, by_name);
            let equal = |x: $row, y: $row| x == y;
            registry
                .pure("==", 2)
                .set_into_module(&mut registry.module, equal);
            let unequal = |x: $row, y: $row| x != y;
            registry
                .pure("!=", 2)
                .set_into_module(&mut registry.module, unequal);
        };
    }
    side!(CustomerRow, Side::Customer, CUSTOMER_FIELDS);
    side!(RepRow, Side::Rep, REP_FIELDS);
}

fn built_in(
    context: &NativeCallContext<'_>,
    side: Side,
    row: u32,
    at: usize,
    name: &str,
) -> Answer {
    let session = Session::of(context)?;
    match session.built_in.number(side, at) {
        Some(field) => Ok(into_script(&session.facts.value(side, row, field))),
        None => Err(unknown_field(side, name)),
    }
}

fn named(context: &NativeCallContext<'_>, side: Side, row: u32, name: &str) -> Answer {
    let session = Session::of(context)?;
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
