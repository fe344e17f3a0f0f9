//! Books behave as sets of records: however one came about, and in whatever order.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test like the tests do"
)]

use bookwright::{Attribute, Book, Customer, Ownership, Records, Rep, Schema, Side, Time};
use proptest::prelude::*;

fn moment() -> impl Strategy<Value = Time> {
    (0i64..5).prop_map(|days| Time::from_micros(days * 86_400_000_000).unwrap())
}

fn customer() -> impl Strategy<Value = Customer> {
    let owner = (0..4u8, prop::option::of(moment()));
    (
        0..12u8,
        prop::option::of("[a-c]{0,2}"),
        prop::option::of(0.0..1.0f64),
        prop::option::of(any::<i32>().prop_map(|int| i64::from(int.unsigned_abs()))),
        prop::collection::vec("[a-d]", 0..4),
        prop::option::of(moment()),
        prop::collection::btree_map(
            prop::sample::select(vec!["developer", "manager"]),
            owner,
            0..3,
        ),
    )
        .prop_map(|(id, region, risk, employees, tags, created, owners)| {
            let customer = Customer::new(format!("c{id}"))
                .set("region", region)
                .set("risk", risk)
                .set("employees", employees)
                .set("tags", tags)
                .set("created", created)
                .set("note", (id % 3 == 0).then_some("kept"));
            owners
                .into_iter()
                .fold(customer, |customer, (role, (rep, since))| {
                    let since = since.map_or(Attribute::Absent, Attribute::Time);
                    customer.owner(role, Ownership::new(format!("r{rep}")).since(since))
                })
        })
}

fn reps() -> Vec<Rep> {
    (0..4)
        .map(|n| Rep::new(format!("r{n}")).roles(["developer", "manager"]))
        .collect()
}

fn book(customers: Vec<Customer>) -> Book {
    let records = Records {
        customers,
        reps: reps(),
        ..Records::default()
    };
    Book::build(records, Schema::default()).unwrap()
}

/// What `holding` must be, counted anew.
fn holding(book: &Book) -> Vec<i64> {
    let roles: Vec<_> = book.schema().role_numbers().collect();
    let held_by = |rep: u32| {
        let owned = |customer: &u32| {
            roles.iter().any(|&role| {
                book.owner(*customer, role)
                    .is_some_and(|owner| owner.rep == rep)
            })
        };
        (0..book.customer_count() as u32).filter(owned).count() as i64
    };
    (0..book.rep_count() as u32).map(held_by).collect()
}

/// The records but for when reps were last assigned, which outlives ownership.
fn customers_of(book: &Book) -> Vec<Customer> {
    book.records().customers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn changing_a_book_agrees_with_building_it_anew(
        steps in prop::collection::vec((any::<bool>(), customer()), 0..40)
    ) {
        let mut changed = book(Vec::new());
        let mut plain = std::collections::BTreeMap::new();
        for (remove, customer) in steps {
            let known = plain.contains_key(&customer.id);
            match (remove, known) {
                (true, known) => {
                    prop_assert_eq!(changed.remove_customer(&customer.id).is_ok(), known);
                    plain.remove(&customer.id);
                }
                (false, true) => {
                    changed.replace_customer(&customer).unwrap();
                    plain.insert(customer.id.clone(), customer);
                }
                (false, false) => {
                    changed.insert_customer(&customer).unwrap();
                    plain.insert(customer.id.clone(), customer);
                }
            }
        }
        let built = book(plain.into_values().collect());
        prop_assert_eq!(customers_of(&changed), customers_of(&built));
        let held = |book: &Book| -> Vec<i64> {
            book.rep_order().iter().map(|&rep| book.holding(rep)).collect()
        };
        prop_assert_eq!(held(&changed), held(&built));
        prop_assert_eq!(holding(&changed), (0..4).map(|rep| changed.holding(rep)).collect::<Vec<_>>());
        for (place, &row) in changed.customer_order().iter().enumerate() {
            let id = changed.customer_id(row);
            prop_assert_eq!(changed.customer_row(id), Some(row));
            prop_assert_eq!(built.customer_id(built.customer_order()[place]), id);
        }
    }

    #[test]
    fn the_order_of_records_changes_nothing(
        customers in prop::collection::btree_map(any::<u16>(), customer(), 0..20)
            .prop_map(|map| map.into_iter().map(|(n, mut customer)| {
                customer.id = format!("c{n}");
                customer
            }).collect::<Vec<_>>()),
        seed in any::<u64>(),
    ) {
        let mut shuffled = customers.clone();
        let mut state = seed;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(at, (state >> 33) as usize % (at + 1));
        }
        let (a, b) = (book(customers), book(shuffled));
        prop_assert_eq!(a.records(), b.records());
        prop_assert_eq!(a.warnings(), b.warnings());
    }

    #[test]
    fn what_is_inferred_builds(
        values in prop::collection::vec(prop::collection::btree_map("[a-f]", attribute(), 0..5), 0..12)
    ) {
        let with_ids = values.into_iter().zip(0..);
        let records = Records {
            customers: with_ids.map(|(attributes, n)| Customer {
                attributes,
                ..Customer::new(format!("c{n}"))
            }).collect(),
            ..Records::default()
        };
        let schema = Schema::infer(&records);
        let mut backwards = records.clone();
        backwards.customers.reverse();
        prop_assert_eq!(&Schema::infer(&backwards), &schema);
        let book = Book::build(records.clone(), schema.clone()).unwrap();
        // A key is a field exactly if no warning says that it is none.
        let unknown = book.warnings().len();
        let keys: std::collections::BTreeSet<&String> =
            records.customers.iter().flat_map(|customer| customer.attributes.iter())
                .filter(|(_, value)| !value.is_absent()).map(|(key, _)| key).collect();
        let own = schema.fields(Side::Customer).len() - Schema::default().fields(Side::Customer).len();
        prop_assert_eq!(own + unknown, keys.len());
    }
}

fn attribute() -> impl Strategy<Value = Attribute> {
    prop_oneof![
        1 => Just(Attribute::Absent),
        1 => any::<bool>().prop_map(Attribute::Bool),
        4 => any::<i64>().prop_map(Attribute::Int),
        4 => (-1e300..1e300f64).prop_map(Attribute::Float),
        2 => "[a-z]{0,5}".prop_map(Attribute::Text),
        2 => Just(Attribute::Text("2026-01-31".to_owned())),
        2 => moment().prop_map(Attribute::Time),
        2 => prop::collection::vec("[a-z]".prop_map(String::from), 0..3).prop_map(Attribute::Tags),
        1 => Just(Attribute::List(vec![Attribute::Int(1)])),
    ]
}
