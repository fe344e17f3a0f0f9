//! The shapes of `PARAMS`, `TIERS` and `ALLOCATION`, where they are written out.
//!
//! A value that is computed is left to the reading of the constants after they ran.

use crate::syntax::ast::{Expr, ExprKind, Name, Script};
use crate::syntax::{Diagnostic, Span, nearest};

use super::fold;
use super::world::World;

mod allocation;
mod tiers;

struct Settings<'a, 'f> {
    script: &'a Script,
    world: World<'a>,
    findings: &'f mut Vec<Diagnostic>,
}

/// Reports settings that make no sense.
pub(super) fn check(script: &Script, world: World<'_>, findings: &mut Vec<Diagnostic>) {
    let mut settings = Settings {
        script,
        world,
        findings,
    };
    if let Some(params) = script.constant("PARAMS") {
        settings.params(&params.value);
    }
    if let Some(tiers) = script.constant("TIERS") {
        settings.tiers(&tiers.value);
    }
    if let Some(allocation) = script.constant("ALLOCATION") {
        settings.allocation(&allocation.value);
    }
}

impl<'a> Settings<'a, '_> {
    fn error(&mut self, code: &'static str, span: Span, message: String) {
        self.findings.push(Diagnostic::error(code, span, message));
    }

    fn advise(&mut self, code: &'static str, span: Span, message: String, help: &str) {
        self.findings
            .push(Diagnostic::error(code, span, message).with_help(help));
    }

    fn params(&mut self, value: &'a Expr) {
        let value = fold::resolved(self.script, value);
        if let Some(what) = literal(value)
            && !matches!(value.kind, ExprKind::Map(_))
        {
            self.advise(
                "wrong-setting",
                value.span,
                format!("`PARAMS` must be a map, not {what}"),
                "write `const PARAMS = #{ bonus: 30.0 };`",
            );
        }
    }

    fn unknown_key(&mut self, key: &Name, known: &'static [&'static str], what: &str) {
        let finding = Diagnostic::error(
            "unknown-key",
            key.span,
            format!(
                "{what} has no setting `{}`",
                crate::syntax::clipped(&key.text)
            ),
        );
        self.findings
            .push(match nearest(&key.text, known.iter().copied()) {
                Some(near) => finding.with_suggestion(Some(near)),
                None => finding.with_help(format!("there are {}", listed(known))),
            });
    }

    fn not_negative(&mut self, key: &Name, value: &Expr) -> Option<f64> {
        let number = self.number(key, value)?;
        if number < 0.0 {
            self.error(
                "out-of-range",
                value.span,
                format!("`{}` is at least 0, not {number}", key.text),
            );
        }
        Some(number)
    }

    fn number(&mut self, key: &Name, value: &Expr) -> Option<f64> {
        let number = fold::number(self.script, value);
        if number.is_none() {
            self.wrong_kind(key, value, "a number");
        }
        number
    }

    /// Reports a literal of the wrong kind; what is computed may be right.
    fn wrong_kind(&mut self, key: &Name, value: &Expr, wanted: &str) {
        if let Some(what) = literal(value) {
            self.error(
                "wrong-setting",
                value.span,
                format!("`{}` is {wanted}, not {what}", key.text),
            );
        }
    }
}

/// What a literal is; `None` for what is computed.
fn literal(expr: &Expr) -> Option<&'static str> {
    Some(match expr.kind {
        ExprKind::Unit => "`()`",
        ExprKind::Bool(_) => "a bool",
        ExprKind::Int(_) => "an int",
        ExprKind::Float(_) => "a float",
        ExprKind::Text(_) | ExprKind::Interpolated(_) => "a text",
        ExprKind::Array(_) => "an array",
        ExprKind::Map(_) => "a map",
        _ => return None,
    })
}

/// Names for a message: `a`, `b`, `c`.
fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", crate::syntax::clipped(name.as_ref())))
        .collect();
    quoted.join(", ")
}
