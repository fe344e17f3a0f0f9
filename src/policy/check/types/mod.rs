//! Types, presence and ranges: what each expression can be, by running the policy on sets of
//! values instead of values.
//!
//! A value is known by its kinds (absent among them), numbers by an interval, texts by a set. What
//! a condition tells about a local or a field holds in its branch. Functions are looked at once
//! per way they are called, with the types of the arguments; a function that nobody calls with
//! parameters that may be anything. Nothing is reported about a value that is not known, so that a
//! right idiom raises no alarm. Work is bounded: behind [`FUEL`] expressions nothing more is said.

mod answers;
mod calls;
mod comparisons;
mod conditions;
mod expressions;
mod fields;
mod ladder;
mod narrow;
mod operators;
mod records;
mod state;
mod statements;
mod switch;
mod ty;

use std::sync::Arc;

use crate::language::{Hook, Parameter};
use crate::syntax::ast::{Expr, FunctionItem, NodeId, Script};
use crate::syntax::{Diagnostic, Severity, Span};

use super::calls::Calls;
use super::suite::Suite;
use super::world::World;
use state::State;
use ty::{Kinds, Texts, Ty};

/// How many expressions are looked at, repetitions in loops and calls included.
const FUEL: u32 = 100_000;

/// The result of one way through a function.
struct Outcome<'a> {
    ty: Ty,
    span: Span,
    /// What is answered, where something is.
    expr: Option<&'a Expr>,
    /// Whether nothing stands there: a missing `else`, say.
    missing: Option<Missing>,
}

/// Where a way through a function ends without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Else,
    Default,
    Value,
}

struct Checker<'a> {
    script: &'a Script,
    world: World<'a>,
    findings: Vec<Diagnostic>,
    /// While above zero nothing is reported: a loop is looked at twice.
    silent: u32,
    fuel: u32,
    next_id: u32,
    /// The hook that runs, directly or through calls.
    hook: Option<Hook>,
    /// Which functions belong to tests, and whether the one at hand does.
    suite: &'a Suite,
    in_test: bool,
    /// Whether functions may be followed: none calls itself.
    follow: bool,
    /// The ways out of the function at hand.
    outcomes: Vec<Outcome<'a>>,
    /// Where the loop at hand is left: the states at `break` and `continue`.
    exits: Vec<State>,
    /// Results of functions by the arguments they were given.
    known: Vec<(usize, Vec<Ty>, Ty)>,
    constants: Vec<(Arc<str>, Ty)>,
    /// Conditions that locals were given.
    meanings: Vec<&'a Expr>,
    /// The conjunction at hand.
    conjuncts: Option<Conjuncts>,
    /// Whether the condition looked at last always comes out the same.
    always: Option<bool>,
    /// The `if`s whose ladder was looked at.
    climbed: Vec<NodeId>,
    /// What `segment` answers, where that is known.
    segments: Option<Texts>,
}

/// Conditions joined by `&&`, while they are looked at.
struct Conjuncts {
    /// What was known before the first.
    before: State,
    /// How many there are, and how many are always true.
    all: u32,
    always: u32,
}

/// Reports what the types show.
pub(super) fn check(
    script: &Script,
    calls: &Calls,
    suite: &Suite,
    misnamed: &[bool],
    world: World<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    let mut checker = Checker {
        script,
        world,
        findings: Vec::new(),
        silent: 0,
        fuel: FUEL,
        next_id: 0,
        hook: None,
        suite,
        in_test: false,
        follow: !calls.is_recursive(),
        outcomes: Vec::new(),
        exits: Vec::new(),
        known: Vec::new(),
        constants: Vec::new(),
        meanings: Vec::new(),
        conjuncts: None,
        always: None,
        climbed: Vec::new(),
        segments: None,
    };
    for constant in &script.constants {
        let ty = checker.expression(&constant.value, &mut State::default());
        checker
            .constants
            .push((Arc::clone(&constant.name.text), ty));
    }
    checker.segments = checker.segment_names();
    for (index, function) in script.functions.iter().enumerate() {
        checker.in_test = suite.has(index);
        if let Some(hook) = Hook::named(&function.name.text) {
            checker.hook(hook, function);
        } else if !calls.is_called(index) && !misnamed[index] || !checker.follow {
            checker.hook = None;
            checker.known.clear();
            let arguments = vec![Ty::any(); function.parameters.len()];
            checker.run(function, arguments);
        }
    }
    let mut new = checker.findings;
    new.sort_by_key(|finding| (finding.span.start, finding.severity, finding.code));
    // A function looked at twice may say the same in other words: once is enough.
    new.dedup_by_key(|finding| (finding.span, finding.code));
    findings.append(&mut new);
}

/// What a parameter of that name is given, by custom.
fn hook_parameter(name: &str) -> Option<Parameter> {
    Some(match name {
        "customer" => Parameter::Customer,
        "rep" => Parameter::Rep,
        "role" => Parameter::Role,
        _ => return None,
    })
}

impl<'a> Checker<'a> {
    fn hook(&mut self, hook: Hook, function: &'a FunctionItem) {
        self.hook = Some(hook);
        self.known.clear();
        let arguments = function
            .parameters
            .iter()
            .enumerate()
            .map(|(at, name)| {
                // Where parameters stand in a wrong order, which is said elsewhere, a name tells
                // more than its place.
                let named = hook_parameter(&name.text);
                match named.or(hook.spec().parameters.get(at).copied()) {
                    Some(Parameter::Customer) => Ty::of(Kinds::CUSTOMER),
                    Some(Parameter::Rep) => Ty::of(Kinds::REP),
                    Some(Parameter::Role) => self.role(),
                    None => Ty::any(),
                }
            })
            .collect();
        let outcomes = self.run(function, arguments);
        self.answers(hook, function, &outcomes);
    }

    /// The texts that `segment` answers, where all its ways are known.
    fn segment_names(&mut self) -> Option<Texts> {
        let function = self.script.function("segment")?;
        let [parameter] = &function.parameters[..] else {
            return None;
        };
        if !self.follow || hook_parameter(&parameter.text).is_some_and(|p| p != Parameter::Customer)
        {
            return None;
        }
        self.hook = Some(Hook::Segment);
        self.silent += 1;
        let outcomes = self.run(function, vec![Ty::of(Kinds::CUSTOMER)]);
        self.silent -= 1;
        self.known.clear();
        let all = outcomes
            .into_iter()
            .map(|outcome| outcome.ty)
            .reduce(Ty::join)?;
        let texts = all.texts.filter(|_| all.kinds == Kinds::TEXT)?;
        Some(Texts::listed("customer.segment", texts.set.to_vec()))
    }

    /// One of the tiers, where they are known.
    fn tier(&self) -> Ty {
        let names = |tiers: Vec<(Arc<str>, Option<Span>)>| tiers.into_iter().map(|(name, _)| name);
        let tiers = self.tier_list().map(|tiers| names(tiers).collect());
        Ty {
            texts: tiers.map(|tiers| Texts::listed("tier", tiers)),
            ..Ty::of(Kinds::TEXT)
        }
    }

    /// One of the roles.
    fn role(&self) -> Ty {
        let roles: Vec<Arc<str>> = self.world.roles().map(Arc::from).collect();
        Ty {
            texts: Some(Texts::listed("role", roles)),
            ..Ty::of(Kinds::TEXT)
        }
    }

    /// Looks at a function with these arguments; gives all its ways out.
    fn run(&mut self, function: &'a FunctionItem, arguments: Vec<Ty>) -> Vec<Outcome<'a>> {
        let outer = std::mem::take(&mut self.outcomes);
        let exits = std::mem::take(&mut self.exits);
        let mut state = State::default();
        for (name, ty) in function.parameters.iter().zip(arguments) {
            let id = self.id();
            state.bind(&name.text, ty, id);
        }
        self.block(&function.body, &mut state, true);
        self.exits = exits;
        std::mem::replace(&mut self.outcomes, outer)
    }

    fn id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id
    }

    fn report(&mut self, finding: Diagnostic) {
        if self.silent == 0 && self.fuel > 0 {
            self.findings.push(finding);
        }
    }

    /// Whether nothing in these findings is an error.
    fn told_since(&self, mark: usize) -> bool {
        self.findings[mark.min(self.findings.len())..]
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }
}
