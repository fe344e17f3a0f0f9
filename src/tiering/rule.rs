//! The rule that `TIERS` states: names only, cuts by threshold, or cuts by share.

use serde::{Deserialize, Serialize};

/// The tiers of a policy, highest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierRule {
    /// The hook `tier` names one of these.
    Labels(Vec<String>),
    /// The hook `value` gives a number, and these cut it.
    Cuts(Vec<Cut>),
}

/// One tier with where it begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// The tier's name.
    pub tier: String,
    /// The least value that is in the tier; the last tier has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The share of customers in this tier and the ones above, 0 to 1; the last tier has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<f64>,
    /// What the share is a share of.
    #[serde(default)]
    pub per: Per,
    /// Hysteresis, 0 to 1: a customer in this tier stays in it while its value is at least
    /// `at_least × (1 − keep_within)`, or while it is among the best `top × (1 + keep_within)`.
    #[serde(default)]
    pub keep_within: f64,
}

/// What a share is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Of all customers of the book.
    #[default]
    Book,
    /// Of the customers of the same segment.
    Segment,
}

/// Why a rule makes no sense.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TierRuleError {
    /// No tier at all.
    #[error("there is no tier: name at least one")]
    Empty,
    /// Twice the same name.
    #[error("tier `{tier}` stands twice")]
    Twice {
        /// The name.
        tier: String,
    },
    /// A tier without a name.
    #[error("the name of a tier is empty")]
    Nameless,
    /// Some cuts by threshold, some by share.
    #[error("tier `{tier}` mixes `top` with `at_least`: cut all tiers the same way")]
    Mixed {
        /// The tier where it shows.
        tier: String,
    },
    /// A tier that is not the last has no cut.
    #[error("tier `{tier}` has neither `at_least` nor `top`, but is not the last")]
    NoCut {
        /// The tier.
        tier: String,
    },
    /// The last tier has a cut, so that customers below it have no tier.
    #[error("the last tier `{tier}` has a cut: customers below it would have no tier")]
    NoFloor {
        /// The tier.
        tier: String,
    },
    /// Thresholds that do not fall, or shares that do not rise.
    #[error("tier `{tier}`: the cut {cut} does not come after {before} of the tier above")]
    OutOfOrder {
        /// The tier.
        tier: String,
        /// Its cut.
        cut: f64,
        /// The cut of the tier above.
        before: f64,
    },
    /// A share that is not in (0, 1], a threshold that is no number, or a `keep_within` not in
    /// [0, 1].
    #[error("tier `{tier}`: `{setting}` is {value}, expected {expected}")]
    OutOfRange {
        /// The tier.
        tier: String,
        /// `top`, `at_least` or `keep_within`.
        setting: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
}

impl Default for TierRule {
    /// `A`, `B`, `C` by label.
    fn default() -> Self {
        Self::Labels(["A", "B", "C"].map(String::from).to_vec())
    }
}

impl TierRule {
    /// The tiers' names, highest first.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Labels(names) => names.iter().map(String::as_str).collect(),
            Self::Cuts(cuts) => cuts.iter().map(|cut| cut.tier.as_str()).collect(),
        }
    }

    /// Whether a cut is by share of a segment, so that segments come before tiers.
    #[must_use]
    pub fn needs_segments(&self) -> bool {
        matches!(self, Self::Cuts(cuts) if cuts.iter().any(|cut| cut.per == Per::Segment))
    }

    /// Checks that every value has exactly one tier.
    ///
    /// # Errors
    /// The first thing that makes no sense.
    pub fn check(&self) -> Result<(), TierRuleError> {
        let names = self.names();
        if names.is_empty() {
            return Err(TierRuleError::Empty);
        }
        for (index, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Err(TierRuleError::Nameless);
            }
            if names[..index].contains(name) {
                return Err(TierRuleError::Twice {
                    tier: (*name).to_owned(),
                });
            }
        }
        match self {
            Self::Labels(_) => Ok(()),
            Self::Cuts(cuts) => check_cuts(cuts),
        }
    }
}

fn check_cuts(cuts: &[Cut]) -> Result<(), TierRuleError> {
    let by_share = cuts.iter().any(|cut| cut.top.is_some());
    let mut before: Option<f64> = None;
    for (index, cut) in cuts.iter().enumerate() {
        let tier = || cut.tier.clone();
        let out_of_range = |setting, value, expected| TierRuleError::OutOfRange {
            tier: tier(),
            setting,
            value,
            expected,
        };
        if !(0.0..=1.0).contains(&cut.keep_within) {
            return Err(out_of_range(
                "keep_within",
                cut.keep_within,
                "a share from 0 to 1",
            ));
        }
        if cut.at_least.is_some() && by_share {
            return Err(TierRuleError::Mixed { tier: tier() });
        }
        let Some(value) = cut.at_least.or(cut.top) else {
            if index + 1 == cuts.len() {
                continue;
            }
            return Err(TierRuleError::NoCut { tier: tier() });
        };
        if by_share && !(value > 0.0 && value <= 1.0) {
            return Err(out_of_range("top", value, "a share above 0, at most 1"));
        }
        if !value.is_finite() {
            return Err(out_of_range("at_least", value, "a finite number"));
        }
        if let Some(before) = before
            && (if by_share {
                value <= before
            } else {
                value >= before
            })
        {
            return Err(TierRuleError::OutOfOrder {
                tier: tier(),
                cut: value,
                before,
            });
        }
        if index + 1 == cuts.len() {
            return Err(TierRuleError::NoFloor { tier: tier() });
        }
        before = Some(value);
    }
    Ok(())
}
