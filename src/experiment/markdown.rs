//! Comparisons and sweeps as Markdown.

use std::fmt::{self, Display, Formatter};

use crate::language::Value;
use crate::report::number;

use super::comparison::{
    Comparison, Example, Examples, OwnerChanges, ReasonCount, RepBook, RepComparison, SideTotals,
    TierMigration,
};
use super::sweep::Sweep;

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Comparison\n")?;
        write_sides(f, &self.baseline, &self.candidate)?;
        write!(f, "{}{}", self.tiers, self.owners)?;
        write_reasons(f, &self.unassigned)?;
        write_reps(f, &self.reps)?;
        if !self.examples.is_empty() {
            writeln!(f, "\n## Examples")?;
        }
        self.examples.iter().try_for_each(|it| write!(f, "{it}"))
    }
}

fn write_sides(f: &mut Formatter<'_>, old: &SideTotals, new: &SideTotals) -> fmt::Result {
    writeln!(f, "| | baseline | candidate | change |")?;
    writeln!(f, "| --- | ---: | ---: | ---: |")?;
    let mut row = |name: &str, of: &dyn Fn(&SideTotals) -> f64| {
        let (before, after) = (short(of(old)), short(of(new)));
        let change = short(of(new) - of(old));
        let sign = if change != "0" && !change.starts_with('-') {
            "+"
        } else {
            ""
        };
        writeln!(f, "| {name} | {before} | {after} | {sign}{change} |")
    };
    row("demands", &|side| side.demands as f64)?;
    row("with an owner", &|side| side.served as f64)?;
    row("coverage, %", &|side| side.coverage * 100.0)?;
    row("handovers against today", &|side| side.moved as f64)?;
    row("hooks that failed", &|side| side.problems as f64)?;
    row("score by the baseline", &|side| {
        side.score_under_baseline.score
    })?;
    row("score by the candidate", &|side| {
        side.score_under_candidate.score
    })?;
    row("workload, Gini", &|side| side.workload.gini)?;
    row("workload, max ÷ mean", &|side| {
        side.workload.max_over_mean.unwrap_or(0.0)
    })?;
    row("value, Gini", &|side| side.value.gini)?;
    row("value, max ÷ mean", &|side| {
        side.value.max_over_mean.unwrap_or(0.0)
    })
}

impl Display for TierMigration {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Tiers\n")?;
        writeln!(
            f,
            "{} in another tier. Rows: baseline, columns: candidate.\n",
            customers(self.changed)
        )?;
        let names: Vec<String> = self.candidate.iter().map(|tier| cell(tier)).collect();
        writeln!(f, "| | {} |", names.join(" | "))?;
        writeln!(f, "| --- |{}", " ---: |".repeat(names.len()))?;
        for (tier, counts) in self.baseline.iter().zip(&self.counts) {
            let counts: Vec<String> = counts.iter().map(|count| number(*count as f64)).collect();
            writeln!(f, "| {} | {} |", cell(tier), counts.join(" | "))?;
        }
        Ok(())
    }
}

impl Display for OwnerChanges {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let of = self.same + self.open + self.changed;
        let (changed, of) = (number(self.changed as f64), number(of as f64));
        writeln!(f, "\n## Owners\n\n{changed} of {of} demands change owner.")?;
        if self.counts.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n| change | cause | demands |\n| --- | --- | ---: |")?;
        for count in &self.counts {
            let (change, cause) = (count.change.name(), count.cause.name());
            writeln!(
                f,
                "| {change} | {cause} | {} |",
                number(count.demands as f64)
            )?;
        }
        Ok(())
    }
}

fn write_reasons(f: &mut Formatter<'_>, reasons: &[ReasonCount]) -> fmt::Result {
    if reasons.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n## Without an owner\n")?;
    writeln!(
        f,
        "| reason | baseline | candidate |\n| --- | ---: | ---: |"
    )?;
    for count in reasons {
        let (before, after) = (
            number(count.baseline as f64),
            number(count.candidate as f64),
        );
        writeln!(f, "| {} | {before} | {after} |", count.reason)?;
    }
    Ok(())
}

fn write_reps(f: &mut Formatter<'_>, reps: &[RepComparison]) -> fmt::Result {
    writeln!(f, "\n## Reps, before → after\n")?;
    writeln!(
        f,
        "| rep | customers | workload | capacity | value | score |"
    )?;
    writeln!(f, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
    for RepComparison {
        rep,
        baseline,
        candidate,
    } in reps
    {
        let both = |of: &dyn Fn(&RepBook) -> Option<f64>| {
            let [before, after] =
                [baseline, candidate].map(|book| of(book).map_or_else(|| "–".to_owned(), short));
            if before == after {
                before
            } else {
                format!("{before} → {after}")
            }
        };
        writeln!(
            f,
            "| {} | {} | {} | {} | {} | {} |",
            cell(rep),
            both(&|book| Some(book.customers as f64)),
            both(&|book| Some(book.workload)),
            both(&|book| book.capacity),
            both(&|book| Some(book.value)),
            both(&|book| Some(book.score)),
        )?;
    }
    Ok(())
}

impl Display for Examples {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (shown, of) = (self.examples.len(), number(self.of as f64));
        writeln!(f, "\n### {}: {shown} of {of}", cell(&self.kind))?;
        self.examples.iter().try_for_each(|it| write!(f, "{it}"))
    }
}

impl Display for Example {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // Indented, so that nothing in it can be taken for Markdown.
        for (side, told) in [("baseline", &self.baseline), ("candidate", &self.candidate)] {
            writeln!(f, "\n{side}:\n")?;
            for line in told.to_string().lines() {
                writeln!(f, "    {line}")?;
            }
        }
        Ok(())
    }
}

impl Display for Sweep {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Sweep\n")?;
        write!(f, "| ")?;
        for name in &self.params {
            write!(f, "{} | ", cell(name))?;
        }
        writeln!(
            f,
            "tiers changed | owners changed | without an owner | coverage, % | handovers | score | workload, Gini | value, Gini |"
        )?;
        writeln!(f, "|{}", " ---: |".repeat(self.params.len() + 8))?;
        for row in &self.rows {
            write!(f, "| ")?;
            for value in row.params.values() {
                write!(f, "{} | ", cell(&shown(value)))?;
            }
            let numbers = [
                row.tiers_changed as f64,
                row.owners_changed as f64,
                row.unassigned as f64,
                row.coverage * 100.0,
                row.moved as f64,
                row.score,
                row.workload.gini,
                row.value.gini,
            ];
            writeln!(f, "{} |", numbers.map(short).join(" | "))?;
        }
        Ok(())
    }
}

fn customers(count: u64) -> String {
    let word = if count == 1 { "customer" } else { "customers" };
    format!("{} {word}", number(count as f64))
}

/// A parameter as a script would write it, more or less.
fn shown(value: &Value) -> String {
    let list = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Bool(bool) => bool.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) => number(*float),
        Value::Text(text) => text.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Array(values) => format!("[{}]", list(values.iter().map(shown).collect())),
        Value::Map(map) => {
            let entries = map.iter();
            let entries = entries.map(|(key, value)| format!("{key}: {}", shown(value)));
            format!("{{{}}}", list(entries.collect()))
        }
        Value::Unit | Value::Record(..) => value.kind_name().to_owned(),
    }
}

/// A number to the hundredth of a unit, or below one to four digits.
fn short(value: f64) -> String {
    let digits = if value.abs() < 1.0 { 1e4 } else { 1e2 };
    number((value * digits).round() / digits + 0.0)
}

/// A text that cannot leave its cell of a table.
fn cell(text: &str) -> String {
    let shown = text.escape_debug().to_string().replace("\\'", "'");
    shown.replace("\\\"", "\"").replace('|', "\\|")
}
