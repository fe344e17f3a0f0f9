//! Work on several threads, where the feature `parallel` is on; else one thing after another.
//!
//! What is made does not depend on how many threads there are: parts are independent of each other
//! and come back in order.

/// Does both.
#[cfg(not(feature = "parallel"))]
pub(crate) fn both<A, B>(a: impl FnOnce() -> A, b: impl FnOnce() -> B) -> (A, B) {
    (a(), b())
}

/// Does both at the same time.
#[cfg(feature = "parallel")]
pub(crate) fn both<A: Send, B: Send>(
    a: impl FnOnce() -> A + Send,
    b: impl FnOnce() -> B + Send,
) -> (A, B) {
    rayon::join(a, b)
}

/// Makes something of each part of so many items, in order.
#[cfg(not(feature = "parallel"))]
pub(super) fn of_parts<I, T>(items: &[I], part: usize, make: impl Fn(&[I]) -> T) -> Vec<T> {
    items.chunks(part.max(1)).map(make).collect()
}

/// Makes something of each part of so many items; what is made comes back in order.
#[cfg(feature = "parallel")]
pub(super) fn of_parts<I: Sync, T: Send>(
    items: &[I],
    part: usize,
    make: impl Fn(&[I]) -> T + Sync + Send,
) -> Vec<T> {
    use rayon::iter::ParallelIterator;
    use rayon::slice::ParallelSlice;
    if items.len() <= part {
        return items.chunks(part.max(1)).map(make).collect();
    }
    items.par_chunks(part.max(1)).map(make).collect()
}

/// Makes one thing of each item, in order, while `look` lets it go on.
#[cfg(not(feature = "parallel"))]
pub(super) fn of_each<I, T, E>(
    items: &[I],
    _part: usize,
    look: &dyn Fn() -> Result<(), E>,
    make: impl Fn(&I) -> T,
    _nothing: impl Fn() -> T,
) -> Result<Vec<T>, E> {
    crate::steps::all(items.iter().map(make), &mut || look())
}

/// Makes one thing of each item, in order, straight to where it stays, while `look` lets it go on;
/// so many at a time are worth a thread's while. Where it must not, `nothing` stands for the rest,
/// which nobody sees.
#[cfg(feature = "parallel")]
pub(super) fn of_each<I: Sync, T: Send, E: Copy + Send + Sync>(
    items: &[I],
    part: usize,
    look: &(dyn Fn() -> Result<(), E> + Sync),
    make: impl Fn(&I) -> T + Sync + Send,
    nothing: impl Fn() -> T + Sync + Send,
) -> Result<Vec<T>, E> {
    use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
    let stopped = std::sync::OnceLock::new();
    let items = items.par_iter().with_min_len(part).enumerate();
    let all = items.map(|(at, item)| {
        if at % crate::steps::STEP == 0
            && stopped.get().is_none()
            && let Err(stop) = look()
        {
            stopped.get_or_init(|| stop);
        }
        stopped.get().map_or_else(|| make(item), |_| nothing())
    });
    let all = all.collect();
    stopped.get().map_or(Ok(all), |stop| Err(*stop))
}

/// Gives out items with what is to be made of them, `each` things per item.
#[cfg(not(feature = "parallel"))]
pub(super) fn fill<I, T>(items: &[I], made: &mut [T], _each: usize, work: impl Fn(&[I], &mut [T])) {
    work(items, made);
}

/// The same, in parts small enough that no thread waits long for another.
#[cfg(feature = "parallel")]
pub(super) fn fill<I: Sync, T: Send>(
    items: &[I],
    made: &mut [T],
    each: usize,
    work: impl Fn(&[I], &mut [T]) + Sync + Send,
) {
    use rayon::iter::{IndexedParallelIterator, ParallelIterator};
    use rayon::slice::{ParallelSlice, ParallelSliceMut};
    const LEAST: usize = 64;
    let threads = rayon::current_num_threads();
    let (even, small) = (
        items.len().div_ceil(threads),
        items.len().div_ceil(4 * threads),
    );
    let part = small.max(LEAST.min(even)).max(1);
    (items.par_chunks(part))
        .zip(made.par_chunks_mut((part * each).max(1)))
        .for_each(|(items, made)| work(items, made));
}
