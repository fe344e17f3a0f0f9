//! What the records of a service look like: fields, roles, lookup tables, tiers.
//!
//! Built-in fields and the four roles of the trade are always there; a service adds its own and
//! may narrow built-in ones. A schema holds no records. Policies are checked against it, books are
//! built by it. Finding a field by name takes the logarithm of their number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::default_problem;
use super::error::{FieldError, Shown};
use super::field::Field;
use super::records::Role;
use crate::language::{CUSTOMER_FIELDS, Kind, Limits, REP_FIELDS, Side, Source};

/// The number of a field within its side of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldIx(pub(crate) u16);

impl FieldIx {
    /// `id`, on both sides.
    pub const ID: Self = Self(0);
    /// `name`, on both sides.
    pub const NAME: Self = Self(1);

    /// The place in [`Schema::fields`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The number of a role within a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleIx(pub(crate) u16);

impl RoleIx {
    /// The place in [`Schema::roles`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The roles that every schema has: id, name for people, whether those in it own customers.
const ROLES: [(&str, &str, bool); 4] = [
    ("developer", "customer development", true),
    ("maintainer", "customer care", true),
    ("manager", "key accounts", true),
    ("list_manager", "list management", false),
];

/// Most fields of one side, most roles and most lookup tables; of a book, most roles.
pub(super) const MOST: usize = 1024;

/// What a schema cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// A name that is empty, longer than 256 bytes or has control characters.
    #[error("{what} `{}`: a name has 1 to 256 bytes and no control characters", Shown(.name))]
    Name {
        /// `customer field`, `rep field`, `role`, `table` or `tier`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A name that is there more than once.
    #[error("{what} `{}` is there more than once", Shown(.name))]
    Repeated {
        /// `customer field`, `rep field`, `role`, `table` or `tier`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A name that stands for something else: a computed field, `owners`, `last_assigned`.
    #[error("{what} `{}`: the name is taken", Shown(.name))]
    Taken {
        /// `customer field` or `rep field`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A built-in field with another kind.
    #[error("{what} `{}` is built in as {built_in} and cannot be {given}", Shown(.name))]
    BuiltInKind {
        /// `customer field` or `rep field`.
        what: &'static str,
        /// The field.
        name: String,
        /// Its kind.
        built_in: Kind,
        /// The kind given.
        given: Kind,
    },
    /// A range or a list of allowed values that the kind has no use for, or that nothing meets.
    #[error("{what} `{}`: {problem}", Shown(.name))]
    Bounds {
        /// `customer field` or `rep field`.
        what: &'static str,
        /// The field.
        name: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A default that the field would refuse.
    #[error("{what} `{}`: the default {problem}", Shown(.name))]
    Default {
        /// `customer field` or `rep field`.
        what: &'static str,
        /// The field.
        name: String,
        /// What is wrong.
        problem: FieldError,
    },
    /// More than a schema holds.
    #[error("more than {MOST} of sort {what}")]
    TooMany {
        /// `customer field`, `rep field`, `role`, `table` or `tier`.
        what: &'static str,
    },
}

/// The shape of a service's records.
///
/// ```
/// use bookwright::{Field, Kind, Role, Schema, Side};
/// let schema = Schema::builder()
///     .customer_field(Field::new("客户来源", Kind::Text).one_of(["展会", "官网"]))
///     .rep_field(Field::new("quota", Kind::Float).at_least(0.0))
///     .role(Role::new("hunter"))
///     .table("zips", Kind::Text)
///     .build()?;
/// assert!(schema.field(Side::Customer, "客户来源").is_some());
/// assert!(schema.field(Side::Customer, "annual_revenue").is_some());
/// assert!(schema.role("hunter").is_some());
/// # Ok::<(), bookwright::SchemaError>(())
/// ```
///
/// Its JSON lists what differs from the built-in: `{"customer_fields": [{"name", "kind",
/// "presence"?: "required" | {"default": value}, "min"?, "max"?, "open_below"?, "allowed"?,
/// "sensitive"?}], "rep_fields": [...], "roles": [{"id", "name"?, "owns_customers"?}], "tables":
/// {"zips": "text"}, "tiers": ["A", "B", "C"]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Schema {
    customers: SideFields,
    reps: SideFields,
    roles: Vec<Role>,
    tables: BTreeMap<String, Kind>,
    tiers: Vec<String>,
}

/// The fields of one side, in order, and their order by name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SideFields {
    pub(super) list: Vec<Field>,
    pub(super) by_name: Vec<u16>,
}

impl Default for Schema {
    fn default() -> Self {
        Self {
            customers: SideFields::new(built_in(Side::Customer)),
            reps: SideFields::new(built_in(Side::Rep)),
            roles: built_in_roles(),
            tables: BTreeMap::new(),
            tiers: Vec::new(),
        }
    }
}

impl Schema {
    /// Begins a schema with what is built in.
    #[must_use]
    pub fn builder() -> SchemaBuilder {
        SchemaBuilder::default()
    }

    /// The number of a field.
    #[must_use]
    pub fn field(&self, side: Side, name: &str) -> Option<FieldIx> {
        self.side(side).find(name)
    }

    /// The fields of a side: the built-in ones in the order of their table, then the others as
    /// declared.
    #[must_use]
    pub fn fields(&self, side: Side) -> &[Field] {
        &self.side(side).list
    }

    /// The field of that number.
    #[must_use]
    pub fn get(&self, side: Side, field: FieldIx) -> Option<&Field> {
        self.fields(side).get(field.index())
    }

    /// The roles: the four built-in ones, then the others as declared.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The number of a role.
    #[must_use]
    pub fn role(&self, id: &str) -> Option<RoleIx> {
        let place = self.roles.iter().position(|role| role.id == id)?;
        Some(RoleIx(place as u16)) // a schema has at most 1,024
    }

    /// The numbers of all roles, in order.
    pub fn role_numbers(&self) -> impl DoubleEndedIterator<Item = RoleIx> + use<> {
        (0..self.roles.len() as u16).map(RoleIx)
    }

    /// The lookup tables and the kinds of their values, by name.
    #[must_use]
    pub const fn tables(&self) -> &BTreeMap<String, Kind> {
        &self.tables
    }

    /// The names that tiers may have; any where empty.
    #[must_use]
    pub fn tiers(&self) -> &[String] {
        &self.tiers
    }

    pub(super) const fn side(&self, side: Side) -> &SideFields {
        match side {
            Side::Customer => &self.customers,
            Side::Rep => &self.reps,
        }
    }

    /// Adds a role, or renames one. One that owns no customers stays so: who lists the roles by
    /// id alone does not mean to change them.
    pub(super) fn add_role(&mut self, role: Role) {
        match self.roles.iter_mut().find(|known| known.id == role.id) {
            None => self.roles.push(role),
            Some(known) => {
                known.owns_customers &= role.owns_customers;
                known.name = role.name.or_else(|| known.name.take());
            }
        }
    }

    pub(super) fn add_table(&mut self, name: &str, kind: Kind) {
        self.tables.insert(name.to_owned(), kind);
    }
}

impl SideFields {
    fn new(list: Vec<Field>) -> Self {
        let mut by_name: Vec<u16> = (0..list.len() as u16).collect();
        by_name.sort_by(|&a, &b| list[a as usize].name.cmp(&list[b as usize].name));
        Self { list, by_name }
    }

    fn find(&self, name: &str) -> Option<FieldIx> {
        let name_of = |&at: &u16| self.list[at as usize].name.as_str();
        let place = self.by_name.binary_search_by(|at| name_of(at).cmp(name));
        place.ok().map(|place| FieldIx(self.by_name[place]))
    }
}

fn built_in(side: Side) -> Vec<Field> {
    let rows = match side {
        Side::Customer => CUSTOMER_FIELDS,
        Side::Rep => REP_FIELDS,
    };
    rows.iter().map(Field::from).collect()
}

fn built_in_roles() -> Vec<Role> {
    let made = ROLES.map(|(id, name, owns)| Role {
        id: id.to_owned(),
        name: Some(name.to_owned()),
        owns_customers: owns,
    });
    made.to_vec()
}

/// Collects what a service adds to the built-in schema.
#[derive(Debug, Clone, Default)]
pub struct SchemaBuilder {
    draft: Draft,
}

impl SchemaBuilder {
    /// Adds a field of customers, or narrows the built-in one of that name: presence, range,
    /// allowed values and whether it is sensitive are then as given here.
    #[must_use]
    pub fn customer_field(mut self, field: Field) -> Self {
        self.draft.customer_fields.push(field);
        self
    }

    /// Adds or narrows a field of reps.
    #[must_use]
    pub fn rep_field(mut self, field: Field) -> Self {
        self.draft.rep_fields.push(field);
        self
    }

    /// Adds a role, or renames a built-in one.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.draft.roles.push(role);
        self
    }

    /// Names a lookup table and the kind of its values.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>, values: Kind) -> Self {
        self.draft.tables.insert(name.into(), values);
        self
    }

    /// Lists the names that tiers may have, highest first.
    #[must_use]
    pub fn tiers<S: Into<String>>(mut self, tiers: impl IntoIterator<Item = S>) -> Self {
        self.draft.tiers = tiers.into_iter().map(Into::into).collect();
        self
    }

    /// The schema.
    ///
    /// # Errors
    /// The first thing wrong, as [`SchemaError`].
    pub fn build(self) -> Result<Schema, SchemaError> {
        self.draft.try_into()
    }
}

/// A schema as it is written: only what differs from the built-in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Draft {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    customer_fields: Vec<Field>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rep_fields: Vec<Field>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<Role>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tables: BTreeMap<String, Kind>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tiers: Vec<String>,
}

impl From<Schema> for Draft {
    fn from(schema: Schema) -> Self {
        let differing = |side: Side| {
            let standard = built_in(side);
            let differs = |field: &&Field| !standard.contains(field);
            schema
                .fields(side)
                .iter()
                .filter(differs)
                .cloned()
                .collect()
        };
        let standard = built_in_roles();
        Self {
            customer_fields: differing(Side::Customer),
            rep_fields: differing(Side::Rep),
            roles: schema
                .roles
                .iter()
                .filter(|role| !standard.contains(role))
                .cloned()
                .collect(),
            tables: schema.tables.clone(),
            tiers: schema.tiers.clone(),
        }
    }
}

impl TryFrom<Draft> for Schema {
    type Error = SchemaError;

    fn try_from(draft: Draft) -> Result<Self, SchemaError> {
        check_names("role", draft.roles.iter().map(|role| role.id.as_str()))?;
        check_names("table", draft.tables.keys().map(String::as_str))?;
        check_names("tier", draft.tiers.iter().map(String::as_str))?;
        let mut schema = Self {
            customers: SideFields::new(merge(Side::Customer, draft.customer_fields)?),
            reps: SideFields::new(merge(Side::Rep, draft.rep_fields)?),
            tables: draft.tables,
            tiers: draft.tiers,
            ..Self::default()
        };
        for role in draft.roles {
            schema.add_role(role);
        }
        Ok(schema)
    }
}

fn check_names<'a>(
    what: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), SchemaError> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        let longest = Limits::default().id_bytes;
        if name.is_empty() || name.len() > longest || name.chars().any(char::is_control) {
            let name = name.to_owned();
            return Err(SchemaError::Name { what, name });
        }
        if !seen.insert(name) {
            let name = name.to_owned();
            return Err(SchemaError::Repeated { what, name });
        }
    }
    if seen.len() > MOST {
        return Err(SchemaError::TooMany { what });
    }
    Ok(())
}

/// The built-in fields, narrowed and followed by a service's own.
fn merge(side: Side, own: Vec<Field>) -> Result<Vec<Field>, SchemaError> {
    let (what, reserved) = match side {
        Side::Customer => ("customer field", "owners"),
        Side::Rep => ("rep field", "last_assigned"),
    };
    check_names(what, own.iter().map(|field| field.name.as_str()))?;
    let mut list = built_in(side);
    for mut field in own {
        let name = field.name.clone();
        if field.name == reserved {
            return Err(SchemaError::Taken { what, name });
        }
        check_bounds(what, &field)?;
        match list.iter_mut().find(|known| known.name == name) {
            None => list.push(field),
            Some(known) if !known.is_recorded() => return Err(SchemaError::Taken { what, name }),
            Some(known) if known.kind != field.kind => {
                return Err(SchemaError::BuiltInKind {
                    what,
                    name,
                    built_in: known.kind,
                    given: field.kind,
                });
            }
            Some(known) => {
                field.source = known.source;
                if known.source == Source::Required {
                    field.presence = known.presence.clone();
                }
                *known = field;
            }
        }
    }
    Ok(list)
}

fn check_bounds(what: &'static str, field: &Field) -> Result<(), SchemaError> {
    let number = matches!(field.kind, Kind::Int | Kind::Float);
    let textual = matches!(field.kind, Kind::Text | Kind::Tags);
    let bounds = [field.min, field.max];
    let problem = if !number && bounds != [None, None] {
        Some("only numbers have a range")
    } else if bounds.iter().flatten().any(|bound| !bound.is_finite()) {
        Some("the range is not finite")
    } else if matches!(bounds, [Some(min), Some(max)] if min > max || field.open_below && min >= max)
    {
        Some("the range is empty")
    } else if !textual && !field.allowed.is_empty() {
        Some("only texts and tags have a list of allowed values")
    } else {
        None
    };
    if let Some(problem) = problem {
        let name = field.name.clone();
        return Err(SchemaError::Bounds {
            what,
            name,
            problem,
        });
    }
    match default_problem(field) {
        None => Ok(()),
        Some(problem) => Err(SchemaError::Default {
            what,
            name: field.name.clone(),
            problem,
        }),
    }
}
