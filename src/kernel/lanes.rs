//! Typed vectors of values, one lane per row, and the loops over them.
//!
//! The loops are written for the vectoriser: fixed chunks, no branches, scalars kept in registers.
//! What a lane means (an int, a moment, a text) is known from the program, not from here.

/// The type of a value in a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Ty {
    /// A bool, or a mask of rows.
    Bool,
    /// A 64-bit integer.
    Int,
    /// A 64-bit float.
    Float,
    /// A text, as the number of a text of the run ([`super::context::Texts`]).
    Text,
    /// A set of texts, as a place in an arena of the run.
    Tags,
    /// A moment, in microseconds.
    Time,
    /// A value that a host function made, as a number in the run's list of them.
    Host,
}

impl Ty {
    /// As listings call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Text => "text",
            Self::Tags => "tags",
            Self::Time => "time",
            Self::Host => "host",
        }
    }
}

/// One value of a lane.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scalar {
    Bool(bool),
    Word(u32),
    Long(i64),
    Float(f64),
    Set(u64),
}

impl Scalar {
    pub(super) const fn zero(ty: Ty) -> Self {
        match ty {
            Ty::Bool => Self::Bool(false),
            Ty::Int | Ty::Time => Self::Long(0),
            Ty::Float => Self::Float(0.0),
            Ty::Text | Ty::Host => Self::Word(0),
            Ty::Tags => Self::Set(0),
        }
    }

    /// The bits, to tell whether two values of one type are the same.
    pub(super) const fn bits(self) -> u64 {
        match self {
            Self::Bool(x) => x as u64,
            Self::Word(x) => x as u64,
            Self::Long(x) => x.cast_unsigned(),
            Self::Float(x) => x.to_bits(),
            Self::Set(x) => x,
        }
    }
}

/// Values of one type, one per lane.
#[derive(Debug, Clone)]
pub(super) enum Lanes {
    Bool(Vec<bool>),
    Word(Vec<u32>),
    Long(Vec<i64>),
    Float(Vec<f64>),
    Set(Vec<u64>),
}

/// The values an operation reads: one per lane, or one for all.
#[derive(Debug, Clone, Copy)]
pub(super) enum In<'a, T> {
    Each(&'a [T]),
    All(T),
}

/// [`In`] with its type.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arg<'a> {
    Bool(In<'a, bool>),
    Word(In<'a, u32>),
    Long(In<'a, i64>),
    Float(In<'a, f64>),
    Set(In<'a, u64>),
}

macro_rules! access {
    ($($variant:ident $type:ty, $arg:ident, $out:ident);*) => {
        impl<'a> Arg<'a> {
            $(/// The values; all zero where the program is wrong about their type, which building it excludes.
            pub(super) fn $arg(self) -> In<'a, $type> {
                match self { Self::$variant(values) => values, _ => In::All(<$type>::default()) }
            })*

            /// The same for one lane.
            pub(super) fn at(self, lane: usize) -> Scalar {
                match self { $(Self::$variant(values) => Scalar::$variant(values.at(lane))),* }
            }

            /// The lanes from `start` on, `count` of them.
            pub(super) fn part(self, start: usize, count: usize) -> Arg<'a> {
                match self { $(Self::$variant(values) => Arg::$variant(values.part(start, count))),* }
            }
        }
        impl Lanes {
            $(/// The values to write; none where the program is wrong about their type.
            pub(super) fn $out(&mut self) -> &mut [$type] {
                match self { Self::$variant(values) => values, _ => &mut [] }
            })*

            pub(super) fn len(&self) -> usize {
                match self { $(Self::$variant(values) => values.len()),* }
            }

            /// Writes one lane.
            pub(super) fn set(&mut self, lane: usize, scalar: Scalar) {
                match (self, scalar) {
                    $((Self::$variant(values), Scalar::$variant(value)) => values[lane] = value,)*
                    (_, _) => {} // types agree by building
                }
            }

            pub(super) fn arg(&self) -> Arg<'_> {
                match self { $(Self::$variant(values) => Arg::$variant(In::Each(values))),* }
            }

            pub(super) fn resize(&mut self, lanes: usize) {
                match self { $(Self::$variant(values) => values.resize(lanes, Default::default())),* }
            }

            /// The values of some lanes.
            pub(super) fn gather(&self, lanes: &[u32]) -> Self {
                match self {
                    $(Self::$variant(values) => Self::$variant(
                        lanes.iter().map(|lane| values[*lane as usize]).collect(),
                    ),)*
                }
            }

            /// Appends `lanes` values.
            pub(super) fn extend(&mut self, from: Arg<'_>, lanes: usize) {
                match (self, from) {
                    $((Self::$variant(to), Arg::$variant(In::Each(values))) => to.extend_from_slice(&values[..lanes]),
                    (Self::$variant(to), Arg::$variant(In::All(value))) => to.resize(to.len() + lanes, value),)*
                    (_, _) => {} // types agree by building
                }
            }
        }
        impl From<Scalar> for Arg<'_> {
            fn from(scalar: Scalar) -> Self {
                match scalar { $(Scalar::$variant(value) => Arg::$variant(In::All(value))),* }
            }
        }
    };
}
access! {
    Bool bool, bools, bools_mut;
    Word u32, words, words_mut;
    Long i64, longs, longs_mut;
    Float f64, floats, floats_mut;
    Set u64, sets, sets_mut
}

impl Lanes {
    /// The greatest of floats without their sign; infinite where one is NaN.
    pub(super) fn greatest(&self) -> f64 {
        match self {
            Self::Float(values) => values.iter().fold(0.0, |greatest: f64, value| {
                if value.abs() <= greatest {
                    greatest
                } else if value.is_nan() {
                    f64::INFINITY
                } else {
                    value.abs()
                }
            }),
            _ => f64::INFINITY,
        }
    }

    /// The least of floats without their sign; 0 where one is NaN.
    pub(super) fn least(&self) -> f64 {
        match self {
            Self::Float(values) => values.iter().fold(f64::INFINITY, |least: f64, value| {
                if value.abs() >= least {
                    least
                } else if value.is_nan() {
                    0.0
                } else {
                    value.abs()
                }
            }),
            _ => 0.0,
        }
    }

    pub(super) fn new(ty: Ty, lanes: usize) -> Self {
        match ty {
            Ty::Bool => Self::Bool(vec![false; lanes]),
            Ty::Int | Ty::Time => Self::Long(vec![0; lanes]),
            Ty::Float => Self::Float(vec![0.0; lanes]),
            Ty::Text | Ty::Host => Self::Word(vec![0; lanes]),
            Ty::Tags => Self::Set(vec![0; lanes]),
        }
    }
}

impl<'a, T: Copy> In<'a, T> {
    pub(super) fn at(self, lane: usize) -> T {
        match self {
            In::Each(values) => values[lane],
            In::All(value) => value,
        }
    }

    fn part(self, start: usize, count: usize) -> Self {
        match self {
            In::Each(values) => In::Each(&values[start..start + count]),
            In::All(value) => In::All(value),
        }
    }
}

/// Lanes that one step of a loop takes together.
const STEP: usize = 16;

/// `out = f(a)`, lane by lane.
#[inline(always)]
pub(super) fn map<A: Copy, T: Copy>(a: In<'_, A>, out: &mut [T], f: impl Fn(A) -> T) {
    match a {
        In::All(a) => out.fill(f(a)),
        In::Each(a) => {
            let (out, out_rest) = out.as_chunks_mut::<STEP>();
            let (a, a_rest) = a.as_chunks::<STEP>();
            for (out, a) in out.iter_mut().zip(a) {
                for lane in 0..STEP {
                    out[lane] = f(a[lane]);
                }
            }
            for (out, a) in out_rest.iter_mut().zip(a_rest) {
                *out = f(*a);
            }
        }
    }
}

/// `out = f(a, b)`, lane by lane.
#[inline(always)]
pub(super) fn zip<A: Copy, B: Copy, T: Copy>(
    a: In<'_, A>,
    b: In<'_, B>,
    out: &mut [T],
    f: impl Fn(A, B) -> T,
) {
    match (a, b) {
        (a, In::All(b)) => map(a, out, |a| f(a, b)),
        (In::All(a), b) => map(b, out, |b| f(a, b)),
        (In::Each(a), In::Each(b)) => {
            let (out, out_rest) = out.as_chunks_mut::<STEP>();
            let (a, a_rest) = a.as_chunks::<STEP>();
            let (b, b_rest) = b.as_chunks::<STEP>();
            for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                for lane in 0..STEP {
                    out[lane] = f(a[lane], b[lane]);
                }
            }
            for ((out, a), b) in out_rest.iter_mut().zip(a_rest).zip(b_rest) {
                *out = f(*a, *b);
            }
        }
    }
}

/// `out = if mask { a } else { b }`, lane by lane.
#[inline(always)]
pub(super) fn select<T: Copy>(mask: In<'_, bool>, a: In<'_, T>, b: In<'_, T>, out: &mut [T]) {
    let mask = match mask {
        In::All(mask) => return map(if mask { a } else { b }, out, |x| x),
        In::Each(mask) => mask,
    };
    match (a, b) {
        (In::All(a), In::All(b)) => map(In::Each(mask), out, |m| if m { a } else { b }),
        (In::All(a), In::Each(b)) => {
            zip(
                In::Each(mask),
                In::Each(b),
                out,
                |m, b| if m { a } else { b },
            );
        }
        (In::Each(a), In::All(b)) => {
            zip(
                In::Each(mask),
                In::Each(a),
                out,
                |m, a| if m { a } else { b },
            );
        }
        (In::Each(a), In::Each(b)) => {
            const STEP: usize = 8; // eight lanes at a time keep the mask's unpacking in registers
            let (out, out_rest) = out.as_chunks_mut::<STEP>();
            let (mask, mask_rest) = mask.as_chunks::<STEP>();
            let (a, a_rest) = a.as_chunks::<STEP>();
            let (b, b_rest) = b.as_chunks::<STEP>();
            for (((out, mask), a), b) in out.iter_mut().zip(mask).zip(a).zip(b) {
                for lane in 0..STEP {
                    out[lane] = if mask[lane] { a[lane] } else { b[lane] };
                }
            }
            for (((out, mask), a), b) in out_rest.iter_mut().zip(mask_rest).zip(a_rest).zip(b_rest)
            {
                *out = if *mask { *a } else { *b };
            }
        }
    }
}
