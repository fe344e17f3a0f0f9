//! What a policy lets see of its compiled hooks: what each reads, which run in the interpreter and
//! why, and the listing.

#![cfg(test)]

use bookwright::{Hook, HookReads, Kind, Policy, Schema};

const POLICY: &str = r#"
    const PARAMS = #{ base: 10.0, bonus: #{ home: 30.0, away: 1.0 } };
    const TIERS = [#{ tier: "A", at_least: 5.0 }, #{ tier: "B" }];

    fn rate(c) { lookup("rates", c.region ?? "none") ?? 1.0 }
    fn worth(customer) { (customer.potential ?? 0.0) * rate(customer) }
    fn silent(c) { if c.last_contact == () { return true; } days_since(c.last_contact) > 30 }

    fn value(customer) { worth(customer) + params.base }
    fn segment(customer) { lookup("zips", customer.family ?? "") ?? customer.tier }
    fn coverage(customer) { if silent(customer) { ["developer"] } else { ["maintainer"] } }
    fn workload(customer, role) { if role == "developer" { 2.0 } else { 1.0 } }
    fn priority(customer) { if "key" in customer.tags { 1 } else { customer.employees ?? 0 } }
    fn capacity(rep) { rep.capacity - rep.workload }
    fn eligible(customer, rep) { customer.region in rep.regions || rep.level > 3 }
    fn score(customer, rep, role) {
        let points = worth(customer);
        if customer.industry in rep.industries { points += params.bonus.home; }
        points
    }
"#;

fn schema() -> Schema {
    let schema = Schema::builder()
        .table("zips", Kind::Text)
        .table("rates", Kind::Float);
    schema.build().unwrap()
}

fn reads(customer: &[&str], rep: &[&str], parameters: &[&str], tables: &[&str]) -> HookReads {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    HookReads {
        customer: names(customer),
        rep: names(rep),
        parameters: names(parameters),
        tables: names(tables),
        ..HookReads::default()
    }
}

/// Through helpers, early returns, defaults, tables and parameters, and nothing beside it.
#[test]
fn each_hook_says_what_it_reads() {
    let policy = Policy::compile(POLICY, &schema()).unwrap();
    let by_label = r#"fn tier(customer) { if customer.stage == "active" { "A" } else { "C" } }"#;
    let by_label = Policy::compile(by_label, &schema()).unwrap();
    assert_eq!(
        by_label.reads(Hook::Tier),
        Some(reads(&["stage"], &[], &[], &[]))
    );
    assert_eq!(by_label.reads(Hook::Value), None);
    assert_eq!(policy.reads(Hook::Tier), None);
    for (hook, expected) in [
        (
            Hook::Value,
            reads(&["potential", "region"], &[], &["base"], &["rates"]),
        ),
        (
            Hook::Segment,
            reads(&["family", "tier"], &[], &[], &["zips"]),
        ),
        (
            Hook::Coverage,
            HookReads {
                now: true,
                ..reads(&["last_contact"], &[], &[], &[])
            },
        ),
        (
            Hook::Workload,
            HookReads {
                role: true,
                ..HookReads::default()
            },
        ),
        (Hook::Priority, reads(&["employees", "tags"], &[], &[], &[])),
        (
            Hook::Capacity,
            reads(&[], &["capacity", "workload"], &[], &[]),
        ),
        (
            Hook::Eligible,
            reads(&["region"], &["level", "regions"], &[], &[]),
        ),
        (
            Hook::Score,
            reads(
                &["industry", "potential", "region"],
                &["industries"],
                &["bonus.home"],
                &["rates"],
            ),
        ),
    ] {
        assert_eq!(policy.reads(hook), Some(expected), "{hook}");
    }
    assert!(policy.notes().notes().next().is_none());
}

/// The construct, its line, and what to write instead; such a hook has no reads and no listing.
#[test]
fn what_runs_in_the_interpreter_is_a_note() {
    for (text, line, construct, instead) in [
        (
            "// first\nfn priority(customer) {\n    customer.tags[customer.employees ?? 0].len()\n}",
            3,
            "an index into tags",
            "use `has`, `has_any` or `best_of`",
        ),
        (
            "fn priority(customer) {\n    let n = 0;\n    if customer.tags == [\"a\"] { n = 1; }\n    n\n}",
            3,
            "a comparison of arrays, maps or records",
            "compare what is in them",
        ),
        (
            "const PARAMS = #{ keys: [\"b\", \"a\"] };\nfn priority(customer) {\n    let n = 0;\n    for key in params.keys {\n        if key == customer.region { n += 1; }\n    }\n    n\n}",
            4,
            "a loop over tags that are no field's",
            "use `has_any`, `overlap`, `best_of` or `sum_of`",
        ),
    ] {
        let policy =
            Policy::compile(text, &schema()).unwrap_or_else(|error| panic!("{text}: {error}"));
        let notes: Vec<_> = policy.notes().notes().collect();
        let [note] = notes.as_slice() else {
            panic!("{text}: {}", policy.notes());
        };
        let message = format!("`priority` runs in the interpreter, for {construct}");
        assert_eq!(
            (note.code, &note.message),
            ("interpreted", &message),
            "{text}"
        );
        assert_eq!(note.help.as_deref(), Some(instead), "{text}");
        let at = text[..note.span.start as usize].matches('\n').count() + 1;
        assert_eq!(at, line, "{text}");
        assert_eq!(policy.reads(Hook::Priority), None, "{text}");
        assert_eq!(policy.listing(Hook::Priority), None, "{text}");
    }
}

#[test]
fn the_listing_of_a_hook_is_this() {
    let text = "fn priority(customer) {\n    if (customer.intent ?? 0.0) > 0.5 { 2 } else { 1 }\n}";
    let policy = Policy::compile(text, &schema()).unwrap();
    let listing = policy.listing(Hook::Priority).unwrap();
    let expected = r"priority:
  %0    run      bool  false                                  ; 1: fn priority(customer) { if (customer.intent ?? 0
  %1    run      bool  true                                   ; 1: fn priority(customer) { if (customer.intent ?? 0
  %2    customer float customer.intent                        ; 2: customer.intent
  %3    run      float 0.5                                    ; 2: 0.5
  %4    customer bool  float Greater %2 %3                    ; 2: (customer.intent ?? 0.0) > 0.5
  %5    run      int   2                                      ; 2: 2
  %6    run      int   1                                      ; 2: 1
  %7    customer int   select %4 %5 %6                        ; 2: 1
  answer where %1: Node(N(7))
  deferred where %0
";
    assert_eq!(listing, expected);
}
