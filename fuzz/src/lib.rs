//! What the targets share: a small book, and policies that are grown from bytes.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use bookwright::{Book, PlanOptions, Records, Schema};

/// Eight customers and four reps, with every kind of field present here and absent there.
pub static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let records: Records =
        serde_json::from_str(include_str!("book.json")).expect("book.json is right");
    Book::build(records, Schema::default()).expect("book.json is right")
});

/// The moment of all plans.
pub fn options() -> PlanOptions {
    PlanOptions::at("2026-01-31T00:00:00Z".parse().expect("a time"))
}

/// A policy of a few hooks. Most pass the checks; what does not is refused, not wrong.
pub fn policy(u: &mut Unstructured<'_>) -> Result<String> {
    let mut text = String::from("const PARAMS = #{ bonus: 2.5, from: 2 };\n");
    let strategy = u.choose(&[
        "best_score",
        "round_robin",
        "weighted_round_robin",
        "least_loaded",
        "optimal",
    ])?;
    let keep: bool = u.arbitrary()?;
    text += &format!("const ALLOCATION = #{{ strategy: \"{strategy}\", keep_owners: {keep} }};\n");
    if u.arbitrary()? {
        let tier = body(u, &["customer"], 3)?;
        text += &format!(
            "fn tier(customer) {{ let it = {{ {tier} }}; if it == 1 {{ \"A\" }} else if it == true {{ \"B\" }} else {{ \"C\" }} }}\n"
        );
    } else if u.arbitrary()? {
        text += "const TIERS = [#{ tier: \"A\", at_least: 5.0, keep_within: 0.25 }, #{ tier: \"C\" }];\n";
        text += &format!("fn value(customer) {{ {} }}\n", body(u, &["customer"], 3)?);
    }
    if u.arbitrary()? {
        text += &format!(
            "fn segment(customer) {{ `${{{}}}` }}\n",
            expression(u, &["customer"], 2)?
        );
    }
    if u.arbitrary()? {
        text += &format!(
            "fn priority(customer, role) {{ {} }}\n",
            body(u, &["customer"], 2)?
        );
    }
    if u.arbitrary()? {
        text += &format!(
            "fn workload(customer) {{ {} }}\n",
            body(u, &["customer"], 2)?
        );
    }
    if u.arbitrary()? {
        text += "fn capacity(rep) { #{ customers: 2, tiers: #{ A: 1 } } }\n";
    }
    if u.arbitrary()? {
        text += &format!(
            "fn eligible(customer, rep) {{ {} }}\n",
            body(u, &["customer", "rep"], 3)?
        );
    }
    text += &format!(
        "fn score(customer, rep, role) {{ {} }}\n",
        body(u, &["customer", "rep"], 4)?
    );
    Ok(text)
}

fn body(u: &mut Unstructured<'_>, of: &[&str], depth: u32) -> Result<String> {
    Ok(match u.int_in_range(0..=5)? {
        0 => format!(
            "let x = {}; x += {}; x",
            expression(u, of, depth)?,
            expression(u, of, depth)?
        ),
        1 => format!(
            "let n = 0; for t in {}.tags {{ n += {}; }} n",
            of[0].replace("rep", "customer"),
            expression(u, of, 1)?
        ),
        2 => format!(
            "if {} {{ return {}; }} {}",
            truth(u, of, depth)?,
            expression(u, of, depth)?,
            expression(u, of, depth)?
        ),
        3 => {
            let (a, b) = (expression(u, of, 1)?, expression(u, of, 1)?);
            format!(
                "switch {} {{ 1 => {a}, \"east\" | true => {b}, 2..=5 => 3, _ => 0.5 }}",
                expression(u, of, depth)?
            )
        }
        _ => expression(u, of, depth)?,
    })
}

fn truth(u: &mut Unstructured<'_>, of: &[&str], depth: u32) -> Result<String> {
    let depth = depth.saturating_sub(1);
    Ok(match u.int_in_range(0..=6)? {
        0 => format!(
            "({} && {})",
            truth_or(u, of, depth)?,
            truth_or(u, of, depth)?
        ),
        1 => format!(
            "({} || {})",
            truth_or(u, of, depth)?,
            truth_or(u, of, depth)?
        ),
        2 => format!("!{}", truth_or(u, of, depth)?),
        3 => format!("({} in {})", expression(u, of, depth)?, list(u, of)?),
        _ => {
            let operator = u.choose(&["==", "!=", "<", "<=", ">", ">="])?;
            format!(
                "({} {operator} {})",
                expression(u, of, depth)?,
                expression(u, of, depth)?
            )
        }
    })
}

fn truth_or(u: &mut Unstructured<'_>, of: &[&str], depth: u32) -> Result<String> {
    if depth == 0 {
        return Ok((*u.choose(&["true", "false", "customer.tags.has(\"vip\")"])?).to_owned());
    }
    truth(u, of, depth)
}

fn list(u: &mut Unstructured<'_>, of: &[&str]) -> Result<String> {
    let lists = [
        "customer.tags",
        "[\"east\", \"west\"]",
        "[1, 2, ()]",
        "1..4",
        "rep.regions",
        "rep.skills",
    ];
    let most = if of.contains(&"rep") { lists.len() } else { 4 };
    Ok((*u.choose(&lists[..most])?).to_owned())
}

fn expression(u: &mut Unstructured<'_>, of: &[&str], depth: u32) -> Result<String> {
    if depth == 0 || u.is_empty() {
        let leaves = [
            "1",
            "2",
            "0",
            "-3",
            "0.5",
            "1e15",
            "1.0e-9",
            "9223372036854775807",
            "true",
            "\"east\"",
            "\"\"",
            "()",
            "params.bonus",
            "params.from",
            "customer.region",
            "customer.intent",
            "customer.potential",
            "customer.employees",
            "customer.annual_revenue",
            "customer.stage",
            "customer.name",
            "customer.tags.len()",
            "(customer.region ?? \"none\")",
            "(customer.potential ?? 0.0)",
            "(customer.employees ?? 3)",
            "days_since(customer.created)",
            "customer.owner",
            "rep.level",
            "rep.capacity",
            "rep.weight",
            "rep.regions.len()",
            "rep.holding",
            "rep.team",
            "overlap(rep.regions, customer.tags)",
            "rep.active",
        ];
        let most = if of.contains(&"rep") {
            leaves.len()
        } else {
            27
        };
        return Ok((*u.choose(&leaves[..most])?).to_owned());
    }
    let depth = depth - 1;
    Ok(match u.int_in_range(0..=9)? {
        0..=3 => {
            let operator = u.choose(&["+", "-", "*", "/", "%", "**", "??", "&", "|"])?;
            format!(
                "({} {operator} {})",
                expression(u, of, depth)?,
                expression(u, of, depth)?
            )
        }
        4 => format!(
            "(if {} {{ {} }} else {{ {} }})",
            truth(u, of, depth)?,
            expression(u, of, depth)?,
            expression(u, of, depth)?
        ),
        5 => truth(u, of, depth)?,
        6 => format!("-{}", expression(u, of, 0)?),
        7 => {
            let function = u.choose(&[
                "abs", "floor", "round", "sqrt", "to_float", "to_int", "to_upper", "trim", "len",
            ])?;
            format!("{function}({})", expression(u, of, depth)?)
        }
        8 => {
            let function = u.choose(&["min", "max"])?;
            format!(
                "{function}({}, {})",
                expression(u, of, depth)?,
                expression(u, of, depth)?
            )
        }
        _ => format!("`${{{}}}`", expression(u, of, depth)?),
    })
}
