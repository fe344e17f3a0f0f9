//! The sandboxed engine: its limits, the symbols that do not parse, how variables are read.
//!
//! Everything a script can reach is chosen one by one (`functions`, `operators`, `record`); no
//! package of Rhai's is loaded, as even the smallest carries `sleep`, `exit`, `pad` or `sort`.

use std::sync::Arc;

use rhai::{Dynamic, Engine, EvalAltResult, EvalContext, Module, OptimizationLevel, Position};

use super::error::{ended, fault};
use super::meter::Gauge;
use super::session::Tag;
use crate::language::Limits;

/// Words that do not parse. Loops without end, errors that swallow others, functions as values,
/// modules, and what Rhai would tell a script about itself.
pub(super) const REFUSED_SYMBOLS: &[&str] = &[
    "while",
    "loop",
    "do",
    "until",
    "try",
    "catch",
    "throw",
    "Fn",
    "call",
    "curry",
    "eval",
    "this",
    "import",
    "export",
    "print",
    "debug",
    "type_of",
    "is_shared",
    "is_def_var",
    "is_def_fn",
    "is",
];

/// An engine with limits and refused symbols, but no functions: for compiling and as the base of
/// each worker's. Costs about a microsecond.
pub(super) fn bare(limits: &Limits) -> Engine {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_strings_interned(0); // a lock in every worker otherwise
    engine.set_allow_anonymous_fn(false);
    engine.set_allow_looping(true); // `for` alone; the other loops are refused as symbols
    engine.set_strict_variables(false); // constants and `params` are resolved at run time
    engine.set_fail_on_invalid_map_property(false);
    engine.set_fast_operators(true);
    engine.set_max_call_levels(limits.call_depth);
    // Rhai counts up to three levels where we count one.
    let depth = limits.expression_depth * 3;
    engine.set_max_expr_depths(depth, depth);
    engine.set_max_functions(limits.functions);
    engine.set_max_variables(limits.locals + limits.parameters);
    engine.set_max_modules(0);
    engine.set_max_operations(0); // counted by `Gauge`
    engine.set_max_array_size(limits.array_length);
    engine.set_max_map_size(limits.map_entries);
    // Rhai applies its limit on texts to the sum of those in a value, so it cannot be the limit
    // on one text, which [`resolve`] and the host functions keep.
    engine.set_max_string_size(limits.value_bytes());
    engine
}

/// Makes an engine ready to run: functions, variables, metering where there is a gauge.
pub(super) fn equip(engine: &mut Engine, functions: Arc<Module>, gauge: Option<Arc<Gauge>>) {
    engine.register_global_module(functions);
    #[expect(
        deprecated,
        reason = "Rhai calls it volatile, and there is no other way"
    )]
    engine.on_var(resolve);
    if let Some(gauge) = gauge {
        engine.on_progress(move |_| (!gauge.step()).then_some(Dynamic::UNIT));
    }
    engine.on_print(|_| ());
    engine.on_debug(|_, _, _| ());
}

/// Reads a variable: constants, `params` and `now` from the session, else the local of the name.
///
/// A local is looked at before it is read, because an assignment to an element does not check the
/// whole (`a[0] = a` would nest without end), and `+` of texts only the sum.
fn resolve(
    name: &str,
    _: usize,
    context: EvalContext<'_, '_, '_, '_, '_, '_>,
) -> Result<Option<Dynamic>, Box<EvalAltResult>> {
    let tag = context.tag().read_lock::<Tag>();
    let Some(session) = tag.as_deref().map(|tag| &**tag) else {
        return Err(fault("there is nothing to look at".to_owned()));
    };
    if let Some(value) = session.names.get(name) {
        return Ok(Some(value.clone()));
    }
    if session.changes
        && let Some(value) = session.changing(name)
    {
        return Ok(Some(value));
    }
    // Without this, the name of a function would become a value that can be called.
    let Some(local) = context.scope().get(name) else {
        return Err(Box::new(EvalAltResult::ErrorVariableNotFound(
            name.to_owned(),
            Position::NONE,
        )));
    };
    let limits = &session.limits;
    if local.is_array() || local.is_map() {
        let weight = weight(local);
        if weight > 2 * (limits.array_length + limits.map_entries) {
            return Err(fault(format!("`{name}` holds too much")));
        }
        // What tests may hold is large enough for the weighing itself to cost something.
        if session.changes && !session.gauge.count(weight as u64 / 32) {
            return Err(ended());
        }
    } else if let Ok(text) = local.as_immutable_string_ref()
        && text.len() > limits.text_bytes
    {
        return Err(fault(format!(
            "`{name}` holds a text of more than {} bytes",
            limits.text_bytes
        )));
    }
    if session.time_to_weigh() {
        let all = context
            .scope()
            .iter_raw()
            .map(|(_, _, local)| weight(local));
        if all.sum::<usize>() > session.frame {
            return Err(fault("the locals hold too much together".to_owned()));
        }
    }
    Ok(None)
}

/// About how much memory a value holds, in elements of an array, all levels together. Bounded by
/// a few times what the largest value may hold, however it is nested.
fn weight(value: &Dynamic) -> usize {
    if let Ok(array) = value.as_array_ref() {
        array
            .iter()
            .map(|element| 1 + weight(element))
            .sum::<usize>()
            + 1
    } else if let Ok(map) = value.as_map_ref() {
        // The smallest node of a map has room for eleven entries.
        map.values().map(|value| 2 + weight(value)).sum::<usize>() + 8
    } else {
        value
            .as_immutable_string_ref()
            .map_or(0, |text| text.len() / 32)
    }
}
