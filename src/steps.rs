//! Long work in short steps, so that it can be ended in between.
//!
//! After every [`STEP`] items `look` is asked whether to go on; its error ends the work, and what
//! is then made of it means nothing. Where nothing ends it, it comes to what it would in one go.

use std::cmp::Ordering;
use std::convert::Infallible;

/// So many items are dealt with between two looks: a fraction of a millisecond.
pub(crate) const STEP: usize = 2048;

/// What work came to that nothing ends.
pub(crate) fn unstopped<T>(made: Result<T, Infallible>) -> T {
    made.unwrap_or_else(|never| match never {})
}

/// Does something with each item.
pub(crate) fn each<I, E>(
    items: impl IntoIterator<Item = I>,
    look: &mut dyn FnMut() -> Result<(), E>,
    mut work: impl FnMut(I),
) -> Result<(), E> {
    for (at, item) in items.into_iter().enumerate() {
        if at % STEP == STEP - 1 {
            look()?;
        }
        work(item);
    }
    Ok(())
}

/// Collects all items.
pub(crate) fn all<I, E>(
    items: impl IntoIterator<Item = I>,
    look: &mut dyn FnMut() -> Result<(), E>,
) -> Result<Vec<I>, E> {
    let items = items.into_iter();
    let mut made = Vec::with_capacity(items.size_hint().0);
    each(items, look, |item| made.push(item))?;
    Ok(made)
}

/// Sorts by a key; equals keep their order. Parts are sorted for themselves, then merged, which
/// costs next to nothing where they stand in order already. `O(n log n)`, and as much space again.
pub(crate) fn sort_by_key<T: Copy, K: Ord, E>(
    items: &mut [T],
    look: &mut dyn FnMut() -> Result<(), E>,
    key: impl Fn(&T) -> K,
) -> Result<(), E> {
    sort_by(items, look, |a, b| key(a).cmp(&key(b)))
}

/// The same by an order.
pub(crate) fn sort_by<T: Copy, E>(
    items: &mut [T],
    look: &mut dyn FnMut() -> Result<(), E>,
    order: impl Fn(&T, &T) -> Ordering,
) -> Result<(), E> {
    for part in items.chunks_mut(STEP) {
        part.sort_by(&order);
        look()?;
    }
    let mut before = Vec::new();
    let mut width = STEP;
    while width < items.len() {
        for pair in items.chunks_mut(2 * width) {
            if pair.len() > width {
                merge(pair, width, &mut before, look, &order)?;
            }
        }
        width *= 2;
    }
    Ok(())
}

/// Merges the first `middle` items with the rest, both in order.
fn merge<T: Copy, E>(
    items: &mut [T],
    middle: usize,
    before: &mut Vec<T>,
    look: &mut dyn FnMut() -> Result<(), E>,
    order: &impl Fn(&T, &T) -> Ordering,
) -> Result<(), E> {
    let comes_first = |one: &T, other: &T| order(one, other).is_le();
    if comes_first(&items[middle - 1], &items[middle]) {
        return Ok(());
    }
    // What is in its place already stays; the rest of the first part makes way.
    let start = items[..middle].partition_point(|item| comes_first(item, &items[middle]));
    before.clear();
    before.extend_from_slice(&items[start..middle]);
    let (mut left, mut right) = (0, middle);
    for at in start..items.len() {
        if at % STEP == STEP - 1 {
            look()?;
        }
        if left == before.len() {
            break; // the rest of the second part is in its place
        }
        let next = if right < items.len() && !comes_first(&before[left], &items[right]) {
            right += 1;
            items[right - 1]
        } else {
            left += 1;
            before[left - 1]
        };
        items[at] = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(count: usize, kinds: u64) -> Vec<(u64, usize)> {
        let mut state = count as u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % kinds
        };
        (0..count).map(|at| (next(), at)).collect()
    }

    #[test]
    fn sorting_in_steps_is_sorting() {
        for count in [0, 1, STEP - 1, STEP, STEP + 1, 3 * STEP, 10 * STEP + 7] {
            for kinds in [1, 2, 50, u64::MAX] {
                let mut items = mixed(count, kinds);
                let mut plain = items.clone();
                plain.sort_by_key(|item| item.0);
                sort_by_key::<_, _, ()>(&mut items, &mut || Ok(()), |item| item.0).unwrap();
                assert!(items == plain, "{count} items of {kinds} kinds");
                // In order, in reverse, and two runs one after the other.
                sort_by_key::<_, _, ()>(&mut items, &mut || Ok(()), |item| item.0).unwrap();
                assert!(items == plain);
                items.reverse();
                items.sort_by_key(|item| item.1);
                items.rotate_left(count / 3);
                let mut two = items.clone();
                two.sort_by_key(|item| item.1);
                sort_by_key::<_, _, ()>(&mut items, &mut || Ok(()), |item| item.1).unwrap();
                assert!(items == two);
            }
        }
    }

    #[test]
    fn every_step_looks_and_an_error_ends_it() {
        let mut items = mixed(10 * STEP, 1000);
        let mut looks = 0;
        let mut look = || {
            looks += 1;
            Ok::<(), ()>(())
        };
        sort_by_key(&mut items, &mut look, |item| item.0).unwrap();
        assert!(looks >= 30, "{looks}"); // ten parts, and nearly all of them four times more
        let mut left = 3;
        let mut look = || {
            left -= 1;
            if left == 0 { Err("late") } else { Ok(()) }
        };
        let mut done = 0;
        let end = each(0..10 * STEP, &mut look, |_| done += 1);
        assert_eq!((end, done), (Err("late"), 3 * STEP - 1));
        assert_eq!(all(0..3, &mut || Ok::<(), ()>(())), Ok(vec![0, 1, 2]));
    }
}
