//! Traces in words.

use std::fmt;

use crate::language::Value;
use crate::model::Escaped;

use super::flips::TierFlip;
use super::hook_trace::{HookTrace, Seen, Term, Test, TraceOutcome, TracedCondition};
use super::text::number;

/// Elements of an array that are told; of a longer one the rest is counted.
const ELEMENTS: usize = 6;

/// The longest piece of a policy that stands in a line, in characters.
const SOURCE: usize = 100;

impl fmt::Display for HookTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.hook)?;
        if let Some(rep) = &self.rep {
            write!(f, " with {}", Escaped(rep))?;
        }
        if let Some(role) = &self.role {
            write!(f, " as {}", Escaped(role))?;
        }
        writeln!(f, " {}", self.outcome)?;
        self.write_steps(f, "  ")
    }
}

impl HookTrace {
    /// What was read, tested and added, each line after an indent.
    pub(super) fn write_steps(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        if !self.reads.is_empty() {
            let reads = self.reads.iter().map(|read| {
                let (side, field) = (read.side.name(), Escaped(&read.field));
                format!("{side}.{field}: {}", read.value)
            });
            writeln!(f, "{indent}read {}", reads.collect::<Vec<_>>().join(", "))?;
        }
        for condition in &self.conditions {
            writeln!(f, "{indent}{condition}")?;
        }
        for term in &self.terms {
            writeln!(f, "{indent}{term}")?;
        }
        Ok(())
    }
}

impl fmt::Display for TraceOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gave { value, line, .. } => {
                write!(f, "gave {value}")?;
                line.map_or(Ok(()), |line| write!(f, " at line {line}"))
            }
            Self::Failed { message, line, .. } => {
                write!(f, "failed: {}", Escaped(message))?;
                line.map_or(Ok(()), |line| write!(f, " (line {line})"))
            }
            Self::Native => f.write_str("is native code"),
            Self::Default => f.write_str("is not in the policy: the default holds"),
        }
    }
}

impl fmt::Display for TracedCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, source) = (self.line, Short(&self.source));
        let holds = if self.holds { "holds" } else { "does not hold" };
        match &self.test {
            Test::Compared {
                left,
                operator,
                right,
            } => {
                write!(
                    f,
                    "line {line}: {source} {holds}: {left} {operator} {right}"
                )
            }
            Test::Called { arguments } => {
                let shown: Vec<String> = arguments.iter().map(ToString::to_string).collect();
                write!(f, "line {line}: {source} {holds}: {}", shown.join(", "))
            }
            Test::Switched { subject } if self.holds => {
                write!(f, "line {line}: {subject} takes {source}")
            }
            Test::Switched { subject } => write!(f, "line {line}: no arm takes {subject}"),
            Test::Plain => write!(f, "line {line}: {source} {holds}"),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match &self.value {
            Seen::Value(value) => match value.as_number() {
                Some(float) if float < 0.0 => number(float),
                Some(float) => format!("+{}", number(float.abs())),
                None => value_text(value),
            },
            Seen::Hidden => self.value.to_string(),
        };
        write!(
            f,
            "{value:>10}  line {}: {}",
            self.line,
            Short(&self.source)
        )?;
        match &self.under {
            None => Ok(()),
            Some(under) => {
                let not = if under.held { "" } else { "not " };
                write!(f, ", where {not}{}", Short(&under.source))
            }
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => f.write_str(&value_text(value)),
            Self::Hidden => f.write_str("(hidden)"),
        }
    }
}

impl fmt::Display for TierFlip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tier, field) = (Escaped(&self.tier), Escaped(&self.field));
        match (&self.from, &self.to) {
            (Seen::Hidden, _) => write!(f, "tier {tier} with another {field} (hidden)"),
            (Seen::Value(Value::Array(before)), Seen::Value(Value::Array(after))) => {
                let added = after.iter().find(|tag| !before.contains(tag));
                let removed = before.iter().find(|tag| !after.contains(tag));
                match (added, removed) {
                    (Some(tag), _) => write!(f, "tier {tier} with {} in {field}", value_text(tag)),
                    (None, Some(tag)) => {
                        write!(f, "tier {tier} without {} in {field}", value_text(tag))
                    }
                    (None, None) => write!(f, "tier {tier} with the same {field}"),
                }
            }
            (from, to) => write!(f, "tier {tier} with {field} from {from} to {to}"),
        }
    }
}

/// A value as a policy would write it, numbers grouped, long arrays cut.
fn value_text(value: &Value) -> String {
    match value {
        Value::Unit => "()".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(_) | Value::Float(_) => value.as_number().map_or_else(String::new, number),
        Value::Text(text) => format!("\"{}\"", Escaped(text)),
        Value::Time(time) => time.to_string(),
        Value::Array(values) => {
            let mut shown: Vec<String> = values.iter().take(ELEMENTS).map(value_text).collect();
            if values.len() > ELEMENTS {
                shown.push(format!("… {} more", values.len() - ELEMENTS));
            }
            format!("[{}]", shown.join(", "))
        }
        Value::Map(map) => {
            let shown: Vec<String> = (map.iter().take(ELEMENTS))
                .map(|(key, value)| format!("{}: {}", Escaped(key), value_text(value)))
                .collect();
            format!("#{{ {} }}", shown.join(", "))
        }
        Value::Record(side, _) => side.name().to_owned(),
    }
}

/// A piece of a policy on one line.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.0.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(SOURCE) {
            None => write!(f, "{}", Escaped(&line)),
            Some((end, _)) => write!(f, "{}…", Escaped(&line[..end])),
        }
    }
}
