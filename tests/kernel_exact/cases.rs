//! Hooks of customers that the kernel must take.

pub(crate) const TIERS: &[(&str, &str)] = &[
    (
        "thresholds",
        r#"
fn f(customer) {
    let revenue = customer.annual_revenue ?? 0.0;
    if revenue >= 500_000.0 { return "A"; }
    if revenue > 0.7 && (customer.intent ?? 0.0) > 0.3 { "B" } else { "C" }
}"#,
    ),
    (
        "weights",
        r#"
const PARAMS = #{ weight: 2.5, least: 3 };
fn f(customer) {
    let total = 0.0;
    total += (customer.risk ?? 0.5) * params.weight;
    if customer.employees != () { total += customer.employees; }
    if customer.region in ["east", "west", "华东"] { total -= 1; }
    total
}"#,
    ),
    (
        "switch",
        r#"
fn f(customer) {
    switch customer.stage {
        "lead" | "prospect" => 1,
        "active" if customer.vip == true => 2.5,
        "lost" => (),
        _ => switch customer.delta { 7 => 1, 0..5 if customer.vip ?? false => 2, -100..=50 => 3, _ => customer.stage }
    }
}"#,
    ),
    (
        "ints",
        r#"fn f(customer) { let x = customer.delta ?? 3; (x * 2 + 7) / (x - 10) % 5 - -x }"#,
    ),
    (
        "floats",
        r#"fn f(customer) { let x = customer.score ?? 1.5; [x > 0.3, x >= 0.3, x == 0.3, x != 0.3, x < 0.3, x <= 0.3, x == 0.0, x > 0, x < 500000, x >= 500000.0, x <= 1e-200, x > 1e-17] }"#,
    ),
    (
        "columns",
        r#"fn f(customer) { let x = customer.score ?? 1.5; let y = customer.potential ?? 0.1; [x > y, x >= y, x == y, x != y, x < y, x <= y, x == customer.delta, x < customer.employees] }"#,
    ),
    (
        "loops",
        r#"
fn f(customer) {
    let n = 0;
    for (tag, i) in ["east", "west", "it", "north"] {
        if tag in customer.tags { n += i; continue; }
        if n > 3 { break; }
        n += 10;
    }
    for i in 0..4 { if i == customer.delta { return "found " + i.to_string(); } }
    n
}"#,
    ),
    (
        "helpers",
        r#"
fn size(n) { if n == () { return "none"; } if n > 100 { return "large"; } "small" }
fn f(customer) { `${size(customer.employees)}/${customer.region ?? "?"}: ${customer.delta}` }"#,
    ),
    (
        "tags",
        r#"fn f(customer) { [customer.tags.has_any(["east", "it"]), has_all(customer.tags, ["it"]), overlap(customer.tags, ["it", "it", "east"]), customer.tags.len, customer.tags.len(), "it" in customer.tags, customer.region in customer.tags, customer.tags.is_empty(), customer.tags.has("west")] }"#,
    ),
    (
        "days",
        r#"fn f(customer) { if customer.created == () { return -1; } days_since(customer.created) + days_between(customer.created, customer.last_contact ?? now) }"#,
    ),
    (
        "numbers",
        r#"fn f(customer) { let x = customer.score ?? -2.5; let n = customer.delta ?? 4; [x.abs(), x.round(), floor(x), x.ceil(), sqrt(x), min(x, n), max(n, 2), clamp(x, 0, 10.5), between(n, 1, 10), to_float(n), sign(n), ln(2), is_nan(x), x.int(), min(3, n)] }"#,
    ),
    (
        "optional",
        r#"fn f(customer) { customer.region?.to_upper() ?? customer.industry?.len() ?? "none" }"#,
    ),
    (
        "text",
        r#"fn f(customer) { let r = customer.region ?? ""; [r < "f", r.contains("as"), "st" in r, r.to_upper(), r.trim() == "east", r + "!", r.starts_with("e"), r == customer.industry, r != customer.industry] }"#,
    ),
    (
        "roles",
        r#"fn f(customer, role) { if customer.tier == "A" { [role, "manager"] } else { ["maintainer"] } }"#,
    ),
    (
        "lookup",
        r#"fn f(customer) { (lookup("rates", customer.region) ?? 1.5) * 2.0 + best_of(customer.tags, #{ east: 2.0, it: 3.5 }) ?? 0.25 }"#,
    ),
    (
        "bits",
        r#"fn f(customer) { let n = customer.delta ?? 1; [n & 12, n | 1, n ^ 5, n << 3, n >> 2, n << -70, n ** 2, 2 ** 3, true & false | true ^ true] }"#,
    ),
    (
        "mixed",
        r#"fn f(customer) { let x = if customer.vip ?? false { 1 } else { 2.5 }; let y = if customer.risk == () { "none" } else { x }; [x + 1, y == 1, y == "none", y] }"#,
    ),
    (
        "a guard that assigns",
        r#"
fn f(customer) {
    let n = 1;
    let x = switch customer.delta { 7 if (if n > 0 { n += 10; customer.vip ?? false } else { true }) => 1, _ => 2 };
    if (customer.vip ?? false) || (if n > 0 { n *= 3; false } else { true }) { n += 100; }
    let y = customer.score ?? (if n > 0 { n = -n; 0.5 } else { 0.7 });
    [n, x, y]
}"#,
    ),
    (
        "NaN beside zero",
        r#"
fn f(customer) {
    let nan = (customer.score ?? 1.0) % 0;
    let x = customer.risk ?? 0.0;
    [nan == 0.0, nan >= 0, nan <= x, nan != x, 0 == nan, nan > 0, nan < x, nan == nan, x >= nan]
}"#,
    ),
];

/// Hooks of pairs that the kernel must take.
pub(crate) const PAIRS: &[(&str, &str)] = &[
    (
        "match",
        r#"
const PARAMS = #{ bonus: 30.0 };
fn eligible(customer, rep) { if customer.region == () { return "no region"; } customer.region in rep.regions || rep.level >= 3 }
fn score(customer, rep) {
    let total = 0.0;
    if customer.region in rep.regions { total += params.bonus; }
    if customer.industry in rep.industries { total += 10; }
    total += overlap(customer.tags, rep.skills) * 5;
    total += (customer.potential ?? 0.0) / 1e6 * rep.level;
    total - rep.holding
}"#,
    ),
    (
        "zeros with a sign",
        r#"
fn score(customer, rep) {
    let part = (customer.score ?? 1.5) * rep.level;
    -0.0 * rep.level - (part - part)
}"#,
    ),
    (
        "plain",
        "fn score(customer, rep, role) { (customer.score ?? 1.5) * rep.level + rep.capacity }",
    ),
    (
        "fails",
        "fn score(customer, rep) { (customer.delta ?? 1) * rep.level / (rep.level - 3) }",
    ),
    (
        "odd",
        r#"fn eligible(customer, rep) { if rep.level == 2 { return 7; } if rep.level == 1 { return true; } customer.vip ?? "unknown" } fn score(customer, rep) { if rep.level == 1 { return customer.region; } 1 }"#,
    ),
    (
        "rep only",
        "fn eligible(customer, rep) { rep.level > 1 } fn score(customer, rep) { rep.level * 2 }",
    ),
    (
        "customer only",
        "fn eligible(customer, rep) { customer.vip ?? true } fn score(customer, rep) { customer.score ?? 0 }",
    ),
    ("neither", "fn score(customer, rep) { 1 }"),
    (
        "infinite",
        "fn score(customer, rep) { (customer.score ?? 0.0) * 1e308 * rep.level }",
    ),
    (
        "texts",
        r#"fn score(customer, rep) { let s = `${customer.region}-${rep.level}`; if s.ends_with("2") { s.len() } else if s == "east-3" { 2.5 } else { 0 } }"#,
    ),
];
