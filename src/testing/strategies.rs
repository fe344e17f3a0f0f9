//! Records and books drawn from a schema, for property tests with proptest.
//!
//! Values are such as sales lists have them: amounts spread over orders of magnitude, a potential
//! that goes with the size of a company, an order only where there is revenue, owners mostly in
//! the role that the stage calls for, seniors with more capacity, and gaps wherever a field is
//! optional. About one number in eight lies at the border of what its field allows. What is drawn
//! always makes a [`Book`](crate::Book). Everything shrinks: fewer records, fewer values, smaller
//! numbers.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::{Index, select, subsequence};

use crate::language::{Kind, Side, Time};
use crate::model::{Attribute, Customer, Exclusion, Field, Ownership, Pin, Presence, Records, Rep};
use crate::model::{Role, Schema, TableEntries, Team};

/// Words for texts and tags that may be anything: few, so that customers and reps meet.
const WORDS: &[&str] = &["north", "south", "east", "west", "华东", "vip"];
/// Words for `industry` and `industries`.
const INDUSTRIES: &[&str] = &["food", "steel", "software", "retail", "物流"];
/// Names of teams that books have.
const TEAMS: &[&str] = &["t1", "t2"];
/// Micros in a day.
const DAY: i64 = 86_400_000_000;

/// What books are drawn from, and how large they are.
///
/// ```
/// use bookwright::testing::Books;
/// use bookwright::Schema;
/// let small = Books::of(&Schema::default()).customers(0..=5).reps(1..=2);
/// # let _ = small;
/// ```
#[derive(Debug, Clone)]
pub struct Books {
    schema: Schema,
    tiers: Vec<String>,
    now: Time,
    customers: (usize, usize),
    reps: (usize, usize),
}

impl Books {
    /// Books of up to 12 customers and 5 reps by that schema, with times around 2026-01-31.
    #[must_use]
    pub fn of(schema: &Schema) -> Self {
        let tiers = match schema.tiers() {
            [] => ["A", "B", "C"].map(str::to_owned).to_vec(),
            tiers => tiers.to_vec(),
        };
        Self {
            schema: schema.clone(),
            tiers,
            now: days_after(Time::EPOCH, 20_484),
            customers: (0, 12),
            reps: (0, 5),
        }
    }

    /// How many customers, at least and at most.
    #[must_use]
    pub const fn customers(mut self, count: std::ops::RangeInclusive<usize>) -> Self {
        self.customers = (*count.start(), *count.end());
        self
    }

    /// How many reps, at least and at most.
    #[must_use]
    pub const fn reps(mut self, count: std::ops::RangeInclusive<usize>) -> Self {
        self.reps = (*count.start(), *count.end());
        self
    }

    /// The moment that times lie around: most before it, by up to three years.
    #[must_use]
    pub const fn now(mut self, now: Time) -> Self {
        self.now = now;
        self
    }

    /// The tiers that customers may have had, in `current_tier`.
    #[must_use]
    pub fn tiers<S: Into<String>>(mut self, tiers: impl IntoIterator<Item = S>) -> Self {
        self.tiers = tiers.into_iter().map(Into::into).collect();
        self
    }

    /// The moment that times lie around.
    pub(super) const fn moment(&self) -> Time {
        self.now
    }
}

/// A customer by the schema, with the id `c` and without owners.
pub fn customers(schema: &Schema) -> BoxedStrategy<Customer> {
    customer(&Books::of(schema))
}

/// A rep by the schema, with the id `r`. It holds one role or more that own customers.
pub fn reps(schema: &Schema) -> BoxedStrategy<Rep> {
    rep(&Books::of(schema))
}

/// A role that a service may add to a schema.
pub fn roles() -> BoxedStrategy<Role> {
    const NAMES: &[&str] = &["hunter", "trainer", "renewals", "客户成功岗"];
    (select(NAMES), any::<bool>())
        .prop_map(|(id, owns)| {
            let role = Role::new(id);
            if owns { role } else { role.without_customers() }
        })
        .boxed()
}

/// The records of a book: customers with present owners and families, reps, teams, entries of the
/// schema's lookup tables, now and then a pin or an exclusion.
pub fn books(of: &Books) -> BoxedStrategy<Records> {
    let owning = owning_roles(&of.schema);
    let roles = owning.len().max(1);
    let pick = || (any::<Index>(), any::<Index>(), 0..roles);
    let held = btree_map(0..roles, (any::<Index>(), option::of(0..900i64)), 0..=2);
    let customers = vec((customer(of), held), of.customers.0..=of.customers.1);
    let reps = vec(rep(of), of.reps.0..=of.reps.1);
    let pins = vec(pick(), 0..=1);
    let exclusions = vec((pick(), any::<bool>()), 0..=2);
    let now = of.now;
    (customers, reps, pins, exclusions, tables(&of.schema))
        .prop_map(move |(customers, reps, pins, exclusions, tables)| {
            let mut records = Records {
                reps: numbered(reps, "r", |rep, id| rep.id = id),
                teams: TEAMS.iter().map(|&team| Team::new(team)).collect(),
                tables,
                ..Records::default()
            };
            let (customers, held): (Vec<_>, Vec<_>) = customers.into_iter().unzip();
            records.customers = numbered(customers, "c", |customer, id| customer.id = id);
            for (customer, held) in records.customers.iter_mut().zip(held) {
                own(customer, held, &owning, &records.reps, now);
            }
            set_apart(&mut records, &owning, pins, exclusions);
            records
        })
        .boxed()
}

fn numbered<T>(records: Vec<T>, prefix: &str, set: impl Fn(&mut T, String)) -> Vec<T> {
    let mut records = records;
    for (at, record) in records.iter_mut().enumerate() {
        set(record, format!("{prefix}{}", at + 1));
    }
    records
}

/// The roles whose holders own customers.
fn owning_roles(schema: &Schema) -> Vec<String> {
    let owning = schema.roles().iter().filter(|role| role.owns_customers);
    owning.map(|role| role.id.clone()).collect()
}

/// Gives a customer owners: each a rep that holds the role, where there is one.
fn own(
    customer: &mut Customer,
    held: BTreeMap<usize, (Index, Option<i64>)>,
    roles: &[String],
    reps: &[Rep],
    now: Time,
) {
    for (role, (rep, since)) in held {
        let Some(role) = roles.get(role) else {
            continue;
        };
        let able: Vec<&Rep> = reps.iter().filter(|rep| holds(rep, role)).collect();
        if able.is_empty() {
            continue;
        }
        let mut owner = Ownership::new(&rep.get(&able).id);
        if let Some(since) = since {
            owner = owner.since(days_after(now, -since));
        }
        customer.owners.insert(role.clone(), owner);
    }
}

fn holds(rep: &Rep, role: &str) -> bool {
    match rep.attributes.get("roles") {
        Some(Attribute::Tags(roles)) => roles.iter().any(|held| held == role),
        _ => false,
    }
}

type Pick = (Index, Index, usize);

/// Pins and exclusions that do not contradict each other.
fn set_apart(
    records: &mut Records,
    roles: &[String],
    pins: Vec<Pick>,
    exclusions: Vec<(Pick, bool)>,
) {
    if records.customers.is_empty() || records.reps.is_empty() {
        return;
    }
    for (customer, rep, role) in pins {
        let Some(role) = roles.get(role) else {
            continue;
        };
        let customer = &customer.get(&records.customers).id;
        let able: Vec<&Rep> = records.reps.iter().filter(|rep| holds(rep, role)).collect();
        if !able.is_empty() {
            records
                .pins
                .push(Pin::new(customer, role, &rep.get(&able).id));
        }
    }
    for ((customer, rep, role), everywhere) in exclusions {
        let customer = &customer.get(&records.customers).id;
        let mut exclusion = Exclusion::new(customer, &rep.get(&records.reps).id);
        if let (false, Some(role)) = (everywhere, roles.get(role)) {
            exclusion = exclusion.in_role(role);
        }
        let contradicts = records.pins.iter().any(|pin| {
            pin.customer == exclusion.customer
                && pin.rep == exclusion.rep
                && exclusion.role.as_ref().is_none_or(|role| *role == pin.role)
        });
        if !contradicts && !records.exclusions.contains(&exclusion) {
            records.exclusions.push(exclusion);
        }
    }
}

/// What the numbers of a customer have in common.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// The order of magnitude, 0 to 1.
    scale: f64,
    /// Whether it buys already.
    buys: bool,
}

fn customer(of: &Books) -> BoxedStrategy<Customer> {
    let fields = drawn(&of.schema, Side::Customer);
    let size = (0..=8u32, any::<bool>()).prop_map(|(scale, buys)| Size {
        scale: f64::from(scale) / 8.0,
        buys,
    });
    let (now, tiers) = (of.now, of.tiers.clone());
    size.prop_flat_map(move |size| {
        let values: Vec<_> = fields
            .iter()
            .map(|field| with_presence(field, customer_value(field, size, now, &tiers)))
            .collect();
        let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
        values.prop_map(move |values| {
            let mut customer = Customer::new("c");
            for (name, value) in names.iter().zip(values) {
                customer = customer.set(name, value);
            }
            customer
        })
    })
    .boxed()
}

fn rep(of: &Books) -> BoxedStrategy<Rep> {
    let fields = drawn(&of.schema, Side::Rep);
    let (now, roles) = (of.now, owning_roles(&of.schema));
    (0..=4i64)
        .prop_flat_map(move |seniority| {
            let values: Vec<_> = fields
                .iter()
                .map(|field| with_presence(field, rep_value(field, seniority, now, &roles)))
                .collect();
            let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
            values.prop_map(move |values| {
                let mut rep = Rep::new("r");
                for (name, value) in names.iter().zip(values) {
                    rep = rep.set(name, value);
                }
                rep
            })
        })
        .boxed()
}

/// The fields that records carry, without ids and names.
fn drawn(schema: &Schema, side: Side) -> Vec<Field> {
    let fields = schema.fields(side).iter();
    let drawn =
        fields.filter(|field| field.is_recorded() && field.name != "id" && field.name != "name");
    drawn.cloned().collect()
}

/// Absent now and then, where the field may be, and left to its default now and then.
fn with_presence(field: &Field, value: BoxedStrategy<Attribute>) -> BoxedStrategy<Attribute> {
    let given = match field.presence {
        Presence::Required => return value,
        Presence::Default(_) => 0.8,
        Presence::Optional => 0.7,
    };
    option::weighted(given, value)
        .prop_map(|value| value.unwrap_or_default())
        .boxed()
}

fn customer_value(
    field: &Field,
    size: Size,
    now: Time,
    tiers: &[String],
) -> BoxedStrategy<Attribute> {
    match field.name.as_str() {
        "annual_revenue" if !size.buys => number(field, Just(0.0)),
        "annual_revenue" | "potential" => number(field, amount(size.scale, 1e3, 1e7)),
        "employees" => number(field, amount(size.scale, 1.0, 1e4).prop_map(f64::round)),
        "family" => words(field, &["f1", "f2"]),
        "region" => words(field, WORDS),
        "industry" => words(field, INDUSTRIES),
        "current_tier" if field.allowed.is_empty() => texts(tiers.to_vec()),
        "last_order" if !size.buys => Just(Attribute::Absent).boxed(),
        "created" => moment(now, 100..=1000),
        "last_contact" | "last_order" => moment(now, 0..=400),
        _ => any_value(field, now),
    }
}

fn rep_value(
    field: &Field,
    seniority: i64,
    now: Time,
    roles: &[String],
) -> BoxedStrategy<Attribute> {
    match field.name.as_str() {
        "level" => number(
            field,
            (1..=2i64).prop_map(move |more| (seniority + more) as f64),
        ),
        "roles" if !roles.is_empty() => {
            let most = roles.len();
            subsequence(roles.to_vec(), 1..=most)
                .prop_map(Attribute::Tags)
                .boxed()
        }
        "team" => words(field, TEAMS),
        "regions" | "skills" | "languages" => tags(field, WORDS),
        "industries" => tags(field, INDUSTRIES),
        "capacity" => number(
            field,
            (0..=4i64).prop_map(move |more| ((seniority + more) * 2) as f64),
        ),
        "workload" => number(field, (0..=3i64).prop_map(|outside| outside as f64)),
        "weight" => number(field, select(&[1.0, 0.5, 2.0, 3.0][..])),
        "hired" => moment(now, seniority * 200..=seniority * 200 + 200),
        "available_from" | "away_until" => moment(now, -60..=300),
        "active" => proptest::bool::weighted(0.9)
            .prop_map(Attribute::Bool)
            .boxed(),
        _ => any_value(field, now),
    }
}

/// A value of a service's own field, or of a built-in one with nothing special about it.
fn any_value(field: &Field, now: Time) -> BoxedStrategy<Attribute> {
    match field.kind {
        Kind::Bool => any::<bool>().prop_map(Attribute::Bool).boxed(),
        Kind::Int | Kind::Float => match (field.min, field.max) {
            (Some(min), Some(max)) => {
                let steps = (0..=100u32).prop_map(|step| f64::from(step) / 100.0);
                number(
                    field,
                    steps.prop_map(move |share| min + (max - min) * share),
                )
            }
            (min, max) => {
                let from = min.or(max.map(|max| max - 1e4)).unwrap_or(0.0);
                number(
                    field,
                    amount(0.5, 1.0, 1e4).prop_map(move |above| from + above),
                )
            }
        },
        Kind::Text => words(field, WORDS),
        Kind::Tags => tags(field, WORDS),
        Kind::Time => moment(now, 0..=1000),
    }
}

/// Amounts of two significant digits, spread evenly over a tenth of the orders of magnitude from
/// `least` to `most`, around where `scale` points.
fn amount(scale: f64, least: f64, most: f64) -> BoxedStrategy<f64> {
    let decades = (most / least).log10();
    (0..=20u32)
        .prop_map(move |step| {
            let place = scale * 0.8 + f64::from(step) / 100.0;
            let amount = least * 10f64.powf(decades * place);
            let unit = 10f64.powf(amount.log10().floor() - 1.0);
            (amount / unit).round() * unit
        })
        .boxed()
}

/// A number as the field takes it: in its range, whole for ints, and at a border now and then.
fn number(field: &Field, drawn: impl Strategy<Value = f64> + 'static) -> BoxedStrategy<Attribute> {
    let borders: Vec<f64> = [field.min.filter(|_| !field.open_below), field.max]
        .into_iter()
        .flatten()
        .collect();
    let drawn = if borders.is_empty() {
        drawn.boxed()
    } else {
        prop_oneof![7 => drawn, 1 => select(borders)].boxed()
    };
    let field = field.clone();
    drawn
        .prop_map(move |number| in_range(&field, number))
        .boxed()
}

/// The nearest number that the field takes.
fn in_range(field: &Field, number: f64) -> Attribute {
    let (least, most) = (field.min.unwrap_or(f64::MIN), field.max.unwrap_or(f64::MAX));
    let mut number = number.clamp(least, most);
    if field.open_below && number <= least {
        number = (least + 1.0).min(most);
    }
    if field.kind == Kind::Float {
        return Attribute::Float(number);
    }
    let nearest = number.round();
    Attribute::Int(if nearest < least {
        number.ceil() as i64
    } else if nearest > most {
        number.floor() as i64
    } else {
        nearest as i64
    })
}

fn words(field: &Field, else_one_of: &[&str]) -> BoxedStrategy<Attribute> {
    texts(vocabulary(field, else_one_of))
}

fn texts(of: Vec<String>) -> BoxedStrategy<Attribute> {
    if of.is_empty() {
        return Just(Attribute::Absent).boxed();
    }
    select(of).prop_map(Attribute::Text).boxed()
}

fn tags(field: &Field, else_some_of: &[&str]) -> BoxedStrategy<Attribute> {
    let of = vocabulary(field, else_some_of);
    let most = of.len().min(3);
    subsequence(of, 0..=most).prop_map(Attribute::Tags).boxed()
}

fn vocabulary(field: &Field, otherwise: &[&str]) -> Vec<String> {
    if field.allowed.is_empty() {
        otherwise.iter().map(|&word| word.to_owned()).collect()
    } else {
        field.allowed.clone()
    }
}

/// So many days before the moment.
fn moment(now: Time, days_ago: std::ops::RangeInclusive<i64>) -> BoxedStrategy<Attribute> {
    days_ago
        .prop_map(move |days| Attribute::Time(days_after(now, -days)))
        .boxed()
}

fn days_after(now: Time, days: i64) -> Time {
    Time::from_micros(now.micros().saturating_add(days * DAY)).unwrap_or(now)
}

/// Entries for each lookup table of the schema, under the words that texts are drawn from.
fn tables(schema: &Schema) -> BoxedStrategy<BTreeMap<String, TableEntries>> {
    let (names, values): (Vec<String>, Vec<_>) = schema
        .tables()
        .iter()
        .map(|(name, &kind)| {
            let value = any_value(&Field::new(name, kind), Time::EPOCH);
            (
                name.clone(),
                btree_map(select(WORDS), value, 0..=WORDS.len()),
            )
        })
        .unzip();
    values
        .prop_map(move |tables| {
            let entries = |table: BTreeMap<&str, Attribute>| {
                table
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect()
            };
            names
                .iter()
                .cloned()
                .zip(tables.into_iter().map(entries))
                .collect()
        })
        .boxed()
}
