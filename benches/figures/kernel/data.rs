//! A book of plausible customers and reps, and its columns as a program by hand would hold them.

use bookwright::{Bits, Book, ColumnRef, Customer, Rep, Schema, Side, Symbol, View};

pub(super) const REGIONS: &[&str] = &[
    "north", "south", "east", "west", "central", "coast", "hills", "islands",
];
pub(super) const INDUSTRIES: &[&str] = &[
    "retail", "it", "energy", "health", "finance", "food", "steel", "travel", "media", "public",
];
pub(super) const TAGS: &[&str] = &[
    "vip", "warm", "export", "debt", "tender", "event", "referral",
];
pub(super) const STAGES: &[&str] = bookwright::language::STAGES;

/// As a book of that many: two thirds of the optional values are there.
pub(super) fn book(customers: usize, reps: usize) -> Book {
    let mut book = Book::new(Schema::default());
    let mut seed = 11_u64;
    let mut next = move |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for at in 0..customers {
        let mut one = Customer::new(format!("c{at:07}"))
            .set("stage", STAGES[next(STAGES.len())])
            .set("region", REGIONS[next(REGIONS.len())]);
        if next(8) > 0 {
            one = one.set("industry", INDUSTRIES[next(INDUSTRIES.len())]);
        }
        if next(3) > 0 {
            one = one.set("annual_revenue", next(2_000_000) as f64 / 2.0);
        }
        if next(3) > 0 {
            one = one.set("potential", next(3_000_000) as f64 / 2.0);
        }
        if next(3) > 0 {
            one = one.set("intent", next(1_001) as f64 / 1_000.0);
        }
        if next(3) > 0 {
            one = one.set("risk", next(1_001) as f64 / 1_000.0);
        }
        if next(3) > 0 {
            one = one.set("employees", next(5_000) as i64);
        }
        let tags: Vec<String> = (TAGS.iter().filter(|_| next(4) == 0))
            .map(ToString::to_string)
            .collect();
        book.insert_customer(&one.set("tags", tags)).unwrap();
    }
    for at in 0..reps {
        let mut some = |all: &[&str], share: usize| -> Vec<String> {
            (all.iter().filter(|_| next(share) == 0))
                .map(ToString::to_string)
                .collect()
        };
        let (regions, industries) = (some(REGIONS, 3), some(INDUSTRIES, 4));
        let skills = some(TAGS, 3);
        let one = Rep::new(format!("r{at:05}"))
            .set("level", (next(5) + 1) as i64)
            .set("regions", regions)
            .set("industries", industries)
            .set("skills", skills)
            .set("capacity", (next(100) + 20) as f64)
            .set("workload", next(50) as f64 / 4.0)
            .set("weight", (next(20) + 1) as f64 / 8.0);
        book.insert_rep(&one).unwrap();
    }
    book
}

/// A column of numbers with its presence.
pub(super) type Numbers<'a, T> = (&'a [T], Option<&'a Bits>);

/// What the rules by hand read: columns as they are, texts as small numbers, sets as bits.
pub(super) struct Columns<'a> {
    pub(super) revenue: Numbers<'a, f64>,
    pub(super) potential: Numbers<'a, f64>,
    pub(super) intent: Numbers<'a, f64>,
    pub(super) risk: Numbers<'a, f64>,
    pub(super) employees: Numbers<'a, i64>,
    /// Numbers in [`STAGES`], [`REGIONS`], [`INDUSTRIES`]; 255 where absent.
    pub(super) stage: Vec<u8>,
    pub(super) region: Vec<u8>,
    pub(super) industry: Vec<u8>,
    /// Bits in [`TAGS`].
    pub(super) tags: Vec<u8>,
    pub(super) level: &'a [i64],
    pub(super) weight: &'a [f64],
    pub(super) workload: &'a [f64],
    pub(super) capacity: &'a [f64],
    /// Bits in [`REGIONS`], [`INDUSTRIES`], [`TAGS`].
    pub(super) regions: Vec<u16>,
    pub(super) industries: Vec<u16>,
    pub(super) skills: Vec<u8>,
}

impl<'a> Columns<'a> {
    pub(super) fn new(view: &'a View) -> Self {
        let column = |side, name| {
            let field = view.book().schema().field(side, name).unwrap();
            view.column(side, field, None).unwrap()
        };
        let floats = |side, name| match column(side, name) {
            ColumnRef::Float { values, present } => (values, present),
            _ => unreachable!(),
        };
        let ints = |side, name| match column(side, name) {
            ColumnRef::Int { values, present } => (values, present),
            _ => unreachable!(),
        };
        let place = |symbol: Symbol, of: &[&str]| {
            let text = view.text(symbol);
            of.iter()
                .position(|known| *known == text)
                .map_or(255, |at| at as u8)
        };
        let texts = |name, of: &[&str]| match column(Side::Customer, name) {
            ColumnRef::Text { symbols, present } => (symbols.iter().enumerate())
                .map(|(row, symbol)| match present {
                    Some(present) if !present.get(row) => 255,
                    _ => place(*symbol, of),
                })
                .collect(),
            _ => unreachable!(),
        };
        let sets = |side, name, of: &[&str]| -> Vec<u16> {
            match column(side, name) {
                ColumnRef::Tags { sets, arena } => (sets.iter())
                    .map(|set| {
                        (arena.tags(*set).iter())
                            .map(|tag| 1 << place(*tag, of))
                            .sum()
                    })
                    .collect(),
                _ => unreachable!(),
            }
        };
        let bytes = |sets: Vec<u16>| sets.into_iter().map(|set| set as u8).collect();
        Self {
            revenue: floats(Side::Customer, "annual_revenue"),
            potential: floats(Side::Customer, "potential"),
            intent: floats(Side::Customer, "intent"),
            risk: floats(Side::Customer, "risk"),
            employees: ints(Side::Customer, "employees"),
            stage: texts("stage", STAGES),
            region: texts("region", REGIONS),
            industry: texts("industry", INDUSTRIES),
            tags: bytes(sets(Side::Customer, "tags", TAGS)),
            level: ints(Side::Rep, "level").0,
            weight: floats(Side::Rep, "weight").0,
            workload: floats(Side::Rep, "workload").0,
            capacity: floats(Side::Rep, "capacity").0,
            regions: sets(Side::Rep, "regions", REGIONS),
            industries: sets(Side::Rep, "industries", INDUSTRIES),
            skills: bytes(sets(Side::Rep, "skills", TAGS)),
        }
    }
}

/// A value, or what stands for it where it is absent.
#[inline(always)]
pub(super) fn or<T: Copy>((values, present): Numbers<'_, T>, row: usize, other: T) -> T {
    match present {
        Some(present) if !present.get(row) => other,
        _ => values[row],
    }
}
