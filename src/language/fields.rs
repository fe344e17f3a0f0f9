//! The built-in fields of customers and reps.

use super::Kind;

/// Which record a field belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// A customer: the first parameter of most hooks.
    Customer,
    /// A rep.
    Rep,
}

impl Side {
    /// `customer` or `rep`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Rep => "rep",
        }
    }
}

/// Where the value of a built-in field comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The record itself.
    Record,
    /// The record, and every record has it (`id`, `name`).
    Required,
    /// The present ownership in the role at hand.
    Ownership,
    /// An earlier hook of the same plan.
    EarlierHook,
}

/// One row of the table of built-in fields.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BuiltInField {
    /// The name in scripts and in records.
    pub name: &'static str,
    /// The kind of its value.
    pub kind: Kind,
    /// Where the value comes from.
    pub source: Source,
    /// The value of a record that does not say: a literal of the language, or `None` where the
    /// field is then absent (`()`), except for tags, which are then empty.
    pub default: Option<Literal>,
    /// The least value allowed, inclusive unless [`Self::open_below`].
    pub min: Option<f64>,
    /// The greatest value allowed, inclusive.
    pub max: Option<f64>,
    /// Whether the least value itself is refused (`weight > 0`).
    pub open_below: bool,
    /// The texts allowed; empty where any text is.
    pub allowed: &'static [&'static str],
    /// One line of documentation.
    pub doc: &'static str,
}

/// A literal default of a built-in field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// A bool.
    Bool(bool),
    /// An int.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text.
    Text(&'static str),
}

const fn field(name: &'static str, kind: Kind, doc: &'static str) -> BuiltInField {
    BuiltInField {
        name,
        kind,
        source: Source::Record,
        default: None,
        min: None,
        max: None,
        open_below: false,
        allowed: &[],
        doc,
    }
}

impl BuiltInField {
    const fn from(mut self, source: Source) -> Self {
        self.source = source;
        self
    }
    const fn or(mut self, default: Literal) -> Self {
        self.default = Some(default);
        self
    }
    const fn at_least(mut self, min: f64) -> Self {
        self.min = Some(min);
        self
    }
    const fn above(mut self, min: f64) -> Self {
        self.min = Some(min);
        self.open_below = true;
        self
    }
    const fn share(mut self) -> Self {
        self.min = Some(0.0);
        self.max = Some(1.0);
        self
    }
    const fn one_of(mut self, allowed: &'static [&'static str]) -> Self {
        self.allowed = allowed;
        self
    }

    /// Whether a script may meet `()` here: no default, not required, and not tags.
    #[must_use]
    pub const fn may_be_absent(&self) -> bool {
        match self.source {
            Source::Required | Source::EarlierHook => false,
            Source::Ownership => matches!(self.kind, Kind::Text),
            Source::Record => self.default.is_none() && !matches!(self.kind, Kind::Tags),
        }
    }
}

/// The stages of a customer's life cycle that the built-in field `stage` allows.
pub const STAGES: &[&str] = &[
    "lead", "prospect", "active", "at_risk", "dormant", "lost", "won_back",
];

/// The built-in fields of a customer.
pub const CUSTOMER_FIELDS: &[BuiltInField] = &[
    field("id", Kind::Text, "the customer's id, unique in the book").from(Source::Required),
    field("name", Kind::Text, "the customer's name").from(Source::Required),
    field("region", Kind::Text, "where the customer is"),
    field("industry", Kind::Text, "what the customer does"),
    field(
        "family",
        Kind::Text,
        "customers with the same family go to one rep per role",
    ),
    field("stage", Kind::Text, "place in the life cycle")
        .or(Literal::Text("lead"))
        .one_of(STAGES),
    field(
        "annual_revenue",
        Kind::Float,
        "revenue with this customer per year",
    )
    .at_least(0.0),
    field(
        "potential",
        Kind::Float,
        "revenue per year that could be won",
    )
    .at_least(0.0),
    field("intent", Kind::Float, "how likely it is to buy, 0 to 1").share(),
    field("satisfaction", Kind::Float, "how content it is, 0 to 1").share(),
    field("risk", Kind::Float, "how likely it is to leave, 0 to 1").share(),
    field("employees", Kind::Int, "number of employees").at_least(0.0),
    field("created", Kind::Time, "when it came on the list"),
    field("last_contact", Kind::Time, "when it was last spoken to"),
    field("last_order", Kind::Time, "when it last ordered"),
    field("tags", Kind::Tags, "free labels"),
    field("current_tier", Kind::Text, "the tier before this plan"),
    field(
        "owner",
        Kind::Text,
        "id of the present owner in the role at hand",
    )
    .from(Source::Ownership),
    field(
        "tier",
        Kind::Text,
        "the tier of this plan, in hooks that run after tiering",
    )
    .from(Source::EarlierHook),
    field(
        "segment",
        Kind::Text,
        "the segment of this plan, in hooks that run after it",
    )
    .from(Source::EarlierHook),
];

/// The built-in fields of a rep.
pub const REP_FIELDS: &[BuiltInField] = &[
    field("id", Kind::Text, "the rep's id, unique in the book").from(Source::Required),
    field("name", Kind::Text, "the rep's name").from(Source::Required),
    field("level", Kind::Int, "1 is junior, higher is more senior")
        .or(Literal::Int(1))
        .at_least(1.0),
    field("roles", Kind::Tags, "the roles it can hold"),
    field("team", Kind::Text, "id of its team"),
    field("regions", Kind::Tags, "where it sells"),
    field("industries", Kind::Tags, "the industries it knows"),
    field("skills", Kind::Tags, "what it can do"),
    field("languages", Kind::Tags, "what it speaks"),
    field("capacity", Kind::Float, "workload that it can carry")
        .or(Literal::Float(100.0))
        .at_least(0.0),
    field(
        "workload",
        Kind::Float,
        "workload that it carries outside this book",
    )
    .or(Literal::Float(0.0))
    .at_least(0.0),
    field("weight", Kind::Float, "share in weighted round robin")
        .or(Literal::Float(1.0))
        .above(0.0),
    field("hired", Kind::Time, "when it was hired"),
    field("available_from", Kind::Time, "takes customers from then on"),
    field("away_until", Kind::Time, "takes no customers before then"),
    field("active", Kind::Bool, "whether it takes customers at all").or(Literal::Bool(true)),
    field("holding", Kind::Int, "how many customers it owns now")
        .at_least(0.0)
        .from(Source::Ownership),
];
