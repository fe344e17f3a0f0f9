//! A right plan passes its check; every way to make it wrong is found, and told in these words.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use bookwright::{
    Book, Budget, ByCustomer, Change, Plan, PlanOptions, Policy, Reason, Records, Sample, Schema,
    VerifyErrors,
};
use serde_json::json;

const TEXT: &str = r#"
    fn tier(customer) { if (customer.potential ?? 0.0) > 3.0 { "A" } else { "C" } }
    fn segment(customer) { customer.region ?? "nowhere" }
    fn coverage(customer) {
        if customer.region == "south" { ["developer", "maintainer"] } else { ["developer"] }
    }
    fn workload(customer) { if customer.region == "west" { 10 / customer.tags.len() } else { 2 } }
    fn capacity(rep, role) { #{ workload: 4.0, customers: 3, tiers: #{ A: 1 } } }
    fn eligible(customer, rep) {
        if customer.region == "moon" { "nobody flies there" } else { customer.region != "north" || rep.level > 1 }
    }
    fn score(customer, rep) { if customer.region in rep.regions { 10.0 } else { rep.level } }
"#;

fn book() -> Book {
    let records = json!({
        "customers": [
            {"id": "c1", "region": "east", "potential": 5.0, "owners": {"developer": "r1"}},
            {"id": "c2", "region": "north"},
            {"id": "c3", "region": "south", "owners": {"developer": "r4", "manager": "r5"}},
            {"id": "c4", "region": "moon"},
            {"id": "c5", "region": "west", "owners": {"developer": "r2"}},
            {"id": "c6", "region": "west"},
            {"id": "f1", "region": "east", "family": "f"},
            {"id": "f2", "region": "east", "family": "f"},
            {"id": "p1", "region": "east"},
            {"id": "x1", "region": "east"}
        ],
        "reps": [
            {"id": "r1", "roles": ["developer"], "regions": ["east"]},
            {"id": "r2", "roles": ["developer"], "level": 2, "regions": ["north"]},
            {"id": "r3", "roles": ["developer"], "level": 3},
            {"id": "r4", "roles": ["developer"], "active": false},
            {"id": "r5", "roles": ["manager"]}
        ],
        "pins": [{"customer": "p1", "role": "developer", "rep": "r3"}],
        "exclusions": [
            {"customer": "x1", "rep": "r1"}, {"customer": "x1", "rep": "r2"},
            {"customer": "x1", "rep": "r3"}, {"customer": "x1", "rep": "r4"}
        ]
    });
    let records: Records = serde_json::from_value(records).unwrap();
    Book::build(records, Schema::default()).unwrap()
}

fn options() -> PlanOptions {
    PlanOptions::at("2026-01-31T00:00:00Z".parse().unwrap())
}

fn policy() -> Policy {
    Policy::compile(TEXT, &Schema::default()).unwrap()
}

/// What is found after the plan was changed.
fn found(change: impl FnOnce(&mut Plan)) -> Vec<String> {
    let (book, policy) = (book(), policy());
    let mut plan = policy.plan(&book, &options()).unwrap();
    change(&mut plan);
    match plan.verify(&book, &policy, &options()) {
        Ok(_) => Vec::new(),
        Err(wrong) => wrong.violations().iter().map(ToString::to_string).collect(),
    }
}

/// The first that is found, after what else follows from the change was put right.
fn one(change: impl FnOnce(&mut Plan)) -> String {
    let found = found(|plan| {
        change(plan);
        count(plan);
    });
    assert!(!found.is_empty(), "nothing was found");
    found.join("\n")
}

/// Counts once more what the totals count.
fn count(plan: &mut Plan) {
    let change = |change| {
        plan.assignments
            .iter()
            .filter(|it| it.change == change)
            .count() as u64
    };
    let totals = &mut plan.totals;
    totals.kept = change(Change::Kept);
    totals.new = change(Change::New);
    totals.moved = change(Change::Moved);
    totals.released = plan.released.len() as u64;
    totals.unassigned = plan.unassigned.len() as u64;
    totals.demands = totals.unassigned + plan.assignments.len() as u64;
    totals.score = plan.assignments.iter().map(|it| it.score).sum();
}

fn given<'p>(plan: &'p mut Plan, customer: &str) -> &'p mut bookwright::Assignment {
    let found = plan
        .assignments
        .iter_mut()
        .find(|it| it.customer == customer);
    found.unwrap_or_else(|| panic!("{customer} has no owner"))
}

fn open<'p>(plan: &'p mut Plan, customer: &str, role: &str) -> &'p mut bookwright::Unassigned {
    let found = (plan.unassigned.iter_mut()).find(|it| it.customer == customer && it.role == role);
    found.unwrap_or_else(|| panic!("{customer} is not open"))
}

#[test]
fn the_plan_that_is_changed_here_is_right() {
    let (book, policy) = (book(), policy());
    let plan = policy.plan(&book, &options()).unwrap();
    let told: Vec<String> = (plan.assignments.iter())
        .map(|it| format!("{} {} {}", it.customer, it.role, it.rep))
        .collect();
    let expected = [
        "c1 developer r1",
        "c2 developer r2",
        "c3 developer r3",
        "c5 developer r2",
        "p1 developer r3",
    ];
    assert_eq!(told, expected);
    let reasons: Vec<String> = (plan.unassigned.iter())
        .map(|it| {
            format!(
                "{} {} {}",
                it.customer,
                it.role,
                serde_json::to_value(&it.reason).unwrap()["kind"]
            )
        })
        .collect();
    let expected = [
        r#"c3 maintainer "no_rep_in_role""#,
        r#"c4 developer "none_eligible""#,
        r#"c6 developer "hook_failed""#,
        r#"f1 developer "no_capacity""#,
        r#"f2 developer "no_capacity""#,
        r#"x1 developer "none_eligible""#,
    ];
    assert_eq!(reasons, expected);
    let verified = plan.verify(&book, &policy, &options()).unwrap();
    assert_eq!((verified.demands, verified.certificates), (11, 0));
}

/// Each change, and the first thing that is said of it.
#[test]
fn every_change_is_found() {
    type Wrong = (&'static str, fn(&mut Plan), &'static str);
    let cases: [Wrong; 31] = [
        (
            "fingerprint",
            |plan| plan.fingerprint = "0".to_owned(),
            "the plan is of another book, policy or options: its fingerprint is `0`, expected `",
        ),
        (
            "tier",
            |plan| {
                plan.tiers.insert("c2", "A".to_owned());
            },
            "customer `c2` is in tier `A`, expected `C`",
        ),
        (
            "no tier",
            |plan| {
                plan.tiers.remove("c2");
            },
            "customer `c2` is in tier none, expected `C`",
        ),
        (
            "tier of nobody",
            |plan| {
                plan.tiers.insert("c0", "A".to_owned());
            },
            "customer `c0` is in tier `A`, expected none",
        ),
        (
            "segment",
            |plan| {
                plan.segments.insert("c2", "east".to_owned());
            },
            "customer `c2` is in segment `east`, expected `north`",
        ),
        (
            "problem",
            |plan| plan.problems.clear(),
            "the failures of `workload` for customer `c5` are not told right",
        ),
        (
            "left out",
            |plan| {
                plan.assignments.remove(1);
            },
            "customer `c2` as `developer` is neither assigned nor explained",
        ),
        (
            "reason left out",
            |plan| {
                plan.unassigned.remove(0);
            },
            "customer `c3` as `maintainer` is neither assigned nor explained",
        ),
        (
            "twice",
            |plan| {
                let again = plan.assignments[1].clone();
                plan.assignments.insert(1, again);
            },
            "customer `c2` as `developer` is decided 2 times",
        ),
        (
            "both",
            |plan| {
                let mut open = plan.unassigned[0].clone();
                open.customer = "c2".to_owned();
                open.role = "developer".to_owned();
                plan.unassigned.insert(0, open);
            },
            "customer `c2` as `developer` is decided 2 times",
        ),
        (
            "order",
            |plan| plan.assignments.swap(0, 1),
            "`assignments` is not in order",
        ),
        (
            "not needed",
            |plan| given(plan, "c2").role = "manager".to_owned(),
            "customer `c2` as `manager` is decided, but not needed",
        ),
        (
            "no such customer",
            |plan| given(plan, "c2").customer = "c0".to_owned(),
            "`assignments` names the customer `c0`, which the book does not have",
        ),
        (
            "no such rep",
            |plan| given(plan, "c2").rep = "r9".to_owned(),
            "`assignments` names the rep `r9`, which the book does not have",
        ),
        (
            "no such role",
            |plan| open(plan, "c4", "developer").role = "pilot".to_owned(),
            "`unassigned` names the role `pilot`, which the book does not have",
        ),
        (
            "frozen owner",
            |plan| {
                given(plan, "c5").rep = "r1".to_owned();
            },
            "customer `c5` as `developer` must stay as it is, for `workload` fails",
        ),
        (
            "frozen reason",
            |plan| open(plan, "c6", "developer").reason = Reason::NoRepInRole,
            "customer `c6` as `developer` must stay as it is, for `workload` fails",
        ),
        (
            "change",
            |plan| given(plan, "c2").change = Change::Moved,
            "customer `c2` as `developer` is not told right against today: expected new",
        ),
        (
            "not in the role",
            |plan| given(plan, "c2").rep = "r5".to_owned(),
            "customer `c2` as `developer` went to `r5`, who is out: not in the role",
        ),
        (
            "inactive",
            |plan| given(plan, "c2").rep = "r4".to_owned(),
            "customer `c2` as `developer` went to `r4`, who is out: inactive",
        ),
        (
            "ineligible",
            |plan| given(plan, "c2").rep = "r1".to_owned(),
            "customer `c2` as `developer` went to `r1`, who is out: not eligible",
        ),
        (
            "pinned elsewhere",
            |plan| given(plan, "p1").rep = "r1".to_owned(),
            "customer `p1` as `developer` went to `r1`, who is out: pinned to `r3`",
        ),
        (
            "score",
            |plan| given(plan, "c2").score += 1.0,
            "customer `c2` as `developer` with `r2` scores 11, expected 10",
        ),
        (
            "released left out",
            |plan| {
                plan.released.remove(0);
            },
            "customer `c3` as `developer` leaves `r4`, but is not among the released",
        ),
        (
            "released without end",
            |plan| {
                let mut it = plan.released[0].clone();
                it.customer = "c1".to_owned();
                it.rep = "r1".to_owned();
                plan.released.insert(0, it);
            },
            "customer `c1` as `developer` is released from `r1`, but does not end there",
        ),
        (
            "released from another",
            |plan| plan.released[0].rep = "r2".to_owned(),
            "customer `c3` as `developer` is released from `r2`, but does not end there",
        ),
        (
            "load",
            |plan| plan.loads[0].workload += 1.0,
            "the load of `r1` as `developer` is not what it owns and can carry",
        ),
        (
            "load left out",
            |plan| {
                plan.loads.pop();
            },
            "the load of `r5` as `manager` is not what it owns and can carry",
        ),
        (
            "eligible count",
            |plan| open(plan, "f1", "developer").reason = Reason::NoCapacity { eligible: 9 },
            "customer `f1` as `developer` is open for another reason: found no_capacity (9 eligible), expected no_capacity (3 eligible)",
        ),
        (
            "another reason",
            |plan| open(plan, "c3", "maintainer").reason = Reason::NoCapacity { eligible: 1 },
            "customer `c3` as `maintainer` is open for another reason: found no_capacity (1 eligible), expected no_rep_in_role",
        ),
        (
            "counts of reasons",
            |plan| {
                open(plan, "c4", "developer").reason = Reason::NoneEligible {
                    reasons: [("bad weather".to_owned(), 3)].into(),
                }
            },
            "customer `c4` as `developer` is open for another reason: found none_eligible (bad weather: 3), expected none_eligible (inactive: 1, nobody flies there: 3)",
        ),
    ];
    let mut report = String::new();
    for (name, change, expected) in cases {
        let found = one(change);
        if !found.lines().any(|line| line.starts_with(expected)) {
            report += &format!("{name}: expected {expected}\n  found\n{found}\n");
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn wrong_totals_are_found() {
    let said = found(|plan| {
        plan.totals.kept += 1;
        plan.totals.score += 0.5;
        plan.totals.tiers.insert("A".to_owned(), 4);
        plan.totals.tiers.insert("Z".to_owned(), 1);
    });
    let expected = [
        "the total of `kept` is 3, expected 2",
        "the total of `score` is 28.5, expected 28",
        "the total of `tiers.A` is 4, expected 1",
        "the total of `tiers.Z` is 1, expected 0",
    ];
    assert_eq!(said, expected);
}

/// A customer more than fits: the family goes where two others are.
#[test]
fn too_much_for_a_rep_is_found_and_a_family_in_two_parts() {
    let give = |plan: &mut Plan, customer: &str, rep: &str| {
        let at = plan
            .unassigned
            .iter()
            .position(|it| it.customer == customer)
            .unwrap();
        let open = plan.unassigned.remove(at);
        let mut given = plan.assignments[0].clone();
        (given.customer, given.role, given.rep) = (open.customer, open.role, rep.to_owned());
        (given.change, given.score) = (Change::New, if rep == "r1" { 10.0 } else { 3.0 });
        let at = plan
            .assignments
            .partition_point(|it| it.customer < given.customer);
        plan.assignments.insert(at, given);
    };
    let said = one(|plan| {
        give(plan, "f1", "r3");
        give(plan, "f2", "r1");
    });
    let expected = "rep `r3` takes 6 workload as `developer` beside what it keeps, and has room for 4\n\
        the load of `r1` as `developer` is not what it owns and can carry\n\
        the load of `r3` as `developer` is not what it owns and can carry\n\
        customer `f2` as `developer` is not with the rest of its family";
    assert_eq!(said, expected);
}

#[test]
fn an_open_demand_that_somebody_could_take_is_found() {
    let said = one(|plan| {
        let given = plan.assignments.remove(1);
        plan.unassigned.insert(
            0,
            bookwright::Unassigned {
                customer: given.customer,
                role: given.role,
                reason: Reason::NoCapacity { eligible: 2 },
            },
        );
        let load = plan.loads.iter_mut().find(|load| load.rep == "r2").unwrap();
        (load.workload, load.customers) = (load.workload - 2.0, load.customers - 1);
    });
    let expected = "customer `c2` as `developer` is open, though `r2` may take it and has room\n\
        customer `c2` as `developer` is open for another reason: found no_capacity (2 eligible), \
        expected left_open";
    assert_eq!(said, expected);
}

const OPTIMAL: &str = r#"
    const ALLOCATION = #{ strategy: "optimal" };
    fn score(customer, rep) { if customer.region in rep.regions { 10 } else { rep.level } }
    fn capacity(rep) { #{ customers: 1 } }
"#;

#[test]
fn an_optimal_plan_is_held_to_its_certificate() {
    let records = json!({
        "customers": [{"id": "c1", "region": "east"}, {"id": "c2", "region": "west"}],
        "reps": [
            {"id": "r1", "roles": ["developer"], "regions": ["east"]},
            {"id": "r2", "roles": ["developer"], "regions": ["west"]}
        ]
    });
    let book = Book::build(serde_json::from_value(records).unwrap(), Schema::default()).unwrap();
    let policy = Policy::compile(OPTIMAL, book.schema()).unwrap();
    let plan = policy.plan(&book, &options()).unwrap();
    let right = plan.verify(&book, &policy, &options()).unwrap();
    assert_eq!(right.certificates, 1);
    let said = |plan: &Plan| {
        plan.verify(&book, &policy, &options())
            .unwrap_err()
            .to_string()
    };
    // The two change places: allowed, but not the best.
    let mut swapped = plan.clone();
    for (given, rep) in swapped.assignments.iter_mut().zip(["r2", "r1"]) {
        (given.rep, given.score) = (rep.to_owned(), 1.0);
    }
    count(&mut swapped);
    let expected =
        "the certificate of `developer` does not hold: the sums differ from the certificate";
    assert_eq!(said(&swapped), expected);
    let mut told = plan.clone();
    told.certificates[0].gap = 1.0;
    assert_eq!(
        said(&told),
        "the certificate of `developer` is told wrongly"
    );
    told.certificates.clear();
    assert_eq!(
        said(&told),
        "the certificate of `developer` is told wrongly"
    );
}

#[test]
fn another_book_policy_moment_or_budget_is_told() {
    let (book, policy) = (book(), policy());
    let plan = policy.plan(&book, &options()).unwrap();
    let later = PlanOptions::at("2026-02-01T00:00:00Z".parse().unwrap());
    for wrong in [
        plan.verify(&book, &policy, &later),
        plan.verify(&book, &policy, &options().seed(1)),
        plan.verify(
            &book,
            &Policy::compile(OPTIMAL, book.schema()).unwrap(),
            &options(),
        ),
        plan.verify(
            &Book::build(Records::default(), Schema::default()).unwrap(),
            &policy,
            &options(),
        ),
    ] {
        let wrong = wrong.unwrap_err().to_string();
        assert!(
            wrong.starts_with("the plan is of another book, policy or options"),
            "{wrong}"
        );
    }
    let said = |wrong: Result<_, VerifyErrors>| wrong.unwrap_err().to_string();
    let bounded = options().budget(Budget::default().operations(10));
    assert_eq!(
        said(plan.verify(&book, &policy, &bounded)),
        "the plan was not checked: the plan was stopped: its operations are used up"
    );
    assert_eq!(
        said(plan.verify(&book, &policy, &options().param("x", 1))),
        "the plan was not checked: unknown parameter `x`: `PARAMS` has none"
    );
}

#[test]
fn a_sample_sees_its_customers_only_and_all_samples_see_all() {
    let (book, policy) = (book(), policy());
    let mut plan = policy.plan(&book, &options()).unwrap();
    given(&mut plan, "c2").score += 1.0;
    count(&mut plan);
    let seen: Vec<bool> = (0..4)
        .map(|seed| {
            let sample = Sample::every(4).seed(seed);
            plan.verify_sample(&book, &policy, &options(), sample)
                .is_err()
        })
        .collect();
    assert_eq!(seen.iter().filter(|seen| **seen).count(), 1, "{seen:?}");
    assert!(
        plan.verify_sample(&book, &policy, &options(), Sample::every(0))
            .is_err()
    );
}

#[test]
fn a_long_list_is_cut() {
    let customers: Vec<_> = (0..150)
        .map(|at| json!({"id": format!("c{at:03}")}))
        .collect();
    let records: Records =
        serde_json::from_value(json!({"customers": customers, "reps": []})).unwrap();
    let book = Book::build(records, Schema::default()).unwrap();
    let policy = Policy::compile("", book.schema()).unwrap();
    let mut plan = policy.plan(&book, &options()).unwrap();
    plan.segments = ByCustomer::default();
    let wrong = plan.verify(&book, &policy, &options()).unwrap_err();
    assert_eq!(
        (wrong.violations().len(), wrong.more()),
        (VerifyErrors::MOST, 50)
    );
    assert!(wrong.to_string().ends_with("\nand 50 more"));
}
