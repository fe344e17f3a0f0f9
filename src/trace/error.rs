//! Why an evaluation has no value.

use crate::syntax::Source;

/// What ended an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TraceErrorKind {
    /// The script: a fault, an operation without an answer, a limit on values.
    Failed,
    /// The operations are used up.
    Budget,
}

/// An evaluation without a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct TraceError {
    /// Why.
    pub(crate) kind: TraceErrorKind,
    /// What is wrong.
    pub(crate) message: String,
    /// The byte that the interpreter names as the place; none where it names none.
    pub(crate) byte: Option<u32>,
    /// The line of that byte, from 1.
    pub(crate) line: Option<u32>,
    /// Its column in characters, from 1.
    pub(crate) column: Option<u32>,
}

impl TraceError {
    pub(super) fn failed(message: impl Into<String>, byte: Option<u32>) -> Self {
        Self {
            kind: TraceErrorKind::Failed,
            message: message.into(),
            byte,
            line: None,
            column: None,
        }
    }

    /// The same with line and column, and a message that is fit to be shown.
    pub(super) fn placed(mut self, source: &Source) -> Self {
        if let Some(byte) = self.byte {
            let place = source.position(byte);
            (self.line, self.column) = (Some(place.line), Some(place.column));
        }
        self.message = crate::script::presentable(&self.message);
        self
    }
}
