//! What calls may cost: operations per call and per plan, a cancel flag, the host's clock.
//!
//! Rhai's own count restarts inside native callbacks and knows no plan, so we count ourselves:
//! every operation that Rhai reports, and more for host functions on large arguments. The count
//! is a plain load and store; flag, clock and the plan's total are looked at every
//! [`INTERVAL`] operations.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

/// The host's clock: time since a moment of its choice, never going back.
pub(crate) type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Operations between two looks at the flag, the clock and the plan's total: some ten
/// microseconds.
const INTERVAL: u64 = 128;

/// The most stack that a call may take, in bytes, of a thread's usual 2 MiB. The rest is for the
/// host's frames, and for values nested as deeply as their size allows, copied at the very end.
///
/// Depths of calls and expressions are limited on their own, equally in all builds; their product
/// is what only a hostile script reaches, and only in debug builds does it come near the end.
const STACK: usize = 3 << 19;

/// The most stack that a script may have taken where it calls a host that runs hooks itself: those
/// have [`STACK`] of their own.
const STACK_BEFORE_HOST: usize = 1 << 18;

/// Why a whole plan stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Stop {
    /// The host asked for it.
    Cancelled,
    /// The host's clock passed the deadline.
    Deadline,
    /// The plan's operations are used up.
    Operations,
}

/// The budgets of a plan, shared by its workers; cloning shares them.
#[derive(Clone)]
pub(crate) struct Meter {
    per_call: u64,
    plan: Option<u64>,
    deadline: Option<(Clock, Duration)>,
    cancelled: Arc<AtomicBool>,
    spent: Arc<AtomicU64>,
    /// What giving back takes of what the plan has made, in nanoseconds: it stops so much before
    /// the deadline.
    owed: Arc<AtomicU64>,
}

impl Meter {
    /// So many operations for each call, and no other bound.
    pub(crate) fn new(per_call: u64) -> Self {
        Self {
            per_call,
            plan: None,
            deadline: None,
            cancelled: Arc::default(),
            spent: Arc::default(),
            owed: Arc::default(),
        }
    }

    /// At most so many operations for all calls together.
    pub(crate) fn plan_operations(mut self, operations: u64) -> Self {
        self.plan = Some(operations);
        self
    }

    /// The clock and the deadline by it.
    pub(crate) fn end(&self) -> Option<&(Clock, Duration)> {
        self.deadline.as_ref()
    }

    /// The same without a bound on all calls together.
    pub(crate) fn without_operations(&self) -> Self {
        Self {
            plan: None,
            ..self.clone()
        }
    }

    /// Stops once the clock shows `at` or later.
    pub(crate) fn deadline(mut self, clock: Clock, at: Duration) -> Self {
        self.deadline = Some((clock, at));
        self
    }

    /// Stops once the flag is set.
    pub(crate) fn cancelled_by(mut self, flag: Arc<AtomicBool>) -> Self {
        self.cancelled = flag;
        self
    }

    /// The same budgets with so many operations for each call: all count together.
    pub(crate) fn with_per_call(&self, per_call: u64) -> Self {
        Self {
            per_call,
            ..self.clone()
        }
    }

    /// The same for another plan, which has made nothing yet.
    pub(crate) fn owing_nothing(&self) -> Self {
        Self {
            owed: Arc::default(),
            ..self.clone()
        }
    }

    /// That what was made now takes so many nanoseconds to give back.
    pub(crate) fn owe(&self, nanoseconds: u64) {
        self.owed.fetch_add(nanoseconds, Relaxed);
    }

    /// Counts operations of work that is no call.
    pub(crate) fn spend(&self, operations: u64) {
        self.spent.fetch_add(operations, Relaxed);
    }

    /// Operations for each call.
    pub(crate) const fn per_call(&self) -> u64 {
        self.per_call
    }

    /// Operations of all calls so far; a call under way counts in steps.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.load(Relaxed)
    }

    /// Whether the plan must stop: between batches, and from time to time inside calls.
    pub(crate) fn stop(&self) -> Option<Stop> {
        if self.cancelled.load(Relaxed) {
            Some(Stop::Cancelled)
        } else if self.plan.is_some_and(|plan| self.spent() > plan) {
            Some(Stop::Operations)
        } else if (self.deadline.as_ref()).is_some_and(|(clock, at)| self.is_late(&**clock, *at)) {
            Some(Stop::Deadline)
        } else {
            None
        }
    }

    fn is_late(&self, clock: &dyn Fn() -> Duration, at: Duration) -> bool {
        let owed = Duration::from_nanos(self.owed.load(Relaxed));
        clock().saturating_add(owed) >= at
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (f.debug_struct("Meter"))
            .field("per_call", &self.per_call)
            .field("plan", &self.plan)
            .field("deadline", &self.deadline.as_ref().map(|(_, at)| at))
            .field("spent", &self.spent())
            .finish_non_exhaustive()
    }
}

/// Why a call was ended from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The operations of this call are used up.
    Budget,
    /// The stack is.
    Stack,
    /// The plan stops.
    Stopped(Stop),
}

/// One worker's counter. Only its worker's thread writes to it, so loads and stores suffice.
#[derive(Debug)]
pub(super) struct Gauge {
    meter: Meter,
    /// Operations since the worker was made.
    count: AtomicU64,
    /// The count that the meter knows of.
    told: AtomicU64,
    /// The count at which to look next: the least of `call_end` and the end of the interval.
    look_at: AtomicU64,
    interval_end: AtomicU64,
    call_end: AtomicU64,
    ended: AtomicU8,
    /// Where the stack was when the call started.
    stack: AtomicUsize,
}

impl Gauge {
    pub(super) fn new(meter: Meter) -> Self {
        Self {
            meter,
            count: AtomicU64::new(0),
            told: AtomicU64::new(0),
            look_at: AtomicU64::new(0),
            interval_end: AtomicU64::new(0),
            call_end: AtomicU64::new(0),
            ended: AtomicU8::new(0),
            stack: AtomicUsize::new(0),
        }
    }

    /// Starts a call; the flag is looked at here too, so that short calls stop as well.
    pub(super) fn start(&self) -> Result<(), Stop> {
        if self.meter.cancelled.load(Relaxed) {
            return Err(Stop::Cancelled);
        }
        if let Some(Ended::Stopped(stop)) = self.ended() {
            return Err(stop); // it stays so
        }
        self.ended.store(0, Relaxed);
        self.stack.store(stack_address(), Relaxed);
        let end = (self.count.load(Relaxed)).saturating_add(self.meter.per_call);
        self.call_end.store(end, Relaxed);
        self.look_at
            .store(end.min(self.interval_end.load(Relaxed)), Relaxed);
        Ok(())
    }

    /// Counts one operation of Rhai's and looks at the stack; `false` where the call must end.
    pub(super) fn step(&self) -> bool {
        if self.stack.load(Relaxed).abs_diff(stack_address()) > STACK {
            return self.end(Ended::Stack);
        }
        self.count(1)
    }

    /// Whether there is stack left for a host that runs hooks.
    pub(super) fn has_room_for_a_call(&self) -> bool {
        self.stack.load(Relaxed).abs_diff(stack_address()) <= STACK_BEFORE_HOST
    }

    /// Counts operations; `false` where the call must end.
    pub(super) fn count(&self, operations: u64) -> bool {
        let count = self.count.load(Relaxed).saturating_add(operations);
        self.count.store(count, Relaxed);
        count <= self.look_at.load(Relaxed) || self.look(count)
    }

    #[cold]
    fn look(&self, count: u64) -> bool {
        if self.ended.load(Relaxed) != 0 {
            return false; // an error on the way out may have been swallowed: insist
        }
        let end = self.call_end.load(Relaxed);
        if count > end {
            return self.end(Ended::Budget);
        }
        self.tell();
        if let Some(stop) = self.meter.stop() {
            return self.end(Ended::Stopped(stop));
        }
        let interval_end = count.saturating_add(INTERVAL);
        self.interval_end.store(interval_end, Relaxed);
        self.look_at.store(interval_end.min(end), Relaxed);
        true
    }

    fn end(&self, ended: Ended) -> bool {
        self.ended.store(ended.code(), Relaxed);
        self.look_at.store(0, Relaxed);
        false
    }

    /// Tells the meter what was counted since it was last told.
    pub(super) fn tell(&self) {
        let count = self.count.load(Relaxed);
        let news = count - self.told.swap(count, Relaxed);
        if news > 0 {
            self.meter.spent.fetch_add(news, Relaxed);
        }
    }

    pub(super) fn ended(&self) -> Option<Ended> {
        Ended::from_code(self.ended.load(Relaxed))
    }
}

/// About where the stack ends now.
#[inline(never)]
fn stack_address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

/// What is left untold when a worker goes away.
impl Drop for Gauge {
    fn drop(&mut self) {
        self.tell();
    }
}

impl Ended {
    const fn code(self) -> u8 {
        match self {
            Self::Budget => 1,
            Self::Stack => 5,
            Self::Stopped(Stop::Cancelled) => 2,
            Self::Stopped(Stop::Deadline) => 3,
            Self::Stopped(Stop::Operations) => 4,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Budget),
            2 => Some(Self::Stopped(Stop::Cancelled)),
            3 => Some(Self::Stopped(Stop::Deadline)),
            4 => Some(Self::Stopped(Stop::Operations)),
            5 => Some(Self::Stack),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(gauge: &Gauge, operations: u64) -> Option<Ended> {
        gauge.start().ok()?;
        (0..operations).any(|_| !gauge.count(1));
        gauge.ended()
    }

    #[test]
    fn a_call_ends_exactly_at_its_budget() {
        let gauge = Gauge::new(Meter::new(1000));
        assert_eq!(run(&gauge, 1000), None);
        assert_eq!(run(&gauge, 1001), Some(Ended::Budget));
        assert!(!gauge.count(1), "it insists");
        assert_eq!(run(&gauge, 1000), None, "the next call has its own");
    }

    #[test]
    fn a_plan_ends_at_its_operations_and_stays_ended() {
        let meter = Meter::new(1000).plan_operations(5000);
        let gauge = Gauge::new(meter.clone());
        let calls = (0..100).take_while(|_| run(&gauge, 100).is_none()).count();
        assert!((48..=52).contains(&calls), "{calls}");
        assert_eq!(gauge.start(), Err(Stop::Operations));
        assert_eq!(meter.stop(), Some(Stop::Operations));
    }

    #[test]
    fn flag_and_clock_stop_inside_a_call() {
        let flag = Arc::new(AtomicBool::new(false));
        let gauge = Gauge::new(Meter::new(u64::MAX).cancelled_by(flag.clone()));
        assert_eq!(run(&gauge, 10_000), None);
        flag.store(true, Relaxed);
        assert_eq!(gauge.start(), Err(Stop::Cancelled));
        let now = Arc::new(AtomicU64::new(0));
        let seen = now.clone();
        let clock: Clock = Arc::new(move || Duration::from_millis(seen.fetch_add(1, Relaxed)));
        let gauge = Gauge::new(Meter::new(u64::MAX).deadline(clock, Duration::from_millis(50)));
        assert_eq!(run(&gauge, u64::MAX), Some(Ended::Stopped(Stop::Deadline)));
    }

    #[test]
    fn what_is_owed_is_taken_from_the_time() {
        let clock: Clock = Arc::new(|| Duration::from_millis(40));
        let meter = Meter::new(1).deadline(clock, Duration::from_millis(50));
        meter.owe(9_999_999);
        assert_eq!(meter.stop(), None);
        meter.with_per_call(7).owe(1); // of the same plan
        assert_eq!(meter.stop(), Some(Stop::Deadline));
        assert_eq!(meter.owing_nothing().stop(), None);
    }
}
