//! The tests that belong to a policy: found in its text and in a second script beside it.
//!
//! Tests run on a text of their own, which holds the constants and what only tests call, every
//! line where it stands in the sources; hooks and helpers are called through the host. It runs
//! nothing itself.

use std::sync::Arc;

use crate::language::{Hook, Limits};
use crate::model::Schema;
use crate::syntax::ast::Script;
use crate::syntax::{Diagnostic, Parsed, Report, Severity, Source, Span, parse};
use crate::tiering::TierRule;

use super::check::{self, Suite, TestKind};

/// A script with its tests apart from what the plan runs.
pub(super) struct Read {
    pub(super) parsed: Parsed,
    pub(super) suite: Suite,
    /// The text without tests, every line in its place.
    pub(super) of_plan: Arc<str>,
}

/// The tests of a policy, as whoever runs them needs them.
#[derive(Debug, Clone)]
pub(crate) struct TestSuite {
    /// In the order of the texts.
    pub(crate) items: Vec<TestItem>,
    /// What the sandbox of tests runs.
    pub(crate) text: Arc<str>,
    /// The functions of the policy that tests may call, with the number of their parameters.
    pub(crate) callable: Vec<(Arc<str>, usize)>,
    /// The policy's text.
    policy: Source,
    /// The second script, and how many lines stand before it.
    second: Option<(Source, u32)>,
}

/// A test or an invariant.
#[derive(Debug, Clone)]
pub(crate) struct TestItem {
    pub(crate) name: Arc<str>,
    pub(crate) kind: TestKind,
    /// Where its name stands, in the lines of [`TestSuite::text`].
    pub(crate) line: u32,
}

/// Reads a text: what the plan runs under the limits of hooks, tests under their larger ones.
pub(super) fn read(text: &Arc<str>, limits: &Limits) -> Read {
    let tested = text.contains("test_") || text.contains("invariant_");
    if tested {
        let mut parsed = parse(text, &limits.or_greater(&Limits::tests()));
        let suite = Suite::of(&parsed.script);
        if !suite.is_empty() {
            let of_plan = Suite::blanked(text, &parsed.script, false, |at| suite.has(at));
            parsed
                .diagnostics
                .extend(beyond_hooks(text, &parsed, &suite, of_plan.len(), limits));
            return Read {
                parsed,
                suite,
                of_plan: of_plan.into(),
            };
        }
    }
    let parsed = parse(text, limits);
    Read {
        suite: Suite::of(&parsed.script),
        parsed,
        of_plan: Arc::clone(text),
    }
}

/// What the limits of hooks refuse in the rest of a text with tests.
fn beyond_hooks(
    text: &str,
    parsed: &Parsed,
    suite: &Suite,
    bytes: usize,
    limits: &Limits,
) -> Vec<Diagnostic> {
    let rest = Suite::blanked(text, &parsed.script, true, |at| suite.has(at));
    // Blanks count for nothing: a text of the right length is read for what else it says.
    let long = if bytes > limits.source_bytes {
        parse(&" ".repeat(bytes), limits).diagnostics
    } else {
        Vec::new()
    };
    let as_long = Limits {
        source_bytes: rest.len(),
        ..*limits
    };
    let mut findings = parse(&rest, &as_long).diagnostics;
    findings.retain(|finding| !parsed.diagnostics.contains(finding));
    findings.extend(long);
    findings
}

impl TestSuite {
    /// The tests of a policy's own text.
    pub(super) fn of(source: &Source, script: &Script, suite: &Suite) -> Self {
        Self::new(source.clone(), None, source.text(), script, suite)
    }

    /// The tests of a policy's own text and of a second script.
    ///
    /// # Errors
    /// What is wrong with the second script, warnings included.
    pub(super) fn with_second(
        text: &str,
        second: &str,
        schema: &Schema,
        tiers: Option<&TierRule>,
        limits: &Limits,
    ) -> Result<Self, Report> {
        let source = Source::named("tests", second);
        let limits = limits.or_greater(&Limits::tests());
        let too_long = parse(second, &limits);
        if second.len() > limits.source_bytes {
            return Err(Report::new(source, too_long.diagnostics));
        }
        let joined = format!("{text}\n{second}");
        let both = Limits {
            source_bytes: joined.len(),
            functions: 2 * limits.functions,
            ..limits
        };
        let parsed = parse(&joined, &both);
        let suite = Suite::of(&parsed.script);
        let start = text.len() as u32 + 1;
        let mut findings = check::check(&parsed, schema, tiers, &both);
        findings.extend(foreign(&parsed.script, &suite, start));
        let policy = Source::new(text);
        let findings: Vec<Diagnostic> = (findings.into_iter())
            .filter(|finding| finding.span.start >= start)
            .map(|finding| moved(finding, start, &policy))
            .collect();
        if findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
        {
            return Err(Report::new(source, findings));
        }
        let lines = policy.line_count();
        Ok(Self::new(
            policy,
            Some((source, lines)),
            &joined,
            &parsed.script,
            &suite,
        ))
    }

    fn new(
        policy: Source,
        second: Option<(Source, u32)>,
        text: &str,
        script: &Script,
        suite: &Suite,
    ) -> Self {
        let lines = Source::new(text);
        let items = (script.functions.iter())
            .filter_map(|function| {
                Some(TestItem {
                    name: Arc::clone(&function.name.text),
                    kind: TestKind::of(&function.name.text)?,
                    line: lines.position(function.name.span.start).line,
                })
            })
            .collect();
        let callable = (script.functions.iter().enumerate())
            .filter(|(at, function)| !suite.has(*at) && Hook::named(&function.name.text).is_none())
            .map(|(_, function)| (Arc::clone(&function.name.text), function.parameters.len()))
            .collect();
        Self {
            items,
            text: Suite::blanked(text, script, false, |at| !suite.has(at)).into(),
            callable,
            policy,
            second,
        }
    }

    /// The source and its line for a line of [`Self::text`].
    pub(crate) fn place(&self, line: u32) -> (&Source, u32) {
        match &self.second {
            Some((second, before)) if line > *before => (second, line - before),
            _ => (&self.policy, line),
        }
    }
}

/// What a second script must not have: hooks and settings are the policy's.
fn foreign(script: &Script, suite: &Suite, start: u32) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (at, function) in script.functions.iter().enumerate() {
        let name = &function.name.text;
        if function.span.start >= start && !suite.has(at) && Hook::named(name).is_some() {
            let message = format!("the hook `{name}` belongs into the policy");
            findings.push(Diagnostic::error(
                "hook-in-tests",
                function.name.span,
                message,
            ));
        }
    }
    for constant in &script.constants {
        let name = &constant.name.text;
        if constant.name.span.start >= start && check::SETTINGS.contains(&&**name) {
            let message = format!("the setting `{name}` belongs into the policy");
            findings.push(
                Diagnostic::error("hook-in-tests", constant.name.span, message)
                    .with_help("for other parameters in a test, `given(#{ params: #{ … } })`"),
            );
        }
    }
    findings
}

/// A finding of the joined text as one of the second script.
fn moved(mut finding: Diagnostic, start: u32, policy: &Source) -> Diagnostic {
    let back = |span: Span| Span::new(span.start - start, span.end.saturating_sub(start));
    finding.span = back(finding.span);
    if let Some(fix) = &mut finding.fix {
        fix.span = Span::new(
            fix.span.start.saturating_sub(start),
            fix.span.end.saturating_sub(start),
        );
    }
    let related = std::mem::take(&mut finding.related);
    for (span, label) in related {
        if span.start >= start {
            finding.related.push((back(span), label));
        } else if finding.help.is_none() {
            let line = policy.position(span.start).line;
            finding.help = Some(format!("{label}: line {line} of the policy"));
        }
    }
    finding
}
