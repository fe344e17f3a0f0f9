//! Six policies as users write them.

use super::data::Columns;
use super::native;

/// A policy with a `tier` and a `score`, and the same by hand: tiers as 0, 1, 2; scores of a block
/// of customers with all reps, hoisted and by one call per pair.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
    pub(super) tier: fn(&Columns<'_>, &mut [u8]),
    pub(super) score: fn(&Columns<'_>, &[u32], &mut [f64]),
    pub(super) naive: fn(&Columns<'_>, &[u32], &mut [f64]),
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "scorecard",
        text: r#"
fn tier(customer) {
    let points = (customer.annual_revenue ?? 0.0) / 10000.0
        + (customer.intent ?? 0.0) * 40.0
        + (1.0 - (customer.risk ?? 0.5)) * 20.0;
    if (customer.employees ?? 0) > 250 { points += 15.0; }
    if points >= 90.0 { "A" } else if points >= 45.0 { "B" } else { "C" }
}
fn score(customer, rep) {
    let points = (customer.potential ?? 0.0) / 10000.0 * rep.weight
        + (customer.intent ?? 0.0) * 40.0 * rep.level;
    points - rep.workload * (customer.risk ?? 0.5)
}
"#,
        tier: native::scorecard_tier,
        score: native::scorecard_score,
        naive: native::scorecard_naive,
    },
    Rule {
        name: "matching",
        text: r#"
fn tier(customer) {
    if customer.tags.has_any(["vip", "tender"]) && customer.region in ["east", "coast", "central"] {
        return "A";
    }
    if customer.industry in ["finance", "health", "it"] || "warm" in customer.tags { "B" } else { "C" }
}
fn score(customer, rep) {
    let points = 0.0;
    if customer.region in rep.regions { points += 30.0; }
    if customer.industry in rep.industries { points += 20.0; }
    points += overlap(customer.tags, rep.skills) * 5.0;
    points + (customer.intent ?? 0.0) * rep.level
}
"#,
        tier: native::matching_tier,
        score: native::matching_score,
        naive: native::matching_naive,
    },
    Rule {
        name: "switch",
        text: r#"
fn tier(customer) {
    let base = switch customer.stage {
        "lead" => 10, "prospect" => 20, "active" => 60,
        "at_risk" => 50, "dormant" => 15, "won_back" => 40,
        _ => 0,
    };
    let size = switch customer.employees ?? 0 {
        0..10 => 1, 10..50 => 8, 50..250 => 20, 250..1000 => 35, _ => 50,
    };
    let total = base + size;
    if total >= 85 { "A" } else if total >= 45 { "B" } else { "C" }
}
fn score(customer, rep) {
    let fit = switch rep.level { 1 => 1.0, 2 => 1.5, 3 => 2.0, 4 => 2.25, _ => 2.5 };
    let need = switch customer.stage {
        "lead" => 4.0, "prospect" => 6.0, "active" => 9.0, "at_risk" => 12.0, _ => 2.0,
    };
    need * fit - rep.workload / rep.capacity
}
"#,
        tier: native::switch_tier,
        score: native::switch_score,
        naive: native::switch_naive,
    },
    Rule {
        name: "defaults",
        text: r#"
fn tier(customer) {
    let worth = customer.annual_revenue ?? customer.potential ?? 1000.0;
    let chance = customer.intent ?? (1.0 - (customer.risk ?? 0.4));
    let size = customer.employees ?? 5;
    let value = worth * chance + size * 100.0;
    if value > 400_000.0 { "A" } else if value > 100_000.0 { "B" } else { "C" }
}
fn score(customer, rep) {
    let worth = customer.annual_revenue ?? customer.potential ?? 1000.0;
    let chance = customer.intent ?? (1.0 - (customer.risk ?? 0.4));
    worth * chance / 1000.0 * rep.weight
        - (customer.risk ?? 0.5) * rep.workload
        + (customer.employees ?? 5) * 0.01 * rep.level
}
"#,
        tier: native::defaults_tier,
        score: native::defaults_score,
        naive: native::defaults_naive,
    },
    Rule {
        name: "helpers",
        text: HELPERS,
        tier: native::helpers_tier,
        score: native::helpers_score,
        naive: native::helpers_naive,
    },
    Rule {
        name: "long",
        text: LONG,
        tier: native::long_tier,
        score: native::long_score,
        naive: native::long_naive,
    },
];

const HELPERS: &str = r#"
const PARAMS = #{ large: 250_000.0, warm: 0.6, senior: 3, bonus: 12.5 };

fn potential(customer) {
    if customer.potential != () { return customer.potential; }
    if customer.annual_revenue != () { return customer.annual_revenue * 1.2; }
    0.0
}
fn heat(customer) {
    let intent = customer.intent ?? 0.0;
    if intent >= params.warm { return 2.0; }
    if intent > 0.2 { return 1.0; }
    0.5
}
fn tier(customer) {
    let worth = potential(customer) * heat(customer);
    if worth >= params.large { return "A"; }
    if customer.tags.has("vip") && worth > 0.0 { return "B"; }
    if worth >= 50_000.0 { "B" } else { "C" }
}
fn seniority(rep) {
    if rep.level >= params.senior { return params.bonus; }
    rep.level * 2.0
}
fn score(customer, rep) {
    let worth = potential(customer);
    if worth >= params.large {
        return worth / 10_000.0 + seniority(rep) * heat(customer);
    }
    worth / 20_000.0 + rep.weight * heat(customer) - rep.workload
}
"#;

/// About a hundred lines.
pub(crate) const LONG: &str = r#"
const PARAMS = #{
    large: 250_000.0,
    middle: 60_000.0,
    warm: 0.6,
    senior: 3,
    senior_bonus: 12.5,
    home_region: 30.0,
    same_industry: 20.0,
    tag_bonus: 4.0,
    at_risk_bonus: 15.0,
};
const KEY_REGIONS = ["east", "coast", "central"];
const KEY_INDUSTRIES = ["finance", "health", "it"];

// What the customer may be worth, from what is known of it.
fn worth(customer) {
    if customer.annual_revenue != () {
        return customer.annual_revenue;
    }
    if customer.potential != () {
        return customer.potential * 0.5;
    }
    1_000.0
}

// How close the customer is to buying.
fn heat(customer) {
    let intent = customer.intent ?? 0.0;
    if intent >= params.warm {
        return 2.0;
    }
    if intent > 0.2 {
        return 1.0;
    }
    0.5
}

// Points for the place in the life cycle.
fn stage_points(customer) {
    switch customer.stage {
        "lead" => 5.0,
        "prospect" => 10.0,
        "active" => 30.0,
        "at_risk" => 25.0,
        "won_back" => 20.0,
        _ => 0.0,
    }
}

// Points for the number of employees.
fn size_points(customer) {
    switch customer.employees ?? 0 {
        0..10 => 1.0,
        10..50 => 5.0,
        50..250 => 12.0,
        250..1_000 => 20.0,
        _ => 30.0,
    }
}

// Points for who the customer is.
fn profile_points(customer) {
    let points = 0.0;
    if customer.region in KEY_REGIONS {
        points += 6.0;
    }
    if customer.industry in KEY_INDUSTRIES {
        points += 8.0;
    }
    for tag in ["vip", "tender"] {
        if tag in customer.tags {
            points += params.tag_bonus;
        }
    }
    points
}

fn tier(customer) {
    let points = stage_points(customer) + size_points(customer) + profile_points(customer);
    let value = worth(customer) * heat(customer);
    if value >= params.large && points >= 25.0 {
        return "A";
    }
    if customer.tags.has("debt") && (customer.risk ?? 0.0) > 0.7 {
        return "C";
    }
    if value >= params.middle || points >= 50.0 {
        "B"
    } else {
        "C"
    }
}

fn seniority(rep) {
    if rep.level >= params.senior {
        return params.senior_bonus;
    }
    rep.level * 2.0
}

fn score(customer, rep) {
    let points = 0.0;
    if customer.region in rep.regions {
        points += params.home_region;
    }
    if customer.industry in rep.industries {
        points += params.same_industry;
    }
    points += overlap(customer.tags, rep.skills) * params.tag_bonus;
    if customer.stage == "at_risk" && rep.level >= params.senior {
        points += params.at_risk_bonus;
    }
    points += seniority(rep) * heat(customer);
    points += worth(customer) / 100_000.0 * rep.weight;
    points - rep.workload * (customer.risk ?? 0.3)
}
"#;
