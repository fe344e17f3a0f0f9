//! Explanations in words.

use std::fmt;

use crate::model::Escaped;
use crate::plan::{Change, HookProblem, Reason};
use crate::tiering::Place;

use super::explanation::{
    Explanation, Outcome, RoleExplanation, Standing, TieBreak, TierExplanation, TierReason,
};

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Named(&self.customer, &self.name);
        let segment = Escaped(&self.segment);
        writeln!(f, "{named}: {}, segment `{segment}`", self.tier)?;
        self.roles.iter().try_for_each(|role| write!(f, "{role}"))
    }
}

/// An id with its name, where that is another; invisible characters are escaped.
struct Named<'a>(&'a str, &'a str);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(id, name) = self;
        write!(f, "{}", Escaped(id))?;
        if id == name {
            return Ok(());
        }
        write!(f, " ({})", Escaped(name))
    }
}

impl fmt::Display for TierExplanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tier {}", Escaped(&self.tier))?;
        match &self.before {
            Some(before) if *before != self.tier => {
                write!(f, " (before: {})", Escaped(before))?;
            }
            _ => {}
        }
        match &self.reason {
            TierReason::Named => write!(f, ", named by `tier`"),
            TierReason::Value(place) => write_place(f, place),
            TierReason::Hidden => write!(f, ", by a value that is hidden"),
            TierReason::NoRule => write!(f, ", for the policy has no rule for tiers"),
            TierReason::Failed { message } => {
                write!(f, ", the last, for the hook failed: {}", Escaped(message))
            }
        }
    }
}

fn write_place(f: &mut fmt::Formatter<'_>, place: &Place) -> fmt::Result {
    write!(f, ", value {}", number(place.value))?;
    if place.held {
        write!(f, " (kept by its margin)")?;
    }
    if let Some(border) = place.below {
        write!(
            f,
            ", {} {} the border at {}",
            number(border.distance),
            if place.value < border.at {
                "short of"
            } else {
                "above"
            },
            number(border.at)
        )?;
    }
    if let Some(border) = place.above {
        write!(
            f,
            ", {} short of the tier above at {}",
            number(border.distance),
            number(border.at)
        )?;
    }
    Ok(())
}

impl fmt::Display for RoleExplanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}: ", Escaped(&self.role))?;
        match &self.outcome {
            Outcome::Kept(kept) => {
                writeln!(f, "{} stays, {}", Escaped(&kept.rep), Escaped(&kept.reason))?;
            }
            Outcome::Assigned { rep, change } => {
                let how = match change {
                    Change::Moved => "takes over",
                    Change::Kept => "stays",
                    Change::New => "gets it",
                };
                writeln!(f, "{} {how} by `{}`", Escaped(rep), self.strategy)?;
            }
            Outcome::Unassigned { reason } => writeln!(f, "nobody, {reason}")?,
            Outcome::NotNeeded => writeln!(f, "not needed")?,
        }
        if let Some(released) = &self.released {
            let (rep, reason) = (Escaped(&released.rep), Escaped(&released.reason));
            writeln!(f, "    released from {rep}: {reason}")?;
        }
        if self.family.len() > 1 {
            writeln!(
                f,
                "    one demand with its family: {}",
                Escaped(&self.family.join(", "))
            )?;
        }
        if let Some(runner_up) = &self.runner_up {
            write!(f, "    runner-up {}", Escaped(&runner_up.rep))?;
            if let Some(rise) = runner_up.rise {
                write!(
                    f,
                    "; nothing changes while the score there rises by less than {}",
                    number(rise)
                )?;
            }
            match (runner_up.margin, self.tie_break) {
                _ if runner_up.rise.is_some() => {}
                (margin, _) if margin.is_nan() => {}
                (margin, _) if margin > 0.0 => write!(f, ", {} behind", number(margin))?,
                (margin, _) if margin < 0.0 => {
                    write!(f, ", whose score is {} higher", number(-margin))?;
                }
                (_, Some(tie)) => write!(f, " with the same score; {tie} decided")?,
                (_, None) => write!(f, " with the same score")?,
            }
            writeln!(f)?;
        }
        for candidate in &self.candidates {
            let named = Named(&candidate.rep, &candidate.name);
            match &candidate.standing {
                Standing::Open { score } => {
                    writeln!(f, "    {:>10}  {named}", score_text(*score))?;
                }
                Standing::Full { score } => {
                    writeln!(f, "    {:>10}  {named}, no room", score_text(*score))?;
                }
                Standing::Out { reason } => {
                    let reason = Escaped(reason);
                    writeln!(f, "    {:>10}  {named}, {reason}", "–")?;
                }
            }
        }
        Ok(())
    }
}

fn score_text(score: f64) -> String {
    if score.is_nan() {
        return "(hidden)".to_owned();
    }
    number(score)
}

impl fmt::Display for TieBreak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LoadShare => "the lower load share",
            Self::LastAssigned => "the longer time since it was last assigned",
            Self::Id => "the id",
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRepInRole => write!(f, "no rep has the role"),
            Self::NoneEligible { reasons } => {
                write!(f, "none eligible: ")?;
                for (index, (reason, count)) in reasons.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{count} × {}", Escaped(reason))?;
                }
                Ok(())
            }
            Self::NoCapacity { eligible: 1 } => write!(f, "the only eligible rep has no room"),
            Self::NoCapacity { eligible } => write!(f, "none of {eligible} eligible reps has room"),
            Self::Excluded { reps } => write!(f, "the book excludes all {reps} reps in the role"),
            Self::BelowPrice => write!(f, "serving it costs more than leaving it open"),
            Self::MaxMoves => write!(f, "it would change owner, and no more may (`max_moves`)"),
            Self::LeftOpen => write!(f, "the strategy left it open, though a rep has room"),
            Self::HookFailed { hook } => write!(f, "the hook `{hook}` failed"),
        }
    }
}

impl fmt::Display for HookProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` failed", self.hook)?;
        if let Some(customer) = &self.customer {
            write!(f, " for customer `{}`", Escaped(customer))?;
        }
        match (&self.customer, &self.rep) {
            (Some(_), Some(rep)) => write!(f, " with rep `{}`", Escaped(rep))?,
            (None, Some(rep)) => write!(f, " for rep `{}`", Escaped(rep))?,
            _ => {}
        }
        if let Some(role) = &self.role {
            write!(f, " as {}", Escaped(role))?;
        }
        write!(f, ": {}", Escaped(&self.message))?;
        self.line.map_or(Ok(()), |line| write!(f, " (line {line})"))
    }
}

/// A number with thousands set apart and at most six digits after the point.
pub(crate) fn number(number: f64) -> String {
    let text = format!("{number:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (sign, digits) = whole
        .strip_prefix('-')
        .map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_short_and_grouped() {
        for (value, text) in [
            (0.0, "0"),
            (1_234_567.5, "1,234,567.5"),
            (-1000.0, "-1,000"),
            (0.1 + 0.2, "0.3"),
            (999.0, "999"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
