//! The six kinds of attribute a record can have.

use serde::{Deserialize, Serialize};

/// The kind of a field of a customer or a rep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A signed 64-bit integer.
    Int,
    /// A finite 64-bit float.
    Float,
    /// A text of at most [`Limits::text_bytes`](super::Limits::text_bytes).
    Text,
    /// A set of texts; scripts see it as an array sorted by text, without repetition.
    Tags,
    /// A moment in UTC, to the microsecond.
    Time,
}

impl Kind {
    /// All kinds, in the order of the declaration.
    pub const ALL: [Self; 6] = [
        Self::Bool,
        Self::Int,
        Self::Float,
        Self::Text,
        Self::Tags,
        Self::Time,
    ];

    /// The name as policies, schemas and messages write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Text => "text",
            Self::Tags => "tags",
            Self::Time => "time",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
