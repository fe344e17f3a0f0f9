//! From text to a policy: everything that is wrong at once, or something that runs.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::allocation::{
    BestScore, LeastLoaded, Optimal, RoundRobin, Strategy, WeightedRoundRobin,
};
use crate::kernel;
use crate::language::{Hook, Limits, Value};
use crate::model::Schema;
use crate::script::{Program, ScriptError};
use crate::syntax::{Diagnostic, Report, Severity, Source, Span, ast};
use crate::tiering::TierRule;

use super::builder::PolicyBuilder;
use super::hidden::Hidden;
use super::hook::ScriptHook;
use super::settings::{self, Allocating, AllocationRule};
use super::tested::{self, TestSuite};
use super::{CustomerHook, PairHook, RepHook, check};

/// A policy: hooks and settings that passed every check, ready to run on any book of its schema.
///
/// Cheap to clone, and shared freely between threads: it holds no mutable state.
///
/// ```
/// use bookwright::{Policy, Schema};
/// let schema = Schema::default();
/// let policy = Policy::compile(r#"
///     fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 1e6 { "A" } else { "C" } }
/// "#, &schema)?;
///
/// let wrong = Policy::compile("fn tier(customer) { while true {} }", &schema).unwrap_err();
/// assert!(wrong.to_string().starts_with("error[no-while]"), "{wrong}");
/// # Ok::<(), bookwright::PolicyError>(())
/// ```
#[derive(Clone)]
pub struct Policy(Arc<Compiled>);

/// What a [`Policy`] holds.
pub(crate) struct Compiled {
    pub(crate) text: Arc<str>,
    pub(crate) schema: Schema,
    pub(crate) script: ast::Script,
    pub(crate) report: Report,
    pub(crate) limits: Limits,
    pub(crate) constants: BTreeMap<Arc<str>, Value>,
    pub(crate) params: Arc<BTreeMap<Arc<str>, Value>>,
    /// What is made from sensitive fields.
    pub(crate) hidden: Hidden,
    pub(crate) tiers: TierRule,
    pub(crate) allocation: AllocationRule,
    pub(crate) hooks: Hooks,
    pub(crate) strategy: Option<Arc<dyn Strategy>>,
    /// Everything of the text that means something for a plan.
    pub(crate) meaning: Arc<str>,
    pub(crate) tests: TestSuite,
    /// The script in the sandbox, without its tests.
    pub(crate) program: Program,
    /// What it was compiled from, to compile another text in its place.
    parts: Parts,
}

/// The hooks that a policy has; what it has not, goes by default.
#[derive(Default, Clone)]
pub(crate) struct Hooks {
    pub(crate) tier: Option<Slot<dyn CustomerHook>>,
    pub(crate) value: Option<Slot<dyn CustomerHook>>,
    pub(crate) segment: Option<Slot<dyn CustomerHook>>,
    pub(crate) coverage: Option<Slot<dyn CustomerHook>>,
    pub(crate) workload: Option<Slot<dyn CustomerHook>>,
    pub(crate) priority: Option<Slot<dyn CustomerHook>>,
    pub(crate) capacity: Option<Slot<dyn RepHook>>,
    pub(crate) eligible: Option<Slot<dyn PairHook>>,
    pub(crate) score: Option<Slot<dyn PairHook>>,
}

/// A hook, and whether it comes from the script.
pub(crate) struct Slot<T: ?Sized> {
    hook: Arc<T>,
    script: Option<Arc<ScriptHook>>,
}

impl<T: ?Sized> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self {
            hook: Arc::clone(&self.hook),
            script: self.script.clone(),
        }
    }
}

impl<T: ?Sized> Slot<T> {
    pub(super) fn native(hook: Arc<T>) -> Self {
        Self { hook, script: None }
    }

    /// The hook, whoever gives it.
    pub(crate) fn hook(&self) -> &T {
        &self.hook
    }

    /// The same with something between the plan and the hook.
    pub(crate) fn with_hook(&self, hook: Arc<T>) -> Self {
        Self {
            hook,
            script: self.script.clone(),
        }
    }

    /// The hook as it is shared.
    pub(crate) fn shared(&self) -> Arc<T> {
        Arc::clone(&self.hook)
    }

    /// The hook as a program over columns, where it comes from the script and can be one.
    pub(crate) fn columns(&self) -> Option<&kernel::Program> {
        self.script.as_ref()?.columns.as_ref()
    }

    /// The hook of the script, where it is one.
    pub(crate) fn script(&self) -> Option<&ScriptHook> {
        self.script.as_deref()
    }
}

/// A text that is no policy: everything that is wrong with it.
///
/// `Display` renders each finding with the source line and carets under the place.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{report}")]
pub struct PolicyError {
    report: Report,
}

impl PolicyError {
    /// The findings, warnings included, in the order of the text.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }
}

impl Policy {
    /// Checks a script against a schema and makes it ready to run.
    ///
    /// # Errors
    /// Everything that is wrong with the text, at once.
    pub fn compile(text: &str, schema: &Schema) -> Result<Self, PolicyError> {
        Self::builder(schema).script(text).build()
    }

    /// Begins a policy of a script, of native hooks, or of both.
    #[must_use]
    pub fn builder(schema: &Schema) -> PolicyBuilder {
        PolicyBuilder::new(schema.clone())
    }

    /// The script's text; empty for a policy of native hooks only.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The script's syntax tree; empty for a policy of native hooks only.
    #[must_use]
    pub fn script(&self) -> &ast::Script {
        &self.0.script
    }

    /// The schema that it was checked against.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }

    /// Warnings and notes: what is doubtful, and what keeps a hook out of the fast path.
    #[must_use]
    pub fn notes(&self) -> &Report {
        &self.0.report
    }

    /// The tiers and where they begin.
    #[must_use]
    pub fn tiers(&self) -> &TierRule {
        &self.0.tiers
    }

    /// The same policy with the tests of a second script beside those of its own text. The script
    /// imports nothing: it sees the policy's hooks, helpers, constants and parameters, and defines
    /// tests, invariants, what only they call, and constants of its own.
    ///
    /// ```
    /// use bookwright::{Policy, Schema};
    /// let policy = Policy::compile(
    ///     r#"fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 1e6 { "A" } else { "C" } }"#,
    ///     &Schema::default(),
    /// )?;
    /// let policy = policy.with_tests(r#"
    ///     fn test_border() { assert_eq(tier(customer(#{ annual_revenue: 1e6 })), "A"); }
    /// "#)?;
    /// assert!(policy.test(&Default::default()).passed());
    /// # Ok::<(), bookwright::PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong with the second script.
    pub fn with_tests(&self, tests: &str) -> Result<Self, PolicyError> {
        let parts = Parts {
            tests: Some(Arc::from(tests)),
            ..self.0.parts.clone()
        };
        compile(parts)
    }

    /// The policy of another text and all else the same: native hooks, limits, tests.
    pub(crate) fn with_text(&self, text: &str) -> Result<Self, PolicyError> {
        compile(Parts {
            text: Arc::from(text),
            ..self.0.parts.clone()
        })
    }

    /// The policy with other hooks.
    pub(crate) fn with_hooks(&self, hooks: Hooks) -> Self {
        let compiled = &self.0;
        Self(Arc::new(Compiled {
            text: Arc::clone(&compiled.text),
            schema: compiled.schema.clone(),
            script: compiled.script.clone(),
            report: compiled.report.clone(),
            constants: compiled.constants.clone(),
            hidden: compiled.hidden.clone(),
            limits: compiled.limits,
            params: Arc::clone(&compiled.params),
            tiers: compiled.tiers.clone(),
            allocation: compiled.allocation.clone(),
            hooks,
            strategy: compiled.strategy.clone(),
            meaning: Arc::clone(&compiled.meaning),
            tests: compiled.tests.clone(),
            program: compiled.program.clone(),
            parts: compiled.parts.clone(),
        }))
    }

    pub(crate) fn compiled(&self) -> &Compiled {
        &self.0
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("text", &self.0.text)
            .field("tiers", &self.0.tiers)
            .field("allocation", &self.0.allocation)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiled").finish_non_exhaustive()
    }
}

impl Compiled {
    /// Whether the policy was checked against the schema of that book.
    pub(crate) fn fits(&self, schema: &Schema) -> bool {
        self.schema == *schema
    }

    /// Whether capacities are counted role by role.
    pub(crate) fn capacity_per_role(&self) -> bool {
        (self.hooks.capacity.as_ref())
            .is_some_and(|slot| slot.script().is_some_and(ScriptHook::takes_role))
    }

    /// The strategy for these settings: the host's own, or the one that is named.
    pub(crate) fn strategy(&self, settings: &Allocating) -> Result<Arc<dyn Strategy>, String> {
        if let Some(own) = &self.strategy {
            return Ok(Arc::clone(own));
        }
        settings::check_strategy(&settings.strategy)?;
        Ok(match settings.strategy.as_str() {
            "round_robin" => Arc::new(RoundRobin),
            "weighted_round_robin" => Arc::new(WeightedRoundRobin),
            "least_loaded" => Arc::new(LeastLoaded),
            "optimal" => Arc::new(Optimal::new(settings.optimal(&self.schema)?)),
            _ => Arc::new(BestScore),
        })
    }
}

/// Everything that a builder has gathered.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) text: Arc<str>,
    pub(super) tests: Option<Arc<str>>,
    pub(super) schema: Schema,
    pub(super) limits: Limits,
    pub(super) native: Hooks,
    pub(super) strategy: Option<Arc<dyn Strategy>>,
    pub(super) tiers: Option<TierRule>,
    pub(super) allocation: Option<Allocating>,
}

/// Text → tree → checks → interpreter → settings → hooks.
pub(super) fn compile(parts: Parts) -> Result<Policy, PolicyError> {
    let kept = parts.clone();
    let Parts {
        text,
        tests,
        schema,
        limits,
        native,
        strategy,
        tiers,
        allocation,
    } = parts;
    let tested::Read {
        parsed,
        suite,
        of_plan,
    } = tested::read(&text, &limits);
    let mut findings = check::check(&parsed, &schema, tiers.as_ref(), &limits);
    let script = parsed.script;
    if has_errors(&findings) {
        return Err(refused(&text, findings));
    }
    let program = match Program::compile(&of_plan, &limits) {
        Ok(program) => program,
        Err(error) => {
            findings.push(Diagnostic::error(
                "not-compiled",
                place_of(&text, &error),
                error.message,
            ));
            return Err(refused(&text, findings));
        }
    };
    let constants = program.constants();
    let mut notes = Vec::new();
    let place = |name: &str| {
        script
            .constant(name)
            .map_or(Span::default(), |it| it.value.span)
    };
    let mut setting = |name: &str, outcome: Result<(), String>| {
        if let Err(message) = outcome {
            findings.push(Diagnostic::error("wrong-setting", place(name), message));
        }
    };

    let mut rule = TierRule::default();
    if let Some(value) = constants.get(settings::TIERS) {
        let read = settings::tiers(value, &schema).map(|read| rule = read);
        setting(settings::TIERS, read);
    }
    let mut allocating = AllocationRule::default();
    if let Some(value) = constants.get(settings::ALLOCATION) {
        let read = settings::allocation(value, &schema).map(|read| allocating = read);
        setting(settings::ALLOCATION, read);
    }
    let params = match constants.get(settings::PARAMS) {
        Some(Value::Map(params)) => Arc::clone(params),
        Some(other) => {
            let found = other.kind_name();
            setting(
                settings::PARAMS,
                Err(format!("`PARAMS` is {found}, expected a map")),
            );
            Arc::default()
        }
        None => Arc::default(),
    };
    // What the host gives has no place in the text.
    let mut given = |what: &str, outcome: Result<(), String>| {
        if let Err(message) = outcome {
            let message = format!("the host's {what}: {message}");
            findings.push(Diagnostic::error("wrong-setting", Span::default(), message));
        }
    };
    if let Some(tiers) = &tiers {
        given("tiers", settings::check_tiers(tiers, &schema));
        rule.clone_from(tiers);
    }
    if let Some(allocation) = allocation {
        given("allocation", allocation.check(&schema));
        allocating = AllocationRule::Together(allocation);
    }
    let hooks = hooks(&script, &program, native, |hook, function| {
        let env = kernel::Env {
            schema: &schema,
            constants: &constants,
            parameters: hook.spec().parameters,
            limits: &limits,
        };
        (kernel::lower(&script, function, &env))
            .map_err(|refusal| notes.push(interpreted(hook, refusal)))
            .ok()
    });
    if hooks.value.is_some() && matches!(rule, TierRule::Labels(_)) {
        let message = "`value` needs `TIERS` with cuts (`at_least` or `top`)";
        findings.push(match &tiers {
            Some(_) => {
                let message = "the host's tiers: `value` needs cuts (`at_least` or `top`)";
                Diagnostic::error("wrong-setting", Span::default(), message)
            }
            None => Diagnostic::error("wrong-setting", place(settings::TIERS), message),
        });
    }
    if hooks.tier.is_some() && hooks.value.is_some() {
        let written = script.function("tier").or(script.function("value"));
        findings.push(Diagnostic::error(
            "tier-and-value",
            written.map_or(Span::default(), |it| it.name.span),
            "a policy has either `tier` or `value`, not both, be they native or of the script",
        ));
    }
    findings.extend(notes);
    if has_errors(&findings) {
        return Err(refused(&text, findings));
    }
    let source = Source::new(&*text);
    let tests = match tests {
        Some(second) => TestSuite::with_second(&text, &second, &schema, tiers.as_ref(), &limits)
            .map_err(|report| PolicyError { report })?,
        None => TestSuite::of(&source, &script, &suite),
    };
    Ok(Policy(Arc::new(Compiled {
        hidden: Hidden::find(&script, &schema),
        report: Report::new(source, findings),
        constants,
        meaning: suite.meaning(&text, &script).into(),
        tests,
        program,
        parts: kept,
        text,
        schema,
        script,
        limits,
        params,
        tiers: rule,
        allocation: allocating,
        hooks,
        strategy,
    })))
}

/// Where the interpreter found a text wrong: the character that it names.
fn place_of(text: &str, error: &ScriptError) -> Span {
    let (Some(line), Some(column)) = (error.line, error.column) else {
        return Span::default();
    };
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1) as usize)
        .map(str::len)
        .sum();
    let rest = text.get(before..).unwrap_or("");
    let mut characters = rest.char_indices().skip(column.saturating_sub(1) as usize);
    let (start, length) = characters
        .next()
        .map_or((rest.len(), 0), |(at, character)| {
            (at, character.len_utf8())
        });
    let start = (before + start) as u32;
    Span::new(start, start + length as u32)
}

fn has_errors(findings: &[Diagnostic]) -> bool {
    findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
}

fn refused(text: &str, findings: Vec<Diagnostic>) -> PolicyError {
    PolicyError {
        report: Report::new(Source::new(text), findings),
    }
}

/// Which construct keeps a hook from running over columns, and what to write instead.
fn interpreted(hook: Hook, refusal: kernel::Refusal) -> Diagnostic {
    let message = format!(
        "`{hook}` runs in the interpreter, for {}",
        refusal.construct
    );
    Diagnostic::note("interpreted", refusal.span, message).with_help(refusal.advice)
}

/// The script's hooks, with the native ones over them.
fn hooks(
    script: &ast::Script,
    program: &Program,
    native: Hooks,
    mut lower: impl FnMut(Hook, &ast::FunctionItem) -> Option<kernel::Program>,
) -> Hooks {
    let mut scripted = |hook: Hook| {
        let function = script.function(hook.name())?;
        let columns = lower(hook, function);
        let arity = function.parameters.len();
        Some(Arc::new(ScriptHook {
            hook,
            arity,
            program: program.clone(),
            columns,
        }))
    };
    macro_rules! slot {
        ($native:ident, $hook:ident, $kind:ident) => {
            native.$native.or_else(|| {
                let script = scripted(Hook::$hook)?;
                Some(Slot {
                    hook: script.clone() as Arc<dyn $kind>,
                    script: Some(script),
                })
            })
        };
    }
    Hooks {
        tier: slot!(tier, Tier, CustomerHook),
        value: slot!(value, Value, CustomerHook),
        segment: slot!(segment, Segment, CustomerHook),
        coverage: slot!(coverage, Coverage, CustomerHook),
        workload: slot!(workload, Workload, CustomerHook),
        priority: slot!(priority, Priority, CustomerHook),
        capacity: slot!(capacity, Capacity, RepHook),
        eligible: slot!(eligible, Eligible, PairHook),
        score: slot!(score, Score, PairHook),
    }
}
