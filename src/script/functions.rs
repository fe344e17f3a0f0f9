//! The host functions bound for scripts, each under its name for the kinds it takes.
//!
//! A function is bound once for each combination of kinds that its row allows, which Rhai finds
//! at the first try, and once for anything else, so that a wrong argument is told in our words.
//! All take their arguments by value: after a method that could change its receiver, Rhai looks
//! for a setter to write it back.
//! Made once per program (about a millisecond) and shared by its workers.

use rhai::{Array, Dynamic, EvalAltResult, FuncRegistration, ImmutableString, Map, Module};
use rhai::{NativeCallContext, Position};

use super::convert::{Exit, Refused, into_script};
use super::error::fault;
use super::session::Session;
use super::{operators, record};
use crate::language::{FUNCTIONS, FunctionSpec, Time, Type, Value};

/// The module of all that scripts can reach, and the name of each entry.
#[derive(Default)]
pub(super) struct Registry {
    pub(super) module: Module,
    /// `name/arguments` of functions and operators, `.name` of properties, `[]` of indexers.
    pub(super) entries: Vec<String>,
}

/// All that scripts can reach: host functions, record fields, and the operators that Rhai has
/// not built in.
pub(super) fn all() -> Registry {
    let mut registry = Registry::default();
    for (index, function) in FUNCTIONS.iter().enumerate() {
        for arity in function.arities() {
            match arity {
                1 => one(&mut registry, function, index),
                2 => two(&mut registry, function, index),
                _ => three(&mut registry, function, index),
            }
        }
    }
    record::register(&mut registry);
    operators::register(&mut registry);
    registry
}

type Answer = Result<Dynamic, Box<EvalAltResult>>;

type Int = i64;
type Float = f64;
type Text = ImmutableString;

impl Registry {
    /// Starts the entry of a function that changes none of its arguments.
    pub(super) fn pure(&mut self, name: &str, arity: usize) -> FuncRegistration {
        self.entries.push(format!("{name}/{arity}"));
        FuncRegistration::new(name)
    }

    /// Starts the entry of an indexer that reads.
    pub(super) fn indexer(&mut self) -> FuncRegistration {
        self.entries.push("[]".to_owned());
        FuncRegistration::new_index_getter().with_purity(true)
    }

    /// Starts the entry of a property.
    pub(super) fn property(&mut self, name: &str) -> FuncRegistration {
        self.entries.push(format!(".{name}"));
        FuncRegistration::new_getter(name).with_purity(true)
    }
}

/// An argument as Rhai passes it.
trait Passed {
    /// The argument as a value.
    fn passed(&self, exit: &mut Exit<'_>) -> Result<Value, Refused>;
}

impl Passed for Int {
    fn passed(&self, _: &mut Exit<'_>) -> Result<Value, Refused> {
        Ok(Value::Int(*self))
    }
}
impl Passed for Float {
    fn passed(&self, _: &mut Exit<'_>) -> Result<Value, Refused> {
        Ok(Value::Float(*self))
    }
}
impl Passed for Time {
    fn passed(&self, _: &mut Exit<'_>) -> Result<Value, Refused> {
        Ok(Value::Time(*self))
    }
}
impl Passed for Text {
    fn passed(&self, exit: &mut Exit<'_>) -> Result<Value, Refused> {
        exit.text(self).map(Value::Text)
    }
}
impl Passed for Array {
    fn passed(&self, exit: &mut Exit<'_>) -> Result<Value, Refused> {
        exit.array(self)
    }
}
impl Passed for Map {
    fn passed(&self, exit: &mut Exit<'_>) -> Result<Value, Refused> {
        exit.map(self)
    }
}
impl Passed for Dynamic {
    fn passed(&self, exit: &mut Exit<'_>) -> Result<Value, Refused> {
        exit.value(self)
    }
}

/// A kind that functions are bound for on its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Int,
    Float,
    Text,
    Time,
    Array,
    Map,
}

impl Bound {
    const fn suits(self, parameter: Type) -> bool {
        match parameter {
            Type::Int => matches!(self, Self::Int),
            Type::Float => matches!(self, Self::Float),
            Type::Number => matches!(self, Self::Int | Self::Float),
            Type::Text => matches!(self, Self::Text),
            Type::Time => matches!(self, Self::Time),
            Type::Texts | Type::Array => matches!(self, Self::Array),
            Type::Map => matches!(self, Self::Map),
            Type::Any => true,
            Type::Bool | Type::Same | Type::Found => false,
        }
    }
}

/// Whether a row takes arguments of those kinds.
fn takes(function: &FunctionSpec, kinds: &[Bound]) -> bool {
    function.signatures.iter().any(|signature| {
        signature.parameters.len() == kinds.len()
            && (signature.parameters.iter().zip(kinds)).all(|(&type_, kind)| kind.suits(type_))
    })
}

fn one(registry: &mut Registry, function: &'static FunctionSpec, index: usize) {
    macro_rules! bind {
        ($($x:ident)*) => {$(
            if takes(function, &[Bound::$x]) {
                let body = move |context: NativeCallContext<'_>, x: $x| {
                    invoke(&context, index, &[&x])
                };
                registry.pure(function.name, 1).set_into_module(&mut registry.module, body);
                if function.property {
                    registry.property(function.name).set_into_module(&mut registry.module, body);
                }
            }
        )*};
    }
    bind!(Int Float Text Time Array Map);
    let body = move |context: NativeCallContext<'_>, x: Dynamic| invoke(&context, index, &[&x]);
    registry
        .pure(function.name, 1)
        .set_into_module(&mut registry.module, body);
}

fn two(registry: &mut Registry, function: &'static FunctionSpec, index: usize) {
    macro_rules! bind {
        ($($x:ident $y:ident,)*) => {$(
            if takes(function, &[Bound::$x, Bound::$y]) {
                let body = move |context: NativeCallContext<'_>, x: $x, y: $y| {
                    invoke(&context, index, &[&x, &y])
                };
                registry.pure(function.name, 2).set_into_module(&mut registry.module, body);
            }
        )*};
    }
    bind!(
        Int Int, Int Float, Float Int, Float Float, Int Array, Float Array,
        Text Text, Text Int, Text Array, Time Time,
        Array Text, Array Int, Array Float, Array Array, Array Map, Map Text,
    );
    let body = move |context: NativeCallContext<'_>, x: Dynamic, y: Dynamic| {
        invoke(&context, index, &[&x, &y])
    };
    registry
        .pure(function.name, 2)
        .set_into_module(&mut registry.module, body);
}

fn three(registry: &mut Registry, function: &'static FunctionSpec, index: usize) {
    macro_rules! bind {
        ($($x:ident $y:ident $z:ident,)*) => {$(
            if takes(function, &[Bound::$x, Bound::$y, Bound::$z]) {
                let body = move |context: NativeCallContext<'_>, x: $x, y: $y, z: $z| {
                    invoke(&context, index, &[&x, &y, &z])
                };
                registry.pure(function.name, 3).set_into_module(&mut registry.module, body);
            }
        )*};
    }
    bind!(
        Int Int Int, Float Float Float, Float Int Int, Float Float Int, Float Int Float,
        Int Float Float, Int Int Float, Int Float Int,
        Text Text Text, Time Time Time, Text Int Int, Text Text Int, Array Int Int,
    );
    let body = move |context: NativeCallContext<'_>, x: Dynamic, y: Dynamic, z: Dynamic| {
        invoke(&context, index, &[&x, &y, &z])
    };
    registry
        .pure(function.name, 3)
        .set_into_module(&mut registry.module, body);
}

/// Calls a host function with what a script passed.
fn invoke(context: &NativeCallContext<'_>, index: usize, arguments: &[&dyn Passed]) -> Answer {
    let session = Session::of(context)?;
    let mut exit = Exit::new(&session.limits);
    let mut values = [Value::Unit, Value::Unit, Value::Unit];
    for (value, argument) in values.iter_mut().zip(arguments) {
        *value = (argument.passed(&mut exit))
            .map_err(|refused| fault(format!("`{}` cannot take {refused}", context.fn_name())))?;
    }
    if !session.gauge.count(exit.work()) {
        return Err(Box::new(EvalAltResult::ErrorTerminated(
            Dynamic::UNIT,
            Position::NONE,
        )));
    }
    let arguments = values.get(..arguments.len()).unwrap_or(&values);
    (session.host_function(index, arguments))
        .map(|value| into_script(&value))
        .map_err(|error| fault(error.to_string()))
}
