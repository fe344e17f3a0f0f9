//! "Did you mean": the nearest of the names that would have been right.
//!
//! Distance is the number of letters inserted, removed, replaced, or swapped with their neighbour
//! (optimal string alignment: no letter is edited twice). One comparison is O(length²) on names of
//! at most 64 letters; longer ones are near nothing.

const LONGEST: usize = 64;

/// How many edits turn one name into the other; `None` where that is more than `most`.
pub(crate) fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    if a.len() > 4 * LONGEST || b.len() > 4 * LONGEST {
        return None;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().max(b.len()) > LONGEST || a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, &y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(before[j - 1] + 1);
            }
            row[j + 1] = cost;
        }
        before = std::mem::replace(&mut last, row);
    }
    Some(last[b.len()]).filter(|&cost| cost <= most)
}

/// The candidate that `name` was probably meant to be: the same but for case, a few edits away
/// (one for short names, up to three for long ones), or with `name` as one of its words.
///
/// Of several at the same distance the first wins.
///
/// ```
/// use bookwright::syntax::nearest;
///
/// let fields = ["annual_revenue", "region", "risk"];
/// assert_eq!(nearest("anual_revenue", fields.into_iter()), Some("annual_revenue"));
/// assert_eq!(nearest("reigon", fields.into_iter()), Some("region"));
/// assert_eq!(nearest("revenue", fields.into_iter()), Some("annual_revenue"));
/// assert_eq!(nearest("colour", fields.into_iter()), None);
/// ```
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    let most = match length {
        0 | 1 => 0,
        2..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let lower = name.to_lowercase();
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        if candidate == name {
            continue;
        }
        let small = candidate.to_lowercase();
        // Twice the distance, so that a mere difference of case or a shared word fits between.
        let cost = if small == lower {
            Some(1)
        } else if let Some(edits) = distance(&small, &lower, most) {
            Some(2 * edits)
        } else if length >= 4 && small.split('_').any(|word| word == lower) {
            Some(2 * most + 1)
        } else {
            None
        };
        if let Some(cost) = cost
            && best.is_none_or(|(least, _)| cost < least)
        {
            best = Some((cost, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_of_neighbours_is_one_edit() {
        assert_eq!(distance("teir", "tier", 2), Some(1));
        assert_eq!(distance("scroe", "score", 2), Some(1));
        assert_eq!(distance("abc", "ca", 3), Some(3));
        assert_eq!(distance("", "ab", 2), Some(2));
        assert_eq!(distance("tier", "score", 2), None);
        assert_eq!(distance(&"x".repeat(9999), "x", 2), None);
    }

    #[test]
    fn short_names_are_near_to_little() {
        assert_eq!(nearest("id", ["is", "name"].into_iter()), Some("is"));
        assert_eq!(nearest("x", ["y"].into_iter()), None);
        assert_eq!(nearest("Region", ["region"].into_iter()), Some("region"));
        assert_eq!(nearest("region", ["region"].into_iter()), None);
        assert_eq!(
            nearest("客户来原", ["客户来源"].into_iter()),
            Some("客户来源")
        );
    }
}
