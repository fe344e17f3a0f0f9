//! The hooks: functions of a policy with a known name, parameters and result.

use std::fmt;

/// A hook that this version runs, in the order of running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hook {
    /// The name of a customer's tier.
    Tier,
    /// A number that the cuts in `TIERS` turn into a tier.
    Value,
    /// A named cut of the list.
    Segment,
    /// The roles that a customer needs filled.
    Coverage,
    /// The effort that a demand costs.
    Workload,
    /// Which demands come first.
    Priority,
    /// What a rep can carry.
    Capacity,
    /// Whether a rep may own a customer in a role, or why not.
    Eligible,
    /// How well a rep suits a customer in a role.
    Score,
}

/// What a parameter of a hook holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// A customer.
    Customer,
    /// A rep.
    Rep,
    /// The name of a role, as text.
    Role,
}

impl Parameter {
    /// The name as messages call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Rep => "rep",
            Self::Role => "role",
        }
    }
}

/// What a hook must answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The name of a tier.
    TierName,
    /// A finite number.
    Number,
    /// A finite number above zero.
    PositiveNumber,
    /// A text.
    Text,
    /// An array of role names.
    RoleNames,
    /// A number, or a map with `workload`, `customers` and `tiers`.
    Capacity,
    /// `true`, `false`, or why not as text.
    Verdict,
}

/// One row of the table of hooks.
#[derive(Debug, Clone, Copy)]
pub struct HookSpec {
    /// Which hook.
    pub hook: Hook,
    /// The function's name.
    pub name: &'static str,
    /// What its parameters hold, in order; a policy may stop early.
    pub parameters: &'static [Parameter],
    /// The least number of parameters.
    pub least: usize,
    /// What it answers.
    pub answer: Answer,
    /// What holds where a policy does not define it.
    pub default: &'static str,
    /// One line of documentation.
    pub doc: &'static str,
}

use Parameter::{Customer, Rep, Role};

const TABLE: [HookSpec; 9] = [
    HookSpec {
        hook: Hook::Tier,
        name: "tier",
        parameters: &[Customer],
        least: 1,
        answer: Answer::TierName,
        default: "every customer is in the last tier",
        doc: "the name of the customer's tier",
    },
    HookSpec {
        hook: Hook::Value,
        name: "value",
        parameters: &[Customer],
        least: 1,
        answer: Answer::Number,
        default: "none: needs `TIERS` with cuts",
        doc: "a number that the cuts in `TIERS` turn into a tier",
    },
    HookSpec {
        hook: Hook::Segment,
        name: "segment",
        parameters: &[Customer],
        least: 1,
        answer: Answer::Text,
        default: "`\"all\"`",
        doc: "a named cut of the list",
    },
    HookSpec {
        hook: Hook::Coverage,
        name: "coverage",
        parameters: &[Customer],
        least: 1,
        answer: Answer::RoleNames,
        default: "`[\"developer\"]` for lead, prospect and lost, `[\"maintainer\"]` else; tier A also `\"manager\"`",
        doc: "the roles that the customer needs filled",
    },
    HookSpec {
        hook: Hook::Workload,
        name: "workload",
        parameters: &[Customer, Role],
        least: 1,
        answer: Answer::PositiveNumber,
        default: "1",
        doc: "the effort that the customer costs in the role",
    },
    HookSpec {
        hook: Hook::Priority,
        name: "priority",
        parameters: &[Customer, Role],
        least: 1,
        answer: Answer::Number,
        default: "0",
        doc: "which demands come first: higher before lower",
    },
    HookSpec {
        hook: Hook::Capacity,
        name: "capacity",
        parameters: &[Rep, Role],
        least: 1,
        answer: Answer::Capacity,
        default: "`rep.capacity` minus `rep.workload`",
        doc: "what the rep can carry in the role, or in all roles together where it takes only `rep`",
    },
    HookSpec {
        hook: Hook::Eligible,
        name: "eligible",
        parameters: &[Customer, Rep, Role],
        least: 2,
        answer: Answer::Verdict,
        default: "the rep has the role",
        doc: "whether the rep may own the customer in the role: `true`, `false`, or why not as text",
    },
    HookSpec {
        hook: Hook::Score,
        name: "score",
        parameters: &[Customer, Rep, Role],
        least: 2,
        answer: Answer::Number,
        default: "0",
        doc: "how well the rep suits the customer in the role: higher is better",
    },
];

impl Hook {
    /// All hooks, in the order of running.
    pub const ALL: [Self; 9] = [
        Self::Tier,
        Self::Value,
        Self::Segment,
        Self::Coverage,
        Self::Workload,
        Self::Priority,
        Self::Capacity,
        Self::Eligible,
        Self::Score,
    ];

    /// The hook's row in the table.
    #[must_use]
    pub const fn spec(self) -> &'static HookSpec {
        // `TABLE` and the enum are in the same order; a test below holds that.
        &TABLE[self as usize]
    }

    /// The function's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.spec().name
    }

    /// The hook of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hook| hook.name() == name)
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Names of hooks to come: a policy that defines one is refused.
pub const RESERVED_HOOKS: &[&str] = &[
    "stage",
    "risk",
    "match_keys",
    "recycle",
    "protect",
    "claimable",
    "transition",
    "control",
    "target",
    "incentive",
];

/// Beginnings of function names that belong to the tests and invariants of a policy.
pub const RESERVED_FUNCTION_PREFIXES: &[&str] = &["test_", "invariant_"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for hook in Hook::ALL {
            assert_eq!(hook.spec().hook, hook);
            assert!(hook.spec().least >= 1 && hook.spec().least <= hook.spec().parameters.len());
        }
    }
}
