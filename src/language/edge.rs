//! Rhai's comparison of floats, and where it changes its answer against a fixed number.
//!
//! Floats compare with a relative epsilon: `a > b` is `(a - b) / max(|a|, |b|) > ε`, with scale 1
//! where `a * b` is 0. For a fixed `b` that is zero or of more than twice ε this is, over the
//! finite floats, false up to a border and true from it on; the border lies a few floats from `b`.
//! So a comparison with such a number is a plain one with the border, exactly. Infinities and NaN
//! answer false to everything, `!=` included, but that NaN counts as equal to zero.

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    /// Whether it holds of equals.
    pub(crate) const fn holds_of_equals(self) -> bool {
        matches!(self, Self::Equal | Self::LessOrEqual | Self::GreaterOrEqual)
    }

    /// The relation with its sides exchanged.
    pub(crate) const fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }
}

/// Rhai's comparison of two floats, without a branch.
#[inline(always)]
pub(crate) fn compare(relation: Relation, x: f64, y: f64) -> bool {
    let scale = if x * y == 0.0 {
        1.0
    } else {
        x.abs().max(y.abs())
    };
    match relation {
        // Only NaN beside zero has scale zero, and Rhai takes that for both being zero.
        Relation::Equal => ((x - y).abs() / scale <= f64::EPSILON) | (scale == 0.0),
        Relation::NotEqual => (x - y).abs() / scale > f64::EPSILON,
        Relation::Greater => (x - y) / scale > f64::EPSILON,
        Relation::GreaterOrEqual => ((x - y) / scale > -f64::EPSILON) | (scale == 0.0),
        Relation::Less => (y - x) / scale > f64::EPSILON,
        Relation::LessOrEqual => ((y - x) / scale > -f64::EPSILON) | (scale == 0.0),
    }
}

/// Whether comparing with that number has a border.
pub(crate) fn has_borders(y: f64) -> bool {
    y == 0.0 || (y.abs() > 2.0 * f64::EPSILON && y.is_finite())
}

/// The floats `low..=high` for which `relation` to `y` holds; for [`Relation::NotEqual`], does not.
/// Beside zero, a relation that holds of equals holds of what is not outside them: of NaN, too.
///
/// Only where [`has_borders`]; an empty range is `(∞, -∞)`.
pub(crate) fn borders(relation: Relation, y: f64) -> (f64, f64) {
    const NONE: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);
    let holds = |x: f64| compare(relation, x, y);
    if y == 0.0 {
        let (edge, beyond) = (f64::EPSILON, f64::EPSILON.next_up());
        return match relation {
            Relation::Equal | Relation::NotEqual => (-edge, edge),
            Relation::Greater => (beyond, f64::MAX),
            Relation::GreaterOrEqual => ((-edge).next_up(), f64::MAX),
            Relation::Less => (-f64::MAX, -beyond),
            Relation::LessOrEqual => (-f64::MAX, edge.next_down()),
        };
    }
    match relation {
        Relation::Equal | Relation::NotEqual => {
            let equal = |x: f64| compare(Relation::Equal, x, y);
            (turn(y, -f64::MAX, equal).0, turn(y, f64::MAX, equal).0)
        }
        Relation::GreaterOrEqual => (turn(y, -f64::MAX, holds).0, f64::MAX),
        Relation::LessOrEqual => (-f64::MAX, turn(y, f64::MAX, holds).0),
        Relation::Greater if !holds(f64::MAX) => NONE,
        Relation::Greater => (turn(y, f64::MAX, |x| !holds(x)).1, f64::MAX),
        Relation::Less if !holds(-f64::MAX) => NONE,
        Relation::Less => (-f64::MAX, turn(y, -f64::MAX, |x| !holds(x)).1),
    }
}

/// On the way from `from`, where `holds` is true, to `to`: the last float for which it is true, and
/// the first for which it is not. The turn is near `from`, so the steps start small.
fn turn(from: f64, to: f64, holds: impl Fn(f64) -> bool) -> (f64, f64) {
    if holds(to) {
        return (to, to);
    }
    let (mut good, mut bad) = (rank(from), rank(to));
    let way = if bad > good { 1_i64 } else { -1 };
    let mut step = 1_i64;
    while step.unsigned_abs() < good.abs_diff(bad) {
        let next = good.saturating_add(way.saturating_mul(step));
        if holds(unrank(next)) {
            good = next;
            step = step.saturating_mul(2);
        } else {
            bad = next;
            break;
        }
    }
    while good.abs_diff(bad) > 1 {
        let middle = i64::midpoint(good, bad);
        if holds(unrank(middle)) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    (unrank(good), unrank(bad))
}

/// The place of a float among all floats in order.
pub(crate) const fn rank(x: f64) -> i64 {
    let bits = x.to_bits().cast_signed();
    if bits < 0 { i64::MIN - bits } else { bits }
}

/// The float at a place.
pub(crate) const fn unrank(rank: i64) -> f64 {
    f64::from_bits(if rank < 0 { i64::MIN - rank } else { rank }.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Relation; 6] = [
        Relation::Equal,
        Relation::NotEqual,
        Relation::Less,
        Relation::LessOrEqual,
        Relation::Greater,
        Relation::GreaterOrEqual,
    ];

    #[test]
    fn borders_say_what_the_full_rule_says() {
        let mut values = vec![0.0, -0.0, 5e-324, 1e-310, 1e-200, 1e-17, 1.0, 7.0, 0.1];
        values.extend([500_000.0, 1e300, f64::MAX, f64::EPSILON, 1e-15, 0.3, 1e16]);
        let mut points = Vec::new();
        for &value in &values {
            let mut near = value;
            for _ in 0..8 {
                points.extend([near, -near]);
                near = near.next_up();
            }
            let mut near = value;
            for _ in 0..8 {
                points.extend([near, -near]);
                near = near.next_down();
            }
        }
        points.extend([f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
        for &y in points.iter().filter(|y| has_borders(**y)) {
            for relation in ALL {
                let (low, high) = borders(relation, y);
                for &x in &points {
                    let within = match y == 0.0 && relation.holds_of_equals() {
                        true => !(x < low || x > high),
                        false => x >= low && x <= high,
                    };
                    let said = if relation == Relation::NotEqual {
                        x.is_finite() && !within
                    } else {
                        within
                    };
                    assert_eq!(said, compare(relation, x, y), "{x:e} {relation:?} {y:e}");
                }
            }
        }
    }
}
