//! Who calls whom: recursion, depth of calls, functions that nobody calls.

use std::collections::BTreeMap;

use crate::language::{Hook, Limits};
use crate::syntax::ast::{ExprKind, Script};
use crate::syntax::{Diagnostic, Span};

use super::suite::{Suite, TestKind};
use super::walk;

/// The calls among a script's own functions, by their place in the script.
#[derive(Debug)]
pub(super) struct Calls {
    /// Per function: which it calls and where, each once.
    edges: Vec<Vec<(usize, Span)>>,
    /// The functions, callees before callers; those in or above a cycle are missing.
    pub(super) order: Vec<usize>,
    called: Vec<bool>,
}

impl Calls {
    pub(super) fn of(script: &Script) -> Self {
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, function) in script.functions.iter().enumerate() {
            places.entry(&function.name.text).or_insert(index);
        }
        let mut called = vec![false; script.functions.len()];
        let edges: Vec<Vec<(usize, Span)>> = script
            .functions
            .iter()
            .enumerate()
            .map(|(caller, function)| {
                let mut edges: Vec<(usize, Span)> = Vec::new();
                walk::expressions(&function.body, &mut |expr| {
                    // A method of that name is refused, but then it is not unused.
                    if let ExprKind::Call { name, .. } = &expr.kind
                        && let Some(&callee) = places.get(&*name.text)
                    {
                        if callee != caller {
                            called[callee] = true;
                        }
                        if !edges.iter().any(|(known, _)| *known == callee) {
                            edges.push((callee, name.span));
                        }
                    }
                });
                edges
            })
            .collect();
        for constant in &script.constants {
            // That a constant cannot call it is said, and then it is not unused.
            walk::expression(&constant.value, &mut |expr| {
                if let ExprKind::Call { name, .. } = &expr.kind
                    && let Some(&callee) = places.get(&*name.text)
                {
                    called[callee] = true;
                }
            });
        }
        let order = order(&edges);
        Self {
            edges,
            order,
            called,
        }
    }

    /// Whether another function calls that one.
    pub(super) fn is_called(&self, function: usize) -> bool {
        self.called[function]
    }

    pub(super) fn is_recursive(&self) -> bool {
        self.order.len() < self.edges.len()
    }

    /// Reports each cycle once, with all its calls.
    pub(super) fn recursion(&self, script: &Script, findings: &mut Vec<Diagnostic>) {
        let mut told = vec![false; self.edges.len()];
        for start in 0..self.edges.len() {
            if told[start] || self.order.contains(&start) {
                continue;
            }
            let Some(cycle) = self.cycle_through(start) else {
                continue;
            };
            let name = |function: usize| &*script.functions[function].name.text;
            let path: Vec<String> = cycle
                .iter()
                .map(|(caller, _)| format!("`{}`", name(*caller)))
                .chain([format!("`{}`", name(start))])
                .collect();
            let mut finding = Diagnostic::error(
                "recursion",
                cycle[0].1,
                if cycle.len() == 1 {
                    format!("`{}` calls itself", name(start))
                } else {
                    format!("`{}` calls itself: {}", name(start), path.join(" → "))
                },
            )
            .with_help("use a `for` loop over a known number of steps");
            for (caller, span) in &cycle[1..] {
                finding = finding.with_related(*span, format!("called in `{}`", name(*caller)));
            }
            findings.push(finding);
            for (caller, _) in cycle {
                told[caller] = true;
            }
        }
    }

    /// The shortest way from a function back to itself: callers and where they call.
    fn cycle_through(&self, start: usize) -> Option<Vec<(usize, Span)>> {
        let mut from: Vec<Option<(usize, Span)>> = vec![None; self.edges.len()];
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(caller) = queue.pop_front() {
            for &(callee, span) in &self.edges[caller] {
                if callee == start {
                    let mut cycle = vec![(caller, span)];
                    let mut at = caller;
                    while at != start {
                        let (before, span) = from[at]?;
                        cycle.push((before, span));
                        at = before;
                    }
                    cycle.reverse();
                    return Some(cycle);
                }
                if from[callee].is_none() {
                    from[callee] = Some((caller, span));
                    queue.push_back(callee);
                }
            }
        }
        None
    }

    /// Reports chains of calls that are too deep, each at its first call.
    pub(super) fn depth(&self, script: &Script, limits: &Limits, findings: &mut Vec<Diagnostic>) {
        let mut deepest: Vec<(usize, Option<(usize, Span)>)> = vec![(1, None); self.edges.len()];
        for &function in &self.order {
            for &(callee, span) in &self.edges[function] {
                if deepest[callee].0 + 1 > deepest[function].0 {
                    deepest[function] = (deepest[callee].0 + 1, Some((callee, span)));
                }
            }
        }
        for &function in &self.order {
            let (depth, Some((_, span))) = deepest[function] else {
                continue;
            };
            if depth <= limits.call_depth || self.called[function] {
                continue;
            }
            let mut path = vec![format!("`{}`", script.functions[function].name.text)];
            let mut at = function;
            while let (_, Some((callee, _))) = deepest[at] {
                path.push(format!("`{}`", script.functions[callee].name.text));
                at = callee;
            }
            findings.push(
                Diagnostic::error(
                    "calls-too-deep",
                    span,
                    format!(
                        "calls go {depth} functions deep here; at most {} are allowed",
                        limits.call_depth
                    ),
                )
                .with_help(format!("the chain is {}", path.join(" → "))),
            );
        }
    }

    /// Reports functions that nobody calls and that are no hooks, misnamed ones not again.
    pub(super) fn unused(
        &self,
        script: &Script,
        suite: &Suite,
        misnamed: &[bool],
        findings: &mut Vec<Diagnostic>,
    ) {
        for (index, function) in script.functions.iter().enumerate() {
            let name = &*function.name.text;
            if suite.has(index) && TestKind::of(name).is_some() {
                continue;
            }
            if !self.called[index]
                && !misnamed[index]
                && Hook::named(name).is_none()
                && !name.starts_with('_')
            {
                findings.push(
                    Diagnostic::warning(
                        "unused-function",
                        function.name.span,
                        format!("nobody calls `{name}`"),
                    )
                    .with_help("remove it, or call it from a hook"),
                );
            }
        }
    }
}

/// Callees before callers, without the functions in or above a cycle.
fn order(edges: &[Vec<(usize, Span)>]) -> Vec<usize> {
    let mut waiting: Vec<usize> = edges.iter().map(Vec::len).collect();
    let mut ready: Vec<usize> = (0..edges.len())
        .rev()
        .filter(|&f| waiting[f] == 0)
        .collect();
    let mut order = Vec::with_capacity(edges.len());
    while let Some(callee) = ready.pop() {
        order.push(callee);
        for (caller, edges) in edges.iter().enumerate() {
            if edges.iter().any(|(known, _)| *known == callee) {
                waiting[caller] -= 1;
                if waiting[caller] == 0 {
                    ready.push(caller);
                }
            }
        }
    }
    order
}
