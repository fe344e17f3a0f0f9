//! The plain values that a book is made from and comes back out as: the JSON of a book.
//!
//! Nothing is checked here but the shape: that there are lists where lists belong, that no key is
//! there twice. Kinds, ranges and references are checked when a [`Book`](super::Book) is built.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::attribute::Attribute;
use super::schema::Schema;

/// A lead or an account on the list.
///
/// ```
/// use bookwright::{Customer, Ownership, Time};
/// let customer = Customer::new("c1")
///     .name("华东精密")
///     .set("annual_revenue", 5e5)
///     .set("tags", ["vip", "export"])
///     .owner("developer", "r1");
/// assert_eq!(
///     serde_json::to_string(&customer)?,
///     r#"{"id":"c1","name":"华东精密","annual_revenue":500000.0,"tags":["vip","export"],"owners":{"developer":"r1"}}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Customer {
    /// The id, unique among the customers of a book.
    pub id: String,
    /// The name; the id where there is none.
    pub name: Option<String>,
    /// Every other key but `owners`, by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// The present owners, by role.
    pub owners: BTreeMap<String, Ownership>,
}

impl Customer {
    /// A customer of that id with nothing else.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets an attribute; [`Attribute::Absent`] and `None` take it away.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<Attribute>) -> Self {
        set(&mut self.attributes, name.into(), value.into());
        self
    }

    /// Sets the owner in a role: an id, or an [`Ownership`] that knows since when.
    #[must_use]
    pub fn owner(mut self, role: impl Into<String>, owner: impl Into<Ownership>) -> Self {
        self.owners.insert(role.into(), owner.into());
        self
    }
}

/// A sales person.
///
/// ```
/// use bookwright::Rep;
/// let rep = Rep::new("r1").roles(["developer"]).set("level", 3).set("capacity", 40.0);
/// assert_eq!(
///     serde_json::to_string(&rep)?,
///     r#"{"id":"r1","capacity":40.0,"level":3,"roles":["developer"]}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rep {
    /// The id, unique among the reps of a book.
    pub id: String,
    /// The name; the id where there is none.
    pub name: Option<String>,
    /// Every other key but `last_assigned`, by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// When the rep was last given a customer, by role, so that taking turns stays fair after
    /// that customer has left. Ownerships later than this count too.
    pub last_assigned: BTreeMap<String, Turn>,
}

impl Rep {
    /// A rep of that id with nothing else.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets an attribute; [`Attribute::Absent`] and `None` take it away.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<Attribute>) -> Self {
        set(&mut self.attributes, name.into(), value.into());
        self
    }

    /// Sets the roles that it can hold.
    #[must_use]
    pub fn roles<S: Into<String>>(self, roles: impl IntoIterator<Item = S>) -> Self {
        let roles: Vec<String> = roles.into_iter().map(Into::into).collect();
        self.set("roles", roles)
    }
}

fn set(attributes: &mut BTreeMap<String, Attribute>, name: String, value: Attribute) {
    if value.is_absent() {
        attributes.remove(&name);
    } else {
        attributes.insert(name, value);
    }
}

/// Who owns a customer in a role, since when, and why.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ownership {
    /// The id of the rep.
    pub rep: String,
    /// Since when: a time, or text that is read as one; absent where nobody knows.
    pub since: Attribute,
    /// Why, in words.
    pub reason: Option<String>,
}

impl Ownership {
    /// Ownership by that rep, since nobody knows when.
    #[must_use]
    pub fn new(rep: impl Into<String>) -> Self {
        Self {
            rep: rep.into(),
            ..Self::default()
        }
    }

    /// Says since when: a [`Time`](crate::Time), or text that is read as one.
    #[must_use]
    pub fn since(mut self, since: impl Into<Attribute>) -> Self {
        self.since = since.into();
        self
    }

    /// Says why.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

impl From<&str> for Ownership {
    fn from(rep: &str) -> Self {
        Self::new(rep)
    }
}
impl From<String> for Ownership {
    fn from(rep: String) -> Self {
        Self::new(rep)
    }
}

/// When a rep was last given a customer in a role.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Turn {
    /// When: a time, or text that is read as one.
    pub at: Attribute,
    /// The order among turns of the same moment and role: higher came later.
    pub turn: u64,
    /// How much of an assignment the rep is owed by weighted round robin, mostly between −1 and 1.
    pub credit: f64,
}

/// A duty with its own owner per customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The id, as policies write it.
    #[serde(default)]
    pub id: String,
    /// The name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether those in the role own customers; `list_manager` does not.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub owns_customers: bool,
}

impl Role {
    /// A role that owns customers.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: None,
            owns_customers: true,
        }
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Those in the role own no customers.
    #[must_use]
    pub const fn without_customers(mut self) -> Self {
        self.owns_customers = false;
        self
    }
}

const fn yes() -> bool {
    true
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_yes(owns: &bool) -> bool {
    *owns
}

/// A team of reps; teams form trees.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// The id.
    #[serde(default)]
    pub id: String,
    /// The name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The id of the team that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

impl Team {
    /// A team at the top of a tree.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }

    /// Puts it under another team.
    #[must_use]
    pub fn parent(mut self, parent: impl Into<String>) -> Self {
        self.parent = Some(parent.into());
        self
    }
}

/// A customer that goes to that rep in that role, whatever `eligible` and `score` say: before all
/// others, but only while the rep has the role, is active and available, and has room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The id of the customer.
    pub customer: String,
    /// The role.
    pub role: String,
    /// The id of the rep.
    pub rep: String,
}

impl Pin {
    /// Pins a customer in a role to a rep.
    #[must_use]
    pub fn new(
        customer: impl Into<String>,
        role: impl Into<String>,
        rep: impl Into<String>,
    ) -> Self {
        Self {
            customer: customer.into(),
            role: role.into(),
            rep: rep.into(),
        }
    }
}

/// A customer that must not go to that rep.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// The id of the customer.
    pub customer: String,
    /// The id of the rep.
    pub rep: String,
    /// In that role; in every role where `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

impl Exclusion {
    /// Keeps a rep from a customer in every role.
    #[must_use]
    pub fn new(customer: impl Into<String>, rep: impl Into<String>) -> Self {
        Self {
            customer: customer.into(),
            rep: rep.into(),
            role: None,
        }
    }

    /// In that role only.
    #[must_use]
    pub fn in_role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }
}

/// The entries of one lookup table, by key.
pub type TableEntries = BTreeMap<String, Attribute>;

/// Everything that a book is made from.
///
/// ```
/// use bookwright::{Book, Records, Schema};
/// let records: Records = serde_json::from_str(
///     r#"{
///         "customers": [{"id": "c1", "region": "east", "owners": {"developer": "r1"}}],
///         "reps": [{"id": "r1", "roles": ["developer"]}]
///     }"#,
/// )?;
/// let book = Book::build(records, Schema::default())?;
/// assert_eq!(book.customer_count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Records {
    /// The schema, where the records bring it along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<Schema>,
    /// The customers.
    pub customers: Vec<Customer>,
    /// The reps.
    pub reps: Vec<Rep>,
    /// Roles beyond those of the schema.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// The teams.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<Team>,
    /// The lookup tables, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, TableEntries>,
    /// The pins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Pin>,
    /// The exclusions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<Exclusion>,
}

impl Records {
    /// The schema that the records bring along, or else the one that can be
    /// [inferred](Schema::infer) from them.
    #[must_use]
    pub fn schema_or_inferred(&self) -> Schema {
        self.schema.clone().unwrap_or_else(|| Schema::infer(self))
    }
}
