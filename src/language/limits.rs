//! What a policy may cost, in one place and the same in debug and release.

/// The limits on a policy's text and on one call of a hook.
///
/// [`Limits::default`] is what hooks run under. Policy tests may run with
/// larger ones of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest source text, in bytes.
    pub source_bytes: usize,
    /// Deepest chain of calls among the script's own functions.
    pub call_depth: usize,
    /// Deepest nesting of expressions and blocks within one function.
    pub expression_depth: usize,
    /// Longest text that a script can make or meet, in bytes.
    pub text_bytes: usize,
    /// Longest array that a script can make or meet, and largest tag set.
    pub array_length: usize,
    /// Most entries of a map that a script can make.
    pub map_entries: usize,
    /// Most functions in a script.
    pub functions: usize,
    /// Most locals in a function, counting every `let`, `const` and loop variable.
    pub locals: usize,
    /// Most parameters of a function.
    pub parameters: usize,
    /// Most arms of one `switch`.
    pub switch_arms: usize,
    /// Highest compile-time worst-case cost of one call of a hook, in operations.
    pub operations: u64,
    /// Longest id of a customer, rep, role or team, in bytes.
    pub id_bytes: usize,
    /// Most problems listed in one error; the number of the rest is told.
    pub problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source_bytes: 32 * 1024,
            call_depth: 8,
            expression_depth: 32,
            text_bytes: 1024,
            array_length: 256,
            map_entries: 64,
            functions: 64,
            locals: 64,
            parameters: 8,
            switch_arms: 256,
            operations: 100_000,
            id_bytes: 256,
            problems: 100,
        }
    }
}
