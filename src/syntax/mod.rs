//! The policy language as text: spans, tokens, the syntax tree, and what is wrong with a text.
//!
//! The lexer and parser take a total, pure subset of Rhai and recover after errors, so that all
//! findings come at once. This layer knows no interpreter, no schema and no hooks; names are
//! resolved by the policy layer. Parsing takes time linear in the text.

pub mod ast;
pub mod codes;
mod diagnostic;
#[cfg(feature = "miette")]
mod handover;
mod lexer;
mod parser;
mod render;
mod report;
mod source;
mod span;
mod suggest;
mod token;

pub use diagnostic::{Diagnostic, Fix, Severity};
#[cfg(feature = "miette")]
pub use handover::{MietteFinding, MietteReport};
pub use parser::{Parsed, interpreter_levels, parse};
pub(crate) use render::{clipped, escaped};
pub use report::Report;
pub use source::{Position, Source};
pub use span::Span;
pub(crate) use suggest::distance;
pub use suggest::nearest;
