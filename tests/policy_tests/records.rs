//! What a test is told where a map that it builds is no record, no book, or nothing that a host
//! gives. Maps are passed in a roundabout way: where they are written out, the checks find the same
//! before anything runs.

use super::{policy, run};

/// The messages of tests with these bodies.
#[track_caller]
fn told(call: impl Fn(&str) -> String, cases: &[(&str, &str)]) {
    for (map, text) in cases {
        let body = call(map);
        let report = run(&format!("fn test_it() {{\n    {body}\n}}"));
        let failed = report.failures().next();
        let failure = failed.and_then(|it| it.failure.as_ref());
        let found = failure.map(|it| (it.message.as_str(), it.line));
        assert_eq!(found, Some((*text, 9)), "{body}");
    }
}

fn customer(map: &str) -> String {
    format!("customer(get([#{{ {map} }}], 0) ?? #{{}});")
}

fn rep(map: &str) -> String {
    format!("rep(get([#{{ {map} }}], 0) ?? #{{}});")
}

fn beside(map: &str) -> String {
    format!("book([], [], get([#{{ {map} }}], 0) ?? #{{}});")
}

fn given(map: &str) -> String {
    format!("given(get([#{{ {map} }}], 0) ?? #{{}});")
}

#[test]
fn fields_that_there_are_not() {
    told(
        customer,
        &[
            (
                "regoin: 1",
                "a customer has no field `regoin` (did you mean `region`?)",
            ),
            ("level: 1", "a customer has no field `level`"),
            ("holding: 1", "a customer has no field `holding`"),
            ("role: 1", "a customer has no field `role`"),
        ],
    );
    told(
        rep,
        &[
            (
                "levle: 1",
                "a rep has no field `levle` (did you mean `level`?)",
            ),
            (
                "region: \"east\"",
                "a rep has no field `region` (did you mean `regions`?)",
            ),
            ("owners: #{}", "a rep has no field `owners`"),
            ("tier: \"A\"", "a rep has no field `tier`"),
        ],
    );
}

#[test]
fn values_of_another_kind() {
    told(
        customer,
        &[
            ("id: 1", "the id of a customer is int, expected text"),
            ("id: ()", "the id of a customer is absent, expected text"),
            ("id: \"\"", "customers[0]: the id is missing or empty"),
            ("name: 1", "the name of a customer is int, expected text"),
            ("tier: 1", "the tier of a customer is int, expected text"),
            (
                "tier: \"D\"",
                "there is no tier `D`: there are `A`, `B`, `C`",
            ),
            (
                "segment: 1.5",
                "the segment of a customer is float, expected text",
            ),
            (
                "region: 1",
                "customer `c1`: field `region` is int `1`, expected text",
            ),
            (
                "risk: \"x\"",
                "customer `c1`: field `risk` is text `x`, expected float",
            ),
            (
                "tags: [1]",
                "customer `c1`: field `tags` is list, expected tags",
            ),
            (
                "created: 1",
                "customer `c1`: field `created` is int `1`, expected time",
            ),
            (
                "annual_revenue: true",
                "customer `c1`: field `annual_revenue` is bool `true`, expected float",
            ),
            // A record is no value of a field, however deep it stands.
            (
                "region: rep(#{})",
                "`region` of a customer is rep, expected text",
            ),
            (
                "tags: [rep(#{})]",
                "`tags` of a customer is array, expected tags",
            ),
            (
                "region: #{ a: [rep(#{})] }",
                "`region` of a customer is map, expected text",
            ),
            // Several at once stand on one line.
            (
                "region: 1, risk: 2",
                "customer `c1`: field `region` is int `1`, expected text; customer `c1`: field `risk` is `2`, expected 0 to 1",
            ),
        ],
    );
    told(
        rep,
        &[
            ("id: true", "the id of a rep is bool, expected text"),
            ("name: []", "the name of a rep is array, expected text"),
            (
                "level: \"x\"",
                "rep `r1`: field `level` is text `x`, expected int",
            ),
            (
                "team: 1",
                "rep `r1`: field `team` is int `1`, expected text",
            ),
            (
                "roles: \"developer\"",
                "rep `r1`: field `roles` is text `developer`, expected tags",
            ),
            (
                "roles: [\"cook\"]",
                "rep `r1`: `roles` names the unknown role `cook`",
            ),
        ],
    );
}

#[test]
fn what_is_absent_or_empty_is_no_error() {
    super::passes(
        "let c = customer(#{ name: (), region: (), tags: [], owners: #{ developer: () } });
        assert_eq(c.name, \"c1\"); assert_eq(c.region, ()); assert_eq(c.tags, []);",
    );
    super::passes(
        "let p = plan(book([customer(#{})], [rep(#{})], #{ pins: [], exclusions: [], teams: [#{ id: \"t\", name: () }] }));
        assert_eq(p.owner(\"c1\", \"developer\"), \"r1\");",
    );
}

#[test]
fn owners_are_given_role_by_role() {
    told(
        customer,
        &[
            (
                "owner: \"r1\"",
                "the owner of a customer is given role by role: `owners: #{ developer: \"r1\" }`",
            ),
            (
                "owners: \"r1\"",
                "`owners` of a customer is text, expected a map",
            ),
            (
                "owners: #{ developer: 1 }",
                "the owner of a customer in `developer` is int, expected a rep or its id",
            ),
            (
                "owners: #{ developer: customer(#{}) }",
                "the owner of a customer in `developer` is customer, expected a rep or its id",
            ),
            (
                "owners: #{ developer: #{ since: \"2026-01-01\" } }",
                "the owner of a customer in `developer` is absent, expected a rep or its id",
            ),
            (
                "owners: #{ developer: #{ rep: \"r1\", sinec: \"2026-01-01\" } }",
                "the owner of a customer in `developer` has no `sinec`: there are `rep`, `since`",
            ),
            (
                "owners: #{ developer: #{ rep: \"r1\", since: rep(#{}) } }",
                "`since` of the owner of a customer in `developer` is rep, expected a time",
            ),
        ],
    );
    // What they name is known once there is a book, or a hook is asked about both.
    let owned = [
        (
            "developr: \"r1\"",
            "customer `c1`: `owners.developr` names the unknown role `developr`",
        ),
        (
            "developer: #{ rep: \"r1\", since: 5 }",
            "customer `c1`: field `owners.developer.since` is int `5`, expected time",
        ),
        (
            "developer: \"r2\"",
            "customer `c1`: `owners.developer` names the unknown rep `r2`",
        ),
    ];
    let made = |owners: &str| format!("customer(#{{ owners: #{{ {owners} }} }})");
    told(
        |owners| format!("plan(book([{}], [rep(#{{}})]));", made(owners)),
        &owned,
    );
    told(
        |owners| format!("score({}, rep(#{{}}));", made(owners)),
        &owned,
    );
}

#[test]
fn what_a_rep_holds_and_when_it_was_its_turn() {
    told(
        rep,
        &[
            (
                "holding: \"x\"",
                "`holding` of a rep is text, expected an int",
            ),
            (
                "holding: 1.5",
                "`holding` of a rep is float, expected an int",
            ),
            (
                "holding: -1",
                "`holding` of a rep is -1, expected at least 0",
            ),
            (
                "last_assigned: 1",
                "`last_assigned` of a rep is int, expected a map",
            ),
            (
                "last_assigned: #{ developer: 1 }",
                "rep `r1`: field `last_assigned.developer` is int `1`, expected time",
            ),
            (
                "last_assigned: #{ developer: rep(#{}) }",
                "`last_assigned` of a rep in `developer` is rep, expected a time",
            ),
            (
                "last_assigned: #{ developr: \"2026-01-01\" }",
                "rep `r1`: `last_assigned` names the unknown role `developr`",
            ),
        ],
    );
    told(
        |reps| format!("plan(book([], [{reps}]));"),
        &[
            (
                "rep(#{ holding: 3 })",
                "rep `r1` has `holding`, which a plan counts by the owners of its customers",
            ),
            (
                "customer(#{})",
                "a rep of the book is customer, expected a rep",
            ),
        ],
    );
    super::passes("assert_eq(rep(#{ holding: 3 }).holding, 3);");
    let turns = r#"const ALLOCATION = #{ strategy: "round_robin" };
fn test_it() {
    let first = rep(#{ last_assigned: #{ developer: "2026-01-02" } });
    let second = rep(#{ last_assigned: #{ developer: "2026-01-01" } });
    let p = plan(book([customer(#{})], [first, second]));
    assert_eq(p.owner("c1", "developer"), "r2");
}"#;
    let report = policy(turns).test(&bookwright::testing::TestOptions::default());
    assert!(report.passed(), "{report}");
}

#[test]
fn what_stands_beside_the_records_of_a_book() {
    let no_part = |part: &str| {
        format!(
            "beside its customers and reps a book has no `{part}`: there are `pins`, `exclusions`, `teams`"
        )
    };
    told(
        beside,
        &[
            // Also where there is nothing in it.
            ("pinz: []", &no_part("pinz")),
            ("customers: [customer(#{})]", &no_part("customers")),
            ("pins: 1", "`pins` of a book is int, expected an array"),
            ("pins: [1]", "an entry of `pins` is int, expected a map"),
            (
                "pins: [#{ role: \"developer\" }]",
                "`customer` of an entry of `pins` is absent, expected text",
            ),
            (
                "pins: [#{ customer: \"c1\", role: 1 }]",
                "`role` of an entry of `pins` is int, expected text",
            ),
            (
                "exclusions: [#{ customer: \"c1\" }]",
                "`rep` of an entry of `exclusions` is absent, expected text",
            ),
            (
                "exclusions: [#{ customer: \"c1\", rep: rep(#{}) }]",
                "`rep` of an entry of `exclusions` is rep, expected text",
            ),
            (
                "exclusions: [#{ customer: \"c1\", rep: \"r1\", role: 1 }]",
                "`role` of an entry of `exclusions` is int, expected text",
            ),
            // Else the pair would be excluded in all roles.
            (
                "exclusions: [#{ customer: \"c1\", rep: \"r1\", rol: \"developer\" }]",
                "an entry of `exclusions` has no `rol`: there are `customer`, `role`, `rep`",
            ),
            (
                "teams: [#{ id: 1 }]",
                "`id` of an entry of `teams` is int, expected text",
            ),
            (
                "teams: [#{ id: \"t\", parent: 1 }]",
                "`parent` of an entry of `teams` is int, expected text",
            ),
            (
                "teams: [#{ id: \"t\", rep: \"r1\" }]",
                "an entry of `teams` has no `rep`: there are `id`, `name`, `parent`",
            ),
        ],
    );
    told(
        |part| format!("plan(book([], [], #{{ {part} }}));"),
        &[
            (
                "pins: [#{ customer: \"c1\", role: \"developer\", rep: \"r1\" }]",
                "pins[0]: `customer` names the unknown customer `c1`; pins[0]: `rep` names the unknown rep `r1`",
            ),
            (
                "teams: [#{ id: \"t\", parent: \"u\" }]",
                "team `t`: `parent` names the unknown team `u`",
            ),
        ],
    );
}

#[test]
fn what_a_host_gives() {
    told(
        given,
        &[
            ("tables: 1", "`tables` is int, expected a map"),
            (
                "tables: #{ zips: 1 }",
                "the table `zips` is int, expected a map",
            ),
            (
                "tables: #{ zips: #{ \"1\": rep(#{}) } }",
                "`1` of the table `zips` is rep, expected what a book can hold",
            ),
            ("seed: 1.0", "`seed` is float, expected an int"),
            ("seed: -1", "`seed` is -1, expected at least 0"),
            ("now: 1", "`now` is int, expected a time or a text"),
            (
                "now: \"x\"",
                "`x` is not a time: write RFC 3339 (`2026-01-31T08:30:00Z`) or a date (`2026-01-31`)",
            ),
            ("utc_offset: 1", "`utc_offset` is int, expected text"),
            (
                "utc_offset: \"x\"",
                "`x` is not a UTC offset: write `Z`, `+08:00` or `-05:30`",
            ),
            ("strategy: true", "`strategy` is bool, expected text"),
            ("params: 1", "`params` is int, expected a map"),
            (
                "params: #{ bonus: \"x\" }",
                "parameter `bonus` is text, expected float as in `PARAMS`",
            ),
        ],
    );
}
