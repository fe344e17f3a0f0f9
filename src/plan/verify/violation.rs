//! What a check of a plan can find, as data and as text.

use std::fmt;

use crate::allocation::Refuted;
use crate::model::Escaped;
use crate::plan::{PlanError, Reason};

/// Something in a plan that is not as policy and book have it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// Policy, options or budget do not let the plan be checked to the end.
    #[error("the plan was not checked: {0}")]
    NotChecked(PlanError),
    /// The fingerprint is of another book, policy, moment, or other parameters.
    #[error(
        "the plan is of another book, policy or options: its fingerprint is `{}`, expected `{expected}`",
        Escaped(.found)
    )]
    Fingerprint {
        /// What the plan says.
        found: String,
        /// What these make.
        expected: String,
    },
    /// The plan names a record that the book does not have.
    #[error("`{list}` names the {kind} `{id}`, which the book does not have", id = Escaped(.id))]
    Unknown {
        /// The list of the plan.
        list: &'static str,
        /// `customer`, `rep` or `role`.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// A list of the plan does not stand in order of id.
    #[error("`{list}` is not in order")]
    Order {
        /// The list.
        list: &'static str,
    },
    /// A customer is in another tier than the policy says.
    #[error("customer `{customer}` is in tier {}, expected {}", shown(.found), shown(.expected), customer = Escaped(.customer))]
    Tier {
        /// The customer.
        customer: String,
        /// What the plan says.
        found: Option<String>,
        /// What the policy says; nothing for a customer that the book does not have.
        expected: Option<String>,
    },
    /// A customer is in another segment than the policy says.
    #[error("customer `{customer}` is in segment {}, expected {}", shown(.found), shown(.expected), customer = Escaped(.customer))]
    Segment {
        /// The customer.
        customer: String,
        /// What the plan says.
        found: Option<String>,
        /// What the policy says; nothing for a customer that the book does not have.
        expected: Option<String>,
    },
    /// A demand that is neither assigned nor explained.
    #[error("{at} is neither assigned nor explained")]
    Undecided {
        /// Which.
        at: Demanded,
    },
    /// A demand that is decided more than once.
    #[error("{at} is decided {times} times")]
    Repeated {
        /// Which.
        at: Demanded,
        /// How often.
        times: usize,
    },
    /// A decision about a role that the customer does not need.
    #[error("{at} is decided, but not needed")]
    NotNeeded {
        /// Which.
        at: Demanded,
    },
    /// A hook fails for it, so that nothing may change.
    #[error("{at} must stay as it is, for `{hook}` fails", hook = Escaped(.hook))]
    Frozen {
        /// Which.
        at: Demanded,
        /// The hook.
        hook: String,
    },
    /// The owner may not have the customer.
    #[error("{at} went to `{rep}`, who is out: {why}", rep = Escaped(.rep), why = Escaped(.why))]
    Out {
        /// Which.
        at: Demanded,
        /// The rep.
        rep: String,
        /// Why, as the reasons of a plan word it.
        why: String,
    },
    /// The change is told wrongly.
    #[error("{at} is not told right against today: expected {expected}")]
    Change {
        /// Which.
        at: Demanded,
        /// `kept`, `new` or `moved`.
        expected: &'static str,
    },
    /// The score is another one.
    #[error("{at} with `{rep}` scores {found}, expected {expected}", rep = Escaped(.rep))]
    Score {
        /// Which.
        at: Demanded,
        /// The rep.
        rep: String,
        /// What the plan says.
        found: f64,
        /// What the policy says.
        expected: f64,
    },
    /// Members of one family have several reps in one role, or some of those that are to be
    /// allocated have one and some have not.
    #[error("{at} is not with the rest of its family")]
    Family {
        /// The first member that stands apart.
        at: Demanded,
    },
    /// Reps take more than they can carry, beyond what they keep.
    #[error("rep `{rep}` takes {taken} {unit}{} beside what it keeps, and has room for {room}", of(.role, .tier), rep = Escaped(.rep))]
    Capacity {
        /// The rep.
        rep: String,
        /// The role that the limit covers, or all.
        role: Option<String>,
        /// The tier that the limit covers, or all.
        tier: Option<String>,
        /// `workload` or `customers`.
        unit: &'static str,
        /// How much it takes.
        taken: f64,
        /// How much it could.
        room: f64,
    },
    /// The reason of an open demand is another one.
    #[error("{at} is open for another reason: found {}, expected {}", told(.found), told(.expected))]
    Reason {
        /// Which.
        at: Demanded,
        /// What the plan says.
        found: Reason,
        /// What is.
        expected: Reason,
    },
    /// Left open, though a rep could take it and nothing speaks for leaving it.
    #[error("{at} is open, though `{rep}` may take it and has room", rep = Escaped(.rep))]
    LeftOpen {
        /// Which.
        at: Demanded,
        /// The first such rep by id.
        rep: String,
    },
    /// Ownership that ends, but is not among the released.
    #[error("{at} leaves `{rep}`, but is not among the released", rep = Escaped(.rep))]
    NotReleased {
        /// Which.
        at: Demanded,
        /// The owner of today.
        rep: String,
    },
    /// Something released that does not end, or more than once.
    #[error("{at} is released from `{rep}`, but does not end there", rep = Escaped(.rep))]
    NotEnded {
        /// Which.
        at: Demanded,
        /// The rep.
        rep: String,
    },
    /// A load is not the sum of what the rep owns, or its capacity is another one.
    #[error("the load of `{rep}`{} is not what it owns and can carry", of(.role, &None), rep = Escaped(.rep))]
    Load {
        /// The rep.
        rep: String,
        /// The role, where capacity is counted by role.
        role: Option<String>,
    },
    /// A total is not the sum of its parts.
    #[error("the total of `{name}` is {found}, expected {expected}", name = Escaped(.name))]
    Total {
        /// Which.
        name: String,
        /// What the plan says.
        found: f64,
        /// The sum.
        expected: f64,
    },
    /// A failure of a hook that the plan does not tell, or tells but is none.
    #[error("the failures of `{hook}`{} are not told right", for_whom(.customer), hook = Escaped(.hook))]
    Problem {
        /// The hook.
        hook: String,
        /// For which customer.
        customer: Option<String>,
    },
    /// The proof of an optimal round does not hold.
    #[error("the certificate of `{roles}` does not hold: {refuted}", roles = Escaped(.roles))]
    Certificate {
        /// The roles of the round.
        roles: String,
        /// Why not.
        refuted: Refuted,
    },
    /// A certificate is told otherwise than it was found.
    #[error("the certificate of `{roles}` is told wrongly", roles = Escaped(.roles))]
    CertificateTold {
        /// The roles of the round.
        roles: String,
    },
}

/// A customer's need in a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Demanded {
    /// The customer.
    pub customer: String,
    /// The role.
    pub role: String,
}

impl fmt::Display for Demanded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { customer, role } = self;
        write!(f, "customer `{}` as `{}`", Escaped(customer), Escaped(role))
    }
}

fn shown(name: &Option<String>) -> String {
    name.as_ref()
        .map_or_else(|| "none".to_owned(), |name| format!("`{}`", Escaped(name)))
}

fn of(role: &Option<String>, tier: &Option<String>) -> String {
    let part = |word, name: &Option<String>| {
        name.as_ref()
            .map_or_else(String::new, |name| format!(" {word} `{}`", Escaped(name)))
    };
    format!("{}{}", part("as", role), part("of tier", tier))
}

fn for_whom(customer: &Option<String>) -> String {
    customer
        .as_ref()
        .map_or_else(String::new, |id| format!(" for customer `{}`", Escaped(id)))
}

/// A reason in the words of the JSON, with its counts.
fn told(reason: &Reason) -> String {
    match reason {
        Reason::NoRepInRole => "no_rep_in_role".to_owned(),
        Reason::NoneEligible { reasons } => {
            let counts: Vec<String> = (reasons.iter())
                .map(|(why, count)| format!("{}: {count}", Escaped(why)))
                .collect();
            format!("none_eligible ({})", counts.join(", "))
        }
        Reason::NoCapacity { eligible } => format!("no_capacity ({eligible} eligible)"),
        Reason::Excluded { reps } => format!("excluded ({reps} reps)"),
        Reason::BelowPrice => "below_price".to_owned(),
        Reason::MaxMoves => "max_moves".to_owned(),
        Reason::LeftOpen => "left_open".to_owned(),
        Reason::HookFailed { hook } => format!("hook_failed (`{hook}`)"),
    }
}

/// Everything that is wrong with a plan, in the order of its parts; a long list is cut.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifyErrors {
    violations: Vec<Violation>,
    more: u64,
}

impl VerifyErrors {
    /// So many are kept; the rest is counted.
    pub const MOST: usize = 100;

    pub(super) const fn new() -> Self {
        Self {
            violations: Vec::new(),
            more: 0,
        }
    }

    pub(super) fn add(&mut self, violation: Violation) {
        if self.violations.len() < Self::MOST {
            self.violations.push(violation);
        } else {
            self.more += 1;
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.violations.is_empty()
    }

    /// What is wrong, at most [`Self::MOST`].
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// How many more there are.
    #[must_use]
    pub const fn more(&self) -> u64 {
        self.more
    }
}

impl fmt::Display for VerifyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, violation) in self.violations.iter().enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            write!(f, "{end}{violation}")?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for VerifyErrors {}
