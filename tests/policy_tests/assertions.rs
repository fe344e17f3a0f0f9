//! Every way in which a test can fail, with the whole text.

use super::{fails, passes};

#[test]
fn assert_wants_true() {
    passes("assert(true); assert(1 < 2, \"words\");");
    fails(
        "assert(1 > 2);",
        "\
error[assert]: this is false
 --> policy:9:5
  |
9 |     assert(1 > 2);
  |     ^^^^^^^^^^^^^
",
    );
    fails(
        "assert(tier(customer(#{})) == \"A\", \"the smallest is no A\");",
        "\
error[assert]: the smallest is no A
 --> policy:9:5
  |
9 |     assert(tier(customer(#{})) == \"A\", \"the smallest is no A\");
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
",
    );
}

#[test]
fn assert_eq_shows_both_sides() {
    passes("assert_eq(0.1 + 0.2, 0.3); assert_eq([1, #{ a: 2.0 }], [1.0, #{ a: 2 }]);");
    fails(
        "assert_eq(score(customer(#{}), rep(#{})), 30);",
        "\
error[assert-eq]: the two are not equal
 --> policy:9:5
  |
9 |     assert_eq(score(customer(#{}), rep(#{})), 30);
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   left: 0.0
  right: 30
",
    );
    fails(
        "assert_eq([customer(#{ id: \"客户\" }), ()], #{ a: \"x\\\"y\", \"b c\": now }, \"两边\");",
        "\
error[assert-eq]: 两边: the two are not equal
 --> policy:9:5
  |
9 |     assert_eq([customer(#{ id: \"客户\" }), ()], #{ a: \"x\\\"y\", \"b c\": now }, \"两边\");
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   left: [customer 客户, ()]
  right: #{ a: \"x\\\"y\", \"b c\": 2026-01-01T00:00:00Z }
",
    );
}

#[test]
fn assert_near_says_how_far() {
    passes("assert_near(1, 1.5, 0.5); assert_near(1.0, 1.0, 0);");
    fails(
        "assert_near(score(customer(#{}), rep(#{})), 1.5, 0.5);",
        "\
error[assert-near]: the two are 1.5 apart, more than 0.5
 --> policy:9:5
  |
9 |     assert_near(score(customer(#{}), rep(#{})), 1.5, 0.5);
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   left: 0.0
  right: 1.5
",
    );
}

#[test]
fn assert_error_wants_a_hook_to_fail() {
    passes("assert_error(\"workload\", [customer(#{ name: \"broken\" })], \"division by zero\");");
    passes("assert_error(\"workload\", [customer(#{ name: \"broken\" })]);");
    fails(
        "assert_error(\"tier\", [customer(#{})], \"division\");",
        "\
error[assert-error]: `tier` answers, and an error was expected
 --> policy:9:5
  |
9 |     assert_error(\"tier\", [customer(#{})], \"division\");
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   left: \"C\"
  right: an error with \"division\"
",
    );
    fails(
        "assert_error(\"workload\", [customer(#{ name: \"broken\" })], \"overflow\");",
        "\
error[assert-error]: `workload` fails with another message
 --> policy:9:5
  |
9 |     assert_error(\"workload\", [customer(#{ name: \"broken\" })], \"overflow\");
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   left: \"division by zero: 1 / 0\"
  right: an error with \"overflow\"
",
    );
}

#[test]
fn what_is_no_assertion_fails_in_its_own_words() {
    let plain = |body: &str, message: &str| {
        let report = super::run(&format!("fn test_it() {{\n    {body}\n}}"));
        let failure = report.failures().next().unwrap().failure.as_ref().unwrap();
        assert_eq!(
            (failure.code, failure.message.as_str()),
            ("failed", message),
            "{body}"
        );
        assert_eq!(failure.line, 9, "{body}");
    };
    plain(
        "workload(customer(#{ name: \"broken\" }));",
        "`workload` fails in line 3 of the policy: division by zero: 1 / 0",
    );
    plain(
        "let f = \"regoin\"; customer(get([#{}], 0) ?? #{}); let m = #{}; assert_eq(m[f], ()); 1 / 0;",
        "division by zero: 1 / 0",
    );
    plain(
        "customer(#{ risk: 1 + 1 });",
        "customer `c1`: field `risk` is `2`, expected 0 to 1",
    );
    plain(
        "plan(book([1], []));",
        "a customer of the book is int, expected a customer",
    );
    plain(
        "plan(#{});",
        "this map is no book: `book(customers, reps)` makes one",
    );
    plain(
        "given(#{ nwo: 1 });",
        "a host gives no `nwo`: there are `now`, `utc_offset`, `params`, `tables`, `seed`, `strategy`",
    );
    plain(
        "given(#{ params: #{ bonsu: 1 } });",
        "unknown parameter `bonsu` (did you mean `bonus`?): `PARAMS` has `bonus`, `senior_from`",
    );
    plain("cases([]);", "a table without rows tests nothing");
    plain(
        "cases([1]); cases([1]);",
        "`cases` is called twice in one test: make two tests",
    );
    plain(
        "coverage(customer(#{}));",
        "the policy has no hook `coverage`",
    );
    plain(
        "plan(book([customer(#{})], [])).owner(\"c2\", \"developer\");",
        "the plan has no customer `c2`",
    );
    plain(
        "plan(book([customer(#{})], [])).owner(\"c1\", \"developr\");",
        "there is no role `developr` (did you mean `developer`?)",
    );
    plain(
        "plan(book([customer(#{ tier: \"A\" })], []));",
        "customer `c1` has a tier or a segment, which a plan computes; the tier before it is `current_tier`",
    );
    plain(
        "score(customer(#{ owners: #{ developer: \"r9\" } }), rep(#{}));",
        "customer `c1`: `owners.developer` names the unknown rep `r9`",
    );
}
