//! The sandboxed engine: which functions and symbols a script can reach, and its limits.
//!
//! Everything is chosen one by one; no package of Rhai's is loaded, as even the smallest carries
//! `sleep`, `exit`, `pad` or `sort`. What the modules hold is made once per program and shared by
//! its workers.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, EvalAltResult, EvalContext, ImmutableString, Map, Module};
use rhai::{FuncRegistration, NativeCallContext, OptimizationLevel, Position};

use super::builtins::{self, Ambient, operators, written};
use super::convert::{Exit, into_script};
use super::meter::Gauge;
use super::record::{self, BuiltIn, Facts};
use crate::language::{FUNCTIONS, Limits, Time, Value};

/// What evaluation carries along in its tag: all that functions and variables are looked up in.
pub(super) struct Session {
    pub(super) facts: Arc<dyn Facts>,
    pub(super) built_in: BuiltIn,
    pub(super) gauge: Arc<Gauge>,
    pub(super) limits: Limits,
    names: Names,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// The session as Rhai carries it.
#[derive(Debug, Clone)]
struct Tag(Arc<Session>);

impl Session {
    pub(super) fn new(
        facts: Arc<dyn Facts>,
        constants: &[(Arc<str>, Value)],
        gauge: Arc<Gauge>,
        limits: Limits,
    ) -> Self {
        let mut names: Vec<_> = (constants.iter())
            .map(|(name, value)| (name.clone(), into_script(value)))
            .collect();
        if let Some(params) = facts.params() {
            names.push(("params".into(), into_script(&params)));
        }
        if let Some(now) = facts.now() {
            names.push(("now".into(), Dynamic::from(now)));
        }
        Self {
            built_in: BuiltIn::new(&*facts),
            facts,
            gauge,
            limits,
            names: Names::new(names),
        }
    }

    /// The value that Rhai carries to every function.
    pub(super) fn into_tag(self) -> Dynamic {
        Dynamic::from(Tag(Arc::new(self)))
    }

    /// The session of a native call.
    pub(super) fn of(tag: Option<&Dynamic>) -> Result<Arc<Self>, Box<EvalAltResult>> {
        tag.and_then(|tag| tag.read_lock::<Tag>().map(|tag| tag.0.clone()))
            .ok_or_else(|| fault("there is nothing to look at".to_owned()))
    }

    fn ambient_call(&self, index: usize, arguments: &[Value]) -> Result<Value, builtins::Fault> {
        let lookup = |table: &str, key: &str| self.facts.lookup(table, key);
        let ambient = Ambient {
            now: self.facts.now(),
            offset: self.facts.offset(),
            lookup: &lookup,
            limits: &self.limits,
        };
        builtins::call(index, arguments, &ambient)
    }
}

/// Names that every function of a script sees: constants, `params`, `now`.
struct Names {
    sorted: Vec<(Arc<str>, Dynamic)>,
    /// One bit for each name, by length and first byte: most locals are told apart by it.
    mask: u64,
}

impl Names {
    fn new(mut names: Vec<(Arc<str>, Dynamic)>) -> Self {
        names.sort_by(|a, b| a.0.cmp(&b.0));
        Self {
            mask: names
                .iter()
                .fold(0, |mask, (name, _)| mask | Self::bit(name)),
            sorted: names,
        }
    }

    fn bit(name: &str) -> u64 {
        let first = name.as_bytes().first().copied().unwrap_or(0);
        1 << ((name.len() * 11 + first as usize) % 64)
    }

    fn get(&self, name: &str) -> Option<&Dynamic> {
        if self.mask & Self::bit(name) == 0 {
            return None;
        }
        let at = self
            .sorted
            .binary_search_by(|(known, _)| (**known).cmp(name));
        at.ok()
            .and_then(|at| self.sorted.get(at))
            .map(|(_, value)| value)
    }
}

/// An error with a message of ours.
pub(super) fn fault(message: String) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(
        Dynamic::from(super::error::Told(message)),
        Position::NONE,
    ))
}

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
    "global",
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
    engine.set_max_expr_depths(limits.expression_depth, limits.expression_depth);
    engine.set_max_functions(limits.functions);
    engine.set_max_variables(limits.locals + limits.parameters);
    engine.set_max_modules(0);
    engine.set_max_operations(0); // counted by `Gauge`
    engine.set_max_array_size(limits.array_length);
    engine.set_max_map_size(limits.map_entries);
    engine.set_max_string_size(value_bytes(limits));
    engine
}

/// Refuses the symbols; only what compiles needs it.
pub(super) fn refuse_symbols(engine: &mut Engine) {
    for symbol in REFUSED_SYMBOLS {
        engine.disable_symbol(*symbol);
    }
}

/// The most bytes of all texts in one value together. Rhai applies its limit on texts to that
/// sum, so it cannot be the limit on one text, which [`resolve`] and the host functions keep.
pub(super) const fn value_bytes(limits: &Limits) -> usize {
    limits.text_bytes * 8
}

/// Makes an engine ready to run: functions, variables, metering.
pub(super) fn equip(engine: &mut Engine, functions: Arc<Module>, gauge: Arc<Gauge>) {
    engine.register_global_module(functions);
    #[expect(
        deprecated,
        reason = "Rhai calls it volatile, and there is no other way"
    )]
    engine.on_var(resolve);
    engine.on_progress(move |_| (!gauge.count(1)).then_some(Dynamic::UNIT));
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
    let Some(session) = tag.as_deref().map(|tag| &*tag.0) else {
        return Err(fault("there is nothing to look at".to_owned()));
    };
    if let Some(value) = session.names.get(name) {
        return Ok(Some(value.clone()));
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
        let mut left = limits.array_length + limits.map_entries;
        if !fits(local, &mut left) {
            return Err(fault(format!("`{name}` holds too much")));
        }
    } else if let Ok(text) = local.as_immutable_string_ref()
        && text.len() > limits.text_bytes
    {
        return Err(fault(format!(
            "`{name}` holds a text of more than {} bytes",
            limits.text_bytes
        )));
    }
    Ok(None)
}

/// Whether an array or map holds no more than is left, all levels together.
fn fits(value: &Dynamic, left: &mut usize) -> bool {
    let mut take = |value: &Dynamic| {
        *left = match left.checked_sub(1) {
            Some(left) => left,
            None => return false,
        };
        !(value.is_array() || value.is_map()) || fits(value, left)
    };
    if let Ok(array) = value.as_array_ref() {
        array.iter().all(&mut take)
    } else if let Ok(map) = value.as_map_ref() {
        map.values().all(&mut take)
    } else {
        true
    }
}

/// The functions that scripts can reach: host functions, record fields, and the operators that
/// Rhai has not built in.
pub(super) fn functions() -> Module {
    let mut module = Module::new();
    for (index, function) in FUNCTIONS.iter().enumerate() {
        for arity in function.arities() {
            bind(&mut module, function.name, index, arity);
        }
        if function.property {
            module.set_getter_fn(
                function.name,
                move |context: NativeCallContext<'_>, x: &mut Dynamic| {
                    invoke(&context, index, &[&*x])
                },
            );
        }
    }
    record::register(&mut module);
    operators(&mut module);
    module.set_iterable::<Array>();
    module.set_iterator::<std::ops::Range<i64>>();
    module.set_iterator::<std::ops::RangeInclusive<i64>>();
    module
}

/// Binds one row for one number of arguments, whatever their kinds: the row's body tells what is
/// wrong with them better than Rhai would.
fn bind(module: &mut Module, name: &'static str, index: usize, arity: usize) {
    let function = FuncRegistration::new(name).with_purity(true);
    match arity {
        1 => {
            function.set_into_module(
                module,
                move |context: NativeCallContext<'_>, x: &mut Dynamic| {
                    invoke(&context, index, &[&*x])
                },
            );
        }
        2 => {
            function.set_into_module(
                module,
                move |context: NativeCallContext<'_>, x: &mut Dynamic, y: Dynamic| {
                    invoke(&context, index, &[&*x, &y])
                },
            );
        }
        _ => {
            function.set_into_module(
                module,
                move |context: NativeCallContext<'_>, x: &mut Dynamic, y: Dynamic, z: Dynamic| {
                    invoke(&context, index, &[&*x, &y, &z])
                },
            );
        }
    }
}

/// Calls a host function with what a script passed.
fn invoke(
    context: &NativeCallContext<'_>,
    index: usize,
    arguments: &[&Dynamic],
) -> Result<Dynamic, Box<EvalAltResult>> {
    let session = Session::of(context.tag())?;
    let mut exit = Exit::new(&session.limits);
    let mut values = [Value::Unit, Value::Unit, Value::Unit];
    for (value, argument) in values.iter_mut().zip(arguments) {
        *value = (exit.value(argument))
            .map_err(|refused| fault(format!("`{}` cannot take {refused}", context.fn_name())))?;
    }
    if !session.gauge.count(exit.work()) {
        return Err(Box::new(EvalAltResult::ErrorTerminated(
            Dynamic::UNIT,
            Position::NONE,
        )));
    }
    let arguments = values.get(..arguments.len()).unwrap_or(&values);
    (session.ambient_call(index, arguments))
        .map(|value| into_script(&value))
        .map_err(|error| fault(error.to_string()))
}

/// Operators that Rhai's core leaves to packages, with Rhai's meaning, and those of times.
fn operators(module: &mut Module) {
    module.set_custom_type::<Time>("time");
    module.set_native_fn("+", |x: i64| Ok(x));
    module.set_native_fn("+", |x: f64| Ok(x));
    order(module, "==", |order| order == Ordering::Equal);
    order(module, "!=", |order| order != Ordering::Equal);
    order(module, "<", Ordering::is_lt);
    order(module, "<=", Ordering::is_le);
    order(module, ">", Ordering::is_gt);
    order(module, ">=", Ordering::is_ge);
    equality(module, "==", true);
    equality(module, "!=", false);
    module.set_native_fn(
        "+",
        |context: NativeCallContext<'_>, x: Array, y: Array| -> Result<Array, Box<EvalAltResult>> {
            let limit = Session::of(context.tag())?.limits.array_length;
            if x.len() + y.len() > limit {
                return Err(fault(format!(
                    "`+` would make an array of more than {limit} elements"
                )));
            }
            Ok(x.into_iter().chain(y).collect())
        },
    );
    module.set_native_fn("contains", |range: &mut std::ops::Range<i64>, x: i64| {
        Ok(range.contains(&x))
    });
    module.set_native_fn(
        "contains",
        |range: &mut std::ops::RangeInclusive<i64>, x: i64| Ok(range.contains(&x)),
    );
    // A text and anything else: as `to_string` has it, and `()` as nothing.
    module.set_native_fn(
        "+",
        |context: NativeCallContext<'_>, text: ImmutableString, other: Dynamic| {
            let other = as_text(&context, &other)?;
            join(&context, &text, &other)
        },
    );
    module.set_native_fn(
        "+",
        |context: NativeCallContext<'_>, other: Dynamic, text: ImmutableString| {
            let other = as_text(&context, &other)?;
            join(&context, &other, &text)
        },
    );
}

fn order(module: &mut Module, name: &str, holds: fn(Ordering) -> bool) {
    module.set_native_fn(name, move |x: Time, y: Time| Ok(holds(x.cmp(&y))));
}

/// `==` and `!=` of arrays or of maps: element by element.
fn equality(module: &mut Module, name: &'static str, wanted: bool) {
    module.set_native_fn(
        name,
        move |context: NativeCallContext<'_>, x: Array, y: Array| {
            Ok(alike(&context, &x.into(), &y.into())? == wanted)
        },
    );
    module.set_native_fn(
        name,
        move |context: NativeCallContext<'_>, x: Map, y: Map| {
            Ok(alike(&context, &x.into(), &y.into())? == wanted)
        },
    );
}

fn alike(
    context: &NativeCallContext<'_>,
    x: &Dynamic,
    y: &Dynamic,
) -> Result<bool, Box<EvalAltResult>> {
    let session = Session::of(context.tag())?;
    let read = |value| {
        (Exit::new(&session.limits).value(value))
            .map_err(|refused| cannot(context.fn_name(), refused))
    };
    Ok(operators::equal(&read(x)?, &read(y)?))
}

fn cannot(operator: &str, refused: super::convert::Refused) -> Box<EvalAltResult> {
    fault(format!("`{operator}` cannot take {refused}"))
}

fn as_text(context: &NativeCallContext<'_>, value: &Dynamic) -> Result<String, Box<EvalAltResult>> {
    let session = Session::of(context.tag())?;
    let value =
        (Exit::new(&session.limits).value(value)).map_err(|refused| cannot("+", refused))?;
    if let Value::Record(side, _) = value {
        return Err(fault(format!("`+` does not take a {}", side.name())));
    }
    Ok(written::plain(&value, session.limits.text_bytes))
}

fn join(
    context: &NativeCallContext<'_>,
    left: &str,
    right: &str,
) -> Result<ImmutableString, Box<EvalAltResult>> {
    let limit = Session::of(context.tag())?.limits.text_bytes;
    if left.len() + right.len() > limit {
        return Err(fault(format!(
            "`+` would make a text of more than {limit} bytes"
        )));
    }
    let mut text = String::with_capacity(left.len() + right.len());
    text.push_str(left);
    text.push_str(right);
    Ok(text.into())
}
