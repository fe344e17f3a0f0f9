//! What a policy may cost, in one place and the same in debug and release.

/// The limits on a policy's text and on one call of a hook.
///
/// [`Limits::default`] is what hooks run under, [`Limits::tests`] the tests of a policy.
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

impl Limits {
    /// The most bytes of all texts in one value together: eight times the longest text. Sets of
    /// tags keep it too, so that a script never meets a larger value.
    #[must_use]
    pub const fn value_bytes(&self) -> usize {
        self.text_bytes * 8
    }
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

impl Limits {
    /// What the tests of a policy run under: they may be longer than hooks and hold whole books.
    /// Depths are those of hooks, for they share one stack; hooks that a test calls keep their
    /// own limits.
    ///
    /// ```
    /// use bookwright::Limits;
    /// let (hooks, tests) = (Limits::default(), Limits::tests());
    /// assert!(tests.operations > hooks.operations && tests.locals > hooks.locals);
    /// assert_eq!(tests.call_depth, hooks.call_depth);
    /// ```
    #[must_use]
    pub fn tests() -> Self {
        Self {
            source_bytes: 128 * 1024,
            text_bytes: 8 * 1024,
            array_length: 4096,
            map_entries: 1024,
            functions: 512,
            locals: 256,
            operations: 2_000_000,
            ..Self::default()
        }
    }

    /// The greater of both, row by row, for a text that has hooks and tests in it.
    #[must_use]
    pub(crate) fn or_greater(self, other: &Self) -> Self {
        Self {
            source_bytes: self.source_bytes.max(other.source_bytes),
            call_depth: self.call_depth.max(other.call_depth),
            expression_depth: self.expression_depth.max(other.expression_depth),
            text_bytes: self.text_bytes.max(other.text_bytes),
            array_length: self.array_length.max(other.array_length),
            map_entries: self.map_entries.max(other.map_entries),
            functions: self.functions.max(other.functions),
            locals: self.locals.max(other.locals),
            parameters: self.parameters.max(other.parameters),
            switch_arms: self.switch_arms.max(other.switch_arms),
            operations: self.operations.max(other.operations),
            id_bytes: self.id_bytes.max(other.id_bytes),
            problems: self.problems.max(other.problems),
        }
    }
}
