//! Asking a hook of the script over its syntax tree, with somebody listening.
//!
//! What a plan asks goes through [`CustomerHook`](super::CustomerHook) and its like; this is for
//! those who want to know why. The answer is not validated.

use crate::language::{Hook, Parameter, Side, Value};
use crate::model::{FieldIx, RoleIx, View};
use crate::script::Facts;
use crate::trace::{self, Code, Fuel, Observer, TraceError};

use super::compile::{Compiled, Slot};
use super::facts::{Changed, Seen};
use super::hook::ScriptHook;

/// Whom a hook is asked about, by rows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    pub(crate) customer: Option<u32>,
    pub(crate) rep: Option<u32>,
    pub(crate) role: Option<RoleIx>,
}

/// Who answers for a hook.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answering<'a> {
    Script(&'a ScriptHook),
    Native,
    /// The policy does not define it.
    Nobody,
}

impl Compiled {
    /// Who answers for a hook.
    pub(crate) fn answering(&self, hook: Hook) -> Answering<'_> {
        fn of<T: ?Sized>(slot: Option<&Slot<T>>) -> Answering<'_> {
            match slot {
                None => Answering::Nobody,
                Some(slot) => slot.script().map_or(Answering::Native, Answering::Script),
            }
        }
        let hooks = &self.hooks;
        match hook {
            Hook::Tier => of(hooks.tier.as_ref()),
            Hook::Value => of(hooks.value.as_ref()),
            Hook::Segment => of(hooks.segment.as_ref()),
            Hook::Coverage => of(hooks.coverage.as_ref()),
            Hook::Workload => of(hooks.workload.as_ref()),
            Hook::Priority => of(hooks.priority.as_ref()),
            Hook::Capacity => of(hooks.capacity.as_ref()),
            Hook::Eligible => of(hooks.eligible.as_ref()),
            Hook::Score => of(hooks.score.as_ref()),
        }
    }

    /// What the evaluator of trees reads.
    pub(crate) fn code(&self) -> Code<'_> {
        Code {
            script: &self.script,
            source: self.report.source(),
            constants: &self.constants,
            limits: &self.limits,
        }
    }

    /// Asks a hook of the script; nothing where the script does not answer for it.
    pub(crate) fn observe<O: Observer>(
        &self,
        hook: Hook,
        view: &View,
        asked: Asked,
        observer: &mut O,
    ) -> Option<Result<Value, TraceError>> {
        let seen = Seen {
            view: view.clone(),
            role: asked.role,
        };
        self.observe_facts(hook, view, asked, &seen, observer)
    }

    /// The same as if one field of the customer had another value.
    pub(crate) fn observe_changed<O: Observer>(
        &self,
        hook: Hook,
        view: &View,
        asked: Asked,
        (field, value): (FieldIx, &Value),
        observer: &mut O,
    ) -> Option<Result<Value, TraceError>> {
        let changed = Changed {
            seen: Seen {
                view: view.clone(),
                role: asked.role,
            },
            row: asked.customer?,
            field,
            value: value.clone(),
        };
        self.observe_facts(hook, view, asked, &changed, observer)
    }

    fn observe_facts<O: Observer>(
        &self,
        hook: Hook,
        view: &View,
        asked: Asked,
        facts: &dyn Facts,
        observer: &mut O,
    ) -> Option<Result<Value, TraceError>> {
        let Answering::Script(script) = self.answering(hook) else {
            return None;
        };
        let arguments = script.arguments(view, asked);
        let mut fuel = Fuel::of(&self.limits);
        let name = hook.name();
        Some(trace::call(
            &self.code(),
            facts,
            name,
            arguments,
            &mut fuel,
            observer,
        ))
    }
}

impl ScriptHook {
    /// What the function of the script takes.
    pub(super) fn arguments(&self, view: &View, asked: Asked) -> Vec<Value> {
        let mut arguments = Vec::with_capacity(self.arity);
        for parameter in &self.hook.spec().parameters[..self.arity] {
            arguments.push(match (parameter, asked) {
                (
                    Parameter::Customer,
                    Asked {
                        customer: Some(row),
                        ..
                    },
                ) => Value::Record(Side::Customer, row),
                (Parameter::Rep, Asked { rep: Some(row), .. }) => Value::Record(Side::Rep, row),
                (
                    Parameter::Role,
                    Asked {
                        role: Some(role), ..
                    },
                ) => Value::from(view.book().schema().roles()[role.index()].id.as_str()),
                _ => Value::Unit,
            });
        }
        arguments
    }
}
