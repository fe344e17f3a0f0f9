//! What a host gives to a builder: each hook in Rust makes the plan that the same rule makes in a
//! script; limits and settings are checked like those of a script.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::sync::Arc;

use bookwright::report::TraceOutcome;
use bookwright::tiering::{Cut, Per, TierRule};
use bookwright::{
    Allocating, BalanceSetting, Book, Call, Customer, CustomerHook, CustomerRef, Field, Hook,
    HookError, Kind, Limits, PairHook, Plan, PlanOptions, Policy, PolicyBuilder, Records, Rep,
    RepHook, RepRef, Schema, Value,
};

/// A hook from a closure.
struct Told<F>(F);

impl<F> CustomerHook for Told<F>
where
    F: Fn(CustomerRef<'_>) -> Result<Value, HookError> + Send + Sync,
{
    fn answer(&self, customer: CustomerRef<'_>, _: &mut Call<'_>) -> Result<Value, HookError> {
        (self.0)(customer)
    }
}

impl<F> RepHook for Told<F>
where
    F: Fn(RepRef<'_>) -> Result<Value, HookError> + Send + Sync,
{
    fn answer(&self, rep: RepRef<'_>, _: &mut Call<'_>) -> Result<Value, HookError> {
        (self.0)(rep)
    }
}

impl<F> PairHook for Told<F>
where
    F: Fn(CustomerRef<'_>, RepRef<'_>) -> Result<Value, HookError> + Send + Sync,
{
    fn answer(
        &self,
        customer: CustomerRef<'_>,
        rep: RepRef<'_>,
        _: &mut Call<'_>,
    ) -> Result<Value, HookError> {
        (self.0)(customer, rep)
    }
}

fn about<F>(builder: PolicyBuilder, hook: Hook, rule: F) -> PolicyBuilder
where
    F: Fn(CustomerRef<'_>) -> Result<Value, HookError> + Send + Sync + 'static,
{
    builder.customer_hook(hook, Arc::new(Told(rule)))
}

/// The id of the role at hand.
fn role(customer: CustomerRef<'_>) -> String {
    let roles = customer.view().book().schema().roles();
    roles[customer.role().unwrap().index()].id.clone()
}

fn potential(customer: CustomerRef<'_>) -> f64 {
    customer.float("potential").unwrap_or(0.0)
}

/// The division of a script, which fails for one customer in seven.
fn share(customer: CustomerRef<'_>) -> Result<i64, HookError> {
    let employees = customer.int("employees").unwrap_or(0);
    let failed = || HookError::new(format!("division by zero: 12 / {employees}"));
    12_i64.checked_div(employees).ok_or_else(failed)
}

/// One rule, in the script and in Rust.
struct Rule {
    hook: Hook,
    script: &'static str,
    native: fn(PolicyBuilder) -> PolicyBuilder,
}

fn rules() -> Vec<Rule> {
    vec![
        Rule {
            hook: Hook::Tier,
            script: r#"fn tier(customer) { if 12 / (customer.employees ?? 0) > 3 { "A" } else { "B" } }"#,
            native: |builder| {
                builder.tier(|customer| Ok(if share(customer)? > 3 { "A" } else { "B" }))
            },
        },
        Rule {
            hook: Hook::Segment,
            script: r#"fn segment(customer) { customer.region ?? "nowhere" }"#,
            native: |builder| {
                about(builder, Hook::Segment, |customer| {
                    Ok(customer.text("region").unwrap_or("nowhere").into())
                })
            },
        },
        Rule {
            hook: Hook::Coverage,
            script: r#"fn coverage(customer) { if customer.segment == "east" { ["developer", "manager"] } else { ["developer"] } }"#,
            native: |builder| {
                about(builder, Hook::Coverage, |customer| {
                    let east = customer.text("segment") == Some("east");
                    let roles = if east {
                        &["developer", "manager"][..]
                    } else {
                        &["developer"]
                    };
                    Ok(Value::Array(
                        roles.iter().map(|role| Value::from(*role)).collect(),
                    ))
                })
            },
        },
        Rule {
            hook: Hook::Workload,
            script: r#"fn workload(customer, role) { if role == "manager" { 0.5 } else { 12 / (customer.employees ?? 0) } }"#,
            native: |builder| {
                about(builder, Hook::Workload, |customer| {
                    match role(customer).as_str() {
                        "manager" => Ok(0.5.into()),
                        _ => share(customer).map(Value::from),
                    }
                })
            },
        },
        Rule {
            hook: Hook::Priority,
            script: r#"fn priority(customer, role) { if role == "manager" { 1 } else { customer.potential ?? 0.0 } }"#,
            native: |builder| {
                about(builder, Hook::Priority, |customer| {
                    match role(customer).as_str() {
                        "manager" => Ok(1.into()),
                        _ => Ok(potential(customer).into()),
                    }
                })
            },
        },
        Rule {
            hook: Hook::Capacity,
            script: "fn capacity(rep) { rep.level * 7.5 }",
            native: |builder| {
                builder.capacity(|rep| Ok(rep.int("level").unwrap_or(0) as f64 * 7.5))
            },
        },
        Rule {
            hook: Hook::Eligible,
            script: r#"fn eligible(customer, rep) { if customer.tier == "A" && rep.level < 2 { "too junior" } else { customer.region != "north" || rep.level != 3 } }"#,
            native: |builder| {
                builder.eligible(|customer, rep| {
                    let level = rep.int("level").unwrap_or(0);
                    Ok(if customer.text("tier") == Some("A") && level < 2 {
                        Value::from("too junior")
                    } else {
                        Value::from(customer.text("region") != Some("north") || level != 3)
                    })
                })
            },
        },
        Rule {
            hook: Hook::Score,
            script: "fn score(customer, rep) { (customer.potential ?? 0.0) * rep.level + if customer.region in rep.regions { 10.0 } else { 0.0 } }",
            native: |builder| {
                builder.score(|customer, rep| {
                    let near = customer
                        .text("region")
                        .is_some_and(|it| rep.has("regions", it));
                    let level = rep.int("level").unwrap_or(0) as f64;
                    Ok(potential(customer) * level + if near { 10.0 } else { 0.0 })
                })
            },
        },
    ]
}

fn book() -> Book {
    let regions = ["east", "west", "north"];
    let customers = (0..42).map(|n: usize| {
        Customer::new(format!("c{n:02}"))
            .set("region", regions[n % 3])
            .set("potential", (n % 5) as f64)
            .set("employees", (n % 7) as i64)
            .set("family", (n % 10 == 4).then(|| format!("f{}", n % 20)))
    });
    let reps = (0..6).map(|n: usize| {
        Rep::new(format!("r{n}"))
            .roles(["developer", "manager"])
            .set("regions", [regions[n % 3]])
            .set("level", (n % 3 + 1) as i64)
    });
    let records = Records {
        customers: customers.collect(),
        reps: reps.collect(),
        ..Records::default()
    };
    Book::build(records, Schema::default()).unwrap()
}

fn plan(policy: &Policy, book: &Book) -> Plan {
    let options = PlanOptions::at("2026-01-31".parse().unwrap());
    policy.plan(book, &options).unwrap()
}

/// What was decided: without what it was made from, and the lines of a script.
fn decided(mut plan: Plan) -> Plan {
    plan.fingerprint.clear();
    plan.problems.iter_mut().for_each(|it| it.line = None);
    plan
}

#[test]
fn each_hook_in_rust_makes_the_plan_of_the_same_rule_in_a_script() {
    let rules = rules();
    let script: String = rules.iter().map(|it| format!("{}\n", it.script)).collect();
    let book = book();
    let expected = plan(&Policy::compile(&script, book.schema()).unwrap(), &book);
    assert!(!expected.problems.is_empty() && !expected.unassigned.is_empty());
    assert!(expected.assignments.len() > 20);
    let expected = decided(expected);
    let mut all = Policy::builder(book.schema());
    for rule in &rules {
        // Over the script's own, and in place of it.
        for script in [script.clone(), script.replace(rule.script, "")] {
            let builder = Policy::builder(book.schema()).script(&script);
            let policy = (rule.native)(builder).build().unwrap();
            let plan = plan(&policy, &book);
            let traced = match rule.hook {
                Hook::Capacity => plan.trace_rep(&book, "r1", "developer", rule.hook),
                Hook::Eligible | Hook::Score => {
                    plan.trace_pair(&book, "c01", "r1", "developer", rule.hook)
                }
                Hook::Workload | Hook::Priority => {
                    plan.trace_in_role(&book, "c01", "developer", rule.hook)
                }
                _ => plan.trace(&book, "c01", rule.hook),
            };
            assert_eq!(
                traced.unwrap().outcome,
                TraceOutcome::Native,
                "{}",
                rule.hook
            );
            assert_eq!(decided(plan), expected, "{}", rule.hook);
        }
        all = (rule.native)(all);
    }
    assert_eq!(decided(plan(&all.build().unwrap(), &book)), expected);
}

#[test]
fn a_value_in_rust_is_cut_like_that_of_a_script() {
    let tiers = r#"const TIERS = [#{ tier: "A", top: 0.25, per: "segment" }, #{ tier: "B", top: 0.5 }, #{ tier: "C" }];
fn segment(customer) { customer.region ?? "" }"#;
    let value = "fn value(customer) { (customer.potential ?? 0.0) / 2.0 }";
    let book = book();
    let expected = Policy::compile(&format!("{tiers} {value}"), book.schema()).unwrap();
    for script in [
        tiers.to_owned(),
        format!("{tiers} fn value(customer) {{ 1.0 }}"),
    ] {
        let builder = Policy::builder(book.schema()).script(&script);
        let policy = builder
            .value(|customer| Ok(potential(customer) / 2.0))
            .build()
            .unwrap();
        assert_eq!(
            decided(plan(&policy, &book)),
            decided(plan(&expected, &book))
        );
    }
}

#[test]
fn what_is_native_wins_over_the_script() {
    let book = book();
    let script = r#"
fn tier(customer) { "C" }
fn capacity(rep, role) { 0 }
fn eligible(customer, rep) { false }
"#;
    let policy = Policy::builder(book.schema())
        .script(script)
        .tier(|_| Ok::<_, HookError>("A"))
        .rep_hook(Arc::new(Told(|rep: RepRef<'_>| {
            assert_eq!(rep.role(), None, "all roles together");
            Ok(100.into())
        })))
        .pair_hook(
            Hook::Eligible,
            Arc::new(Told(|_: CustomerRef<'_>, _: RepRef<'_>| Ok(true.into()))),
        )
        .build()
        .unwrap();
    let plan = plan(&policy, &book);
    assert!(plan.tiers.values().all(|tier| tier == "A"));
    assert!(plan.unassigned.is_empty());
    assert!(plan.loads.iter().all(|load| load.role.is_none()));
}

#[test]
fn a_hook_about_something_else_is_left_as_it_is() {
    let book = book();
    let untold = || Told(|_: CustomerRef<'_>| Ok("nobody asks".into()));
    let unmade = || Told(|_: CustomerRef<'_>, _: RepRef<'_>| Ok("nobody asks".into()));
    let mut builder = Policy::builder(book.schema());
    for hook in [Hook::Capacity, Hook::Eligible, Hook::Score] {
        builder = builder.customer_hook(hook, Arc::new(untold()));
    }
    for hook in Hook::ALL {
        if !matches!(hook, Hook::Eligible | Hook::Score) {
            builder = builder.pair_hook(hook, Arc::new(unmade()));
        }
    }
    let empty = Policy::compile("", book.schema()).unwrap();
    assert_eq!(plan(&builder.build().unwrap(), &book), plan(&empty, &book));
}

#[test]
fn what_a_native_hook_answers_is_checked() {
    let book = book();
    let answers = |hook: Hook, value: Value| {
        let policy = match hook {
            Hook::Eligible | Hook::Score => Policy::builder(book.schema()).pair_hook(
                hook,
                Arc::new(Told(move |_: CustomerRef<'_>, _: RepRef<'_>| {
                    Ok(value.clone())
                })),
            ),
            Hook::Capacity => Policy::builder(book.schema())
                .rep_hook(Arc::new(Told(move |_: RepRef<'_>| Ok(value.clone())))),
            _ => about(Policy::builder(book.schema()), hook, move |_| {
                Ok(value.clone())
            }),
        };
        let plan = plan(&policy.build().unwrap(), &book);
        plan.problems[0].message.clone()
    };
    let nan = || Value::Float(f64::NAN);
    let long = || Value::from("x".repeat(1025).as_str());
    let undefined = "answered a number that is undefined (NaN)";
    for (hook, value, text) in [
        (Hook::Tier, Value::Unit, "answered nothing, expected text"),
        (
            Hook::Tier,
            "x".into(),
            "answered the unknown tier `x`, expected one of `A`, `B`, `C`",
        ),
        (
            Hook::Segment,
            nan(),
            "answered the float NaN, expected text",
        ),
        (
            Hook::Segment,
            long(),
            "answered a text of 1025 bytes, expected at most 1024",
        ),
        (
            Hook::Coverage,
            "developer".into(),
            "answered the text `developer`, expected an array of roles",
        ),
        (
            Hook::Coverage,
            Value::Array([Value::from("cook")].into()),
            "answered the unknown role `cook`, expected `developer`, `maintainer`, `manager`, `list_manager`",
        ),
        (
            Hook::Coverage,
            Value::Array([Value::from("list_manager")].into()),
            "answered the role `list_manager`, which owns no customers",
        ),
        (
            Hook::Workload,
            true.into(),
            "answered the bool true, expected a number",
        ),
        (
            Hook::Workload,
            0.into(),
            "answered 0, expected a number above 0 (at least 0.000001)",
        ),
        (Hook::Priority, nan(), undefined),
        (Hook::Capacity, nan(), undefined),
        (
            Hook::Capacity,
            f64::INFINITY.into(),
            "answered inf, expected at most 1e12 either way",
        ),
        (
            Hook::Capacity,
            (-1).into(),
            "answered -1, expected at least 0",
        ),
        (
            Hook::Capacity,
            "x".into(),
            "answered the text `x`, expected a number or a map",
        ),
        (
            Hook::Eligible,
            1.into(),
            "answered the int 1, expected `true`, `false` or the reason why not as text",
        ),
        (
            Hook::Eligible,
            long(),
            "answered a text of 1025 bytes, expected at most 1024",
        ),
        (Hook::Score, nan(), undefined),
        (
            Hook::Score,
            Value::Unit,
            "answered nothing, expected a number",
        ),
    ] {
        assert_eq!(answers(hook, value.clone()), text, "{hook} {value:?}");
    }
}

fn refused(builder: PolicyBuilder) -> String {
    let error = builder.build().unwrap_err();
    let mut errors = error
        .report()
        .errors()
        .map(|it| format!("{}: {}", it.code, it.message));
    let first = errors.next().unwrap();
    assert_eq!(errors.next(), None, "{error}");
    first
}

#[test]
fn tier_and_value_exclude_each_other_whoever_gives_them() {
    let builder = |script: &str| {
        let cut = |tier: &str, at_least| Cut {
            tier: tier.to_owned(),
            at_least,
            top: None,
            per: Per::Book,
            keep_within: 0.0,
        };
        let cuts = TierRule::Cuts(vec![cut("A", Some(1.0)), cut("B", None)]);
        Policy::builder(&Schema::default())
            .tiers(cuts)
            .script(script)
    };
    let text = "tier-and-value: a policy has either `tier` or `value`, not both, be they native or of the script";
    assert_eq!(
        refused(builder("fn tier(customer) { \"A\" }").value(|_| Ok(1.0))),
        text
    );
    assert_eq!(
        refused(builder("fn value(customer) { 1.0 }").tier(|_| Ok::<_, HookError>("A"))),
        text
    );
    assert_eq!(
        refused(
            builder("")
                .tier(|_| Ok::<_, HookError>("A"))
                .value(|_| Ok(1.0))
        ),
        text
    );
    assert!(builder("").value(|_| Ok(1.0)).build().is_ok());
    let plain = Policy::builder(&Schema::default()).value(|_| Ok(1.0));
    assert_eq!(
        refused(plain),
        "wrong-setting: `value` needs `TIERS` with cuts (`at_least` or `top`)"
    );
}

#[test]
fn settings_of_the_host_are_checked_like_those_of_a_script() {
    let host =
        |settings: Allocating| refused(Policy::builder(&Schema::default()).allocation(settings));
    let usual = Allocating::default;
    let roles = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    // What a script that computes the same is told; nothing where a script cannot say it.
    let both = |settings: Allocating, script: &str, text: &str| {
        assert_eq!(
            host(settings),
            format!("wrong-setting: the host's allocation: {text}")
        );
        if !script.is_empty() {
            let script = format!("const ALLOCATION = [#{{ {script} }}][0];");
            let script = Policy::builder(&Schema::default()).script(&script);
            assert_eq!(refused(script), format!("wrong-setting: {text}"));
        }
    };
    both(
        Allocating {
            strategy: "best".to_owned(),
            ..usual()
        },
        "strategy: \"best\"",
        "unknown strategy `best` (did you mean `best_score`?): there are best_score, round_robin, weighted_round_robin, least_loaded, optimal",
    );
    both(
        Allocating {
            unassigned_price: Some(f64::NAN),
            ..usual()
        },
        "",
        "`unassigned_price` is not finite",
    );
    both(
        Allocating {
            move_price: f64::INFINITY,
            ..usual()
        },
        "move_price: 1e308 * 10.0",
        "`move_price` is not finite",
    );
    both(
        Allocating {
            move_price: -1.0,
            ..usual()
        },
        "move_price: -1",
        "`move_price` is -1, expected at least 0",
    );
    both(
        Allocating {
            min_load: Some(-0.5),
            ..usual()
        },
        "min_load: -0.5",
        "`min_load` is -0.5, expected at least 0",
    );
    both(
        Allocating {
            max_load: Some(f64::NAN),
            ..usual()
        },
        "",
        "`max_load` is not finite",
    );
    both(
        Allocating {
            max_load: Some(-2.0),
            ..usual()
        },
        "max_load: -2.0",
        "`max_load` is -2, expected at least 0",
    );
    both(
        Allocating {
            balance: Some(BalanceSetting::Price(-3.0)),
            ..usual()
        },
        "balance: -3",
        "`balance` is -3, expected at least 0",
    );
    both(
        Allocating {
            balance: Some(BalanceSetting::Named("even".to_owned())),
            ..usual()
        },
        "balance: \"even\"",
        "`balance` must be a price or \"leximin\"",
    );
    both(
        Allocating {
            min_load: Some(0.75),
            max_load: Some(0.5),
            ..usual()
        },
        "min_load: 0.75, max_load: 0.5",
        "`min_load` 0.75 is above `max_load` 0.5",
    );
    both(
        Allocating {
            same_rep: roles(&["developer", "cook"]),
            ..usual()
        },
        "same_rep: [\"developer\", \"cook\"]",
        "`same_rep` names the unknown role `cook`",
    );
    both(
        Allocating {
            different_rep: roles(&["developer", "developer"]),
            ..usual()
        },
        "different_rep: [\"developer\", \"developer\"]",
        "`different_rep` needs at least two roles",
    );
    let two = || roles(&["developer", "manager"]);
    both(
        Allocating {
            same_rep: two(),
            different_rep: two(),
            ..usual()
        },
        "same_rep: [\"developer\", \"manager\"], different_rep: [\"developer\", \"manager\"]",
        "`same_rep` and `different_rep` both name `developer`, `manager`: nobody can have them",
    );
}

#[test]
fn settings_of_the_host_win_over_the_script() {
    let book = book();
    let script = |settings: &str| {
        format!("const ALLOCATION = #{{ {settings} }}; fn score(customer, rep) {{ rep.level }}")
    };
    let given = Allocating {
        strategy: "least_loaded".to_owned(),
        ..Allocating::default()
    };
    let builder = Policy::builder(book.schema()).script(&script("strategy: \"round_robin\""));
    let policy = builder.allocation(given).build().unwrap();
    let expected = Policy::compile(&script("strategy: \"least_loaded\""), book.schema()).unwrap();
    let other = Policy::compile(&script("strategy: \"round_robin\""), book.schema()).unwrap();
    let found = decided(plan(&policy, &book));
    assert_eq!(found, decided(plan(&expected, &book)));
    assert_ne!(found, decided(plan(&other, &book)));
}

#[test]
fn limits_of_the_host_hold_for_the_script() {
    let script = "fn tier(customer) { grade(1) } fn grade(x) { \"A\" }";
    let limited = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        refused(
            Policy::builder(&Schema::default())
                .script(script)
                .limits(limits),
        )
    };
    assert_eq!(
        limited(|limits| limits.source_bytes = 10),
        "source-too-long: this policy has 50 bytes; at most 10 are allowed"
    );
    assert_eq!(
        limited(|limits| limits.functions = 1),
        "too-many-functions: a policy has at most 1 functions"
    );
    assert_eq!(
        limited(|limits| limits.call_depth = 1),
        "calls-too-deep: calls go 2 functions deep here; at most 1 are allowed"
    );
    let dear = limited(|limits| limits.operations = 1);
    assert!(
        dear.starts_with("too-expensive: one call of `tier` may take "),
        "{dear}"
    );
    let mut limits = Limits::default();
    limits.functions = 2;
    let policy = Policy::builder(&Schema::default())
        .script(script)
        .limits(limits);
    assert!(policy.build().is_ok());
}

#[test]
fn what_is_printed_for_debugging_holds_the_text_and_no_more() {
    let schema = Schema::builder()
        .customer_field(Field::new("income", Kind::Int).sensitive())
        .build()
        .unwrap();
    let builder = Policy::builder(&schema)
        .script("const TIERS = [\"A\"];")
        .score(|_, _| Ok(1.0));
    assert_eq!(
        format!("{builder:?}"),
        r#"PolicyBuilder { text: "const TIERS = [\"A\"];", .. }"#
    );
    let shown = format!("{:?}", builder.build().unwrap());
    let begin =
        r#"Policy { text: "const TIERS = [\"A\"];", tiers: Labels(["A"]), allocation: Together("#;
    assert!(
        shown.starts_with(begin) && shown.ends_with("), .. }"),
        "{shown}"
    );
    // Neither the schema nor the hooks.
    assert!(
        !shown.contains("income") && !shown.contains("score:"),
        "{shown}"
    );
}
