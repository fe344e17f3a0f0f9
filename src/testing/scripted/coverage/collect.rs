//! Marks what ran, call by call, and adds it up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::language::{Hook, Value};
use crate::policy::{Policy, Seen};
use crate::syntax::ast::{BinaryOperator, Expr, FunctionItem, Statement};
use crate::syntax::{Diagnostic, Report, Source};
use crate::trace::{self, Code, Fuel, Observer, Taken, TraceErrorKind};

use super::super::watched::{Asked, Watch};
use super::points::{Key, Kind, Points};
use super::{Coverage, FunctionCoverage, Share};

/// At most so many disagreements are told.
const FAULTS: usize = 10;

/// Watches the calls of a run.
pub(in crate::testing::scripted) struct Collector {
    policy: Policy,
    source: Source,
    constants: BTreeMap<Arc<str>, Value>,
    seen: Mutex<Collected>,
}

#[derive(Default)]
struct Collected {
    marks: Marks,
    faults: Vec<String>,
}

/// What ran.
#[derive(Default)]
struct Marks {
    keys: BTreeSet<Key>,
    /// First bytes of statements and of arms' values.
    starts: BTreeSet<u32>,
    /// First bytes of functions' names.
    entered: BTreeSet<u32>,
}

impl Collector {
    pub(in crate::testing::scripted) fn new(policy: &Policy) -> Self {
        Self {
            source: Source::new(policy.text()),
            constants: policy.compiled().program.constants(),
            policy: policy.clone(),
            seen: Mutex::default(),
        }
    }

    /// What ran so far, and where the evaluators disagreed.
    pub(in crate::testing::scripted) fn sum(&self) -> (Coverage, Vec<String>) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (self.coverage(&seen.marks), seen.faults.clone())
    }

    fn coverage(&self, marks: &Marks) -> Coverage {
        let compiled = self.policy.compiled();
        let suite = &compiled.tests;
        let functions = compiled.script.functions.iter();
        let mut functions: Vec<&FunctionItem> = functions
            .filter(|function| {
                let name = &function.name.text;
                Hook::named(name).is_some() || suite.callable.iter().any(|(known, _)| known == name)
            })
            .collect();
        let order = |function: &FunctionItem| {
            Hook::named(&function.name.text).map_or(usize::MAX, |hook| hook as usize)
        };
        functions.sort_by_key(|function| order(function));
        let lines: BTreeSet<u32> = (marks.starts.iter())
            .map(|start| self.source.position(*start).line)
            .collect();
        let mut notes = Vec::new();
        let rows = (functions.into_iter())
            .map(|function| self.function(function, marks, &lines, &mut notes))
            .collect::<Vec<_>>();
        let sum = |share: fn(&FunctionCoverage) -> Share| {
            rows.iter().map(share).fold(Share::default(), Share::plus)
        };
        Coverage {
            branches: sum(|it| it.branches),
            arms: sum(|it| it.arms),
            sides: sum(|it| it.sides),
            lines: sum(|it| it.lines),
            functions: rows,
            uncovered: Report::new(self.source.clone(), notes),
        }
    }

    fn function(
        &self,
        function: &FunctionItem,
        marks: &Marks,
        lines: &BTreeSet<u32>,
        notes: &mut Vec<Diagnostic>,
    ) -> FunctionCoverage {
        let name = &function.name;
        let points = Points::of(function, &self.source);
        let mut row = FunctionCoverage {
            name: name.text.to_string(),
            hook: Hook::named(&name.text).is_some(),
            branches: Share::default(),
            arms: Share::default(),
            sides: Share::default(),
            lines: Share::default(),
        };
        let entered = marks.entered.contains(&name.span.start);
        if !entered {
            let message = format!("no test runs `{}`", name.text);
            notes.push(Diagnostic::note("not-covered", name.span, message));
        }
        let mut told = false;
        for point in &points.points {
            let covered = marks.keys.contains(&point.key);
            match point.kind {
                Kind::Branch => row.branches.count(covered),
                Kind::Arm => row.arms.count(covered),
                Kind::Side => row.sides.count(covered),
            }
            // Where nobody came by, the way in is told instead.
            if entered && !covered && marks.keys.contains(&point.beside) {
                notes.push(Diagnostic::note("not-covered", point.span, &point.missing));
                told = true;
            }
        }
        for line in &points.lines {
            let covered = entered && lines.contains(line);
            row.lines.count(covered);
            if entered && !covered && !told {
                let (text, start) = self.source.line(*line);
                let indent = text.len() - text.trim_start().len();
                let from = start + indent as u32;
                let span = crate::syntax::Span::new(from, start + text.trim_end().len() as u32);
                notes.push(Diagnostic::note(
                    "not-covered",
                    span,
                    "no test runs this line",
                ));
            }
        }
        row
    }
}

impl Watch for Collector {
    fn asked(&self, asked: &Asked<'_>) {
        let compiled = self.policy.compiled();
        let code = Code {
            script: &compiled.script,
            source: &self.source,
            constants: &self.constants,
            limits: &compiled.limits,
        };
        let facts = Seen {
            view: asked.view.clone(),
            role: asked.role,
        };
        let mut fuel = Fuel::of(&compiled.limits);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Collected { marks, faults } = &mut *seen;
        let arguments = asked.arguments.to_vec();
        let traced = trace::call(&code, &facts, asked.function, arguments, &mut fuel, marks);
        let disagree = match (asked.outcome, &traced) {
            (Ok(value), Ok(traced)) => value != traced,
            (_, Err(error)) if error.kind == TraceErrorKind::Budget => false,
            (Err(error), _) if error.stop().is_some() => false,
            (Err(_), Err(_)) => false,
            _ => true,
        };
        if disagree && faults.len() < FAULTS {
            let said = |outcome: Result<&Value, String>| match outcome {
                Ok(value) => super::super::shown::shown(value, &|side, _| side.name().to_owned()),
                Err(message) => format!("an error, {message}"),
            };
            faults.push(format!(
                "`{}` gives {} in the interpreter and {} over the syntax tree; the interpreter \
                 counts",
                asked.function,
                said(asked.outcome.as_ref().map_err(ToString::to_string)),
                said(traced.as_ref().map_err(ToString::to_string)),
            ));
        }
    }
}

impl Marks {
    fn mark(&mut self, expr: &Expr, way: bool) {
        self.keys.insert(Key { node: expr.id, way });
    }
}

impl Observer for Marks {
    fn enters(&mut self, function: &FunctionItem, _: &[Value]) {
        self.entered.insert(function.name.span.start);
    }

    fn statement(&mut self, statement: &Statement) {
        self.starts.insert(statement.span.start);
    }

    fn sides(&mut self, expr: &Expr, _: BinaryOperator, _: &Value, right: bool) {
        self.mark(expr, right);
    }

    fn optional(&mut self, expr: &Expr, absent: bool) {
        self.mark(expr, absent);
    }

    fn branch(&mut self, expr: &Expr, _: &Expr, holds: bool) {
        self.mark(expr, holds);
    }

    fn switch(&mut self, expr: &Expr, _: &Value, taken: Taken<'_>) {
        self.keys.insert(Key::taken(expr.id));
        let (node, body) = match taken {
            Taken::Arm(arm) => (arm.id, &arm.body),
            Taken::Default(default) => (default.id, default),
            Taken::Nothing => return,
        };
        self.keys.insert(Key::taken(node));
        self.starts.insert(body.span.start);
    }
}
