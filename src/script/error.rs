//! What goes wrong in scripts, told in the language's words.
//!
//! Messages name no type of Rust or Rhai, show no control characters and are at most
//! [`MESSAGE`] characters long, whatever a script throws.

use rhai::{Dynamic, EvalAltResult, ParseError, Position};

use super::builtins::Fault;
use super::meter::{Ended, Stop};
use crate::language::{FunctionSpec, Type};

/// The longest message, in characters.
const MESSAGE: usize = 200;

/// A text that Rhai does not compile, or constants that fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ScriptError {
    /// What is wrong.
    pub(crate) message: String,
    /// The line, from 1, where it is known.
    pub(crate) line: Option<u32>,
    /// The column in characters, from 1, where it is known.
    pub(crate) column: Option<u32>,
}

/// Why a call has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CallErrorKind {
    /// The script: a fault, an operation without an answer, a limit on values.
    Failed,
    /// The operations of one call are used up.
    Budget,
    /// The plan stops.
    Stopped(Stop),
}

/// A call that has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct CallError {
    /// Why.
    pub(crate) kind: CallErrorKind,
    /// What is wrong.
    pub(crate) message: String,
    /// The line of the innermost place, from 1, where it is known.
    pub(crate) line: Option<u32>,
    /// Its column in characters, from 1.
    pub(crate) column: Option<u32>,
}

/// A message of our own on its way through Rhai, told from what a script throws.
#[derive(Debug, Clone)]
pub(super) struct Told(pub(super) String);

/// An error with a message of ours.
pub(super) fn fault(message: String) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(
        Dynamic::from(Told(message)),
        Position::NONE,
    ))
}

/// The error of a call whose count is over; the gauge knows why.
pub(super) fn ended() -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorTerminated(
        Dynamic::UNIT,
        Position::NONE,
    ))
}

impl CallError {
    pub(super) fn failed(message: &str) -> Self {
        Self {
            kind: CallErrorKind::Failed,
            message: presentable(message),
            line: None,
            column: None,
        }
    }

    pub(crate) fn stopped(stop: Stop) -> Self {
        Self {
            kind: CallErrorKind::Stopped(stop),
            message: match stop {
                Stop::Cancelled => "cancelled",
                Stop::Deadline => "the time is up",
                Stop::Operations => "the operations of this plan are used up",
            }
            .to_owned(),
            line: None,
            column: None,
        }
    }

    /// The error of a call, by what ended it and what Rhai says.
    pub(super) fn new(error: &EvalAltResult, ended: Option<Ended>, per_call: u64) -> Self {
        let (innermost, position) = innermost(error);
        let told = match ended {
            Some(Ended::Budget) => Self {
                kind: CallErrorKind::Budget,
                message: format!("it takes more than {per_call} operations"),
                line: None,
                column: None,
            },
            Some(Ended::Stack) => Self::failed("calls and expressions are nested too deeply"),
            Some(Ended::Stopped(stop)) => Self::stopped(stop),
            None => Self::failed(&tell(innermost)),
        };
        Self {
            line: line(position),
            column: column(position),
            ..told
        }
    }
}

impl ScriptError {
    pub(super) fn new(message: &str, position: Position) -> Self {
        Self {
            message: presentable(message),
            line: line(position),
            column: column(position),
        }
    }

    pub(super) fn parsing(error: &ParseError) -> Self {
        Self::new(
            &lower_first(&error.err_type().to_string()),
            error.position(),
        )
    }
}

impl From<CallError> for ScriptError {
    fn from(error: CallError) -> Self {
        Self {
            message: error.message,
            line: error.line,
            column: error.column,
        }
    }
}

fn line(position: Position) -> Option<u32> {
    position.line().and_then(|line| u32::try_from(line).ok())
}

/// Rhai counts a line's start as column 0 where nothing is there.
fn column(position: Position) -> Option<u32> {
    let column = position.position().unwrap_or(1).max(1);
    position.line().and_then(|_| u32::try_from(column).ok())
}

/// The error inside all calls, and the innermost position known.
fn innermost(error: &EvalAltResult) -> (&EvalAltResult, Position) {
    let (mut error, mut position) = (error, error.position());
    while let EvalAltResult::ErrorInFunctionCall(_, _, inner, _) = error {
        error = inner;
        if !error.position().is_none() {
            position = error.position();
        }
    }
    (error, position)
}

/// An error in the language's words.
fn tell(error: &EvalAltResult) -> String {
    use EvalAltResult as E;
    match error {
        E::ErrorRuntime(thrown, _) => match thrown.read_lock::<Told>() {
            Some(told) => told.0.clone(),
            None => thrown_value(thrown),
        },
        E::ErrorVariableNotFound(name, _) => format!("`{name}` is not known"),
        E::ErrorFunctionNotFound(signature, _) => unknown_function(signature),
        E::ErrorPropertyNotFound(name, _) => format!("there is no property `{name}`"),
        E::ErrorDotExpr(text, _) => dot(text),
        E::ErrorIndexingType(kind, _) => format!("{} has no such element", kinds(kind)),
        E::ErrorIndexNotFound(..) => "there is no such element".to_owned(),
        E::ErrorArrayBounds(length, index, _) => {
            format!("there is no element {index} in an array of {length}")
        }
        E::ErrorStringBounds(length, index, _) => {
            format!("there is no character {index} in a text of {length}")
        }
        E::ErrorBitFieldBounds(_, index, _) => format!("there is no bit {index} in an int"),
        E::ErrorFor(_) => "`for` runs over arrays, tags and ranges only".to_owned(),
        E::ErrorArithmetic(text, _) => arithmetic(text),
        E::ErrorMismatchDataType(expected, found, _) => {
            format!("{} is needed here, not {}", kinds(expected), kinds(found))
        }
        E::ErrorStackOverflow(_) => "calls are nested too deeply".to_owned(),
        E::ErrorTooManyVariables(_) => "too many locals".to_owned(),
        E::ErrorDataTooLarge(what, _) => match what.as_str() {
            "Length of string" => "the texts of a value are too long together".to_owned(),
            "Size of object map" => "a map has too many entries".to_owned(),
            _ => "an array has too many elements".to_owned(),
        },
        E::ErrorAssignmentToConstant(name, _) => format!("`{name}` cannot be assigned to"),
        E::ErrorNonPureMethodCallOnConstant(..) => "a constant cannot be changed".to_owned(),
        E::ErrorTerminated(..) => "it was ended".to_owned(),
        E::ErrorUnboundThis(_) => "`this` is not in the language".to_owned(),
        _ => "the script failed".to_owned(),
    }
}

fn thrown_value(thrown: &Dynamic) -> String {
    if let Ok(text) = thrown.as_immutable_string_ref() {
        return text.chars().take(MESSAGE).collect();
    }
    if thrown.is_int() || thrown.is_float() || thrown.is_bool() {
        return thrown.to_string();
    }
    "the script failed".to_owned()
}

/// `Integer overflow: …` and the like: Rhai's texts hold numbers and operators only.
fn arithmetic(text: &str) -> String {
    if text.is_empty() {
        "no result".to_owned()
    } else {
        lower_first(text)
    }
}

fn dot(text: &str) -> String {
    // `Unknown property 'x' - a getter is not registered for type 'i64'`, and for setters.
    let quoted: Vec<&str> = text.split('\'').skip(1).step_by(2).collect();
    match quoted.as_slice() {
        [name, kind, ..] if text.contains("setter") => {
            format!("`{name}` of {} cannot be assigned to", kinds(kind))
        }
        [name, kind, ..] => format!("{} has no `{name}`", kinds(kind)),
        _ => "this cannot be read".to_owned(),
    }
}

/// `name (i64, &str | ImmutableString | String)` in our words.
fn unknown_function(signature: &str) -> String {
    let (name, rest) = signature.split_once(" (").unwrap_or((signature, ""));
    let name = name.trim();
    let arguments = rest.strip_suffix(')').unwrap_or(rest);
    let kinds: Vec<&str> = (arguments.split(", "))
        .filter(|kind| !kind.is_empty())
        .map(kind)
        .collect();
    not_taken(name, &kinds)
}

/// What is said of a call or an operator that is there for no arguments of those kinds, each as
/// [`with_article`](super::builtins::with_article) names it.
pub(crate) fn not_taken(name: &str, kinds: &[&'static str]) -> String {
    if let Some(function) = FunctionSpec::named(name) {
        return wrong_arguments(function, kinds);
    }
    let given = match kinds {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    if name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        format!("there is no function `{name}` that takes {given}")
    } else {
        format!("`{name}` does not take {given}")
    }
}

/// Whether a host function is bound for arguments of those kinds.
pub(crate) fn takes(function: &FunctionSpec, kinds: &[&'static str]) -> bool {
    function.signatures.iter().any(|signature| {
        signature.parameters.len() == kinds.len()
            && (signature.parameters.iter().zip(kinds)).all(|(type_, kind)| type_.takes_a(kind))
    })
}

/// Which argument of a host function is wrong: the first that no signature takes after those
/// before it.
fn wrong_arguments(function: &'static FunctionSpec, given: &[&'static str]) -> String {
    let fault = if !function.takes(given.len()) {
        Fault::Count {
            function: function.name,
            given: given.len(),
        }
    } else {
        let mut left: Vec<&[Type]> = (function.signatures.iter())
            .map(|signature| signature.parameters)
            .filter(|parameters| parameters.len() == given.len())
            .collect();
        let mut position = 0;
        for (at, kind) in given.iter().enumerate() {
            let suits = |type_: Option<&Type>| type_.is_some_and(|type_| type_.takes_a(kind));
            position = at;
            if !left.iter().any(|parameters| suits(parameters.get(at))) {
                break;
            }
            left.retain(|parameters| suits(parameters.get(at)));
        }
        let expected: Vec<_> = left.iter().filter_map(|p| p.get(position)).collect();
        Fault::Argument {
            function: function.name,
            position,
            expected: match expected.as_slice() {
                [Type::Text, Type::Array, Type::Map] => "a text, an array or a map",
                [Type::Text, Type::Text, Type::Array, Type::Array]
                | [Type::Text, Type::Array]
                | [Type::Text, Type::Array, Type::Array] => "a text or an array",
                [Type::Array, Type::Map] => "an array or a map",
                [Type::Number, ..] if expected.len() > 1 => "a number, a time or a text",
                [one, ..] => one.with_article(),
                [] => "something else",
            },
            found: given.get(position).copied().unwrap_or("a value"),
        }
    };
    fault.to_string()
}

impl Type {
    /// What messages call it.
    const fn with_article(self) -> &'static str {
        match self {
            Self::Bool => "a bool",
            Self::Int => "an int",
            Self::Float => "a float",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Time => "a time",
            Self::Texts => "an array of texts",
            Self::Array => "an array",
            Self::Map => "a map",
            Self::Customer => "a customer",
            Self::Rep => "a rep",
            Self::Any | Self::Same | Self::Found => "a value",
        }
    }

    /// Whether it takes what messages call so.
    fn takes_a(self, kind: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Number => matches!(kind, "an int" | "a float"),
            Self::Texts => kind == "an array",
            other => other.with_article() == kind,
        }
    }
}

/// A kind by Rhai's name for it, with its article.
fn kind(rhai: &str) -> &'static str {
    match rhai.trim() {
        "()" => "an absent value",
        "bool" => "a bool",
        "i64" => "an int",
        "f64" => "a float",
        "char" | "string" | "&str | ImmutableString | String" => "a text",
        "time" => "a time",
        "array" => "an array",
        "map" => "a map",
        "customer" => "a customer",
        "rep" => "a rep",
        "range" | "range=" => "a range",
        other if other.contains("String") || other.contains("str") => "a text",
        other if other.contains("Range") => "a range",
        _ => "a value",
    }
}

fn kinds(rhai: &str) -> &'static str {
    // `ErrorIndexingType` has `i64 [string]`.
    kind(rhai.split(" [").next().unwrap_or(rhai))
}

fn lower_first(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// At most [`MESSAGE`] characters, control characters and the invisible ones that change the
/// direction of text escaped.
pub(crate) fn presentable(message: &str) -> String {
    let mut out = String::new();
    let mut left = MESSAGE;
    for c in message.chars() {
        let escaped = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
            || c.is_control();
        let before = out.len();
        if escaped {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
        let added = out[before..].chars().count();
        if added >= left {
            out.truncate(before);
            out.push('…');
            break;
        }
        left -= added;
    }
    out
}
