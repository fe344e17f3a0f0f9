//! Books with much of one thing: what they cost grows with the records, and no faster.
//!
//! Two sizes are compared, one eight times the other, each by its quickest run: work in the
//! number of records takes about eight times as long, work in its square 64 times. The peak of
//! memory is compared with that of the records themselves. All on a stack of 2 MiB.

#[path = "../book_broken/told.rs"]
mod told;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use bookwright::{
    Attribute, Book, Customer, Exclusion, Pin, Records, Rep, Role, Schema, Team, Turn,
};

use cap::Cap;
use told::{classes, is_told_well};

#[global_allocator]
static ALLOCATOR: Cap<std::alloc::System> = Cap::new(std::alloc::System, usize::MAX);

/// Some records of a size, and the classes of problems that a book of them has.
type Case = (&'static str, fn(usize) -> Records, &'static [&'static str]);

fn numbered<T>(count: usize, make: impl Fn(usize) -> T) -> Vec<T> {
    (0..count).map(make).collect()
}

fn developers(count: usize) -> Vec<Rep> {
    numbered(count, |n| {
        Rep::new(format!("r{n}"))
            .roles(["developer"])
            .set("capacity", 1)
    })
}

fn of_customers(count: usize, make: impl Fn(usize, Customer) -> Customer) -> Records {
    Records {
        customers: numbered(count, |n| make(n, Customer::new(format!("c{n}")))),
        reps: developers(2),
        ..Records::default()
    }
}

const CASES: &[Case] = &[
    (
        "a chain of teams",
        |n| Records {
            teams: numbered(n, |at| match at {
                0 => Team::new("t0"),
                _ => Team::new(format!("t{at}")).parent(format!("t{}", at - 1)),
            }),
            ..Records::default()
        },
        &[],
    ),
    (
        "one cycle of teams with tails",
        |n| Records {
            teams: numbered(n, |at| {
                let parent = if at < n / 2 { (at + 1) % (n / 2) } else { 0 };
                Team::new(format!("t{at}")).parent(format!("t{parent}"))
            }),
            ..Records::default()
        },
        &["TeamCycle"],
    ),
    (
        "cycles of teams",
        |n| Records {
            teams: numbered(n, |at| {
                Team::new(format!("t{at}")).parent(format!("t{}", at ^ 1))
            }),
            ..Records::default()
        },
        &["TeamCycle"],
    ),
    (
        "the same id",
        |n| of_customers(n, |_, _| Customer::new("c")),
        &["DuplicateId"],
    ),
    (
        "no id",
        |n| of_customers(n, |_, _| Customer::new("")),
        &["EmptyId"],
    ),
    (
        "unknown owners",
        |n| of_customers(n, |at, it| it.owner("developer", format!("x{at}"))),
        &["Unknown"],
    ),
    (
        "unknown roles of owners",
        |n| of_customers(n, |at, it| it.owner(format!("x{at}"), "r1")),
        &["Unknown"],
    ),
    (
        "values of wrong kinds",
        |n| of_customers(n, |_, it| it.set("risk", 2).set("tags", 1)),
        &["Field/OutOfRange", "Field/WrongKind"],
    ),
    (
        "many owners of one customer",
        |n| Records {
            customers: vec![(0..n).fold(Customer::new("c"), |it, at| {
                it.owner(format!("x{at}"), "r1")
            })],
            reps: developers(2),
            ..Records::default()
        },
        &["Unknown"],
    ),
    (
        "unknown keys of many customers",
        |n| of_customers(n, |at, it| it.set(format!("key{at}"), 1)),
        &[],
    ),
    (
        "unknown keys of one customer",
        |n| Records {
            customers: vec![
                (0..n).fold(Customer::new("c"), |it, at| it.set(format!("key{at}"), 1)),
            ],
            ..Records::default()
        },
        &[],
    ),
    (
        "a broad unknown value",
        |n| Records {
            customers: vec![
                Customer::new("c").set("wide", Attribute::List(vec![Attribute::Absent; n])),
            ],
            ..Records::default()
        },
        &[],
    ),
    (
        "strange ids",
        |n| Records {
            customers: numbered(n, |at| Customer::new(format!("\u{202e}\u{200b}{at}"))),
            ..Records::default()
        },
        &[],
    ),
    (
        "one family",
        |n| of_customers(n, |_, it| it.set("family", "f")),
        &[],
    ),
    (
        "pins against pins",
        |n| Records {
            pins: numbered(n, |at| Pin::new("c0", "developer", format!("r{at}"))),
            reps: developers(n),
            ..of_customers(1, |_, it| it)
        },
        &["ContradictoryPins"],
    ),
    (
        "the same pin",
        |n| Records {
            pins: numbered(n, |_| Pin::new("c0", "developer", "r0")),
            ..of_customers(1, |_, it| it)
        },
        &["Repeated"],
    ),
    (
        "pins against exclusions",
        |n| Records {
            pins: numbered(n, |at| Pin::new(format!("c{at}"), "developer", "r0")),
            exclusions: numbered(n, |at| Exclusion::new(format!("c{at}"), "r0")),
            ..of_customers(n, |_, it| it)
        },
        &["PinExcluded"],
    ),
    (
        "everybody excluded from everybody",
        |n| Records {
            exclusions: numbered(n, |at| {
                Exclusion::new(format!("c{}", at % 50), format!("r{}", at / 50))
            }),
            reps: developers(n / 50 + 1),
            ..of_customers(50, |_, it| it)
        },
        &[],
    ),
    (
        "roles",
        |n| Records {
            roles: numbered(n, |at| Role::new(format!("role{at}"))),
            ..Records::default()
        },
        &["TooMany"],
    ),
    (
        "most roles for many reps",
        |n| Records {
            roles: numbered(1000, |at| Role::new(format!("role{at}"))),
            reps: developers(n),
            ..Records::default()
        },
        &[],
    ),
    (
        "turns of reps",
        |n| Records {
            reps: numbered(n, |at| {
                let mut rep = Rep::new(format!("r{at}")).set("capacity", 1);
                rep.last_assigned
                    .insert(format!("role{at}"), Turn::default());
                rep
            }),
            ..Records::default()
        },
        &["Unknown"],
    ),
    (
        "tables",
        |n| Records {
            tables: (0..n)
                .map(|at| (format!("t{at}"), [("k".to_owned(), 1.into())].into()))
                .collect(),
            ..Records::default()
        },
        &[],
    ),
    (
        "a table of wrong kinds",
        |n| Records {
            tables: [(
                "t".to_owned(),
                (0..n)
                    .map(|at| {
                        (
                            format!("{at:09}"),
                            if at == 0 { 1.into() } else { "x".into() },
                        )
                    })
                    .collect(),
            )]
            .into(),
            ..Records::default()
        },
        &["TableValue"],
    ),
    (
        "many tags",
        |n| {
            of_customers(n / 100, |at, it| {
                it.set("tags", numbered(257, |tag| format!("{at}-{tag}")))
            })
        },
        &["Field/ManyTags"],
    ),
    (
        "the same tag",
        |n| of_customers(n / 100, |_, it| it.set("tags", vec!["t".to_owned(); 256])),
        &[],
    ),
    (
        "capacities",
        |n| Records {
            reps: numbered(n, |at| Rep::new(format!("r{at}")).set("capacity", f64::MAX)),
            ..Records::default()
        },
        &["CapacityOverflow"],
    ),
];

/// The figures of the allocator are those of one test at a time.
static TURN: Mutex<()> = Mutex::new(());

#[derive(Debug, Clone, Copy)]
struct Cost {
    time: Duration,
    records: usize,
    peak: usize,
}

/// Builds a book of a case: how long it takes, and memory beside the records.
fn cost(&(name, make, expected): &Case, size: usize) -> Cost {
    let before = ALLOCATOR.allocated();
    let records = make(size);
    let held = ALLOCATOR.allocated() - before;
    let copy = records.clone();
    let start = Instant::now();
    let built = Book::build(copy, Schema::default());
    let time = start.elapsed();
    let peak = ALLOCATOR.allocated() - before;
    match built {
        Ok(book) => {
            assert!(expected.is_empty(), "{name}: nothing wrong");
            assert!(book.warnings().len() <= 100, "{name}");
        }
        Err(errors) => {
            let found: Vec<String> = classes(&errors).into_keys().collect();
            assert_eq!(found, expected, "{name}");
            is_told_well(&errors);
        }
    }
    Cost {
        time,
        records: held,
        peak: peak - held,
    }
}

#[test]
#[ignore = "compares times: run it by itself on a quiet machine, with `-- --ignored`"]
fn time_and_memory_grow_with_the_records() {
    let _turn = TURN.lock();
    let run = || CASES.iter().for_each(grows_with_the_records);
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    thread.spawn(run).unwrap().join().unwrap();
}

/// Measures until the ratio is that of linear work; what is quadratic never comes there, however
/// often it is tried, and what is linear comes there once the machine leaves it alone.
fn grows_with_the_records(case: &Case) {
    let (small, rounds) = (2_000, 40);
    let (mut one, mut eight) = (Duration::MAX, Duration::MAX);
    for round in 1.. {
        one = one.min(cost(case, small).time);
        let large = cost(case, 8 * small);
        eight = eight.min(large.time);
        assert!(
            large.peak < 4 * large.records + (1 << 20),
            "{}: {large:?}",
            case.0
        );
        let ratio = eight.as_secs_f64() / one.as_secs_f64().max(1e-4);
        if ratio < 40.0 {
            // linear is 8, quadratic 64
            break;
        }
        assert!(
            round < rounds,
            "{}: {one:?}, then {eight:?}: {ratio:.1} times as long",
            case.0
        );
    }
}

/// A million problems at once: told is a hundred, counted is every one.
#[test]
fn a_million_problems_are_counted() {
    let _turn = TURN.lock();
    let records = of_customers(250_000, |_, it| {
        it.set("risk", 2)
            .set("tags", 1)
            .set("stage", "x")
            .owner("developer", "nobody")
    });
    let errors = Book::build(records, Schema::default()).unwrap_err();
    assert_eq!(errors.more(), 1_000_000 - 100);
    is_told_well(&errors);
}

/// Ids of a megabyte, and names of it everywhere else, are told by their beginning.
#[test]
fn megabytes_in_every_place() {
    let _turn = TURN.lock();
    let long = |text: &str| text.repeat((1 << 20) / text.len());
    for text in ["x", "\u{202e}", "\u{1b}[1m", "好"] {
        let text = || long(text);
        let records = Records {
            customers: vec![
                Customer::new(text()),
                Customer::new("c1")
                    .name(text())
                    .owner(text(), text())
                    .set(text(), text()),
                Customer::new("c2")
                    .set("region", text())
                    .set("stage", text())
                    .set("created", text()),
                Customer::new("c3")
                    .set("tags", vec![text()])
                    .set("current_tier", text()),
            ],
            reps: vec![
                Rep::new(text()),
                Rep::new("r1")
                    .set("team", text())
                    .set("roles", vec![text()]),
            ],
            roles: vec![Role::new(text()).name(text())],
            teams: vec![Team::new(text()), Team::new("t1").parent(text()).clone()],
            tables: [(
                text(),
                [(text(), text().into()), ("x".to_owned(), 1.into())].into(),
            )]
            .into(),
            pins: vec![Pin::new(text(), text(), text())],
            exclusions: vec![Exclusion::new(text(), text()).in_role(text())],
            ..Records::default()
        };
        let errors = Book::build(records, Schema::default()).unwrap_err();
        assert!(errors.problems().len() > 15, "{errors}");
        is_told_well(&errors);
    }
}
