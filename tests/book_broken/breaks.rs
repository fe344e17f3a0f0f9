//! One break for each class of problem that a book can have: applied to sound records, it makes
//! exactly the problem that it names, whatever else is broken.

use bookwright::{
    Attribute, Customer, Exclusion, Field, Kind, Ownership, Pin, Records, Rep, Role, Schema, Team,
    Turn,
};

/// Adds what is wrong, under ids that no other number has; `mark` is part of each.
pub(crate) type Break = fn(&mut Records, String);

/// A schema with a field of every narrowing.
pub(crate) fn schema() -> Schema {
    let build = Schema::builder()
        .customer_field(Field::new("source", Kind::Text).one_of(["fair", "web"]))
        .customer_field(Field::new("passport", Kind::Text).one_of(["x"]).sensitive())
        .rep_field(Field::new("desk", Kind::Int).at_most(9.0).required())
        .table("zips", Kind::Text)
        .tiers(["A", "B", "C"])
        .build();
    build.unwrap()
}

/// Records with nothing wrong, a little of everything.
pub(crate) fn sound() -> Records {
    let rep = |id: &str| {
        Rep::new(id)
            .roles(["developer", "maintainer"])
            .set("desk", 3)
    };
    Records {
        customers: vec![
            Customer::new("c1")
                .owner("developer", "r1")
                .set("source", "web"),
            Customer::new("c2").set("current_tier", "A"),
        ],
        reps: vec![
            rep("r1").set("team", "t1"),
            rep("r2").set("roles", ["manager"]),
        ],
        roles: vec![Role::new("hunter")],
        teams: vec![Team::new("t1"), Team::new("t2").parent("t1")],
        tables: [("zips".to_owned(), [("1".to_owned(), "north".into())].into())].into(),
        pins: vec![Pin::new("c1", "maintainer", "r1")],
        exclusions: vec![Exclusion::new("c2", "r1")],
        ..Records::default()
    }
}

fn customer(records: &mut Records, id: String, change: impl FnOnce(Customer) -> Customer) {
    records.customers.push(change(Customer::new(id)));
}

fn rep(records: &mut Records, id: String, change: impl FnOnce(Rep) -> Rep) {
    let sound = Rep::new(id).set("desk", 1).set("capacity", 1);
    records.reps.push(change(sound));
}

/// A customer that is there, for breaks that need one of their own.
fn named(records: &mut Records, id: &str) {
    records.customers.push(Customer::new(id));
}

/// The class, as the type of the error calls it, and what makes it.
pub(crate) const BREAKS: &[(&str, Break)] = &[
    ("Field/WrongKind", |all, id| {
        customer(all, id, |it| it.set("tags", "vip"))
    }),
    ("Field/WrongKind", |all, id| {
        customer(all, id, |it| it.set("employees", f64::MAX))
    }),
    ("Field/WrongKind", |all, id| {
        rep(all, id, |it| {
            it.set("active", Attribute::List(vec![1.into()]))
        })
    }),
    ("Field/Missing", |all, id| {
        all.reps.push(Rep::new(id).set("capacity", 1))
    }),
    ("Field/NotFinite", |all, id| {
        customer(all, id, |it| it.set("risk", f64::NAN))
    }),
    ("Field/NotFinite", |all, id| {
        rep(all, id, |mut it| {
            let credit = f64::NEG_INFINITY;
            it.last_assigned.insert(
                "developer".into(),
                Turn {
                    credit,
                    ..Turn::default()
                },
            );
            it
        });
    }),
    ("Field/OutOfRange", |all, id| {
        customer(all, id, |it| it.set("annual_revenue", -0.001))
    }),
    ("Field/OutOfRange", |all, id| {
        rep(all, id, |it| it.set("desk", 10))
    }),
    ("Field/NotAllowed", |all, id| {
        customer(all, id, |it| it.set("source", "\u{1b}[2J\u{202e}"))
    }),
    ("Field/NotAllowed", |all, id| {
        customer(all, id, |it| it.set("stage", ""))
    }),
    ("Field/NotAllowed", |all, id| {
        customer(all, id, |it| it.set("passport", "secret"))
    }),
    ("Field/NotATime", |all, id| {
        customer(all, id, |it| it.set("created", "2026-02-30"))
    }),
    ("Field/NotATime", |all, id| {
        let owner = Ownership::new("r1").since("\u{0}soon");
        customer(all, id, |it| it.owner("developer", owner));
    }),
    ("Field/LongText", |all, id| {
        customer(all, id, |it| it.name("\u{202e}n".repeat(500_000)))
    }),
    ("Field/LongText", |all, id| {
        let owner = Ownership::new("r1").reason("x".repeat(1025));
        customer(all, id, |it| it.owner("developer", owner));
    }),
    ("Field/ManyTags", |all, id| {
        let tags: Vec<String> = (0..257).map(|n| format!("{id}{n}")).collect();
        customer(all, id, |it| it.set("tags", tags));
    }),
    ("Field/LongTags", |all, id| {
        let tags: Vec<String> = (0..256).map(|n| format!("{n:033}")).collect();
        customer(all, id, |it| it.set("tags", tags));
    }),
    ("DuplicateId", |all, id| {
        (0..2).for_each(|_| named(all, &id))
    }),
    ("DuplicateId", |all, id| {
        (0..2).for_each(|_| all.teams.push(Team::new(id.as_str())))
    }),
    ("EmptyId", |all, _| named(all, "")),
    ("EmptyId", |all, _| rep(all, String::new(), |it| it)),
    ("EmptyId", |all, _| all.teams.push(Team::new(""))),
    ("LongId", |all, id| {
        named(all, &(id + &*"\u{200b}".repeat(1_000_000 / 3)))
    }),
    ("LongId", |all, id| {
        all.roles.push(Role::new(id + &*"x".repeat(257)))
    }),
    ("Unknown", |all, id| {
        customer(all, id, |it| it.owner("developer", "\u{9b}31mr9"))
    }),
    ("Unknown", |all, id| {
        customer(all, id.clone(), |it| it.owner(id, "r1"))
    }),
    ("Unknown", |all, id| {
        rep(all, id.clone(), |it| it.set("team", id))
    }),
    ("Unknown", |all, id| {
        rep(all, id.clone(), |it| it.roles([id]))
    }),
    ("Unknown", |all, id| {
        all.teams.push(Team::new(id.as_str()).parent(id + "up"))
    }),
    ("Unknown", |all, id| {
        all.pins.push(Pin::new(id, "developer", "r1"))
    }),
    ("Unknown", |all, id| {
        all.exclusions.push(Exclusion::new("c1", "r1").in_role(id))
    }),
    ("UnknownTier", |all, id| {
        customer(all, id, |it| it.set("current_tier", "Ä"))
    }),
    ("CannotHold", |all, id| {
        customer(all, id, |it| it.owner("developer", "r2"))
    }),
    ("CannotHold", |all, id| {
        named(all, &id);
        all.pins.push(Pin::new(id, "hunter", "r1"));
    }),
    ("OwnsNothing", |all, id| {
        customer(all, id, |it| it.owner("list_manager", "r1"))
    }),
    ("TeamCycle", |all, id| {
        let (one, two) = (format!("{id}a"), format!("{id}b"));
        all.teams.push(Team::new(one.as_str()).parent(two.as_str()));
        all.teams.push(Team::new(two).parent(one));
    }),
    ("TeamCycle", |all, id| {
        all.teams.push(Team::new(id.as_str()).parent(id))
    }),
    ("ContradictoryPins", |all, id| {
        named(all, &id);
        rep(all, format!("{id}r"), |it| it.roles(["developer"]));
        all.pins.push(Pin::new(id.as_str(), "developer", "r1"));
        all.pins
            .push(Pin::new(id.as_str(), "developer", format!("{id}r")));
    }),
    ("PinExcluded", |all, id| {
        named(all, &id);
        all.pins.push(Pin::new(id.as_str(), "developer", "r1"));
        all.exclusions.push(Exclusion::new(id, "r1"));
    }),
    ("Repeated", |all, id| {
        named(all, &id);
        (0..2).for_each(|_| all.pins.push(Pin::new(id.as_str(), "developer", "r1")));
    }),
    ("Repeated", |all, id| {
        named(all, &id);
        (0..2).for_each(|_| all.exclusions.push(Exclusion::new(id.as_str(), "r1")));
    }),
    ("TableValue", |all, id| {
        all.tables
            .entry("zips".into())
            .or_default()
            .insert(id, 7.into());
    }),
    ("TableValue", |all, id| {
        all.tables.insert(
            id,
            [("a".into(), 1.into()), ("b".into(), "x".into())].into(),
        );
    }),
];

/// Classes of a book as a whole: at most one problem each, however often they are broken.
pub(crate) const WHOLE: &[(&str, Break)] = &[
    ("CapacityOverflow", |all, id| {
        rep(all, id, |it| it.set("capacity", 9.1e12))
    }),
    ("CapacityOverflow", |all, id| {
        rep(all, id, |it| it.set("capacity", f64::MAX))
    }),
    ("TooMany", |all, id| {
        all.roles
            .extend((0..1100).map(|n| Role::new(format!("{id}{n}"))))
    }),
];

/// Classes that no making of a book has: they belong to changes, or need four billion records.
pub(crate) const ELSEWHERE: &[&str] = &["InUse", "NotThere", "TooLarge"];
