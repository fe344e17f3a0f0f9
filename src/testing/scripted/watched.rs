//! Hooks with somebody watching: each call passes on to the real hook and is told about after.
//!
//! Changes no answer. The watcher gets what the interpreter was asked and what it said.

use std::sync::Arc;

use crate::language::{Hook, Parameter, Side, Value};
use crate::model::{CustomerRef, RepRef, RoleIx, View};
use crate::policy::{Call, CustomerHook, HookError, PairHook, Policy, RepHook};

/// One call of a function of the policy.
pub(super) struct Asked<'a> {
    pub(super) function: &'a str,
    pub(super) arguments: &'a [Value],
    pub(super) view: &'a View,
    /// The role at hand.
    pub(super) role: Option<RoleIx>,
    pub(super) outcome: &'a Result<Value, HookError>,
}

/// Who is told.
pub(super) trait Watch: Send + Sync {
    /// A function was called.
    fn asked(&self, asked: &Asked<'_>);
}

/// The policy with its scripted hooks watched.
pub(super) fn watched(policy: &Policy, watch: &Arc<dyn Watch>) -> Policy {
    let mut hooks = policy.compiled().hooks.clone();
    macro_rules! watch {
        ($($slot:ident: $hook:ident as $kind:ident;)*) => {$(
            if let Some(slot) = &hooks.$slot
                && let Some(script) = slot.script()
            {
                let watched: Arc<dyn $kind> = Arc::new(Watched {
                    hook: slot.shared(),
                    function: Hook::$hook,
                    arity: script.arity,
                    watch: Arc::clone(watch),
                });
                hooks.$slot = Some(slot.with_hook(watched));
            }
        )*};
    }
    watch! {
        tier: Tier as CustomerHook;
        value: Value as CustomerHook;
        segment: Segment as CustomerHook;
        coverage: Coverage as CustomerHook;
        workload: Workload as CustomerHook;
        priority: Priority as CustomerHook;
        capacity: Capacity as RepHook;
        eligible: Eligible as PairHook;
        score: Score as PairHook;
    }
    policy.with_hooks(hooks)
}

struct Watched<T: ?Sized> {
    hook: Arc<T>,
    function: Hook,
    arity: usize,
    watch: Arc<dyn Watch>,
}

impl<T: ?Sized> Watched<T> {
    fn tell(
        &self,
        view: &View,
        rows: (Option<u32>, Option<u32>),
        role: Option<RoleIx>,
        outcome: Result<Value, HookError>,
    ) -> Result<Value, HookError> {
        let parameters = self.function.spec().parameters.iter().take(self.arity);
        let arguments: Vec<Value> = parameters
            .map(|parameter| match (parameter, rows, role) {
                (Parameter::Customer, (Some(row), _), _) => Value::Record(Side::Customer, row),
                (Parameter::Rep, (_, Some(row)), _) => Value::Record(Side::Rep, row),
                (Parameter::Role, _, Some(role)) => {
                    Value::from(view.book().schema().roles()[role.index()].id.as_str())
                }
                _ => Value::Unit,
            })
            .collect();
        self.watch.asked(&Asked {
            function: self.function.name(),
            arguments: &arguments,
            view,
            role,
            outcome: &outcome,
        });
        outcome
    }
}

impl CustomerHook for Watched<dyn CustomerHook> {
    fn answer(&self, customer: CustomerRef<'_>, call: &mut Call<'_>) -> Result<Value, HookError> {
        let outcome = self.hook.answer(customer, call);
        let rows = (Some(customer.row()), None);
        self.tell(customer.view(), rows, customer.role(), outcome)
    }
}

impl RepHook for Watched<dyn RepHook> {
    fn answer(&self, rep: RepRef<'_>, call: &mut Call<'_>) -> Result<Value, HookError> {
        let outcome = self.hook.answer(rep, call);
        self.tell(rep.view(), (None, Some(rep.row())), rep.role(), outcome)
    }
}

impl PairHook for Watched<dyn PairHook> {
    fn answer(
        &self,
        customer: CustomerRef<'_>,
        rep: RepRef<'_>,
        call: &mut Call<'_>,
    ) -> Result<Value, HookError> {
        let outcome = self.hook.answer(customer, rep, call);
        let rows = (Some(customer.row()), Some(rep.row()));
        self.tell(customer.view(), rows, customer.role(), outcome)
    }
}
