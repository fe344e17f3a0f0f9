//! The host functions and methods that a policy can call: one row each.

/// The type of a parameter or of a result, as the checker knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// A bool.
    Bool,
    /// An int.
    Int,
    /// A float.
    Float,
    /// An int or a float.
    Number,
    /// A text.
    Text,
    /// A moment.
    Time,
    /// An array of texts, tags included.
    Texts,
    /// Any array.
    Array,
    /// A map.
    Map,
    /// Anything, `()` included.
    Any,
    /// The type of the first argument.
    Same,
    /// That type or `()`, for results: a lookup that finds nothing.
    Found,
}

/// One way to call a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// The types of the arguments, in order; a method call passes its receiver first.
    pub parameters: &'static [Type],
    /// The type of the result.
    pub result: Type,
}

/// One row of the table of host functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionSpec {
    /// Its name; where Rhai has a name for the same thing, that one.
    pub name: &'static str,
    /// The ways to call it.
    pub signatures: &'static [Signature],
    /// Whether it may also be read as a property (`tags.len`), as Rhai allows for some.
    pub property: bool,
    /// One line of documentation.
    pub doc: &'static str,
    /// A call, as a policy writes it.
    pub example: &'static str,
    /// What [`Self::example`] gives, as a literal of the language; a test runs each.
    pub gives: &'static str,
}
