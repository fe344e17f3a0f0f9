//! Reads the funnel: two files of comma-separated values, and what can be counted in them.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use bookwright::{Attribute, Customer, Field, Kind, Ownership, Records, Rep, Schema, SchemaError};
use csv::StringRecord;

/// Leads before this day teach how likely a lead is to sign; it shows on those after.
pub(crate) const TAUGHT_UNTIL: &str = "2018-03-01";

pub(crate) const LEADS: &str = "olist_mql.csv";
pub(crate) const DEALS: &str = "olist_closed_deals.csv";

/// The built-in schema, and what this funnel knows beyond it.
pub(crate) fn schema() -> Result<Schema, SchemaError> {
    Schema::builder()
        .customer_field(Field::new("origin", Kind::Text))
        .customer_field(Field::new("landing_page", Kind::Text))
        .rep_field(
            Field::new("deals", Kind::Int)
                .default_value(0)
                .at_least(0.0),
        )
        .rep_field(Field::new("last_deal", Kind::Time))
        .table("landing_pages", Kind::Float)
        .table("origins", Kind::Float)
        .build()
}

/// What is known of somebody who sells, from the deals.
#[derive(Default)]
struct Seller {
    roles: Vec<String>,
    deals: i64,
    last_deal: String,
    industries: BTreeMap<String, u32>,
    origins: BTreeMap<String, u32>,
}

/// The book as it stood after the last deal.
pub(crate) fn read(folder: &Path) -> Result<Records, Box<dyn Error>> {
    let mut leads: BTreeMap<String, Customer> = BTreeMap::new();
    for lead in rows(&folder.join(LEADS))? {
        let lead = lead?;
        let customer = Customer::new(id(&lead, 0))
            .set("created", date(text(&lead, 1))?)
            .set("landing_page", given(&lead, 2))
            .set("origin", given(&lead, 3));
        if leads.insert(customer.id.clone(), customer).is_some() {
            return Err(format!("the lead `{}` is there twice", text(&lead, 0)).into());
        }
    }
    let mut sellers: BTreeMap<String, Seller> = BTreeMap::new();
    for deal in rows(&folder.join(DEALS))? {
        let deal = deal?;
        let (lead, developer, maintainer) = (id(&deal, 0), id(&deal, 2), id(&deal, 3));
        let lead = leads
            .remove(lead)
            .ok_or_else(|| format!("there is a deal but no lead `{lead}`"))?;
        let won = date(text(&deal, 4))?;
        for (seller, role) in [(developer, "developer"), (maintainer, "maintainer")] {
            let seller = sellers.entry(seller.to_owned()).or_default();
            if !seller.roles.iter().any(|it| it == role) {
                seller.roles.push(role.to_owned());
            }
            seller.deals += 1;
            if seller.last_deal < won {
                seller.last_deal.clone_from(&won);
            }
            *seller
                .industries
                .entry(text(&deal, 5).to_owned())
                .or_default() += 1;
            if let Some(Attribute::Text(origin)) = lead.attributes.get("origin") {
                *seller.origins.entry(origin.clone()).or_default() += 1;
            }
        }
        let signed = lead
            .set("stage", "active")
            .set("industry", given(&deal, 5))
            .owner("developer", Ownership::new(developer).since(won.as_str()))
            .owner("maintainer", Ownership::new(maintainer).since(won.as_str()));
        leads.insert(signed.id.clone(), signed);
    }
    let tables = BTreeMap::from([
        ("landing_pages".to_owned(), chances(&leads, "landing_page")),
        ("origins".to_owned(), chances(&leads, "origin")),
    ]);
    Ok(Records {
        customers: leads.into_values().collect(),
        reps: sellers.into_iter().map(rep).collect(),
        tables,
        ..Records::default()
    })
}

fn rep((id, seller): (String, Seller)) -> Rep {
    let often = |counts: BTreeMap<String, u32>| -> Vec<String> {
        let often = counts.into_iter().filter(|&(_, count)| count >= 3);
        often.map(|(name, _)| name).collect()
    };
    Rep::new(id)
        .roles(seller.roles)
        .set("deals", seller.deals)
        .set("last_deal", seller.last_deal)
        .set("industries", often(seller.industries))
        .set("skills", often(seller.origins))
}

/// The share of the earlier leads that signed, by the value of a field, drawn towards the share of
/// all of them where there are few.
fn chances(leads: &BTreeMap<String, Customer>, field: &str) -> BTreeMap<String, Attribute> {
    const DRAWN: f64 = 20.0;
    let mut counts: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    let mut all = (0.0, 0.0);
    for lead in leads.values().filter(|lead| !is_late(lead)) {
        let signed = f64::from(u8::from(is_signed(lead)));
        all = (all.0 + signed, all.1 + 1.0);
        if let Some(Attribute::Text(name)) = lead.attributes.get(field) {
            let (won, of) = counts.entry(name).or_default();
            (*won, *of) = (*won + signed, *of + 1.0);
        }
    }
    let share = all.0 / f64::max(all.1, 1.0);
    counts
        .into_iter()
        .map(|(name, (won, of))| {
            let chance = (won + DRAWN * share) / (of + DRAWN);
            (name.to_owned(), Attribute::Float(chance))
        })
        .collect()
}

pub(crate) fn is_signed(lead: &Customer) -> bool {
    lead.attributes.contains_key("stage")
}

/// Whether the chances were not taken from this one.
pub(crate) fn is_late(lead: &Customer) -> bool {
    matches!(lead.attributes.get("created"), Some(Attribute::Text(day)) if day.as_str() >= TAUGHT_UNTIL)
}

fn rows(path: &Path) -> Result<impl Iterator<Item = csv::Result<StringRecord>>, Box<dyn Error>> {
    let reader = csv::Reader::from_path(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(reader.into_records())
}

fn text(row: &StringRecord, column: usize) -> &str {
    row.get(column).unwrap_or_default()
}

/// The first eight digits of an id: enough to tell them apart, which the book checks.
fn id(row: &StringRecord, column: usize) -> &str {
    let id = text(row, column);
    id.get(..8).unwrap_or(id)
}

/// The text of a column, where there is one.
fn given(row: &StringRecord, column: usize) -> Option<&str> {
    row.get(column).filter(|text| !text.is_empty())
}

/// `31-01-2018 19:58` as `2018-01-31`.
fn date(text: &str) -> Result<String, String> {
    match text.get(..10).map(|day| day.split('-').collect::<Vec<_>>()) {
        Some(parts) if parts.len() == 3 => Ok(format!("{}-{}-{}", parts[2], parts[1], parts[0])),
        _ => Err(format!("`{text}` is not a date")),
    }
}
