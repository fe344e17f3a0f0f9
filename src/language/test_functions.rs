//! What only tests and invariants can call: records, plans, assertions.

use super::functions::{FunctionSpec, Signature, Type, rows};

/// The functions of tests and invariants, in `test_…` and `invariant_…` and what only they call.
/// Hooks do not know them.
///
/// Beside these a test calls the policy's hooks and helpers as the plan would: under the limits of
/// hooks, each call by itself.
pub const TEST_FUNCTIONS: &[FunctionSpec] = rows! {
    "customer": (Map) -> Customer,
        "a customer with these fields and the schema's defaults for the rest; `owners: #{ developer: \"r1\" }` for present owners, `tier` and `segment` where a hook is asked directly; without `id` it is `c1`, `c2` …",
        "customer(#{ region: \"east\" }).region" => "\"east\"";
    "rep": (Map) -> Rep,
        "a rep with these fields and the schema's defaults for the rest; without `id` it is `r1`, `r2` …, without `roles` it has all that own customers",
        "rep(#{ level: 3 }).level" => "3";
    "book": (Array, Array) -> Map | (Array, Array, Map) -> Map,
        "a book of these customers and reps; the map may give `pins`, `exclusions` and `teams`, as in a book's JSON",
        "book([customer(#{}), customer(#{})], [rep(#{})]).customers.len" => "2";
    "given": (Map) -> Any,
        "sets for the rest of the test what the host gives: `now`, `utc_offset`, `params`, `tables`, `seed`, `strategy`",
        "given(#{ now: \"2026-03-01\" })" => "()";
    "plan": (Map) -> Map | (Map, Map) -> Map,
        "the plan of a book, as a map like its JSON, with `customers` and `reps` by id; the second map as for `given`, for this plan alone",
        "plan(book([customer(#{})], [rep(#{})])).owners[\"c1\"][\"developer\"]" => "\"r1\"";
    "owner": (Map, Text, Text) -> Found,
        "who owns the customer in the role under the plan, or `()`",
        "plan(book([customer(#{})], [rep(#{})])).owner(\"c1\", \"developer\")" => "\"r1\"";
    "reason": (Map, Text, Text) -> Found,
        "why the plan leaves the customer without owner in the role, or `()`: `no_capacity` …; for `none_eligible` the reasons themselves",
        "plan(book([customer(#{})], [])).reason(\"c1\", \"developer\")" => "\"no_rep_in_role\"";
    "load": (Map, Text) -> Found | (Map, Text, Text) -> Found,
        "what the rep carries under the plan, in the role where capacity is counted by role: `workload`, `customers`, `capacity`, `overfull` …; or `()`",
        "plan(book([customer(#{})], [rep(#{})])).load(\"r1\").customers" => "1";
    "cases": (Array) -> Same,
        "the rows of a table: the test runs once for each, which is the only one in the array then, and each is reported by itself; at most once in a test",
        "cases([7])[0]" => "7";
    "assert": (Bool) -> Any | (Bool, Text) -> Any,
        "ends the test as failed unless it is true",
        "assert(1 < 2, \"one is less\")" => "()";
    "assert_eq": (Any, Any) -> Any | (Any, Any, Text) -> Any,
        "ends the test as failed unless both are equal, as `==` has it and element by element",
        "assert_eq([1, 2.0], [1.0, 2])" => "()";
    "assert_near": (Number, Number, Number) -> Any | (Number, Number, Number, Text) -> Any,
        "ends the test as failed unless the first two differ by at most the third",
        "assert_near(0.1 + 0.2, 0.3, 1e-9)" => "()";
    "assert_error": (Text, Array) -> Any | (Text, Array, Text) -> Any,
        "ends the test as failed unless the hook of that name fails for these arguments, with the text in its message",
        "assert_error(\"workload\", [customer(#{ name: \"\" })], \"no answer\")" => "()";
};

impl FunctionSpec {
    /// The function of that name that only tests can call.
    ///
    /// ```
    /// use bookwright::language::FunctionSpec;
    /// assert!(FunctionSpec::of_tests("assert_eq").is_some_and(|spec| spec.takes(2)));
    /// assert!(FunctionSpec::named("assert_eq").is_none());
    /// ```
    #[must_use]
    pub fn of_tests(name: &str) -> Option<&'static Self> {
        TEST_FUNCTIONS.iter().find(|function| function.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{FUNCTIONS, Hook};

    #[test]
    fn names_are_unique_and_rows_complete() {
        for (at, function) in TEST_FUNCTIONS.iter().enumerate() {
            let name = function.name;
            let same = |other: &FunctionSpec| other.name == name;
            assert_eq!(TEST_FUNCTIONS.iter().position(same), Some(at));
            assert!(!FUNCTIONS.iter().any(same) && Hook::named(name).is_none());
            assert!(function.example.contains(name) && !function.doc.ends_with('.'));
            assert!(!function.signatures.is_empty() && !function.property);
        }
    }
}
