//! What happened when a hook was asked, as data.

use serde::{Serialize, Serializer};

use crate::language::{Side, Value};

/// Everything that happened when a hook was asked once: what it read, what it tested, what it
/// added up, and where its answer comes from.
///
/// Values of sensitive fields, and what is made from them, are not in it. `Display` tells it in
/// words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HookTrace {
    /// The hook.
    pub hook: String,
    /// The customer that it was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The rep that it was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rep: Option<String>,
    /// The role at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What came of it.
    pub outcome: TraceOutcome,
    /// The fields that were read, each once, in the order of first reading.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<FieldRead>,
    /// The conditions that were looked at, in order; those that `&&` and the like skipped, and
    /// those of branches not taken, are not among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<TracedCondition>,
    /// Where the answer is a sum, its terms in order; their sum is the answer, but for rounding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Term>,
}

/// What came of asking a hook.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum TraceOutcome {
    /// It answered.
    Gave {
        /// What.
        value: Seen,
        /// The line of the expression that gave it, from 1; none where the last statement of the
        /// function gives nothing.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
        /// That expression, as the policy has it.
        #[serde(skip_serializing_if = "String::is_empty")]
        source: String,
    },
    /// It failed.
    Failed {
        /// Why.
        message: String,
        /// The line, from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
        /// The column in characters, from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        column: Option<u32>,
    },
    /// Native code of the host answers: there is nothing to look into.
    Native,
    /// The policy does not define the hook, so that the default holds.
    Default,
}

/// A value that may be shown, or the note that it may not.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Seen {
    /// A value.
    Value(Value),
    /// A sensitive field, or something made from one.
    Hidden,
}

/// The value itself; the text `"(hidden)"` where it is hidden.
impl Serialize for Seen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            Self::Hidden => serializer.serialize_str("(hidden)"),
        }
    }
}

/// A field that a hook read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldRead {
    /// Whose: `customer` or `rep`.
    #[serde(serialize_with = "side_name")]
    pub side: Side,
    /// The field.
    pub field: String,
    /// What it holds; `null` where it is absent.
    pub value: Seen,
    /// The line of the first reading, from 1.
    pub line: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn side_name<S: Serializer>(side: &Side, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(side.name())
}

/// A condition that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TracedCondition {
    /// As the policy has it.
    pub source: String,
    /// Its line, from 1.
    pub line: u32,
    /// What was tested.
    #[serde(flatten)]
    pub test: Test,
    /// Whether it held; for a `switch`, whether an arm matched.
    pub holds: bool,
}

/// What a condition tested.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "test", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Test {
    /// Two sides.
    Compared {
        /// The left side.
        left: Seen,
        /// `==`, `<`, `in` …
        operator: String,
        /// The right side; for a range, the array of its two bounds.
        right: Seen,
    },
    /// A host function that answers yes or no.
    Called {
        /// What it was called with, the receiver of a method first.
        arguments: Vec<Seen>,
    },
    /// A `switch`, its source being the arm that was taken.
    Switched {
        /// What was matched.
        subject: Seen,
    },
    /// A bool by itself.
    Plain,
}

/// A term of a sum.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Term {
    /// As the policy has it.
    pub source: String,
    /// Its line, from 1.
    pub line: u32,
    /// What it adds; below zero where it was subtracted.
    pub value: Seen,
    /// The condition under which it stands, the innermost, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under: Option<Under>,
}

/// The condition under which something stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Under {
    /// As the policy has it: the condition of an `if`, or the arm of a `switch`.
    pub source: String,
    /// Its line, from 1.
    pub line: u32,
    /// Whether it held; not where the thing stands behind `else`.
    pub held: bool,
}
