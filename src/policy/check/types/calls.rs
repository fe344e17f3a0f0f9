//! Calls: of host functions by their table, of the policy's own by looking into them.

use crate::language::{Answer, FunctionSpec, Hook, Signature, Time, Type, UtcOffset};
use crate::syntax::ast::{BinaryOperator, Expr, ExprKind, Name};
use crate::syntax::{Diagnostic, Span, nearest};

use super::comparisons::decided;
use super::ty::{Interval, Kinds, Ty};
use super::{Checker, State};

impl<'a> Checker<'a> {
    pub(super) fn call(
        &mut self,
        name: &Name,
        receiver: Option<&'a Expr>,
        optional: bool,
        arguments: &'a [Expr],
        state: &mut State,
    ) -> Ty {
        let mut types = Vec::new();
        let mut spans = Vec::new();
        let mut absent = false;
        for argument in receiver.into_iter().chain(arguments) {
            let mut ty = self.expression(argument, state);
            if optional && types.is_empty() && ty.kinds.may_be_absent() {
                absent = true;
                ty = ty.present();
            }
            types.push(ty);
            spans.push(argument.span);
        }
        let ty = if self.in_test
            && let Some(ty) = self.plan_side(name, &types)
        {
            ty
        } else if self.script.function(&name.text).is_some() {
            self.own(name, types)
        } else if self.in_test
            && let Some(spec) = FunctionSpec::of_tests(&name.text)
        {
            if let ("assert_eq", [a, b], [left, right]) = (spec.name, types.as_slice(), arguments) {
                for (list, array, ty) in [(a, right, b), (b, left, a)] {
                    if let Some(element) = &list.element {
                        self.listed_among((element, None), array, ty);
                    }
                }
            }
            self.record(spec, receiver.or(arguments.first()), &types);
            self.host(spec, &types, &spans)
        } else if let Some(spec) = FunctionSpec::named(&name.text) {
            let first = receiver.or(arguments.first());
            if spec.name == "lookup"
                && let Some(ty) = first.and_then(|table| self.lookup(table, &types, &spans))
            {
                ty
            } else {
                if let [first, second] = types.as_slice() {
                    let other = if receiver.is_some() {
                        arguments.first()
                    } else {
                        arguments.get(1)
                    };
                    self.searched(spec, (first, second), other);
                }
                self.host(spec, &types, &spans)
            }
        } else {
            Ty::any()
        };
        if absent {
            ty.join(Ty::literal(Kinds::UNIT))
        } else {
            ty
        }
    }

    /// Reports texts that are looked for in tags which never have them.
    fn searched(
        &mut self,
        spec: &FunctionSpec,
        (tags, wanted): (&Ty, &Ty),
        other: Option<&'a Expr>,
    ) {
        let (Some(element), Some(other)) = (&tags.element, other) else {
            return;
        };
        match spec.name {
            "has_any" | "has_all" | "overlap" | "count_in" => {
                self.listed_among((element, None), other, wanted);
            }
            "contains" => self.listed(element, (wanted, other.span)),
            _ => {}
        }
    }

    /// What a hook or a helper of the policy gives a test. They are not looked into from there: what
    /// a test passes says nothing about what the plan does.
    fn plan_side(&mut self, name: &Name, types: &[Ty]) -> Option<Ty> {
        if let Some(hook) = Hook::named(&name.text) {
            return Some(match hook.spec().answer {
                Answer::TierName => self.tier(),
                Answer::Text => Ty::of(Kinds::TEXT),
                Answer::Number | Answer::PositiveNumber => Ty::of(Kinds::NUMBER),
                Answer::RoleNames => Ty::array(self.role()),
                Answer::Capacity => Ty::of(Kinds::NUMBER.or(Kinds::MAP)),
                Answer::Verdict => Ty::of(Kinds::BOOL.or(Kinds::TEXT)),
            });
        }
        let mut functions = self.script.functions.iter();
        let index = functions.position(|function| function.name.text == name.text)?;
        let known = self.script.functions[index].parameters.len() == types.len();
        (!self.suite.has(index) && known).then(Ty::any)
    }

    /// A function of the policy, with these arguments.
    fn own(&mut self, name: &Name, types: Vec<Ty>) -> Ty {
        let Some(index) = self
            .script
            .functions
            .iter()
            .position(|function| function.name.text == name.text)
        else {
            return Ty::any();
        };
        let function = &self.script.functions[index];
        if !self.follow || function.parameters.len() != types.len() || self.fuel == 0 {
            return Ty::any();
        }
        if let Some((_, _, ty)) = self
            .known
            .iter()
            .find(|(known, given, _)| *known == index && *given == types)
        {
            return ty.clone();
        }
        let outcomes = self.run(function, types.clone());
        let ty = outcomes
            .into_iter()
            .map(|outcome| outcome.ty)
            .reduce(Ty::join)
            .unwrap_or_else(Ty::any);
        self.known.push((index, types, ty.clone()));
        ty
    }

    /// `lookup("table", key)`: the table must be in the schema.
    fn lookup(&mut self, table: &Expr, types: &[Ty], spans: &[Span]) -> Option<Ty> {
        let ExprKind::Text(name) = &table.kind else {
            return None;
        };
        if types.len() != 2 {
            return None;
        }
        let kind = self.world.tables().get(&**name).copied();
        let Some(kind) = kind else {
            let finding = Diagnostic::error(
                "unknown-table",
                spans[0],
                format!("the schema has no table `{}`", crate::syntax::clipped(name)),
            );
            let near = nearest(name, self.world.tables().keys().map(String::as_str));
            self.report(match near {
                Some(near) => finding
                    .with_help(format!("did you mean `{near}`?"))
                    .with_fix(spans[0], format!("\"{near}\"")),
                None => finding.with_help("name it in the schema, and pass it with the book"),
            });
            return Some(Ty::any());
        };
        Some(Ty::of(Kinds::from(kind).or(Kinds::UNIT)))
    }

    fn host(&mut self, spec: &FunctionSpec, types: &[Ty], spans: &[Span]) -> Ty {
        let fitting: Vec<&Signature> = (spec.signatures.iter())
            .filter(|signature| signature.parameters.len() == types.len())
            .collect();
        if fitting.is_empty() {
            return Ty::any();
        }
        // The first argument that no way to call takes, after those that some way takes.
        let misfit = |signature: &Signature| {
            (signature.parameters.iter().zip(types)).position(|(wanted, ty)| !takes(*wanted, ty))
        };
        let best = fitting
            .iter()
            .map(|signature| (misfit(signature).unwrap_or(usize::MAX), *signature))
            .max_by_key(|(at, _)| *at);
        if let Some((at, signature)) = best
            && let (Some(ty), Some(span)) = (types.get(at), spans.get(at))
        {
            let others = fitting
                .iter()
                .filter(|other| misfit(other) == Some(at))
                .map(|other| Kinds::from(other.parameters[at]))
                .fold(Kinds::from(signature.parameters[at]), Kinds::or);
            let present = ty.clone().present();
            let only_absent = !present.kinds.is_empty()
                && (fitting.iter()).any(|other| {
                    misfit(other) == Some(at) && takes(other.parameters[at], &present)
                });
            if only_absent || ty.kinds == Kinds::UNIT {
                self.absent(ty, *span, &format!("given to `{}`", spec.name));
            } else {
                self.report(
                    Diagnostic::error(
                        "wrong-argument",
                        *span,
                        format!(
                            "`{}` takes {} here, not {}",
                            spec.name,
                            others.describe(),
                            ty.kinds.describe()
                        ),
                    )
                    .with_help(format!("for example: `{}`", spec.example)),
                );
            }
        }
        self.literals(spec, types, spans);
        self.result_of(spec, types)
    }

    /// Reports literals that a function cannot work with.
    fn literals(&mut self, spec: &FunctionSpec, types: &[Ty], spans: &[Span]) {
        let text = |ty: &Ty| ty.known_text().filter(|_| !ty.varies).cloned();
        match (spec.name, types) {
            ("clamp", [_, low, high]) => {
                if let (Some(low), Some(high)) = (low.known_number(), high.known_number())
                    && low > high
                {
                    self.report(
                        Diagnostic::error(
                            "wrong-argument",
                            spans[1],
                            format!("the lower bound {low} is above the upper bound {high}"),
                        )
                        .with_help(format!("for example: `{}`", spec.example)),
                    );
                }
            }
            ("assert_eq", [a, b]) => {
                let (a, b) = ((a, spans[0]), (b, spans[1]));
                if self.comparable(spans[0].to(spans[1]), a, b, false) {
                    self.listed(a.0, b);
                    self.listed(b.0, a);
                }
            }
            ("parse_time", [time]) => {
                if let Some(written) = text(time)
                    && Time::parse(&written, UtcOffset::default()).is_err()
                {
                    self.report(
                        Diagnostic::error(
                            "wrong-argument",
                            spans[0],
                            format!("`{}` is no time", crate::syntax::clipped(&written)),
                        )
                        .with_help("write `\"2026-01-31\"` or `\"2026-01-31T08:00:00+08:00\"`"),
                    );
                }
            }
            _ => {}
        }
    }

    /// What a host function gives for arguments of these types.
    pub(super) fn result_of(&mut self, spec: &FunctionSpec, types: &[Ty]) -> Ty {
        let mut result = Ty::of(Kinds::NONE);
        for signature in spec.signatures {
            let fits = signature.parameters.len() == types.len()
                && (signature.parameters.iter().zip(types)).all(|(wanted, ty)| takes(*wanted, ty));
            if fits {
                result = result.join(self.gives(spec, signature, types));
            }
        }
        if result.kinds.is_empty() {
            return Ty::any();
        }
        result.varies =
            types.iter().any(|ty| ty.varies) || matches!(spec.name, "days_since" | "lookup");
        result
    }

    fn gives(&self, spec: &FunctionSpec, signature: &Signature, types: &[Ty]) -> Ty {
        let first = types.first();
        let element = first.and_then(|ty| ty.element.as_deref());
        match signature.result {
            Type::Same => match first {
                Some(ty) if !ty.kinds.is_any() => {
                    let mut same = Ty::of(ty.kinds.without(Kinds::UNIT));
                    if spec.name == "abs" {
                        same.interval = Interval::closed(0.0, f64::INFINITY);
                    }
                    same
                }
                _ => Ty::of(Kinds::NUMBER),
            },
            Type::Number => number(spec.name, types),
            Type::Found => match (spec.name, element) {
                ("first" | "last" | "get", Some(element)) if !element.kinds.is_empty() => {
                    element.clone().join(Ty::literal(Kinds::UNIT))
                }
                ("best_of", _) => Ty::of(Kinds::NUMBER.or(Kinds::UNIT)),
                _ => Ty::any(),
            },
            Type::Any => Ty::any(),
            Type::Bool if spec.name == "between" => Ty {
                truth: between(types),
                ..Ty::of(Kinds::BOOL)
            },
            Type::Texts => Ty::array(Ty::of(Kinds::TEXT)),
            Type::Array => match element {
                Some(element) if spec.name == "extract" => Ty::array(element.clone()),
                _ => Ty::of(Kinds::ARRAY),
            },
            other => {
                let mut ty = Ty::of(Kinds::from(other));
                if matches!(spec.name, "len" | "overlap" | "count_in" | "sqrt" | "exp") {
                    ty.interval = Interval::closed(0.0, f64::INFINITY);
                }
                if matches!(spec.name, "days_since" | "days_between") {
                    ty.interval = Interval::closed(-MOST_DAYS, MOST_DAYS);
                }
                ty
            }
        }
    }
}

/// More days than lie between any two times.
const MOST_DAYS: f64 = 10_000_000.0;

/// What `between` gives for all values of its arguments, where that is one thing.
fn between(types: &[Ty]) -> Option<bool> {
    let [value, low, high] = types else {
        return None;
    };
    let (above, below) = (
        decided(BinaryOperator::GreaterOrEqual, value, low),
        decided(BinaryOperator::LessOrEqual, value, high),
    );
    let crossed = decided(BinaryOperator::Greater, low, high) == Some(true);
    match (above, below) {
        (Some(true), Some(true)) => Some(true),
        (Some(false), _) | (_, Some(false)) => Some(false),
        _ => crossed.then_some(false),
    }
}

/// `min`, `max`, `clamp`, `sum` …: the kind of number, and its range.
fn number(name: &str, types: &[Ty]) -> Ty {
    let mixed = |all: &[Ty]| {
        if all.iter().any(|ty| ty.kinds == Kinds::FLOAT) {
            Kinds::FLOAT
        } else if all.iter().all(|ty| ty.kinds == Kinds::INT) {
            Kinds::INT
        } else {
            Kinds::NUMBER
        }
    };
    let mut ty = Ty::of(match name {
        "min" | "max" | "clamp" => mixed(types),
        _ => Kinds::NUMBER,
    });
    let range = |ty: &Ty| {
        if ty.kinds.without(Kinds::UNIT).within(Kinds::NUMBER) {
            ty.interval
        } else {
            Interval::ALL
        }
    };
    ty.interval = match (name, types) {
        ("min", [a, b]) => {
            let (a, b) = (range(a), range(b));
            Interval::closed(a.low.min(b.low), a.high.min(b.high))
        }
        ("max", [a, b]) => {
            let (a, b) = (range(a), range(b));
            Interval::closed(a.low.max(b.low), a.high.max(b.high))
        }
        ("clamp", [_, low, high]) => Interval::closed(range(low).low, range(high).high),
        _ => Interval::ALL,
    };
    ty
}

/// Whether a parameter of that type takes such a value, as far as is known.
fn takes(wanted: Type, ty: &Ty) -> bool {
    if ty.kinds.is_any() || ty.kinds.is_empty() {
        return true;
    }
    let wanted_kinds = Kinds::from(wanted);
    if ty.kinds.may_be_absent() && !wanted_kinds.has(Kinds::UNIT) {
        return false;
    }
    if wanted == Type::Texts
        && let Some(element) = &ty.element
        && !element.kinds.is_empty()
        && !element.kinds.has(Kinds::TEXT)
    {
        return false;
    }
    ty.kinds.has(wanted_kinds)
}
