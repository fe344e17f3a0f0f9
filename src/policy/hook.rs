//! Hooks as Rust sees them: the traits that a script's hooks implement, and native code may too.

use std::fmt;
use std::sync::Arc;

use crate::allocation::Stop;
use crate::kernel;
use crate::language::{Hook, Parameter, Value};
use crate::model::{CustomerRef, RepRef, RoleIx, View};
use crate::script::{CallError, CallErrorKind, Meter, Program, Worker};

use super::facts::Seen;
use super::observe::Asked;

/// A hook that answers about a customer: `tier`, `value`, `segment`, `coverage`, and, for the role
/// of [`CustomerRef::role`], `workload` and `priority`.
///
/// Closures of the same shape without the last argument can be given to
/// [`PolicyBuilder`](super::PolicyBuilder) directly.
pub trait CustomerHook: Send + Sync {
    /// Answers for one customer; what may be answered is in [`Hook::spec`].
    ///
    /// # Errors
    /// What went wrong for this customer; the others are not touched by it.
    fn answer(&self, customer: CustomerRef<'_>, call: &mut Call<'_>) -> Result<Value, HookError>;
}

/// A hook that answers about a rep: `capacity`, in the role of [`RepRef::role`] or, without one,
/// for all roles together.
pub trait RepHook: Send + Sync {
    /// Answers for one rep.
    ///
    /// # Errors
    /// What went wrong for this rep.
    fn answer(&self, rep: RepRef<'_>, call: &mut Call<'_>) -> Result<Value, HookError>;
}

/// A hook that answers about a customer and a rep: `eligible` and `score`, for the role of
/// [`CustomerRef::role`].
pub trait PairHook: Send + Sync {
    /// Answers for one pair.
    ///
    /// # Errors
    /// What went wrong for this pair.
    fn answer(
        &self,
        customer: CustomerRef<'_>,
        rep: RepRef<'_>,
        call: &mut Call<'_>,
    ) -> Result<Value, HookError>;
}

/// What a hook works with beside its arguments: the budget of the plan, and a place for the
/// interpreter to live between two calls on one thread.
pub struct Call<'a> {
    meter: &'a Meter,
    worker: Option<Worker>,
    /// What the worker is bound to: the view, by address, and the role.
    bound: Option<(*const View, Option<RoleIx>)>,
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

impl<'a> Call<'a> {
    /// Calls under the budget of `meter`.
    pub(crate) const fn new(meter: &'a Meter) -> Self {
        Self {
            meter,
            worker: None,
            bound: None,
        }
    }

    /// Calls a function of a script, with the view and the role at hand.
    pub(crate) fn run(
        &mut self,
        program: &Program,
        function: &str,
        arguments: &[Value],
        view: &View,
        role: Option<RoleIx>,
    ) -> Result<Value, HookError> {
        let worker = self
            .worker
            .get_or_insert_with(|| program.worker(self.meter));
        if self.bound != Some((std::ptr::from_ref(view), role)) {
            worker.bind(Arc::new(Seen {
                view: view.clone(),
                role,
            }));
            self.bound = Some((std::ptr::from_ref(view), role));
        }
        worker.call(function, arguments).map_err(HookError::from)
    }
}

/// Why a hook has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HookError {
    message: String,
    line: Option<u32>,
    stop: Option<Stop>,
}

impl HookError {
    /// A hook's own failure, in words for the policy's author.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            line: None,
            stop: None,
        }
    }

    /// What went wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What went wrong, by itself.
    pub(crate) fn into_message(self) -> String {
        self.message
    }

    /// The innermost line of the policy, from 1, where there is one.
    #[must_use]
    pub const fn line(&self) -> Option<u32> {
        self.line
    }

    /// The same without what must not be shown.
    pub(crate) fn redacted(mut self, hidden: &super::Hidden) -> Self {
        if hidden.hides_messages() {
            self.message = hidden.redacted(&self.message);
        }
        self
    }

    /// Whether the plan itself was stopped while the hook ran.
    pub(crate) const fn stop(&self) -> Option<Stop> {
        self.stop
    }
}

/// An answer that is not what the hook may answer.
impl From<String> for HookError {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<CallError> for HookError {
    fn from(error: CallError) -> Self {
        let stop = match error.kind {
            CallErrorKind::Stopped(stop) => Some(stop.into()),
            CallErrorKind::Failed | CallErrorKind::Budget => None,
        };
        Self {
            message: error.message,
            line: error.line,
            stop,
        }
    }
}

/// A hook that a script defines.
#[derive(Debug, Clone)]
pub(crate) struct ScriptHook {
    pub(crate) hook: Hook,
    /// How many parameters the script's function takes.
    pub(crate) arity: usize,
    pub(crate) program: Program,
    /// The same as a program over columns, where every construct of it has one.
    pub(crate) columns: Option<kernel::Program>,
}

impl ScriptHook {
    /// Whether the answer may differ between roles.
    pub(crate) fn takes_role(&self) -> bool {
        self.hook.spec().parameters[..self.arity].contains(&Parameter::Role)
    }

    fn ask(
        &self,
        view: &View,
        customer: Option<u32>,
        rep: Option<u32>,
        role: Option<RoleIx>,
        call: &mut Call<'_>,
    ) -> Result<Value, HookError> {
        let asked = Asked {
            customer,
            rep,
            role,
        };
        let arguments = self.arguments(view, asked);
        call.run(&self.program, self.hook.name(), &arguments, view, role)
    }
}

impl CustomerHook for ScriptHook {
    fn answer(&self, customer: CustomerRef<'_>, call: &mut Call<'_>) -> Result<Value, HookError> {
        self.ask(
            customer.view(),
            Some(customer.row()),
            None,
            customer.role(),
            call,
        )
    }
}

impl RepHook for ScriptHook {
    fn answer(&self, rep: RepRef<'_>, call: &mut Call<'_>) -> Result<Value, HookError> {
        self.ask(rep.view(), None, Some(rep.row()), rep.role(), call)
    }
}

impl PairHook for ScriptHook {
    fn answer(
        &self,
        customer: CustomerRef<'_>,
        rep: RepRef<'_>,
        call: &mut Call<'_>,
    ) -> Result<Value, HookError> {
        self.ask(
            customer.view(),
            Some(customer.row()),
            Some(rep.row()),
            customer.role(),
            call,
        )
    }
}

/// A native hook from a closure.
pub(super) struct Native<F>(pub(super) F);

impl<F, A> CustomerHook for Native<F>
where
    F: Fn(CustomerRef<'_>) -> Result<A, HookError> + Send + Sync,
    A: Into<Value>,
{
    fn answer(&self, customer: CustomerRef<'_>, _: &mut Call<'_>) -> Result<Value, HookError> {
        (self.0)(customer).map(Into::into)
    }
}

impl<F, A> RepHook for Native<F>
where
    F: Fn(RepRef<'_>) -> Result<A, HookError> + Send + Sync,
    A: Into<Value>,
{
    fn answer(&self, rep: RepRef<'_>, _: &mut Call<'_>) -> Result<Value, HookError> {
        (self.0)(rep).map(Into::into)
    }
}

impl<F, A> PairHook for Native<F>
where
    F: Fn(CustomerRef<'_>, RepRef<'_>) -> Result<A, HookError> + Send + Sync,
    A: Into<Value>,
{
    fn answer(
        &self,
        customer: CustomerRef<'_>,
        rep: RepRef<'_>,
        _: &mut Call<'_>,
    ) -> Result<Value, HookError> {
        (self.0)(customer, rep).map(Into::into)
    }
}
