//! A policy of a script, of Rust, or of both.

use std::sync::Arc;

use crate::allocation::Strategy;
use crate::language::{Hook, Limits, Value};
use crate::model::{CustomerRef, RepRef, Schema};
use crate::tiering::TierRule;

use super::compile::{Hooks, Parts, Policy, PolicyError, Slot, compile};
use super::hook::{CustomerHook, HookError, Native, PairHook, RepHook};
use super::settings::Allocating;

/// Gathers a script and native hooks; what is native wins over the script.
///
/// ```
/// use bookwright::{HookError, Policy, Schema};
/// let policy = Policy::builder(&Schema::default())
///     .script(r#"fn tier(customer) { if customer.stage == "active" { "A" } else { "C" } }"#)
///     .score(|customer, rep| {
///         let near = customer.text("region").is_some_and(|region| rep.has("regions", region));
///         Ok::<_, HookError>(if near { 1.0 } else { 0.0 })
///     })
///     .build()?;
/// # Ok::<(), bookwright::PolicyError>(())
/// ```
pub struct PolicyBuilder {
    parts: Parts,
}

impl std::fmt::Debug for PolicyBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PolicyBuilder")
            .field("text", &self.parts.text)
            .finish_non_exhaustive()
    }
}

impl PolicyBuilder {
    pub(super) fn new(schema: Schema) -> Self {
        Self {
            parts: Parts {
                text: Arc::from(""),
                tests: None,
                schema,
                limits: Limits::default(),
                native: Hooks::default(),
                strategy: None,
                tiers: None,
                allocation: None,
            },
        }
    }

    /// The script.
    #[must_use]
    pub fn script(mut self, text: &str) -> Self {
        self.parts.text = Arc::from(text);
        self
    }

    /// The tests of a second script, as for [`Policy::with_tests`].
    #[must_use]
    pub fn tests(mut self, tests: &str) -> Self {
        self.parts.tests = Some(Arc::from(tests));
        self
    }

    /// Other limits than the default ones.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.parts.limits = limits;
        self
    }

    /// Tiers that win over `TIERS`. The script is checked against them: it may have `value` without
    /// `TIERS` then.
    #[must_use]
    pub fn tiers(mut self, tiers: TierRule) -> Self {
        self.parts.tiers = Some(tiers);
        self
    }

    /// Settings for all roles that win over `ALLOCATION`.
    #[must_use]
    pub fn allocation(mut self, allocation: Allocating) -> Self {
        self.parts.allocation = Some(allocation);
        self
    }

    /// A strategy of the host's own, for all roles.
    #[must_use]
    pub fn strategy(mut self, strategy: Arc<dyn Strategy>) -> Self {
        self.parts.strategy = Some(strategy);
        self
    }

    /// One of the hooks about customers: `tier`, `value`, `segment`, `coverage`, `workload`,
    /// `priority`. Another hook is left as it is.
    #[must_use]
    pub fn customer_hook(mut self, hook: Hook, native: Arc<dyn CustomerHook>) -> Self {
        let hooks = &mut self.parts.native;
        let slot = match hook {
            Hook::Tier => &mut hooks.tier,
            Hook::Value => &mut hooks.value,
            Hook::Segment => &mut hooks.segment,
            Hook::Coverage => &mut hooks.coverage,
            Hook::Workload => &mut hooks.workload,
            Hook::Priority => &mut hooks.priority,
            Hook::Capacity | Hook::Eligible | Hook::Score => return self,
        };
        *slot = Some(Slot::native(native));
        self
    }

    /// `capacity`, for all roles together.
    #[must_use]
    pub fn rep_hook(mut self, native: Arc<dyn RepHook>) -> Self {
        self.parts.native.capacity = Some(Slot::native(native));
        self
    }

    /// `eligible` or `score`. Another hook is left as it is.
    #[must_use]
    pub fn pair_hook(mut self, hook: Hook, native: Arc<dyn PairHook>) -> Self {
        match hook {
            Hook::Eligible => self.parts.native.eligible = Some(Slot::native(native)),
            Hook::Score => self.parts.native.score = Some(Slot::native(native)),
            _ => {}
        }
        self
    }

    /// `tier` as a closure: the name of the tier.
    #[must_use]
    pub fn tier<A: Into<Value> + 'static>(
        self,
        tier: impl Fn(CustomerRef<'_>) -> Result<A, HookError> + Send + Sync + 'static,
    ) -> Self {
        self.customer_hook(Hook::Tier, Arc::new(Native(tier)))
    }

    /// `value` as a closure.
    #[must_use]
    pub fn value(
        self,
        value: impl Fn(CustomerRef<'_>) -> Result<f64, HookError> + Send + Sync + 'static,
    ) -> Self {
        self.customer_hook(Hook::Value, Arc::new(Native(value)))
    }

    /// `capacity` as a closure: the workload that a rep can carry in all roles together.
    #[must_use]
    pub fn capacity(
        self,
        capacity: impl Fn(RepRef<'_>) -> Result<f64, HookError> + Send + Sync + 'static,
    ) -> Self {
        self.rep_hook(Arc::new(Native(capacity)))
    }

    /// `eligible` as a closure: whether, or the reason why not as text.
    #[must_use]
    pub fn eligible<A: Into<Value> + 'static>(
        self,
        eligible: impl Fn(CustomerRef<'_>, RepRef<'_>) -> Result<A, HookError> + Send + Sync + 'static,
    ) -> Self {
        self.pair_hook(Hook::Eligible, Arc::new(Native(eligible)))
    }

    /// `score` as a closure.
    #[must_use]
    pub fn score(
        self,
        score: impl Fn(CustomerRef<'_>, RepRef<'_>) -> Result<f64, HookError> + Send + Sync + 'static,
    ) -> Self {
        self.pair_hook(Hook::Score, Arc::new(Native(score)))
    }

    /// Checks everything and makes the policy.
    ///
    /// # Errors
    /// Everything that is wrong with the script, at once; and settings that make no sense, which
    /// have no place in it.
    pub fn build(self) -> Result<Policy, PolicyError> {
        compile(self.parts)
    }
}
