//! One book: a few reps, some customers, present owners, now and then an exclusion or a pin.

use crate::language::Time;
use crate::model::{Attribute, Customer, Exclusion, Pin, Records, Rep, Schema, Team};

use super::random::Random;
use super::ranges::{BY_SIZE, FieldRange, Ranges, Values};

/// Most customers and reps of one book.
const CUSTOMERS: usize = 12;
const REPS: usize = 5;

/// How often a field that may be absent is.
const ABSENT: f64 = 0.3;

/// How often a number is one of those that the policy mentions, or next to one.
const AT_A_BORDER: f64 = 0.4;

const DAY: i64 = 86_400_000_000;

/// The records of a book.
pub(crate) fn records(schema: &Schema, ranges: &Ranges, now: Time, random: &mut Random) -> Records {
    let owning: Vec<&str> = (schema.roles().iter())
        .filter(|role| role.owns_customers)
        .map(|role| role.id.as_str())
        .collect();
    let reps: Vec<Rep> = (0..random.below(REPS + 1))
        .map(|number| rep(number, &owning, ranges, now, random))
        .collect();
    let customers: Vec<Customer> = (0..1 + random.below(CUSTOMERS))
        .map(|number| customer(number, &owning, &reps, ranges, now, random))
        .collect();
    let mut records = Records {
        teams: vec![Team::new("t1"), Team::new("t2")],
        ..Records::default()
    };
    for customer in &customers {
        let Some(rep) = random.pick(&reps).filter(|_| random.chance(0.1)) else {
            continue;
        };
        if random.chance(0.5) {
            records
                .exclusions
                .push(Exclusion::new(&customer.id, &rep.id));
        } else if let Some(role) = random.pick(&owning).filter(|role| holds(rep, role)) {
            records.pins.push(Pin::new(&customer.id, *role, &rep.id));
        }
    }
    records.customers = customers;
    records.reps = reps;
    records
}

fn rep(number: usize, owning: &[&str], ranges: &Ranges, now: Time, random: &mut Random) -> Rep {
    let mut rep = Rep::new(format!("r{}", number + 1));
    let roles: Vec<&str> = (owning.iter().copied())
        .filter(|role| random.chance(if *role == "developer" { 0.8 } else { 0.6 }))
        .collect();
    rep = rep.roles(roles);
    if random.chance(0.5) {
        rep = rep.set("team", if random.chance(0.5) { "t1" } else { "t2" });
    }
    for field in &ranges.rep {
        let rare = matches!(field.name.as_str(), "available_from" | "away_until");
        if rare && random.chance(0.8) {
            continue;
        }
        if let Some(value) = value(field, None, now, random) {
            rep = rep.set(&field.name, value);
        }
    }
    rep
}

fn customer(
    number: usize,
    owning: &[&str],
    reps: &[Rep],
    ranges: &Ranges,
    now: Time,
    random: &mut Random,
) -> Customer {
    let mut customer = Customer::new(format!("c{}", number + 1));
    // Large customers have much revenue, much potential and many people.
    let size = random.share();
    for field in &ranges.customer {
        let by_size = BY_SIZE.contains(&field.name.as_str());
        if let Some(value) = value(field, by_size.then_some(size), now, random) {
            customer = customer.set(&field.name, value);
        }
    }
    if random.chance(0.2) {
        customer = customer.set("family", if random.chance(0.5) { "f1" } else { "f2" });
    }
    for role in owning {
        let holders: Vec<&Rep> = reps.iter().filter(|rep| holds(rep, role)).collect();
        if random.chance(0.3)
            && let Some(rep) = random.pick(&holders)
        {
            customer = customer.owner(*role, rep.id.as_str());
        }
    }
    in_order(customer)
}

fn holds(rep: &Rep, role: &str) -> bool {
    match rep.attributes.get("roles") {
        Some(Attribute::Tags(roles)) => roles.iter().any(|held| held == role),
        _ => false,
    }
}

/// A customer came before it was spoken to, and was spoken to before it ordered.
fn in_order(mut customer: Customer) -> Customer {
    let moments = ["created", "last_contact", "last_order"];
    let mut known: Vec<Time> = (moments.iter())
        .filter_map(|name| match customer.attributes.get(*name) {
            Some(Attribute::Time(time)) => Some(*time),
            _ => None,
        })
        .collect();
    known.sort_unstable();
    let mut known = known.into_iter();
    for name in moments {
        if customer.attributes.contains_key(name)
            && let Some(time) = known.next()
        {
            customer = customer.set(name, time);
        }
    }
    customer
}

/// A value of the field, or none; `size` from 0 to 1 where it grows with the customer's.
fn value(
    field: &FieldRange,
    size: Option<f64>,
    now: Time,
    random: &mut Random,
) -> Option<Attribute> {
    if field.optional && random.chance(ABSENT) {
        return None;
    }
    Some(match &field.values {
        Values::Bool(share) => Attribute::Bool(random.chance(*share)),
        Values::Int(low, high, points) => {
            if random.chance(AT_A_BORDER)
                && let Some(point) = random.pick(points)
            {
                return Some(Attribute::Int(*point));
            }
            let share = near(size, random);
            let span = (*high as f64 - *low as f64) * share * share;
            Attribute::Int((*low).saturating_add(span as i64).clamp(*low, *high))
        }
        Values::Float(low, high, by_magnitude, points) => {
            if random.chance(AT_A_BORDER)
                && let Some(point) = random.pick(points)
            {
                return Some(Attribute::Float(*point));
            }
            let share = near(size, random);
            let drawn = if *by_magnitude {
                // From a five-thousandth of the range up to all of it, evenly by magnitude.
                low + (high - low) * (5_000.0_f64.powf(share) / 5_000.0)
            } else {
                low + (high - low) * share
            };
            Attribute::Float(rounded(drawn).clamp(*low, *high))
        }
        Values::Text(words) => Attribute::Text(random.pick(words)?.clone()),
        Values::Tags(words) => {
            let tags = words.iter().filter(|_| random.chance(0.35)).cloned();
            Attribute::Tags(tags.take(8).collect())
        }
        Values::Time(before, after) => {
            let days = random.below((before + after + 1) as usize) as i64 - before;
            let micros = now.micros().saturating_add(days.saturating_mul(DAY));
            Attribute::Time(Time::from_micros(micros).ok()?)
        }
    })
}

/// A share near the customer's size.
fn near(size: Option<f64>, random: &mut Random) -> f64 {
    match size {
        Some(size) => (size + (random.share() - 0.5) * 0.2).clamp(0.0, 1.0),
        None => random.share(),
    }
}

/// Two digits that mean something: what people write, and easy to read in a report.
fn rounded(number: f64) -> f64 {
    if number == 0.0 {
        return 0.0;
    }
    let step = 10.0_f64.powi(number.abs().log10().floor() as i32 - 1);
    // Twice, so that the result is the nearest float to a short decimal.
    let scaled = (number / step).round();
    if step >= 1.0 {
        scaled * step
    } else {
        scaled / (1.0 / step).round()
    }
}
