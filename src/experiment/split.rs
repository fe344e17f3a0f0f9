//! Customers split into the arms of an experiment.
//!
//! An arm is drawn by a hash of a named seed and the customer's id: the same on every machine,
//! whoever else is on the list. That keeps each tier's shares only on average, as independent
//! draws do; where the earlier draw is kept, [`Split::draw_after`] deals newcomers out tier by tier
//! and evenly. No draw of that kind can be both without memory. Time `O(n log n)` in customers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plan::{ByCustomer, Change, Plan};

/// How to split customers into arms.
///
/// ```
/// use bookwright::{Book, PlanOptions, Policy, Records, Schema, Split};
/// # let records: Records = serde_json::from_str(r#"{
/// #     "customers": [{"id": "c1"}, {"id": "c2"}, {"id": "c3"}, {"id": "c4"}],
/// #     "reps": [{"id": "r1", "roles": ["developer"]}]
/// # }"#)?;
/// let book = Book::build(records, Schema::default())?;
/// let policy = Policy::compile("", book.schema())?;
/// let plan = policy.plan(&book, &PlanOptions::at("2026-03-02".parse()?))?;
///
/// let split = Split::new("spring 2026", [("control", 0.5), ("calls first", 0.5)])?;
/// let arms = split.draw_after(&split.nobody(), &plan);
/// assert_eq!(arms.strata[0].customers, [2, 2]);
/// let decisions = arms.decisions(&plan);
/// assert_eq!(Some(decisions[0].arm.as_str()), arms.of("c1"));
///
/// let error = Split::new("spring 2026", [("control", -1.0)]).unwrap_err();
/// assert_eq!(error.to_string(), "the share of arm `control` is -1, expected a number above 0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    seed: String,
    arms: Vec<Arm>,
}

/// One arm of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// Its share of the customers, 0..1; those of all arms sum to 1.
    pub share: f64,
}

/// Which customer is in which arm.
///
/// It serialises, to be kept as long as the experiment runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arms {
    /// The name of the seed.
    pub seed: String,
    /// The arms.
    pub arms: Vec<Arm>,
    /// The arm of each customer, by id.
    pub customers: BTreeMap<String, String>,
    /// How many customers of each tier are in which arm, in order of the tiers' names.
    pub strata: Vec<Stratum>,
}

/// The customers of one tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stratum {
    /// The tier, by the plan.
    pub tier: String,
    /// Customers in each arm, in the order of the arms.
    pub customers: Vec<u64>,
}

/// What a plan decides about one demand, and the arm in which it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The customer.
    pub customer: String,
    /// The arm.
    pub arm: String,
    /// The tier of the customer.
    pub tier: String,
    /// The role.
    pub role: String,
    /// The owner; none where nobody gets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rep: Option<String>,
    /// The owner's score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// How that compares with today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
}

/// Arms that cannot be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// No arm at all.
    #[error("an experiment needs at least one arm")]
    NoArms,
    /// Two arms of one name.
    #[error("there are two arms `{0}`")]
    SameName(String),
    /// A share that is none.
    #[error("the share of arm `{name}` is {share}, expected a number above 0")]
    WrongShare {
        /// The arm.
        name: String,
        /// Its share.
        share: f64,
    },
}

impl Split {
    /// Arms with their shares, which may have any sum.
    ///
    /// # Errors
    /// [`SplitError`] where there is no arm, two have one name, or a share is not above 0.
    pub fn new<N: Into<String>>(
        seed: impl Into<String>,
        arms: impl IntoIterator<Item = (N, f64)>,
    ) -> Result<Self, SplitError> {
        let mut split = Self {
            seed: seed.into(),
            arms: Vec::new(),
        };
        for (name, share) in arms {
            let name = name.into();
            if !(share > 0.0 && share.is_finite()) {
                return Err(SplitError::WrongShare { name, share });
            }
            if split.arms.iter().any(|arm| arm.name == name) {
                return Err(SplitError::SameName(name));
            }
            split.arms.push(Arm { name, share });
        }
        // By the greatest first, so that no sum is beyond numbers.
        let greatest = split.arms.iter().map(|arm| arm.share).fold(0.0, f64::max);
        let sum: f64 = split.arms.iter().map(|arm| arm.share / greatest).sum();
        for arm in &mut split.arms {
            arm.share = arm.share / greatest / sum;
        }
        if split.arms.is_empty() {
            return Err(SplitError::NoArms);
        }
        Ok(split)
    }

    /// A draw without customers, to begin [`Self::draw_after`] with.
    #[must_use]
    pub fn nobody(&self) -> Arms {
        self.drawn(BTreeMap::new(), &ByCustomer::default())
    }

    /// The arm of every customer of a plan by its id alone: it stays as it is while the list grows
    /// or shrinks and tiers change, and needs no memory. In each tier the shares hold on average.
    #[must_use]
    pub fn draw(&self, plan: &Plan) -> Arms {
        let arm = |id: &str| (id.to_owned(), self.by_hash(id));
        self.drawn(plan.tiers.keys().map(arm).collect(), &plan.tiers)
    }

    /// The same with memory: who was drawn before keeps its arm, whatever its tier is now, and
    /// newcomers go, tier by tier and in an order that the seed decides, to the arm that is
    /// furthest behind its share in that tier. So tiers are split as evenly as their numbers allow.
    ///
    /// Arms of the earlier draw that this split does not have are drawn anew.
    #[must_use]
    pub fn draw_after(&self, earlier: &Arms, plan: &Plan) -> Arms {
        let mut drawn = BTreeMap::new();
        let mut counts: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        let mut newcomers: Vec<(&str, u64, &str)> = Vec::new();
        for (id, tier) in &plan.tiers {
            let counts = counts
                .entry(tier)
                .or_insert_with(|| vec![0; self.arms.len()]);
            match earlier.of(id).and_then(|name| self.number(name)) {
                Some(arm) => {
                    counts[arm] += 1;
                    drawn.insert(id.to_owned(), arm);
                }
                None => newcomers.push((tier, hash(&self.seed, id), id)),
            }
        }
        newcomers.sort_unstable();
        for (tier, hash, id) in newcomers {
            if let Some(counts) = counts.get_mut(tier) {
                let arm = self.furthest_behind(counts, hash);
                counts[arm] += 1;
                drawn.insert(id.to_owned(), arm);
            }
        }
        self.drawn(drawn, &plan.tiers)
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.arms.iter().position(|arm| arm.name == name)
    }

    fn by_hash(&self, id: &str) -> usize {
        let point = (hash(&self.seed, id) >> 11) as f64 / (1_u64 << 53) as f64;
        let mut end = 0.0;
        let found = self.arms.iter().position(|arm| {
            end += arm.share;
            point < end
        });
        found.unwrap_or(self.arms.len() - 1) // shares may sum to a little less than 1
    }

    /// Arms that are equally far behind are taken in turns that begin where the hash says.
    fn furthest_behind(&self, counts: &[u64], hash: u64) -> usize {
        let all = counts.iter().sum::<u64>() as f64 + 1.0;
        let arms = self.arms.len();
        let start = (hash % arms as u64) as usize;
        let mut best = (start, f64::NEG_INFINITY);
        for arm in (start..arms).chain(0..start) {
            let behind = self.arms[arm].share * all - counts[arm] as f64;
            if behind > best.1 + 1e-9 {
                best = (arm, behind);
            }
        }
        best.0
    }

    fn drawn(&self, customers: BTreeMap<String, usize>, tiers: &ByCustomer) -> Arms {
        let mut strata: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for (id, &arm) in &customers {
            if let Some(tier) = tiers.get(id) {
                strata
                    .entry(tier)
                    .or_insert_with(|| vec![0; self.arms.len()])[arm] += 1;
            }
        }
        Arms {
            seed: self.seed.clone(),
            arms: self.arms.clone(),
            strata: (strata.into_iter())
                .map(|(tier, customers)| Stratum {
                    tier: tier.to_owned(),
                    customers,
                })
                .collect(),
            customers: (customers.into_iter())
                .map(|(id, arm)| (id, self.arms[arm].name.clone()))
                .collect(),
        }
    }
}

impl Arms {
    /// The name of a customer's arm; nothing for one that was not drawn.
    #[must_use]
    pub fn of(&self, customer: &str) -> Option<&str> {
        self.customers.get(customer).map(String::as_str)
    }

    /// Every decision of a plan about the customers that were drawn, with its arm, in order of
    /// customer and role: what outcomes are joined to later.
    #[must_use]
    pub fn decisions(&self, plan: &Plan) -> Vec<Decision> {
        let plans: Vec<(&str, &Plan)> = (self.arms.iter())
            .map(|arm| (arm.name.as_str(), plan))
            .collect();
        self.decisions_of(&plans)
    }

    /// The decisions where arms have plans of their own, by name: of each customer those of the
    /// plan of its arm; none where its arm has no plan here.
    ///
    /// Each plan is for the whole book, so it holds to capacities as if all customers were in its
    /// arm; together the arms may ask more of a rep, or less.
    #[must_use]
    pub fn decisions_of(&self, plans: &[(&str, &Plan)]) -> Vec<Decision> {
        let mut decisions = Vec::new();
        for (name, plan) in plans {
            let decision = |customer: &str, role: &str| {
                let arm = self.of(customer).filter(|arm| arm == name)?;
                Some(Decision {
                    customer: customer.to_owned(),
                    arm: arm.to_owned(),
                    // Only a plan that was read from JSON can lack the tier of a customer.
                    tier: plan.tiers.get(customer).cloned().unwrap_or_default(),
                    role: role.to_owned(),
                    rep: None,
                    score: None,
                    change: None,
                })
            };
            for given in &plan.assignments {
                let open = decision(&given.customer, &given.role);
                decisions.extend(open.map(|open| Decision {
                    rep: Some(given.rep.clone()),
                    score: Some(given.score),
                    change: Some(given.change),
                    ..open
                }));
            }
            for open in &plan.unassigned {
                decisions.extend(decision(&open.customer, &open.role));
            }
        }
        decisions.sort_by(|a, b| (&a.customer, &a.role).cmp(&(&b.customer, &b.role)));
        decisions
    }
}

/// 64 bits of FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo) over both texts, mixed by the finaliser of
/// SplitMix64 (S. Vigna), whose every output bit depends on every input bit. Part of what is
/// promised: another hash would draw other arms.
fn hash(seed: &str, id: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    // A byte that is in no text stands between the two.
    for byte in seed.bytes().chain([0xff]).chain(id.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn the_hash_is_what_it_was() {
        assert_eq!(hash("spring", "c1"), 0xbfa6_3659_427a_d6f7);
        assert_ne!(hash("a", "b"), hash("ab", ""));
    }
}
