//! Everything a script can reach, by name. A name that is added here needs a reason to be safe.

use std::collections::BTreeSet;

use crate::language::{CUSTOMER_FIELDS, FUNCTIONS, REP_FIELDS};
use crate::script::functions;

/// Operators that we register; those on bools, ints, floats and texts are built into Rhai.
const OPERATORS: &[&str] = &["+/1", "+/2", "==/2", "!=/2", "</2", "<=/2", ">/2", ">=/2"];

#[test]
fn scripts_reach_the_tables_and_nothing_else() {
    let mut allowed: BTreeSet<String> = OPERATORS.iter().map(|name| (*name).to_owned()).collect();
    allowed.insert("[]".to_owned());
    for function in FUNCTIONS {
        for arity in function.arities() {
            allowed.insert(format!("{}/{arity}", function.name));
        }
        if function.property {
            allowed.insert(format!(".{}", function.name));
        }
    }
    for field in CUSTOMER_FIELDS.iter().chain(REP_FIELDS) {
        allowed.insert(format!(".{}", field.name));
    }
    let registry = functions::all();
    let reached: BTreeSet<String> = registry.entries.iter().cloned().collect();
    assert_eq!(reached, allowed);
    // Nothing got in past the registry: Rhai counts as many functions as it does.
    let shown = format!("{:?}", registry.module);
    assert_eq!(
        shown.matches("Native").count(),
        registry.entries.len(),
        "{shown}"
    );
}

#[test]
fn the_names_are_these() {
    let names: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
    assert_eq!(
        names.join(" "),
        "days_between days_since parse_time min max clamp between abs sign round floor ceil \
         ceiling int fraction sqrt exp ln log is_nan is_finite is_infinite is_zero is_odd is_even \
         to_int to_float parse_int parse_float to_string to_lower lower to_upper upper trim \
         starts_with ends_with contains len is_empty index_of sub_string split replace join \
         one_of has has_any has_all overlap count_in best_of sum sum_of first last get extract \
         keys values lookup"
    );
}

/// Names of Rhai's packages that must not be reachable, whatever they are called with.
#[test]
fn what_rhai_offers_elsewhere_is_out_of_reach() {
    for name in [
        "sleep",
        "exit",
        "take",
        "parse_json",
        "to_json",
        "timestamp",
        "elapsed",
        "pad",
        "sort",
        "sort_by",
        "sort_desc",
        "order",
        "dedup",
        "drain",
        "retain",
        "splice",
        "push",
        "append",
        "insert",
        "pop",
        "shift",
        "remove",
        "clear",
        "truncate",
        "chop",
        "crop",
        "reverse",
        "map",
        "filter",
        "reduce",
        "for_each",
        "find",
        "some",
        "all",
        "zip",
        "set",
        "make_upper",
        "make_lower",
        "blob",
        "as_string",
        "write",
        "range",
        "bits",
        "get_bit",
        "set_bit",
        "chars",
        "to_debug",
        "to_hex",
        "tag",
        "set_tag",
        "hash",
        "name",
        "back_trace",
        "get_fn_metadata_list",
        "mixin",
        "fill_with",
        "rand",
    ] {
        for arguments in [
            "",
            "c",
            "c, 1",
            "[], 1",
            "\"a\", \"b\"",
            "#{}, \"a\", 1",
            "1, 2, 3",
        ] {
            let error = super::eval(&format!("{name}({arguments})")).unwrap_err();
            let expected = format!("there is no function `{name}` that takes");
            assert!(error.message.starts_with(&expected), "{error}");
        }
    }
    for word in crate::script::engine::REFUSED_SYMBOLS {
        let limits = crate::language::Limits::default();
        for text in [
            format!("fn f() {{ {word}(1) }}"),
            format!("fn f() {{ 1.{word}() }}"),
            format!("fn f() {{ let {word} = 1; }}"),
        ] {
            assert!(
                crate::script::Program::compile(&text, &limits).is_err(),
                "{text}"
            );
        }
    }
}
