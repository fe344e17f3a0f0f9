//! What a policy lets see of its compiled hooks: what each reads, and its program over columns.

use std::collections::BTreeSet;

use super::compile::{Compiled, Policy};
use crate::kernel::Program;
use crate::language::Hook;

/// What a scripted hook reads: what its answer can depend on, and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HookReads {
    /// Fields of the customer.
    pub customer: BTreeSet<String>,
    /// Fields of the rep.
    pub rep: BTreeSet<String>,
    /// Parameters, by their path in `params` joined with points.
    pub parameters: BTreeSet<String>,
    /// Lookup tables.
    pub tables: BTreeSet<String>,
    /// Whether it depends on the moment.
    pub now: bool,
    /// Whether it depends on the role.
    pub role: bool,
}

impl Policy {
    /// What a hook of the script reads; nothing where the script does not define it, where native
    /// code does, or where it runs in the interpreter only (then [`Policy::notes`] says why).
    ///
    /// ```
    /// use bookwright::{Hook, Policy, Schema};
    /// let policy = Policy::compile(
    ///     "fn priority(customer) { (customer.intent ?? 0.0) * 2.0 }",
    ///     &Schema::default(),
    /// )?;
    /// let reads = policy.reads(Hook::Priority).unwrap_or_default();
    /// assert!(reads.customer.contains("intent") && !reads.now);
    /// assert!(policy.reads(Hook::Score).is_none());
    /// # Ok::<(), bookwright::PolicyError>(())
    /// ```
    #[must_use]
    pub fn reads(&self, hook: Hook) -> Option<HookReads> {
        let reads = self.compiled().columns(hook)?.reads();
        let owned = |names: BTreeSet<std::sync::Arc<str>>| -> BTreeSet<String> {
            names.iter().map(|name| name.to_string()).collect()
        };
        Some(HookReads {
            customer: owned(reads.customer),
            rep: owned(reads.rep),
            parameters: reads.parameters,
            tables: owned(reads.tables),
            now: reads.now,
            role: reads.role,
        })
    }

    /// The program over columns that a hook of the script became, a line for each operation with
    /// the source that it stands for; nothing where [`Policy::reads`] has nothing.
    #[must_use]
    pub fn listing(&self, hook: Hook) -> Option<String> {
        let program = self.compiled().columns(hook)?;
        Some(program.listing(self.text()).to_string())
    }
}

impl Compiled {
    fn columns(&self, hook: Hook) -> Option<&Program> {
        let hooks = &self.hooks;
        match hook {
            Hook::Tier => hooks.tier.as_ref()?.columns(),
            Hook::Value => hooks.value.as_ref()?.columns(),
            Hook::Segment => hooks.segment.as_ref()?.columns(),
            Hook::Coverage => hooks.coverage.as_ref()?.columns(),
            Hook::Workload => hooks.workload.as_ref()?.columns(),
            Hook::Priority => hooks.priority.as_ref()?.columns(),
            Hook::Capacity => hooks.capacity.as_ref()?.columns(),
            Hook::Eligible => hooks.eligible.as_ref()?.columns(),
            Hook::Score => hooks.score.as_ref()?.columns(),
        }
    }
}
