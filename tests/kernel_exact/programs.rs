//! Programs at random: mostly well typed, with a share of ill-typed and failing ones.
//!
//! Texts come out of a seeded generator rather than out of proptest's trees: a case is its seed,
//! which the failure names, and shrinking is by looking at the program, which is short.

use std::fmt::Write;

use super::harness::{FLOATS, TEXTS};
use super::worlds::{Access, UNUSUAL, World, quoted};

/// What an expression should give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Bool,
    Int,
    Float,
    Text,
    Time,
    Tags,
    Any,
}

/// Which records are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Customer,
    Pair,
}

const CONSTANTS: &str = "const PARAMS = #{ rate: 2.5, least: 3, place: \"east\", on: true, deep: #{ x: 0.3 }, places: [\"east\", \"it\"] };\nconst LIMIT = 0.7;\n";

/// A generator of programs.
pub(crate) struct Programs {
    seed: u64,
    scope: Scope,
    locals: Vec<(String, Want)>,
    made: usize,
    helpers: bool,
    loops: usize,
    own: [Vec<Access>; 2],
}

impl Programs {
    pub(crate) fn new(seed: u64, scope: Scope, world: &World) -> Self {
        Self {
            seed: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D,
            scope,
            locals: Vec::new(),
            made: 0,
            helpers: true,
            loops: 0,
            own: world.own.clone(),
        }
    }

    fn next(&mut self, below: usize) -> usize {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        (self.seed >> 20) as usize % below
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.next(of.len())]
    }

    /// A policy with helpers and one function of that name.
    pub(crate) fn policy(&mut self, name: &str, want: Want) -> String {
        let mut text = String::from(CONSTANTS);
        text += &self.helpers();
        text += &self.function(name, want);
        text
    }

    /// A policy with both hooks of pairs.
    pub(crate) fn pair_hooks(&mut self) -> String {
        let mut text = String::from(CONSTANTS);
        text += &self.helpers();
        text += &self.function("eligible", Want::Bool);
        text += &self.function("score", Want::Float);
        text
    }

    /// A policy with as many hooks as there are.
    pub(crate) fn whole(seed: u64, world: &World) -> String {
        let mut text = String::from(CONSTANTS);
        text += "const TIERS = [#{ tier: \"A\", at_least: 3.0 }, #{ tier: \"B\", at_least: 0.5 }, #{ tier: \"C\" }];\n";
        text += "fn coverage(customer) { [\"developer\"] }\n";
        let mut of_customers = Self::new(seed, Scope::Customer, world);
        text += &of_customers.helpers();
        let hooks = [
            ("value", Want::Float),
            ("segment", Want::Text),
            ("workload", Want::Float),
            ("priority", Want::Float),
        ];
        for (hook, want) in hooks {
            if of_customers.next(3) > 0 {
                text += &of_customers.function(hook, want);
            }
        }
        if !text.contains("fn value") {
            text += "fn value(customer) { customer.score ?? 0.0 }\n";
        }
        let mut of_pairs = Self::new(seed ^ 0x5555, Scope::Pair, world);
        text += &of_pairs.helpers();
        text += &of_pairs.function("score", Want::Float);
        if of_pairs.next(2) > 0 {
            text += &of_pairs.function("eligible", Want::Bool);
        }
        text
    }

    fn parameters(&self) -> &'static str {
        match self.scope {
            Scope::Customer => "customer",
            Scope::Pair => "customer, rep",
        }
    }

    /// What the names of helpers begin with.
    fn kin(&self) -> &'static str {
        match self.scope {
            Scope::Customer => "",
            Scope::Pair => "pair_",
        }
    }

    /// Functions that the others call.
    fn helpers(&mut self) -> String {
        let (parameters, kin) = (self.parameters(), self.kin());
        self.helpers = false;
        self.locals = vec![("a".into(), Want::Float), ("b".into(), Want::Int)];
        let number = self.body(2, Want::Float);
        self.locals = vec![("a".into(), Want::Text)];
        let chosen = self.body(1, Want::Text);
        self.helpers = true;
        self.locals.clear();
        format!(
            "fn {kin}number(a, b, {parameters}) {{ {number} }}\nfn {kin}chosen(a, {parameters}) {{ {chosen} }}\n"
        )
    }

    fn function(&mut self, name: &str, want: Want) -> String {
        let depth = 2 + self.next(2);
        let body = self.body(depth, want);
        format!("fn {name}({}) {{\n{body}\n}}\n", self.parameters())
    }

    /// Statements and a value.
    fn body(&mut self, depth: usize, want: Want) -> String {
        let scope = self.locals.len();
        let mut text = String::new();
        for _ in 0..self.next(3) {
            text += &self.statement(depth, want);
        }
        text += &self.expression(depth, want);
        self.locals.truncate(scope);
        text
    }

    fn statement(&mut self, depth: usize, want: Want) -> String {
        let assignable: Vec<(String, Want)> = (self.locals.iter())
            .filter(|local| local.0.starts_with('v'))
            .cloned()
            .collect();
        match self.next(8) {
            0..=2 => {
                let kind = self.kind();
                let value = self.expression(depth.saturating_sub(1), kind);
                self.made += 1;
                let name = format!("v{}", self.made % 7);
                self.locals.push((name.clone(), kind));
                format!("let {name} = {value};\n")
            }
            3 | 4 if !assignable.is_empty() => {
                let (name, kind) = assignable[self.next(assignable.len())].clone();
                let value = self.expression(depth.saturating_sub(1), kind);
                let operator = match kind {
                    Want::Int | Want::Float => self.pick(&["=", "+=", "-=", "*=", "/=", "="]),
                    Want::Text => self.pick(&["=", "+="]),
                    Want::Bool => self.pick(&["=", "&=", "|="]),
                    _ => "=",
                };
                format!("{name} {operator} {value};\n")
            }
            5 if depth > 0 => {
                let condition = self.expression(1, Want::Bool);
                let value = self.expression(depth - 1, want);
                format!("if {condition} {{ return {value}; }}\n")
            }
            6 if depth > 0 => {
                let condition = self.expression(1, Want::Bool);
                let scope = self.locals.len();
                let then = self.statement(depth - 1, want);
                self.locals.truncate(scope);
                let other = self.statement(depth - 1, want);
                self.locals.truncate(scope);
                format!("if {condition} {{ {then} }} else {{ {other} }}\n")
            }
            7 if depth > 0 && self.loops < 2 => self.for_loop(depth, want),
            _ => String::new(),
        }
    }

    fn for_loop(&mut self, depth: usize, want: Want) -> String {
        self.loops += 1;
        let (over, kind) = match self.next(5) {
            3 => (self.leaf(Want::Tags), Want::Text),
            0 => ("0..4".to_owned(), Want::Int),
            1 => ("-1..=2".to_owned(), Want::Int),
            2 => (self.texts(), Want::Text),
            _ => ("[1, 2.5, 7]".to_owned(), Want::Float),
        };
        let scope = self.locals.len();
        self.locals.push(("e".into(), kind));
        self.locals.push(("i".into(), Want::Int));
        let mut inside = self.statement(depth - 1, want);
        if self.next(2) == 0 {
            let condition = self.expression(1, Want::Bool);
            let jump = self.pick(&["break", "continue"]);
            let _ = writeln!(inside, "if {condition} {{ {jump}; }}");
        }
        inside += &self.statement(depth - 1, want);
        self.locals.truncate(scope);
        self.loops -= 1;
        format!("for (e, i) in {over} {{ {inside} }}\n")
    }

    fn kind(&mut self) -> Want {
        [Want::Bool, Want::Int, Want::Float, Want::Float, Want::Text][self.next(5)]
    }

    fn texts(&mut self) -> String {
        let some: Vec<String> = (0..1 + self.next(4))
            .map(|_| self.literal(Want::Text))
            .collect();
        format!("[{}]", some.join(", "))
    }

    fn literal(&mut self, want: Want) -> String {
        match want {
            Want::Bool => self.pick(&["true", "false"]).to_owned(),
            Want::Int => self
                .pick(&[
                    "0",
                    "1",
                    "2",
                    "3",
                    "7",
                    "-1",
                    "10",
                    "250",
                    "9223372036854775807",
                ])
                .to_owned(),
            Want::Float => {
                let float = FLOATS[self.next(FLOATS.len())];
                let sign = self.pick(&["", "", "-"]);
                let text = format!("{float:e}");
                if text.contains('.') {
                    format!("{sign}{text}")
                } else {
                    format!("{sign}{float:?}")
                }
            }
            Want::Text => match self.next(5) {
                0 => quoted(UNUSUAL[self.next(UNUSUAL.len())]),
                _ => quoted(TEXTS[self.next(TEXTS.len())]),
            },
            Want::Time => "now".to_owned(),
            Want::Tags => self.texts(),
            Want::Any => "()".to_owned(),
        }
    }

    fn leaf(&mut self, want: Want) -> String {
        // A share of the wrong kind.
        let want = if self.next(40) == 0 {
            self.kind()
        } else {
            want
        };
        let fitting: Vec<String> = (self.locals.iter())
            .filter(|local| local.1 == want)
            .map(|local| local.0.clone())
            .collect();
        if !fitting.is_empty() && self.next(2) == 0 {
            return fitting[self.next(fitting.len())].clone();
        }
        if self.next(3) == 0 {
            return self.literal(want);
        }
        let literal = self.literal(want);
        let rep = self.scope == Scope::Pair && self.next(2) == 0;
        if let Some(own) = self.own_field(want, rep)
            && self.next(2) == 0
        {
            return match (own.may_be_absent, self.next(10)) {
                (true, 1..) | (false, 0) => format!("({} ?? {literal})", own.text),
                _ => own.text,
            };
        }
        let field = match (want, rep) {
            (Want::Bool, true) => return "rep.active".to_owned(),
            (Want::Bool, false) => "customer.vip",
            (Want::Int, true) => return self.pick(&["rep.level", "rep.holding"]).to_owned(),
            (Want::Int, false) => self.pick(&["customer.employees", "customer.delta"]),
            (Want::Float, true) => {
                return self
                    .pick(&["rep.capacity", "rep.weight", "params.rate", "LIMIT"])
                    .to_owned();
            }
            (Want::Float, false) => self.pick(&[
                "customer.annual_revenue",
                "customer.potential",
                "customer.intent",
                "customer.risk",
                "customer.score",
                "params.deep.x",
            ]),
            (Want::Text, true) => return "params.place".to_owned(),
            (Want::Text, false) => self.pick(&[
                "customer.region",
                "customer.industry",
                "customer.stage",
                "customer.tier",
            ]),
            (Want::Time, _) => self.pick(&["customer.created", "customer.last_contact"]),
            (Want::Tags, true) => return self.pick(&["rep.skills", "rep.regions"]).to_owned(),
            (Want::Tags, false) => return "customer.tags".to_owned(),
            (Want::Any, _) => "customer.region",
        };
        match self.next(10) {
            0 => field.to_owned(), // may be absent
            _ => format!("({field} ?? {literal})"),
        }
    }

    /// A field of the world's own.
    fn own_field(&mut self, want: Want, rep: bool) -> Option<Access> {
        let own = &self.own[usize::from(rep)];
        let fitting: Vec<Access> = (own.iter().filter(|own| own.want == want))
            .cloned()
            .collect();
        (!fitting.is_empty()).then(|| fitting[self.next(fitting.len())].clone())
    }

    fn expression(&mut self, depth: usize, want: Want) -> String {
        if depth == 0 {
            return self.leaf(want);
        }
        let d = depth - 1;
        if self.next(5) == 0 {
            return self.choice(d, want);
        }
        match want {
            Want::Bool => self.bool(d),
            Want::Int => self.int(d),
            Want::Float => self.float(d),
            Want::Text => self.text(d),
            Want::Time | Want::Tags => self.leaf(want),
            Want::Any => {
                let kind = self.kind();
                self.expression(depth, kind)
            }
        }
    }

    /// `if` and `switch` as values.
    fn choice(&mut self, d: usize, want: Want) -> String {
        if self.next(2) == 0 {
            let condition = self.expression(1, Want::Bool);
            let (then, other) = (self.body(d, want), self.body(d, want));
            return format!("if {condition} {{ {then} }} else {{ {other} }}");
        }
        let kind = self.kind();
        let subject = self.expression(d.min(1), kind);
        let mut arms = String::new();
        for _ in 0..1 + self.next(3) {
            let pattern = match kind {
                Want::Int | Want::Float if self.next(2) == 0 => {
                    // Ranges come last, as the language asks.
                    continue;
                }
                Want::Float => self.literal(kind).trim_start_matches('-').to_owned(),
                _ => self.literal(kind),
            };
            let guard = match self.next(3) {
                0 => format!(" if {}", self.expression(1, Want::Bool)),
                _ => String::new(),
            };
            let value = self.expression(d, want);
            let _ = write!(arms, "{pattern}{guard} => {value}, ");
        }
        if matches!(kind, Want::Int | Want::Float) {
            for _ in 0..self.next(3) {
                let range = self.pick(&["0..5", "3..=7", "-4..2", "100..1000", "1..3 | 5..9"]);
                let value = self.expression(d, want);
                let _ = write!(arms, "{range} => {value}, ");
            }
        }
        let other = self.expression(d, want);
        format!("switch {subject} {{ {arms}_ => {other} }}")
    }

    fn bool(&mut self, d: usize) -> String {
        match self.next(9) {
            0 | 1 => {
                let kind = self.kind();
                let other = match (kind, self.next(4)) {
                    (Want::Int, 0) => Want::Float,
                    (Want::Float, 0) => Want::Int,
                    _ => kind,
                };
                let (a, b) = (self.expression(d, kind), self.expression(d, other));
                let operator = self.pick(&["==", "!=", "<", "<=", ">", ">="]);
                format!("({a} {operator} {b})")
            }
            2 | 3 => {
                let (a, b) = (
                    self.expression(d, Want::Bool),
                    self.expression(d, Want::Bool),
                );
                let operator = self.pick(&["&&", "||", "&", "|", "^"]);
                format!("({a} {operator} {b})")
            }
            4 => format!("!({})", self.expression(d, Want::Bool)),
            5 => {
                let item = self.leaf(Want::Text);
                let within = match self.next(4) {
                    0 | 1 => self.leaf(Want::Tags),
                    2 => "params.places".to_owned(),
                    _ => self.texts(),
                };
                format!("({item} {} {within})", self.pick(&["in", "!in"]))
            }
            6 => {
                let item = self.expression(d, Want::Int);
                format!(
                    "({item} in {})",
                    self.pick(&["0..5", "-3..=7", "[1, 2.0, 7]"])
                )
            }
            7 => {
                let (tags, others) = (self.leaf(Want::Tags), self.leaf(Want::Tags));
                let function = self.pick(&["has_any", "has_all"]);
                format!("{tags}.{function}({others})")
            }
            _ => {
                let text = self.expression(d, Want::Text);
                let part = self.literal(Want::Text);
                let function = self.pick(&["starts_with", "ends_with", "contains"]);
                match self.next(3) {
                    0 => format!("({}).is_empty()", text),
                    1 => {
                        let x = self.expression(d, Want::Float);
                        format!("between({x}, 0.3, 500)")
                    }
                    _ => format!("({text}).{function}({part})"),
                }
            }
        }
    }

    fn int(&mut self, d: usize) -> String {
        match self.next(9) {
            0..=3 => {
                let (a, b) = (self.expression(d, Want::Int), self.expression(d, Want::Int));
                let operator =
                    self.pick(&["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "+"]);
                format!("({a} {operator} {b})")
            }
            4 => format!("-({})", self.expression(d, Want::Int)),
            5 => {
                let (tags, others) = (self.leaf(Want::Tags), self.leaf(Want::Tags));
                format!("{}({tags}, {others})", self.pick(&["overlap", "count_in"]))
            }
            6 => {
                let time = self.leaf(Want::Time);
                format!("days_since({time})")
            }
            7 => {
                let (a, b) = (self.expression(d, Want::Int), self.expression(d, Want::Int));
                match self.next(4) {
                    0 => format!("min({a}, {b})"),
                    1 => format!("max({a}, {b})"),
                    2 => format!("clamp({a}, 0, 10)"),
                    _ => format!("abs({a})"),
                }
            }
            _ => match self.next(4) {
                3 => {
                    let items = [(); 3].map(|()| self.expression(d, Want::Int)).join(", ");
                    format!("[{items}][{} % 4]", self.expression(d, Want::Int))
                }
                0 => format!("to_int({})", self.expression(d, Want::Float)),
                1 => format!("({}).len()", self.expression(d, Want::Text)),
                _ => "customer.tags.len".to_owned(),
            },
        }
    }

    fn float(&mut self, d: usize) -> String {
        match self.next(8) {
            0..=3 => {
                let other = if self.next(3) == 0 {
                    Want::Int
                } else {
                    Want::Float
                };
                let (a, b) = (self.expression(d, Want::Float), self.expression(d, other));
                let operator = self.pick(&["+", "-", "*", "/", "%", "+", "*"]);
                if self.next(4) == 0 {
                    format!("({b} {operator} {a})")
                } else {
                    format!("({a} {operator} {b})")
                }
            }
            4 => format!("-({})", self.expression(d, Want::Float)),
            5 => {
                let (a, b) = (
                    self.expression(d, Want::Float),
                    self.expression(d, Want::Float),
                );
                match self.next(4) {
                    0 => format!("min({a}, {b})"),
                    1 => format!("max({a}, {b})"),
                    2 => format!("clamp({a}, {b}, 10.5)"),
                    _ => format!("abs({a})"),
                }
            }
            6 => {
                let a = self.expression(d, Want::Float);
                let function = self.pick(&[
                    "round", "floor", "ceil", "int", "sqrt", "exp", "ln", "to_float",
                ]);
                format!("({a}).{function}()")
            }
            _ if self.helpers => {
                let (a, b) = (
                    self.expression(d, Want::Float),
                    self.expression(d, Want::Int),
                );
                format!("{}number({a}, {b}, {})", self.kin(), self.parameters())
            }
            _ => match self.next(3) {
                0 => "(best_of(customer.tags, #{ east: 2.5, it: 0.3 }) ?? 0.1)".to_owned(),
                1 => "sum_of(customer.tags, #{ east: 2, west: 0.5 })".to_owned(),
                _ => "(lookup(\"rates\", customer.region) ?? 0.7)".to_owned(),
            },
        }
    }

    fn text(&mut self, d: usize) -> String {
        match self.next(6) {
            0 => {
                let (a, b) = (
                    self.expression(d, Want::Text),
                    self.expression(d, Want::Text),
                );
                format!("({a} + {b})")
            }
            1 => {
                let kind = self.kind();
                let part = self.expression(d, kind);
                format!("`is ${{{part}}}!`")
            }
            2 if self.helpers => {
                let a = self.expression(d, Want::Text);
                format!("{}chosen({a}, {})", self.kin(), self.parameters())
            }
            3 => {
                let function = self.pick(&["to_upper", "to_lower", "trim"]);
                format!("({}).{function}()", self.expression(d, Want::Text))
            }
            4 => "(customer.region?.to_upper() ?? \"none\")".to_owned(),
            _ => self.leaf(Want::Text),
        }
    }
}
