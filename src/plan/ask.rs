//! Asking hooks: one way for scripts and native code, in batches, under the plan's budget.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::allocation::{Stop, Watch};
use crate::kernel::{RowResults, RowRun};
use crate::language::Value;
use crate::model::{RoleIx, View};
use crate::policy::{Call, CustomerHook, HookError, PairHook, RepHook, Slot};

use super::control::Control;

/// Customers are asked about in batches of this size; between two the observer is asked.
const BATCH: usize = 1024;

/// Asks a hook about customers, in the order of `rows`; `each` gets the index in `rows`.
pub(super) fn customers(
    slot: &Slot<dyn CustomerHook>,
    view: &View,
    rows: &[u32],
    role: Option<RoleIx>,
    control: &mut Control<'_>,
    mut each: impl FnMut(usize, Result<Value, HookError>),
) -> Result<(), Stop> {
    let columns = slot.columns().filter(|_| !control.interpreter_only());
    let mut columns = columns.map(|columns| RowRun::new(columns, view, role));
    let mut computed = RowResults::default();
    for (batch, rows) in rows.chunks(BATCH).enumerate() {
        let mut call = Call::new(control.meter());
        if let Some(columns) = &mut columns {
            columns.run(rows, &mut computed);
        }
        for (index, &row) in rows.iter().enumerate() {
            if columns.is_some()
                && let Some(value) = computed.value(index)
            {
                each(batch * BATCH + index, Ok(value));
                continue;
            }
            let answer = guarded(|| slot.hook().answer(view.customer(row, role), &mut call));
            each(batch * BATCH + index, unless_stopped(answer)?);
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
        let text = (panic.downcast_ref::<&str>().copied())
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        Err(HookError::new(format!(
            "the native hook panicked: {}",
            text.escape_debug()
        )))
    })
}

fn unless_stopped(answer: Result<Value, HookError>) -> Result<Result<Value, HookError>, Stop> {
    match answer {
        Err(error) => error.stop().map_or(Ok(Err(error)), Err),
        Ok(value) => Ok(Ok(value)),
    }
}
