//! The parser (to come).

use super::{Diagnostic, ast};
use crate::language::Limits;

/// A policy's tree, and what is wrong with its text.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// The tree; where there are errors, with broken parts.
    pub script: ast::Script,
    /// What the parser found, in order of finding.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a policy.
#[must_use]
pub fn parse(text: &str, limits: &Limits) -> Parsed {
    let _ = (text, limits);
    Parsed::default()
}
