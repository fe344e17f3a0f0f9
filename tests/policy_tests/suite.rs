//! What belongs to tests, and what a policy is without them.

use bookwright::testing::TestOptions;
use bookwright::{Book, Customer, Limits, PlanOptions, Policy, Records, Rep, Schema, check};

use super::{HOOKS, policy};

fn plan(policy: &Policy) -> bookwright::Plan {
    let records = Records {
        customers: vec![Customer::new("c1").set("annual_revenue", 2e6)],
        reps: vec![Rep::new("r1").roles(["developer"]).set("level", 3)],
        ..Records::default()
    };
    let book = Book::build(records, Schema::default()).unwrap();
    policy
        .plan(&book, &PlanOptions::at("2026-03-02".parse().unwrap()))
        .unwrap()
}

#[test]
fn tests_change_nothing_of_a_plan() {
    let with = policy(
        "// about tests
        fn test_a() { assert_eq(made(1), 1); }\nfn made(x) { x }\nfn invariant_b(plan) { assert(true); }",
    );
    assert_eq!(plan(&policy("")), plan(&with));
    assert_eq!(plan(&policy("")).fingerprint, plan(&with).fingerprint);
    let other = policy("fn capacity(rep) { 7 }");
    assert_ne!(plan(&policy("")).fingerprint, plan(&other).fingerprint);
    let own = format!("fn test_first() {{\n assert(true);\n}}\n{HOOKS}");
    let first = Policy::compile(&own, &Schema::default()).unwrap();
    assert_eq!(plan(&first).fingerprint, plan(&with).fingerprint);
    assert_eq!(policy("").notes().to_string(), with.notes().to_string());
    assert!(
        with.reads(bookwright::Hook::Score).is_some(),
        "it runs over columns all the same"
    );
}

#[test]
fn tests_may_be_longer_than_hooks() {
    let limits = Limits::default();
    let body = "assert(true);\n".repeat(4_000);
    let locals: String = (0..200)
        .map(|n| format!("let x{n} = {n}; assert(x{n} >= 0);"))
        .collect();
    let many: String = (0..300)
        .map(|n| format!("fn test_{n}() {{ assert(true); }}\n"))
        .collect();
    let text = format!("{HOOKS}{many}fn test_long() {{ {locals} {body} }}");
    assert!(text.len() > 2 * limits.source_bytes);
    let policy = Policy::compile(&text, &Schema::default()).unwrap();
    let report = policy.test(&TestOptions::default());
    assert!(report.passed(), "{}", report.tests.len());
    assert_eq!(report.tests.len(), 301);
    // The rest of the text is held to the limits of hooks, wherever it stands.
    let hook: String = (0..70).map(|n| format!("let x{n} = {n}; x{n};")).collect();
    let wrong = format!("fn test_a() {{ assert(true); }} fn tier(c) {{ {hook} \"A\" }}");
    let error = Policy::compile(&wrong, &Schema::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("a function has at most 64 locals"),
        "{error}"
    );
    let wrong = format!(
        "fn test_a() {{ assert(true); }} fn tier(c) {{ {} \"A\" }}",
        "c;\n".repeat(12_000)
    );
    let error = Policy::compile(&wrong, &Schema::default()).unwrap_err();
    assert!(
        error.to_string().contains("at most 32768 are allowed"),
        "{error}"
    );
}

#[test]
fn hooks_do_not_know_what_tests_call() {
    let wrong = |text: &str| check(text, &Schema::default()).to_string();
    assert_eq!(
        wrong("fn tier(c) { plan(c) }\nfn test_a() { assert(true); }"),
        "\
error[unknown-function]: there is no function `plan`
 --> policy:1:14
  |
1 | fn tier(c) { plan(c) }
  |              ^^^^
  = help: only tests can call it: functions named `test_…` and `invariant_…`
"
    );
    assert_eq!(
        wrong("fn tier(c) { test_a() }\nfn test_a() { assert(true); }"),
        "\
error[calls-test]: `test_a` is a test: a hook cannot call it
 --> policy:1:14
  |
1 | fn tier(c) { test_a() }
  |              ^^^^^^
  = help: move what both need into a function of another name
"
    );
    assert_eq!(
        wrong("fn test_a(row) { assert(true); }\nfn invariant_b() { assert(true); }"),
        "\
error[test-parameters]: a test takes no parameters
 --> policy:1:11
  |
1 | fn test_a(row) { assert(true); }
  |           ^^^
  = help: write `fn test_a()`; for a table of cases, `for row in cases([…])`

error[test-parameters]: an invariant takes the plan and nothing else
 --> policy:2:4
  |
2 | fn invariant_b() { assert(true); }
  |    ^^^^^^^^^^^
  = help: write `fn invariant_b(plan)`; for a table of cases, `for row in cases([…])`
"
    );
    // A helper of that name is fine where there are no tests.
    assert_eq!(
        wrong("fn plan(_c) { 1.0 } fn priority(customer) { plan(customer) }"),
        ""
    );
    assert!(wrong("fn plan(c) { 1.0 } fn priority(customer) { plan(customer) }\nfn test_a() { assert(true); }")
        .starts_with("error[shadows-host-function]: `plan` is a function that the tests of this policy call"));
}

#[test]
fn tests_are_checked_like_hooks() {
    let wrong = |body: &str| {
        let text = format!("{HOOKS}fn test_it() {{ {body} }}");
        let report = check(&text, &Schema::default());
        let errors: Vec<String> = report
            .errors()
            .map(|it| format!("{}: {}", it.code, it.message))
            .collect();
        errors.join("; ")
    };
    assert_eq!(
        wrong("customer(#{ regoin: \"x\" });"),
        "unknown-field: a customer has no field `regoin`"
    );
    assert_eq!(
        wrong("customer(#{ tags: \"vip\" });"),
        "wrong-record: `tags` of a customer is an array of texts, not a text"
    );
    assert_eq!(
        wrong("rep(#{ level: 1.5 });"),
        "wrong-record: `level` of a rep is an int, not a float"
    );
    assert_eq!(
        wrong("rep(#{ hired: 3 });"),
        "wrong-record: `hired` of a rep is a time, or a text that tells one, not an int"
    );
    assert_eq!(
        wrong("customer(#{ owner: \"r1\" });"),
        "wrong-record: the owner is given role by role"
    );
    assert_eq!(
        wrong("assert(1);"),
        "wrong-argument: `assert` takes a bool here, not an int"
    );
    assert_eq!(
        wrong("score(customer(#{}));"),
        "wrong-argument-count: the hook `score` is not called with 1 arguments"
    );
    assert_eq!(
        wrong("tire(customer(#{}));"),
        "unknown-function: there is no function `tire`"
    );
    assert_eq!(
        wrong("asert(true);"),
        "unknown-function: there is no function `asert`"
    );
    assert_eq!(wrong("while true {}"), "no-while: there is no `while`");
    assert_eq!(
        wrong("let c = customer(#{}); c.regoin;"),
        "unknown-field: a customer has no field `regoin`"
    );
    assert_eq!(
        wrong("near(customer(#{}));"),
        "wrong-argument-count: `near` takes 2 arguments, not 1"
    );
    assert_eq!(
        check("fn scoer(customer, rep) { 1.0 }\nfn test_a() { assert_eq(scoer(customer(#{}), rep(#{})), 1.0); }", &Schema::default())
            .errors().map(|it| it.code).collect::<Vec<_>>(),
        ["misspelt-hook"]
    );
}

#[test]
fn a_second_script_sees_the_policy() {
    let policy =
        policy("const LIMIT = 1e6;\nfn helper(x) { x + LIMIT }\nfn priority(c) { helper(1.0) }");
    let second = "const OWN = 5.0;\n\nfn test_second() {\n    assert_eq(helper(1.0), LIMIT + 1.0);\n    assert_eq(of(customer(#{})), OWN);\n}\nfn of(c) { score(c, rep(#{})) }\n";
    let tested = policy.with_tests(second).unwrap();
    let report = tested.test(&TestOptions::default().without_coverage());
    assert_eq!(
        report.to_string(),
        "\
running 1 test
test test_second ... FAILED

failures:

---- test_second ----
error[assert-eq]: the two are not equal
 --> tests:5:5
  |
5 |     assert_eq(of(customer(#{})), OWN);
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   left: 0.0
  right: 5.0

failures:
    test_second

test result: FAILED. 0 passed; 1 failed
"
    );
    assert_eq!(plan(&policy).fingerprint, plan(&tested).fingerprint);
    let wrong = policy.with_tests("fn test_a() { asert(true); }\nfn tier(c) { \"A\" }\nconst TIERS = [\"A\"];\nfn near(a) { a }");
    assert_eq!(
        wrong.unwrap_err().to_string(),
        "\
error[unknown-function]: there is no function `asert`
 --> tests:1:15
  |
1 | fn test_a() { asert(true); }
  |               ^^^^^
  = help: did you mean `assert`?

error[duplicate-function]: the function `tier` is defined twice
 --> tests:2:4
  |
2 | fn tier(c) { \"A\" }
  |    ^^^^
  = help: first here: line 2 of the policy

error[hook-in-tests]: the hook `tier` belongs into the policy
 --> tests:2:4
  |
2 | fn tier(c) { \"A\" }
  |    ^^^^

error[hook-in-tests]: the setting `TIERS` belongs into the policy
 --> tests:3:7
  |
3 | const TIERS = [\"A\"];
  |       ^^^^^
  = help: for other parameters in a test, `given(#{ params: #{ … } })`

error[duplicate-function]: the function `near` is defined twice
 --> tests:4:4
  |
4 | fn near(a) { a }
  |    ^^^^
  = help: first here: line 7 of the policy
"
    );
    let built = Policy::builder(&Schema::default())
        .script(HOOKS)
        .tests("fn test_a() { assert(true); }");
    assert!(
        built
            .build()
            .unwrap()
            .test(&TestOptions::default())
            .passed()
    );
}

#[test]
fn native_hooks_are_asked_too() {
    let policy = Policy::builder(&Schema::default())
        .script("fn test_score() { assert_eq(score(customer(#{ risk: 0.5 }), rep(#{})), 0.5); }")
        .score(|customer, _| Ok(customer.float("risk").unwrap_or(0.0)))
        .build()
        .unwrap();
    let report = policy.test(&TestOptions::default());
    assert!(report.passed(), "{report}");
}

#[test]
fn budgets_end_a_run() {
    let busy = "fn test_a() { let n = 0; for i in 0..4000 { for j in 0..4000 { n += 1; } } }\nfn test_b() { assert(true); }";
    let report = policy(busy).test(&TestOptions::default());
    let failure = report.failures().next().unwrap().failure.as_ref().unwrap();
    assert_eq!(
        failure.message,
        "the test was ended: it takes more than 2000000 operations"
    );
    assert_eq!((report.tests.len(), report.not_run), (2, 0));
    let small = bookwright::Budget::default().operations(10_000);
    let report = policy(busy).test(&TestOptions::default().budget(small));
    assert_eq!(
        report.stopped.as_deref(),
        Some("the operations of this plan are used up")
    );
    assert_eq!((report.tests.len(), report.not_run), (1, 1));
    let cancel = bookwright::Cancel::new();
    cancel.cancel();
    let report = policy(busy)
        .test(&TestOptions::default().budget(bookwright::Budget::default().cancel(cancel)));
    assert!(
        !report.passed() && report.stopped.as_deref() == Some("cancelled"),
        "{report}"
    );
    let plans = "fn test_a() { let c = customer(#{}); for i in 0..4000 { plan(book([c], [])); } }";
    let report = policy(plans)
        .test(&TestOptions::default().budget(bookwright::Budget::default().operations(100_000)));
    assert!(!report.passed(), "{report}");
}
