//! What is in the way, and what would change it, in words.

use std::fmt;

use crate::model::Escaped;

use super::text::number;
use super::why_not::{Move, MoveNeeds, Obstacle, Short, WhyNot};

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (customer, rep) = (Escaped(&self.customer), Escaped(&self.rep));
        let role = Escaped(&self.role);
        match &self.obstacle {
            Obstacle::Owns => return write!(f, "{customer} is with {rep} as {role}"),
            _ => write!(f, "{customer} is not with {rep} as {role}: ")?,
        }
        match &self.obstacle {
            Obstacle::Owns => Ok(()),
            Obstacle::NotNeeded => write!(f, "{customer} does not need the role"),
            Obstacle::HookFailed { hook } => write!(f, "`{hook}` failed, so nothing was decided"),
            Obstacle::NotInRole => write!(f, "{rep} does not have the role"),
            Obstacle::Unavailable { reason } => write!(f, "{rep} is {}", Escaped(reason)),
            Obstacle::Excluded => write!(f, "the book excludes the pair"),
            Obstacle::Pinned { reason } => write!(f, "{}", Escaped(reason)),
            Obstacle::Coupled { reason } => write!(f, "{}", Escaped(reason)),
            Obstacle::Family { rep } => write!(f, "the family is with {}", Escaped(rep)),
            Obstacle::NotEligible {
                reason,
                member,
                line,
            } => {
                write!(f, "not eligible")?;
                if let Some(member) = member {
                    write!(f, " for {} of its family", Escaped(member))?;
                }
                if let Some(reason) = reason {
                    write!(f, ", {}", Escaped(reason))?;
                }
                line.map_or(Ok(()), |line| write!(f, " (line {line})"))
            }
            Obstacle::PairFailed { hook, message } => {
                write!(f, "`{hook}` failed: {}", Escaped(message))
            }
            Obstacle::Kept { rep } => write!(f, "{}, the present owner, stays", Escaped(rep)),
            Obstacle::NoRoom { short, .. } => write!(f, "no room, {short} too few"),
            Obstacle::Outscored {
                rep,
                margin,
                tie_break,
            } => {
                let rep = Escaped(rep);
                match tie_break {
                    Some(tie) => write!(f, "{rep} has the same score; {tie} decided"),
                    None if margin.is_nan() => write!(f, "{rep} has the higher score"),
                    None => write!(f, "{rep} scores {} more", number(*margin)),
                }
            }
            Obstacle::GoesElsewhere { rep, strategy } => {
                write!(f, "it goes to {} by `{}`", Escaped(rep), Escaped(strategy))
            }
            Obstacle::Nobody { reason } => write!(f, "nobody gets it, {reason}"),
        }
    }
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workload { by } => write!(f, "{} workload", number(*by)),
            Self::Customers { by: 1 } => write!(f, "1 customer"),
            Self::Customers { by } => write!(f, "{by} customers"),
        }
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rep = Escaped(&self.rep);
        match self.needs {
            MoveNeeds::Score { by } => {
                write!(
                    f,
                    "{rep} would get it with a score higher by {}",
                    number(by)
                )
            }
            MoveNeeds::Room { short } => {
                write!(f, "{rep} would get it with room for {short} more")
            }
            MoveNeeds::AtLeast { by } => write!(
                f,
                "{rep} cannot get it while its score rises by less than {}",
                number(by)
            ),
        }
    }
}
