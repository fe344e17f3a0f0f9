//! The host functions bound for scripts, each under its name for the kinds it takes.
//!
//! A function is bound for each combination of kinds that its row allows, which Rhai finds at
//! the first try. None is bound for arguments of any kind: with one such function, a call of an
//! unknown name with sixteen arguments makes Rhai look for 65,536 combinations, in one operation.
//! All take their arguments by value: after a method that could change its receiver, Rhai looks
//! for a setter to write it back.
//! Made once per program (about a millisecond) and shared by its workers.

use rhai::NativeCallContext;
use rhai::{Array, Dynamic, EvalAltResult, FuncRegistration, ImmutableString, Map, Module};

use super::convert::{Exit, Refused, into_script};
use super::error::{ended, fault};
use super::record::{CustomerRow, RepRow};
use super::session::Session;
use super::{operators, record};
use crate::language::{FUNCTIONS, FunctionSpec, Side, Time, Type, Value};

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

pub(super) type Unit = ();
pub(super) type Bool = bool;
pub(super) type Int = i64;
pub(super) type Float = f64;
pub(super) type Text = ImmutableString;
pub(super) type Char = char;

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

macro_rules! passed {
    ($($kind:ident: $self:ident => $value:expr;)*) => {$(
        impl Passed for $kind {
            fn passed(&$self, _: &mut Exit<'_>) -> Result<Value, Refused> {
                Ok($value)
            }
        }
    )*};
}

passed! {
    Unit: self => Value::Unit;
    Bool: self => Value::Bool(*self);
    Int: self => Value::Int(*self);
    Float: self => Value::Float(*self);
    Time: self => Value::Time(*self);
    Char: self => Value::from(&*self.encode_utf8(&mut [0; 4]));
    CustomerRow: self => Value::Record(Side::Customer, self.0);
    RepRow: self => Value::Record(Side::Rep, self.0);
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

/// A kind that functions are bound for on its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Unit,
    Bool,
    Int,
    Float,
    Text,
    Char,
    Time,
    Array,
    Map,
    CustomerRow,
    RepRow,
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
            Type::Bool => matches!(self, Self::Bool),
            // Results only.
            Type::Same | Type::Found | Type::Customer | Type::Rep => false,
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
    bind!(Unit Bool Int Float Text Char Time Array Map CustomerRow RepRow);
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
        Int Int, Int Float, Float Int, Float Float, Time Time,
        Text Text, Text Char, Text CustomerRow, Text RepRow, Text Unit, Text Bool, Text Int, Text Float, Text Time, Text Array, Text Map,
        Array Unit, Array Bool, Array Int, Array Float, Array Text, Array Char, Array Time,
        Array Array, Array Map, Array CustomerRow, Array RepRow, Map Text,
        Unit Array, Bool Array, Int Array, Float Array, Char Array, Time Array, Map Array,
        CustomerRow Array, RepRow Array,
    );
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
        Text Text Text, Time Time Time, Text Int Int, Text Text Int,
        Array Unit Int, Array Bool Int, Array Int Int, Array Float Int, Array Text Int,
        Array Char Int, Array Time Int, Array Array Int, Array Map Int, Array CustomerRow Int,
        Array RepRow Int,
    );
}

/// Calls a host function with what a script passed.
fn invoke(context: &NativeCallContext<'_>, index: usize, arguments: &[&dyn Passed]) -> Answer {
    let session = Session::of(context)?;
    let mut exit = Exit::new(&session.limits);
    let mut values = [Value::Unit, Value::Unit, Value::Unit];
    let name = FUNCTIONS.get(index).map_or("", |function| function.name);
    for (value, argument) in values.iter_mut().zip(arguments) {
        exit.next();
        *value = (argument.passed(&mut exit))
            .map_err(|refused| fault(format!("`{name}` cannot take {refused}")))?;
    }
    let pairs = match &values {
        // Each of one array may be compared with each of the other.
        [Value::Array(x), Value::Array(y), _] if name == "count_in" => x.len() * y.len(),
        _ => 0,
    };
    if !session.gauge.count(exit.work() + pairs as u64 / 64) {
        return Err(ended());
    }
    let arguments = values.get(..arguments.len()).unwrap_or(&values);
    (session.host_function(index, arguments))
        .map(|value| into_script(&value))
        .map_err(|error| fault(error.to_string()))
}
