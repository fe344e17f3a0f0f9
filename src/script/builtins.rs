//! The host functions over [`Value`]: each row of [`FUNCTIONS`], implemented once.
//!
//! Both evaluators call these: the interpreter's binding and the traced evaluator behind
//! explanations. They know no interpreter, hold no state and never change an argument. Each takes
//! time in proportion to the size of its arguments, which are bounded by [`Limits`].

mod arrays;
mod numbers;
pub(crate) mod operators;
mod tables;
mod texts;
mod times;
pub(crate) mod written;

use std::fmt;
use std::sync::Arc;

use crate::language::{FUNCTIONS, Limits, Time, UtcOffset, Value};

/// What a call may look at besides its arguments.
#[derive(Clone, Copy)]
pub(crate) struct Ambient<'a> {
    /// The moment of the plan; constants have none.
    pub(crate) now: Option<Time>,
    /// The offset at which days are counted.
    pub(crate) offset: UtcOffset,
    /// The host's lookup tables: what the named table has for the key, or `()`.
    pub(crate) lookup: &'a dyn Fn(&str, &str) -> Value,
    /// The sizes that results must keep.
    pub(crate) limits: &'a Limits,
}

impl fmt::Debug for Ambient<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (f.debug_struct("Ambient"))
            .field("now", &self.now)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

/// Why a host function has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Fault {
    /// No function of the name takes that many arguments.
    #[error("`{function}` does not take {given} arguments")]
    Count {
        /// The function.
        function: &'static str,
        /// How many were given.
        given: usize,
    },
    /// An argument of the wrong kind.
    #[error("`{function}` takes {expected} as its {} argument, not {found}", ordinal(*.position))]
    Argument {
        /// The function.
        function: &'static str,
        /// Which argument, from 0.
        position: usize,
        /// What it takes.
        expected: &'static str,
        /// What it got: a kind, or `an absent value`.
        found: &'static str,
    },
    /// Arguments of the right kinds for which there is no answer.
    #[error("`{function}` has no answer: {reason}")]
    Undefined {
        /// The function.
        function: &'static str,
        /// Why.
        reason: String,
    },
    /// A result beyond the limits.
    #[error("`{function}` would make {what} of more than {limit}")]
    TooLarge {
        /// The function.
        function: &'static str,
        /// `a text` or `an array`.
        what: &'static str,
        /// The limit with its unit.
        limit: String,
    },
}

const fn ordinal(position: usize) -> &'static str {
    match position {
        0 => "first",
        1 => "second",
        2 => "third",
        _ => "last",
    }
}

/// Calls the host function of that index in [`FUNCTIONS`].
pub(crate) fn call(
    index: usize,
    arguments: &[Value],
    ambient: &Ambient<'_>,
) -> Result<Value, Fault> {
    let (spec, body) = match (FUNCTIONS.get(index), BODIES.get(index)) {
        (Some(spec), Some(body)) => (spec, body),
        _ => {
            return Err(Fault::Undefined {
                function: "call",
                reason: "no such function".into(),
            });
        }
    };
    let call = Call {
        function: spec.name,
        arguments,
        ambient,
    };
    if spec.takes(arguments.len()) {
        body.1(&call)
    } else {
        Err(Fault::Count {
            function: spec.name,
            given: arguments.len(),
        })
    }
}

type Body = fn(&Call<'_>) -> Result<Value, Fault>;

/// The implementations, in the order of [`FUNCTIONS`]; a test holds that.
const BODIES: &[(&str, Body)] = &[
    ("days_between", times::days_between),
    ("days_since", times::days_since),
    ("parse_time", times::parse_time),
    ("min", numbers::min),
    ("max", numbers::max),
    ("clamp", numbers::clamp),
    ("between", numbers::between),
    ("abs", numbers::abs),
    ("sign", numbers::sign),
    ("round", numbers::round),
    ("floor", numbers::floor),
    ("ceil", numbers::ceil),
    ("ceiling", numbers::ceil),
    ("int", numbers::int),
    ("fraction", numbers::fraction),
    ("sqrt", numbers::sqrt),
    ("exp", numbers::exp),
    ("ln", numbers::ln),
    ("log", numbers::log),
    ("is_nan", numbers::is_nan),
    ("is_finite", numbers::is_finite),
    ("is_infinite", numbers::is_infinite),
    ("is_zero", numbers::is_zero),
    ("is_odd", numbers::is_odd),
    ("is_even", numbers::is_even),
    ("to_int", numbers::to_int),
    ("to_float", numbers::to_float),
    ("parse_int", numbers::parse_int),
    ("parse_float", numbers::parse_float),
    ("to_string", texts::to_string),
    ("to_lower", texts::to_lower),
    ("lower", texts::to_lower),
    ("to_upper", texts::to_upper),
    ("upper", texts::to_upper),
    ("trim", texts::trim),
    ("starts_with", texts::starts_with),
    ("ends_with", texts::ends_with),
    ("contains", arrays::contains),
    ("len", arrays::len),
    ("is_empty", arrays::is_empty),
    ("index_of", arrays::index_of),
    ("sub_string", texts::sub_string),
    ("split", texts::split),
    ("replace", texts::replace),
    ("join", texts::join),
    ("one_of", arrays::one_of),
    ("has", arrays::has),
    ("has_any", arrays::has_any),
    ("has_all", arrays::has_all),
    ("overlap", arrays::overlap),
    ("count_in", arrays::count_in),
    ("best_of", arrays::best_of),
    ("sum", arrays::sum),
    ("sum_of", arrays::sum_of),
    ("first", arrays::first),
    ("last", arrays::last),
    ("get", arrays::get),
    ("extract", arrays::extract),
    ("keys", tables::keys),
    ("values", tables::values),
    ("lookup", tables::lookup),
];

/// A number of either kind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Number {
    /// An int.
    Int(i64),
    /// A float.
    Float(f64),
}

impl Number {
    const fn float(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Float(float) => float,
        }
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        match number {
            Number::Int(int) => Self::Int(int),
            Number::Float(float) => Self::Float(float),
        }
    }
}

/// One call: the arguments, read by kind, and the faults that name them.
struct Call<'a> {
    function: &'static str,
    arguments: &'a [Value],
    ambient: &'a Ambient<'a>,
}

impl<'a> Call<'a> {
    fn count(&self) -> usize {
        self.arguments.len()
    }

    fn value(&self, at: usize) -> &'a Value {
        self.arguments.get(at).unwrap_or(&Value::Unit)
    }

    fn wrong(&self, position: usize, expected: &'static str) -> Fault {
        Fault::Argument {
            function: self.function,
            position,
            expected,
            found: with_article(self.value(position)),
        }
    }

    fn undefined(&self, reason: impl Into<String>) -> Fault {
        Fault::Undefined {
            function: self.function,
            reason: reason.into(),
        }
    }

    fn number(&self, at: usize) -> Result<Number, Fault> {
        match self.value(at) {
            Value::Int(int) => Ok(Number::Int(*int)),
            Value::Float(float) => Ok(Number::Float(*float)),
            _ => Err(self.wrong(at, "a number")),
        }
    }

    fn float(&self, at: usize) -> Result<f64, Fault> {
        self.number(at).map(Number::float)
    }

    fn int(&self, at: usize) -> Result<i64, Fault> {
        match self.value(at) {
            Value::Int(int) => Ok(*int),
            _ => Err(self.wrong(at, "an int")),
        }
    }

    fn text(&self, at: usize) -> Result<&'a Arc<str>, Fault> {
        match self.value(at) {
            Value::Text(text) => Ok(text),
            _ => Err(self.wrong(at, "a text")),
        }
    }

    fn time(&self, at: usize) -> Result<Time, Fault> {
        match self.value(at) {
            Value::Time(time) => Ok(*time),
            _ => Err(self.wrong(at, "a time")),
        }
    }

    fn array(&self, at: usize) -> Result<&'a [Value], Fault> {
        match self.value(at) {
            Value::Array(array) => Ok(array),
            _ => Err(self.wrong(at, "an array")),
        }
    }

    /// The texts of an array; an element of another kind is a fault.
    fn texts(&self, at: usize) -> Result<Vec<&'a str>, Fault> {
        let Value::Array(array) = self.value(at) else {
            return Err(self.wrong(at, "an array of texts"));
        };
        (array.iter())
            .map(|value| {
                value.as_text().ok_or(Fault::Argument {
                    function: self.function,
                    position: at,
                    expected: "an array of texts",
                    found: match value {
                        Value::Unit => "one with an absent value in it",
                        _ => "one with other values in it",
                    },
                })
            })
            .collect()
    }

    /// A text as the result, within the limit.
    fn text_result(&self, text: impl AsRef<str> + Into<Arc<str>>) -> Result<Value, Fault> {
        let limit = self.ambient.limits.text_bytes;
        if text.as_ref().len() > limit {
            return Err(Fault::TooLarge {
                function: self.function,
                what: "a text",
                limit: format!("{limit} bytes"),
            });
        }
        Ok(Value::Text(text.into()))
    }

    /// An array as the result, within the limit.
    fn array_result(&self, values: impl Iterator<Item = Value>) -> Result<Value, Fault> {
        let limit = self.ambient.limits.array_length;
        let array: Vec<Value> = values.take(limit + 1).collect();
        if array.len() > limit {
            return Err(Fault::TooLarge {
                function: self.function,
                what: "an array",
                limit: format!("{limit} elements"),
            });
        }
        Ok(Value::Array(array.into()))
    }
}

/// A value's kind as messages say it after `not`.
pub(crate) const fn with_article(value: &Value) -> &'static str {
    match value {
        Value::Unit => "an absent value",
        Value::Bool(_) => "a bool",
        Value::Int(_) => "an int",
        Value::Float(_) => "a float",
        Value::Text(_) => "a text",
        Value::Time(_) => "a time",
        Value::Array(_) => "an array",
        Value::Map(_) => "a map",
        Value::Record(crate::language::Side::Customer, _) => "a customer",
        Value::Record(crate::language::Side::Rep, _) => "a rep",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn ask(name: &str, arguments: &[Value]) -> Result<Value, Fault> {
        let limits = Limits::default();
        let ambient = Ambient {
            now: "2026-01-31T00:00:00Z".parse().ok(),
            offset: UtcOffset::default(),
            lookup: &|table, key| match (table, key) {
                ("zips", "10115") => Value::from("north"),
                _ => Value::Unit,
            },
            limits: &limits,
        };
        let index = FUNCTIONS.iter().position(|row| row.name == name);
        call(index.unwrap(), arguments, &ambient)
    }

    #[test]
    fn every_row_has_its_body() {
        let rows: Vec<_> = FUNCTIONS.iter().map(|row| row.name).collect();
        let bodies: Vec<_> = BODIES.iter().map(|body| body.0).collect();
        assert_eq!(rows, bodies);
    }

    #[test]
    fn faults_name_the_function_and_the_argument() {
        for (name, arguments, message) in [
            (
                "days_since",
                vec![Value::Unit],
                "`days_since` takes a time as its first argument, not an absent value",
            ),
            (
                "clamp",
                vec![1.into(), 2.into(), "x".into()],
                "`clamp` takes a number as its third argument, not a text",
            ),
            (
                "clamp",
                vec![1.into(), 3.into(), 2.into()],
                "`clamp` has no answer: its bounds are the wrong way round",
            ),
            (
                "has_any",
                vec![Value::Array(Arc::new([1.into()])), Value::Unit],
                "`has_any` takes an array of texts as its first argument, not one with other values in it",
            ),
            (
                "split",
                vec!["-".repeat(300).as_str().into(), "-".into()],
                "`split` would make an array of more than 256 elements",
            ),
            ("min", vec![1.into()], "`min` does not take 1 arguments"),
        ] {
            assert_eq!(ask(name, &arguments).unwrap_err().to_string(), message);
        }
    }
}
