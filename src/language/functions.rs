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
    /// Anything, or `()` where there is nothing to find: results only.
    Found,
    /// A customer: results of what tests call only.
    Customer,
    /// A rep: results of what tests call only.
    Rep,
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

impl FunctionSpec {
    /// The function of that name.
    ///
    /// ```
    /// use bookwright::language::FunctionSpec;
    /// let clamp = FunctionSpec::named("clamp").unwrap();
    /// assert!(clamp.takes(3) && !clamp.takes(2));
    /// assert!(FunctionSpec::named("exit").is_none());
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }

    /// Whether it can be called with that many arguments, the receiver of a method call included.
    #[must_use]
    pub fn takes(&self, arguments: usize) -> bool {
        (self.signatures.iter()).any(|signature| signature.parameters.len() == arguments)
    }

    /// The numbers of arguments it takes, rising, without repetition.
    #[must_use]
    pub fn arities(&self) -> Vec<usize> {
        let mut all: Vec<usize> = (self.signatures.iter())
            .map(|signature| signature.parameters.len())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Rows as they read in documentation: `name: (parameters) -> result | …, doc, example => gives;`.
macro_rules! rows {
    ($(
        $name:literal $($property:ident)? :
        $( ( $($parameter:ident),* ) -> $result:ident )|+ ,
        $doc:literal, $example:literal => $gives:literal;
    )*) => {
        &[$(FunctionSpec {
            name: $name,
            signatures: &[$(Signature {
                parameters: &[$(Type::$parameter),*],
                result: Type::$result,
            }),+],
            property: rows!(@property $($property)?),
            doc: $doc,
            example: $example,
            gives: $gives,
        }),*]
    };
    (@property property) => { true };
    (@property) => { false };
}
pub(super) use rows;

/// The host functions, by subject: times, numbers, texts, arrays and tags, maps and tables.
///
/// All are pure, none changes its arguments, and each takes time in proportion to their size at
/// most (the searches of one array in another: to the product). The variable `now` and the
/// operators are not in it.
pub const FUNCTIONS: &[FunctionSpec] = rows! {
    // Times.
    "days_between": (Time, Time) -> Int,
        "calendar days from the first time to the second, counted at the plan's UTC offset; negative where the second is earlier",
        "days_between(parse_time(\"2026-01-01\"), parse_time(\"2026-01-31\"))" => "30";
    "days_since": (Time) -> Int,
        "calendar days from the time to `now`, counted at the plan's UTC offset; negative for a time to come",
        "days_since(now)" => "0";
    "parse_time": (Text) -> Time,
        "the time that a text in RFC 3339 tells, or midnight of a date at the plan's UTC offset",
        "parse_time(\"2026-01-31T08:00:00+08:00\") == parse_time(\"2026-01-31T00:00:00Z\")" => "true";

    // Numbers.
    "min": (Number, Number) -> Number,
        "the smaller of two numbers; a float where one of them is",
        "min(3, 2.5)" => "2.5";
    "max": (Number, Number) -> Number,
        "the greater of two numbers; a float where one of them is",
        "max(3, 2.5)" => "3.0";
    "clamp": (Number, Number, Number) -> Number,
        "the number, but not below the second nor above the third; a float where one of them is",
        "clamp(120, 0, 100)" => "100";
    "between": (Number, Number, Number) -> Bool | (Time, Time, Time) -> Bool | (Text, Text, Text) -> Bool,
        "whether `x >= low && x <= high`",
        "between(750.5, 500, 1000)" => "true";
    "abs": (Number) -> Same,
        "the number without its sign",
        "abs(-5)" => "5";
    "sign": (Number) -> Int,
        "-1, 0 or 1, as the number is below, at or above zero",
        "sign(-2.5)" => "-1";
    "round" property: (Number) -> Same,
        "the nearest whole number, halves away from zero; a float stays one",
        "round(2.5)" => "3.0";
    "floor" property: (Number) -> Same,
        "the greatest whole number not above; a float stays one",
        "floor(-2.5)" => "-3.0";
    "ceil" property: (Number) -> Same,
        "the least whole number not below; a float stays one",
        "ceil(2.1)" => "3.0";
    "ceiling" property: (Number) -> Same,
        "the same as `ceil`",
        "ceiling(2.1)" => "3.0";
    "int" property: (Number) -> Same,
        "the number without its fraction; a float stays one",
        "int(-2.7)" => "-2.0";
    "fraction" property: (Float) -> Float,
        "what `int` cuts off",
        "fraction(2.75)" => "0.75";
    "sqrt": (Number) -> Float,
        "the square root; NaN for a negative number",
        "sqrt(6.25)" => "2.5";
    "exp": (Number) -> Float,
        "e to that power",
        "exp(0)" => "1.0";
    "ln": (Number) -> Float,
        "the natural logarithm; NaN for a negative number",
        "ln(1.0)" => "0.0";
    "log": (Number) -> Float | (Number, Number) -> Float,
        "the logarithm to base 10, or to the base given",
        "log(8.0, 2.0)" => "3.0";
    "is_nan" property: (Float) -> Bool,
        "whether it is not a number, as `sqrt(-1.0)` is",
        "is_nan(sqrt(-1.0))" => "true";
    "is_finite" property: (Float) -> Bool,
        "whether it is neither infinite nor NaN",
        "is_finite(exp(1000.0))" => "false";
    "is_infinite" property: (Float) -> Bool,
        "whether it is infinite",
        "is_infinite(exp(1000.0))" => "true";
    "is_zero" property: (Number) -> Bool,
        "whether it is exactly zero",
        "is_zero(0.0)" => "true";
    "is_odd" property: (Int) -> Bool,
        "whether two does not divide it",
        "is_odd(7)" => "true";
    "is_even" property: (Int) -> Bool,
        "whether two divides it",
        "is_even(7)" => "false";
    "to_int": (Number) -> Int,
        "the number as an int, its fraction cut off; fails outside the range of ints",
        "to_int(2.9)" => "2";
    "to_float": (Number) -> Float,
        "the number as a float",
        "to_float(2)" => "2.0";
    "parse_int": (Text) -> Int | (Text, Int) -> Int,
        "the int that a text writes, in base 10 or the base given (2 to 36); fails where it is none",
        "parse_int(\"42\")" => "42";
    "parse_float": (Text) -> Float,
        "the float that a text writes; fails where it is none",
        "parse_float(\"2.5\")" => "2.5";

    // Texts.
    "to_string": (Any) -> Text,
        "the value as text; `()` is empty",
        "to_string(2.0)" => "\"2.0\"";
    "to_lower": (Text) -> Text,
        "the text in lower case",
        "to_lower(\"ÉCOLE\")" => "\"école\"";
    "lower": (Text) -> Text,
        "the same as `to_lower`",
        "lower(\"VIP\")" => "\"vip\"";
    "to_upper": (Text) -> Text,
        "the text in upper case",
        "to_upper(\"straße\")" => "\"STRASSE\"";
    "upper": (Text) -> Text,
        "the same as `to_upper`",
        "upper(\"vip\")" => "\"VIP\"";
    "trim": (Text) -> Text,
        "the text without white space at its ends; unlike Rhai's, it answers a new text",
        "trim(\"  华东 \")" => "\"华东\"";
    "starts_with": (Text, Text) -> Bool,
        "whether the text begins with the other",
        "starts_with(\"CN-021\", \"CN-\")" => "true";
    "ends_with": (Text, Text) -> Bool,
        "whether the text ends with the other",
        "ends_with(\"ada@example.org\", \".org\")" => "true";
    "contains": (Text, Text) -> Bool | (Array, Any) -> Bool | (Map, Text) -> Bool,
        "whether the text has the other in it, the array the value, the map the key",
        "contains(\"总公司\", \"公司\")" => "true";
    "len" property: (Text) -> Int | (Array) -> Int | (Map) -> Int,
        "the number of characters, elements or entries",
        "len(\"总公司\")" => "3";
    "is_empty" property: (Text) -> Bool | (Array) -> Bool | (Map) -> Bool,
        "whether there is nothing in it",
        "is_empty([])" => "true";
    "index_of": (Text, Text) -> Int | (Text, Text, Int) -> Int | (Array, Any) -> Int | (Array, Any, Int) -> Int,
        "the first place of the other, from 0 and in characters, or -1; with a third argument, from that place on (negative: from the end)",
        "index_of(\"总公司\", \"司\")" => "2";
    "sub_string": (Text, Int) -> Text | (Text, Int, Int) -> Text,
        "the text from a place on (negative: from the end), of at most so many characters",
        "sub_string(\"CN-021\", 3, 2)" => "\"02\"";
    "split": (Text) -> Texts | (Text, Text) -> Texts,
        "the pieces of the text between separators, or between white space",
        "split(\"a,b,,c\", \",\")" => "[\"a\", \"b\", \"\", \"c\"]";
    "replace": (Text, Text, Text) -> Text,
        "the text with every occurrence of the second replaced by the third; unlike Rhai's, it answers a new text",
        "replace(\"a-b-c\", \"-\", \"/\")" => "\"a/b/c\"";
    "join": (Texts, Text) -> Text,
        "the texts one after another, with the separator between them",
        "join([\"a\", \"b\"], \", \")" => "\"a, b\"";

    // Arrays and tags.
    "one_of": (Any, Array) -> Bool,
        "whether the value is in the array: `x in array`, but false for `()`",
        "one_of(\"east\", [\"north\", \"east\"])" => "true";
    "has": (Texts, Text) -> Bool,
        "whether the text is among the tags",
        "has([\"vip\", \"warm\"], \"vip\")" => "true";
    "has_any": (Texts, Texts) -> Bool,
        "whether one of the second is among the first",
        "has_any([\"vip\", \"warm\"], [\"hot\", \"warm\"])" => "true";
    "has_all": (Texts, Texts) -> Bool,
        "whether all of the second are among the first",
        "has_all([\"vip\", \"warm\"], [\"hot\", \"warm\"])" => "false";
    "overlap": (Texts, Texts) -> Int,
        "how many different texts are in both",
        "overlap([\"a\", \"b\", \"b\"], [\"b\", \"c\"])" => "1";
    "count_in": (Array, Array) -> Int,
        "how many elements of the first are in the second, repetitions counted",
        "count_in([1, 2, 2, 5], [2, 5])" => "3";
    "best_of": (Array) -> Found | (Texts, Map) -> Found,
        "the greatest of the numbers; or the greatest number that the map gives for one of the texts; `()` where there is none",
        "best_of([\"warm\", \"vip\"], #{ vip: 50.0, warm: 10.0 })" => "50.0";
    "sum": (Array) -> Number,
        "the numbers added up; 0 for an empty array",
        "sum([1, 2.5])" => "3.5";
    "sum_of": (Texts, Map) -> Number,
        "the numbers that the map gives for the texts, added up; texts that are not in the map add nothing",
        "sum_of([\"warm\", \"vip\"], #{ vip: 50.0, warm: 10.0 })" => "60.0";
    "first": (Array) -> Found,
        "the first element, or `()`",
        "first([3, 4])" => "3";
    "last": (Array) -> Found,
        "the last element, or `()`",
        "last([3, 4])" => "4";
    "get": (Array, Int) -> Found | (Map, Text) -> Found,
        "the element at a place (negative: from the end) or of a key, or `()`",
        "get([3, 4], -1)" => "4";
    "extract": (Array, Int) -> Array | (Array, Int, Int) -> Array,
        "the elements from a place on (negative: from the end), at most so many",
        "extract([1, 2, 3, 4], 1, 2)" => "[2, 3]";

    // Maps and tables.
    "keys": (Map) -> Texts,
        "the keys, sorted",
        "keys(#{ b: 1, a: 2 })" => "[\"a\", \"b\"]";
    "values": (Map) -> Array,
        "the values, in the order of their keys",
        "values(#{ b: 1, a: 2 })" => "[2, 1]";
    "lookup": (Text, Any) -> Found,
        "what the named table of the host has for the key; `()` where it has nothing, and for the key `()`",
        "lookup(\"zips\", \"10115\") ?? \"none\"" => "\"north\"";
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_rows_complete() {
        for (at, function) in FUNCTIONS.iter().enumerate() {
            assert_eq!(
                FUNCTIONS
                    .iter()
                    .position(|other| other.name == function.name),
                Some(at)
            );
            assert!(!function.signatures.is_empty() && function.arities().iter().all(|&n| n >= 1));
            for text in [function.doc, function.example, function.gives] {
                assert!(
                    !text.is_empty() && !text.ends_with('.'),
                    "{}",
                    function.name
                );
            }
            assert!(
                function.example.contains(function.name),
                "{}",
                function.name
            );
            assert!(!function.property || function.takes(1), "{}", function.name);
        }
    }
}
