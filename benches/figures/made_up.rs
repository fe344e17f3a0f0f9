//! Customers and reps of any number, with every built-in field set.

use bookwright::{Book, Customer, Rep, Schema};

const REGIONS: [&str; 9] = [
    "Shanghai",
    "Beijing",
    "Shenzhen",
    "Hangzhou",
    "Guangzhou",
    "Nanjing",
    "Tianjin",
    "Singapore",
    "Hamburg",
];
const INDUSTRIES: [&str; 5] = ["retail", "machinery", "software", "logistics", "food"];
const STAGES: [&str; 6] = [
    "lead", "prospect", "active", "at_risk", "dormant", "won_back",
];
const ROLES: [&[&str]; 3] = [&["developer"], &["maintainer"], &["maintainer", "manager"]];

/// A customer with every built-in field, as an import would bring it.
pub(crate) fn customer(number: usize) -> Customer {
    let dice = mix(number as u64);
    let share = |bits: u32| ((dice >> bits) & 0xff) as f64 / 255.0;
    let one = |from: &[&'static str], bits: u32| from[(dice >> bits) as usize % from.len()];
    let customer = Customer::new(format!("c{number:07}"))
        .name(format!("Customer {number}"))
        .set("region", one(&REGIONS, 3))
        .set("industry", one(&INDUSTRIES, 7))
        .set("stage", one(&STAGES, 11))
        .set("annual_revenue", share(0).powi(3) * 4e5)
        .set("potential", share(8).powi(3) * 6e5)
        .set("intent", share(16))
        .set("satisfaction", share(24))
        .set("risk", share(32))
        .set("employees", (share(40) * 2000.0) as i64)
        .set("created", "2023-05-04")
        .set(
            "last_contact",
            ["2025-11-20", "2026-01-08", "2026-02-20"][number % 3],
        )
        .set("last_order", "2025-12-24T08:30:00Z")
        .set(
            "tags",
            [one(&["vip", "export", "zh_only"], 13), "newsletter"],
        )
        .set("current_tier", one(&["A", "B", "C"], 17));
    if number.is_multiple_of(10) {
        // ten in a hundred belong to a group of three
        return customer.set("family", format!("group {}", number / 30));
    }
    customer
}

/// A rep that could come from the same import.
pub(crate) fn rep(number: usize, capacity: f64) -> Rep {
    let region = REGIONS[number % REGIONS.len()];
    Rep::new(format!("r{number:04}"))
        .name(format!("Rep {number}"))
        .roles(ROLES[number % ROLES.len()].iter().copied())
        .set("level", (number % 5 + 1) as i64)
        .set("regions", [region, REGIONS[(number + 1) % REGIONS.len()]])
        .set("industries", [INDUSTRIES[number % INDUSTRIES.len()]])
        .set(
            "languages",
            ["zh", if number.is_multiple_of(7) { "de" } else { "en" }],
        )
        .set("capacity", capacity)
}

/// A book of that many; together the reps can carry nearly everything.
pub(crate) fn book(customers: usize, reps: usize) -> Book {
    let mut builder = Book::builder(Schema::default());
    for number in 0..reps {
        builder.rep(&rep(number, 3.0 * customers as f64 / reps.max(1) as f64));
    }
    for number in 0..customers {
        builder.customer(&customer(number));
    }
    builder.build().expect("a right book")
}

/// The finaliser of SplitMix64.
pub(crate) fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
