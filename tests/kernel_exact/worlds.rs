//! Schemas at random, and books of them full of awkward values.
//!
//! A world has own fields of every kind on both sides, in every presence, with ranges and allowed
//! values, some under names that are no identifiers. Records have values at the edges of each
//! field's range, now and then a few units in the last place off a number that programs name, and
//! lack values wherever they may. Every second rep is another one's twin.

use bookwright::{Attribute, Book, Customer, Field, Kind, Presence, Rep, Schema, Side, Time};

use super::harness::{FLOATS, INTS, TEXTS};
use super::programs::Want;

/// Texts at which case, trimming, length and order turn.
pub(crate) const UNUSUAL: &[&str] = &[
    "é",
    "e\u{301}",
    "İ",
    "ı",
    "ß",
    "ẞ",
    "ﬀ",
    "Σς",
    "👩‍👩‍👧",
    "ﷺ",
    "\u{200b}",
    "\u{a0}x\u{a0}",
    "a\tb",
    " ",
    "\"",
    "\\",
    "`",
    "${x}",
    "{}",
    "()",
    "true",
    "1",
    "1.0",
    "١٢",
    "\u{10ffff}",
    "zzzzzzzzzzzzzzzz",
];

/// A generator of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % most as u64) as usize
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// A field as programs write it.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) text: String,
    pub(crate) want: Want,
    pub(crate) may_be_absent: bool,
}

/// A schema with the ways to its own fields.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    seed: u64,
    pub(crate) schema: Schema,
    /// Own fields of customers and of reps.
    pub(crate) own: [Vec<Access>; 2],
}

const NAMES: &[&str] = &[
    "grade",
    "x1",
    "flag_2",
    "数量",
    "größe",
    "客户来源",
    "naïve 名",
    "été",
    "with space",
    "a-b",
    "Ω",
    "Grade",
    "_z",
    "1st",
];

impl World {
    /// The same seed gives the same world.
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut builder = Schema::builder()
            .customer_field(Field::new("score", Kind::Float))
            .customer_field(Field::new("delta", Kind::Int))
            .customer_field(Field::new("vip", Kind::Bool))
            .table("zips", Kind::Text)
            .table("rates", Kind::Float);
        let mut own = [Vec::new(), Vec::new()];
        for (side, own) in [Side::Customer, Side::Rep].into_iter().zip(&mut own) {
            let first = dice.below(NAMES.len());
            for at in 0..3 + dice.below(6) {
                let field = field(&mut dice, NAMES[(first + at) % NAMES.len()]);
                own.push(access(side, &field));
                builder = match side {
                    Side::Customer => builder.customer_field(field),
                    Side::Rep => builder.rep_field(field),
                };
            }
        }
        let schema = builder
            .build()
            .unwrap_or_else(|error| panic!("world {seed}: {error}"));
        Self { seed, schema, own }
    }

    /// A book of this world.
    pub(crate) fn book(&self, number: u64, customers: usize, reps: usize) -> Book {
        let mut dice = Dice::new(self.seed.wrapping_mul(1_009) ^ number);
        let mut book = Book::new(self.schema.clone());
        // In every second book a field has two values at most, so that customers have much in common.
        let two: Vec<[Option<Attribute>; 2]> = (self.recorded(Side::Customer))
            .map(|field| [value(&mut dice, field), value(&mut dice, field)])
            .collect();
        for at in 0..customers {
            let mut customer = Customer::new(format!("c{at}"));
            for (field, two) in self.recorded(Side::Customer).zip(&two) {
                let value = match number % 2 {
                    0 => value(&mut dice, field),
                    _ => two[dice.below(2)].clone(),
                };
                if let Some(value) = value {
                    customer = customer.set(&field.name, value);
                }
            }
            book.insert_customer(&customer).unwrap();
        }
        let mut values: Vec<(String, Attribute)> = Vec::new();
        for at in 0..reps {
            if at % 2 == 0 {
                values = (self.recorded(Side::Rep))
                    .filter_map(|field| Some((field.name.clone(), value(&mut dice, field)?)))
                    .collect();
            }
            let mut rep = Rep::new(format!("r{at}")).roles(["developer"]);
            for (name, value) in &values {
                rep = rep.set(name, value.clone());
            }
            book.insert_rep(&rep).unwrap();
        }
        book
    }

    /// The fields that records are to have values for, but for those that say who may take whom.
    fn recorded(&self, side: Side) -> impl Iterator<Item = &Field> {
        let own = [
            "id",
            "roles",
            "team",
            "family",
            "active",
            "available_from",
            "away_until",
        ];
        (self.schema.fields(side).iter())
            .filter(move |field| field.is_recorded() && !own.contains(&field.name.as_str()))
    }
}

fn field(dice: &mut Dice, name: &str) -> Field {
    let kinds = [
        Kind::Bool,
        Kind::Int,
        Kind::Float,
        Kind::Float,
        Kind::Text,
        Kind::Tags,
        Kind::Time,
    ];
    let mut field = Field::new(name, dice.pick(&kinds));
    field = match (field.kind, dice.below(5)) {
        (Kind::Int, 0) => field.at_least(-5.0).at_most(7.0),
        (Kind::Int | Kind::Float, 1) => field.at_least(0.0),
        (Kind::Float, 0) => field.at_least(0.0).at_most(1.0),
        (Kind::Float, 2) => field.above(0.0).at_most(1e308),
        (Kind::Text | Kind::Tags, 0 | 1) => {
            field.one_of([TEXTS[0], TEXTS[3], UNUSUAL[0], UNUSUAL[4]])
        }
        _ => field,
    };
    match dice.below(3) {
        0 => field.required(),
        1 => {
            let value = present(dice, &field);
            field.default_value(value)
        }
        _ => field,
    }
}

fn access(side: Side, field: &Field) -> Access {
    let record = match side {
        Side::Customer => "customer",
        Side::Rep => "rep",
    };
    let letters = field
        .name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let identifier = letters && !field.name.starts_with(|first: char| first.is_ascii_digit());
    let text = match identifier {
        true => format!("{record}.{}", field.name),
        false => format!("{record}[\"{}\"]", field.name),
    };
    let want = match field.kind {
        Kind::Bool => Want::Bool,
        Kind::Int => Want::Int,
        Kind::Float => Want::Float,
        Kind::Text => Want::Text,
        Kind::Tags => Want::Tags,
        Kind::Time => Want::Time,
    };
    Access {
        text,
        want,
        may_be_absent: field.may_be_absent(),
    }
}

/// A value that a record may have for the field, or none where it may lack one.
fn value(dice: &mut Dice, field: &Field) -> Option<Attribute> {
    let lacks = !matches!(field.presence, Presence::Required) && dice.below(3) == 0;
    (!lacks).then(|| present(dice, field))
}

fn present(dice: &mut Dice, field: &Field) -> Attribute {
    // What all reps can carry together is limited, so it is little for each.
    let few = ["capacity", "workload"].contains(&field.name.as_str());
    let inside = |number: f64| {
        let low = field
            .min
            .is_none_or(|min| number > min || !field.open_below && number == min);
        low && field.max.is_none_or(|max| number <= max) && !(few && number > 1e6)
    };
    match field.kind {
        Kind::Bool => (dice.below(2) == 0).into(),
        Kind::Int => {
            let drawn = (0..50).map(|_| int(dice)).find(|int| inside(*int as f64));
            drawn.unwrap_or(1).into()
        }
        Kind::Float => {
            let drawn = (0..50).map(|_| float(dice)).find(|float| inside(*float));
            drawn.unwrap_or(1.0).into()
        }
        Kind::Text => text(dice, field).into(),
        Kind::Tags => {
            let tags: Vec<String> = (0..dice.below(5))
                .map(|_| text(dice, field).to_owned())
                .collect();
            tags.into()
        }
        Kind::Time => {
            let (day, hour) = (dice.below(28) + 1, dice.below(24));
            let year = dice.pick(&["2026", "2026", "2025", "1999", "0001", "9999"]);
            let time = format!("{year}-01-{day:02}T{hour:02}:30:00Z").parse::<Time>();
            time.unwrap().into()
        }
    }
}

fn int(dice: &mut Dice) -> i64 {
    let int = dice.pick(INTS);
    match dice.below(3) {
        0 => int,
        1 => !int,
        _ => int.wrapping_neg().wrapping_add(dice.below(3) as i64),
    }
}

/// One of the awkward floats, either sign, now and then a few units in the last place off.
fn float(dice: &mut Dice) -> f64 {
    let float = dice.pick(FLOATS);
    let near = match dice.below(3) {
        0 => f64::from_bits(float.to_bits() + dice.below(5) as u64),
        1 => f64::from_bits(float.to_bits().saturating_sub(dice.below(5) as u64)),
        _ => float,
    };
    let near = if near.is_finite() { near } else { float };
    if dice.below(3) == 0 { -near } else { near }
}

fn text<'a>(dice: &mut Dice, field: &'a Field) -> &'a str {
    if !field.allowed.is_empty() {
        return &field.allowed[dice.below(field.allowed.len())];
    }
    match dice.below(3) {
        0 => dice.pick(UNUSUAL),
        _ => dice.pick(TEXTS),
    }
}

/// A text as a policy writes it.
pub(crate) fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\t', "\\t");
    format!("\"{escaped}\"")
}
