//! Which case a value is: the loops over lanes.
//!
//! The cases of a number lie between cuts, those of a text are keys. Each lane's number of its
//! combination is a byte, the sum of the cases of its values times their strides.

use super::super::lanes::{Arg, In};

/// How the values of a leaf fall into cases, and what each adds to the number.
#[derive(Debug, Clone)]
pub(super) enum Cases {
    Flags {
        stride: u8,
    },
    Ints {
        cuts: Vec<i64>,
        stride: u8,
    },
    Floats {
        cuts: Vec<f64>,
        stride: u8,
        nan: Nan,
    },
    Texts(Keys),
}

/// Which case NaN is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nan {
    First,
    Last,
    /// Of its own: the number that it adds.
    Own(u8),
}

impl Cases {
    /// Adds the cases of a leaf's values to the numbers; the first leaf sets them.
    pub(super) fn add(&self, values: Arg<'_>, first: bool, numbers: &mut [u8]) {
        match self {
            Self::Flags { stride } => {
                let stride = *stride;
                each(values.bools(), first, numbers, |x| u8::from(x) * stride);
            }
            Self::Ints { cuts, stride } => {
                by_cuts(values.longs(), cuts, first, numbers, *stride, |x, cut| {
                    x >= cut
                });
            }
            Self::Floats { cuts, stride, nan } => {
                let values = values.floats();
                match nan {
                    Nan::First => by_cuts(values, cuts, first, numbers, *stride, |x, cut| x >= cut),
                    #[expect(
                        clippy::neg_cmp_op_on_partial_ord,
                        reason = "what is beyond all cuts takes NaN in"
                    )]
                    _ => by_cuts(values, cuts, first, numbers, *stride, |x, cut| !(x < cut)),
                }
                if let Nan::Own(own) = *nan {
                    // So far it counts as beyond all cuts.
                    let beyond = u8::try_from(cuts.len()).unwrap_or(u8::MAX) * stride;
                    each_nan(values, numbers, own.wrapping_sub(beyond));
                }
            }
            Self::Texts(keys) => each(values.words(), first, numbers, |x| keys.find(x)),
        }
    }
}

#[inline(always)]
fn each<T: Copy>(values: In<'_, T>, first: bool, numbers: &mut [u8], f: impl Fn(T) -> u8) {
    match values {
        In::All(value) => {
            let add = f(value);
            numbers
                .iter_mut()
                .for_each(|number| *number = if first { add } else { *number + add });
        }
        In::Each(values) if first => {
            for (number, value) in numbers.iter_mut().zip(values) {
                *number = f(*value);
            }
        }
        In::Each(values) => {
            for (number, value) in numbers.iter_mut().zip(values) {
                *number += f(*value);
            }
        }
    }
}

fn each_nan(values: In<'_, f64>, numbers: &mut [u8], add: u8) {
    let values = match values {
        In::Each(values) => values,
        In::All(_) => return, // what is the same for all rows is no leaf
    };
    if values.iter().fold(false, |any, value| any | value.is_nan()) {
        for (number, value) in numbers.iter_mut().zip(values) {
            *number = number.wrapping_add(if value.is_nan() { add } else { 0 });
        }
    }
}

/// How many cuts a value is beyond; with so few that the compiler unrolls them, mostly.
#[inline(always)]
fn by_cuts<T: Copy>(
    values: In<'_, T>,
    cuts: &[T],
    first: bool,
    numbers: &mut [u8],
    stride: u8,
    beyond: impl Fn(T, T) -> bool + Copy,
) {
    macro_rules! unrolled {
        ($($count:literal)*) => {
            match cuts.len() {
                $($count => {
                    let mut own = [cuts[0]; $count];
                    own.copy_from_slice(cuts);
                    each(values, first, numbers, |x| {
                        own.iter().map(|cut| u8::from(beyond(x, *cut))).sum::<u8>() * stride
                    });
                })*
                _ => each(values, first, numbers, |x| {
                    cuts.iter().map(|cut| u8::from(beyond(x, *cut))).sum::<u8>() * stride
                }),
            }
        };
    }
    unrolled!(1 2 3 4 5 6 7 8);
}

/// The cases of texts by their numbers: a hash without collisions, made for these keys.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    /// By hash: the key, and what its case adds.
    slots: Vec<(u32, u8)>,
    multiplier: u32,
    shift: u32,
    /// What any other text adds.
    other: u8,
}

impl Keys {
    /// A hash for these keys; `None` where none was found, which so few keys hardly see.
    pub(super) fn new(keys: &[(u32, u8)], other: u8) -> Option<Self> {
        (1..=14_u32).find_map(|bits| {
            let places = 1_usize << bits;
            let tries = if places < keys.len() { 0 } else { 64_u32 };
            (0..tries).find_map(|at| {
                let mut hash = Self {
                    slots: vec![(0, other); places],
                    multiplier: 0x9E37_79B1_u32.wrapping_mul(2 * at + 1),
                    shift: 32 - bits,
                    other,
                };
                let mut taken = vec![false; places];
                for &(key, case) in keys {
                    let place = hash.place(key);
                    if std::mem::replace(&mut taken[place], true) {
                        return None;
                    }
                    hash.slots[place] = (key, case);
                }
                Some(hash)
            })
        })
    }

    #[inline(always)]
    const fn place(&self, text: u32) -> usize {
        (text.wrapping_mul(self.multiplier) >> self.shift) as usize
    }

    #[inline(always)]
    fn find(&self, text: u32) -> u8 {
        match self.slots.get(self.place(text)) {
            Some((key, case)) if *key == text => *case,
            _ => self.other,
        }
    }
}
