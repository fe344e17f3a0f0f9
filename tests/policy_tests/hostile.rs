//! Test scripts that would hang, fill the memory or the stack: each ends as a failed test, on a
//! thread with a 2 MiB stack, within its operations.

use bookwright::testing::{TestOptions, TestReport};
use bookwright::{Budget, Policy, Schema};

use super::HOOKS;

/// Runs a test of that body on a small stack.
fn run(body: String) -> TestReport {
    let small = std::thread::Builder::new().stack_size(2 << 20);
    let run = move || {
        let text = format!("{HOOKS}{body}");
        let policy = Policy::compile(&text, &Schema::default()).unwrap();
        let budget = Budget::default().operations(600_000);
        policy.test(&TestOptions::default().budget(budget))
    };
    small.spawn(run).unwrap().join().unwrap()
}

#[test]
fn every_one_ends_as_a_failed_test() {
    let nested =
        |depth: usize, inner: &str| format!("{}{inner}{}", "abs(".repeat(depth), ")".repeat(depth));
    let helpers: String = (1..5)
        .map(|n| {
            format!(
                "fn f{n}(c) {{ {} }}\n",
                nested(12, &format!("f{}(c)", n + 1))
            )
        })
        .collect();
    let cases = [
        "for i in 0..4000 { for j in 0..4000 { let x = i * j; x; } }".to_owned(),
        "let a = [1]; for i in 0..40 { a += a; }".to_owned(),
        "let t = \"x\"; for i in 0..40 { t += t; }".to_owned(),
        "let a = []; for i in 0..4000 { a = [a]; customer(#{ tags: a }); }".to_owned(),
        "for i in 0..4000 { let c = customer(#{}); for j in 0..4000 { tier(c); } }".to_owned(),
        "let c = []; for i in 0..4000 { c += [customer(#{})]; } for i in 0..4000 { plan(book(c, [rep(#{})])); }".to_owned(),
        "let p = plan(book([customer(#{})], [])); for i in 0..4000 { p = #{ p: p, q: p }; }".to_owned(),
        "customer(#{ id: \"\" });".to_owned(),
        "given(#{ now: \"nonsense\" });".to_owned(),
        "for row in cases([[1], [2]]) { for i in 0..4000 { for j in 0..4000 { row; } } }".to_owned(),
    ];
    for body in cases {
        let report = run(format!("fn test_it() {{ {body} }}"));
        assert!(report.failures().next().is_some(), "{body}\n{report}");
    }
    // As deep as the checks allow, and then a plan.
    let deep = run(format!(
        "{helpers}fn f5(c) {{ score(c, rep(#{{}})) }}\nfn test_it() {{ f1(customer(#{{}})); }}"
    ));
    let told = deep.to_string();
    assert!(
        deep.passed() || told.contains("nested too deeply"),
        "{told}"
    );
    let invariant = run(
        "fn invariant_busy(plan) { for i in 0..4000 { for j in 0..4000 { plan; } } }".to_owned(),
    );
    assert!(!invariant.passed(), "{invariant}");
}
