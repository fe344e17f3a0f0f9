//! Asking hooks: one way for scripts and native code, in batches, under the plan's budget.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::allocation::{Stop, Watch};
use crate::kernel::{RowResults, RowRun};
use crate::language::Value;
use crate::model::{RoleIx, View};
use crate::policy::{Call, CustomerHook, HookError, PairHook, RepHook, Slot};

use super::control::{self, Control};
use super::threads;

/// Customers are asked about in batches of this size, on as many threads as there are.
const BATCH: usize = 1024;

/// After so many the observer is asked.
const AT_ONCE: usize = if cfg!(feature = "parallel") {
    16 * BATCH
} else {
    BATCH
};

/// So many different answers of a batch are read once each.
const DIFFERENT: usize = 16;

/// Asks a hook about customers, in the order of `rows`: `read` says what an answer means, on any
/// thread; `each` gets that with the index in `rows`, one after another.
pub(super) fn customers<T: Clone + Send>(
    slot: &Slot<dyn CustomerHook>,
    view: &View,
    rows: &[u32],
    role: Option<RoleIx>,
    control: &mut Control<'_>,
    read: impl Fn(Value) -> Result<T, HookError> + Sync + Send,
    mut each: impl FnMut(usize, Result<T, HookError>),
) -> Result<(), Stop> {
    let columns = slot.columns().filter(|_| !control.interpreter_only());
    let columns = columns.map(|columns| RowRun::new(columns, view, role));
    let mut done = 0;
    for rows in rows.chunks(AT_ONCE) {
        let meter = control.meter();
        let parts = threads::of_parts(rows, BATCH, |rows| {
            control::look(meter)?; // answers over columns need none
            let mut call = Call::new(meter);
            let mut computed = RowResults::default();
            if let Some(mut columns) = columns.clone() {
                columns.run(rows, &mut computed);
            }
            let mut answers = Vec::with_capacity(rows.len());
            let mut read_before = Vec::with_capacity(DIFFERENT);
            for (index, &row) in rows.iter().enumerate() {
                let key = computed.key(index);
                let known = read_before.iter().find(|(known, _)| Some(*known) == key);
                if let Some((_, answer)) = known {
                    answers.push(Result::clone(answer));
                    continue;
                }
                let answer = match computed.value(index) {
                    Some(value) => Ok(value),
                    None => unless_stopped(guarded(|| {
                        slot.hook().answer(view.customer(row, role), &mut call)
                    }))?,
                };
                let answer = answer.and_then(&read);
                if let (Some(key), true) = (key, read_before.len() < DIFFERENT) {
                    read_before.push((key, answer.clone()));
                }
                answers.push(answer);
            }
            Ok::<_, Stop>(answers)
        });
        for part in parts {
            control.look()?;
            for (answer, at) in part?.into_iter().zip(done..) {
                each(at, answer);
                done += 1;
            }
        }
        control.tick(rows.len() as u64)?;
    }
    Ok(())
}

/// Asks a hook about one rep.
pub(super) fn rep(
    slot: &Slot<dyn RepHook>,
    view: &View,
    row: u32,
    role: Option<RoleIx>,
    call: &mut Call<'_>,
) -> Result<Result<Value, HookError>, Stop> {
    unless_stopped(guarded(|| slot.hook().answer(view.rep(row, role), call)))
}

/// Asks a hook about one pair.
pub(super) fn pair(
    slot: &Slot<dyn PairHook>,
    view: &View,
    (customer, rep): (u32, u32),
    role: RoleIx,
    call: &mut Call<'_>,
) -> Result<Result<Value, HookError>, Stop> {
    unless_stopped(guarded(|| {
        slot.hook().answer(
            view.customer(customer, Some(role)),
            view.rep(rep, Some(role)),
            call,
        )
    }))
}

/// A panic in a native hook is that record's error.
fn guarded(ask: impl FnOnce() -> Result<Value, HookError>) -> Result<Value, HookError> {
    // The hook sees shared references and its own state only; what it left half done is its own.
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|panic| {
        let text = panic_text(&*panic);
        Err(HookError::new(format!("the native hook panicked: {text}")))
    })
}

/// What a panic says, fit for a message.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = (panic.downcast_ref::<&str>().copied())
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    text.chars()
        .take(200)
        .flat_map(char::escape_debug)
        .collect()
}

fn unless_stopped(answer: Result<Value, HookError>) -> Result<Result<Value, HookError>, Stop> {
    match answer {
        Err(error) => error.stop().map_or(Ok(Err(error)), Err),
        Ok(value) => Ok(Ok(value)),
    }
}
