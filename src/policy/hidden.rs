//! Which expressions of a script are made from sensitive fields.
//!
//! An expression is hidden where a value of a sensitive field can be in its value: the field
//! itself, what is computed from it, locals, arguments and results that it goes through. What only
//! was decided by it is not: `if customer.income > 5000 { "A" } else { "B" }` gives an open value,
//! and so does a comparison. Found once per policy, in a few walks over the tree; errs on the side
//! of hiding. A schema without sensitive fields costs nothing.

use std::collections::BTreeSet;

use crate::language::{FunctionSpec, Hook, Side, Type};
use crate::model::Schema;
use crate::syntax::ast::{
    BinaryOperator, Block, Expr, ExprKind, FunctionItem, NodeId, Piece, Script, Statement,
    StatementKind,
};

/// What must not be shown of a script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hidden {
    /// By number of the node.
    nodes: Vec<bool>,
    /// The functions whose value is hidden.
    functions: BTreeSet<(String, usize)>,
}

impl Hidden {
    pub(super) fn find(script: &Script, schema: &Schema) -> Self {
        let sensitive: BTreeSet<&str> = [Side::Customer, Side::Rep]
            .into_iter()
            .flat_map(|side| schema.fields(side))
            .filter(|field| field.sensitive)
            .map(|field| field.name.as_str())
            .collect();
        if sensitive.is_empty() {
            return Self::default();
        }
        let mut flow = Flow {
            script,
            sensitive,
            hidden: Self {
                nodes: vec![false; script.nodes as usize],
                functions: BTreeSet::new(),
            },
            locals: BTreeSet::new(),
            at: 0,
            changed: true,
        };
        // What is hidden only grows, and there are finitely many names.
        while std::mem::take(&mut flow.changed) {
            for at in 0..script.functions.len() {
                flow.function(at);
            }
        }
        flow.hidden
    }

    /// Whether the value of an expression must not be shown.
    pub(crate) fn hides(&self, node: NodeId) -> bool {
        self.nodes.get(node.0 as usize).copied().unwrap_or(false)
    }

    /// Whether what the hook answers must not be shown.
    pub(crate) fn hides_answer(&self, hook: Hook) -> bool {
        self.functions.iter().any(|(name, _)| name == hook.name())
    }

    /// Whether messages of the script may hold what must not be shown.
    pub(crate) fn hides_messages(&self) -> bool {
        self.nodes.contains(&true)
    }

    /// A message as it may be shown: without numbers and without what stands after the colon,
    /// where values are.
    pub(crate) fn redacted(&self, message: &str) -> String {
        if !self.hides_messages() {
            return message.to_owned();
        }
        if message.starts_with("answered ") {
            return "answered a value that is not allowed, not shown for a sensitive field may be in it"
                .to_owned();
        }
        let start = message.split(": ").next().unwrap_or(message);
        let (mut out, mut quoted) = (String::new(), false);
        for char in start.chars() {
            quoted ^= char == '`';
            match char {
                '0'..='9' if !quoted => {
                    if !out.ends_with('…') {
                        out.push('…');
                    }
                }
                char => out.push(char),
            }
        }
        out
    }
}

/// One walk after the other until nothing more is hidden.
struct Flow<'a> {
    script: &'a Script,
    sensitive: BTreeSet<&'a str>,
    hidden: Hidden,
    /// Parameters and locals that hold what is hidden, by number of their function.
    locals: BTreeSet<(usize, &'a str)>,
    at: usize,
    changed: bool,
}

impl<'a> Flow<'a> {
    fn function(&mut self, at: usize) {
        let function = &self.script.functions[at];
        self.at = at;
        if self.block(&function.body) {
            self.answers(function);
        }
    }

    fn answers(&mut self, function: &FunctionItem) {
        let key = (function.name.text.to_string(), function.parameters.len());
        self.changed |= self.hidden.functions.insert(key);
    }

    fn holds(&mut self, function: usize, name: &'a str) {
        self.changed |= self.locals.insert((function, name));
    }

    /// Whether the value of the block is hidden.
    fn block(&mut self, block: &'a Block) -> bool {
        let mut last = false;
        for statement in &block.statements {
            last = self.statement(statement);
        }
        last
    }

    fn statement(&mut self, statement: &'a Statement) -> bool {
        match &statement.kind {
            StatementKind::Let {
                name,
                value: Some(value),
                ..
            }
            | StatementKind::Assign { name, value, .. } => {
                if self.expression(value) {
                    self.holds(self.at, &name.text);
                }
                false
            }
            StatementKind::For {
                variable,
                over,
                body,
                ..
            } => {
                if self.expression(over) {
                    self.holds(self.at, &variable.text);
                }
                self.block(body);
                false
            }
            StatementKind::Return(Some(value)) => {
                if self.expression(value) {
                    self.answers(&self.script.functions[self.at]);
                }
                false
            }
            StatementKind::Expr { expr, .. } => self.expression(expr),
            _ => false,
        }
    }

    fn expression(&mut self, expr: &'a Expr) -> bool {
        let hidden = self.flows(expr);
        if hidden && let Some(node) = self.hidden.nodes.get_mut(expr.id.0 as usize) {
            *node = true;
        }
        hidden
    }

    /// Whether any of these is hidden; looks at all of them.
    fn any(&mut self, parts: impl IntoIterator<Item = &'a Expr>) -> bool {
        let mut hidden = false;
        for part in parts {
            hidden |= self.expression(part);
        }
        hidden
    }

    fn flows(&mut self, expr: &'a Expr) -> bool {
        match &expr.kind {
            ExprKind::Variable(name) => self.locals.contains(&(self.at, &**name)),
            ExprKind::Interpolated(pieces) => {
                self.any(pieces.iter().filter_map(|piece| match piece {
                    Piece::Expr(expr) => Some(expr),
                    Piece::Text(_) => None,
                }))
            }
            ExprKind::Array(items) => self.any(items),
            ExprKind::Map(entries) => self.any(entries.iter().map(|(_, value)| value)),
            ExprKind::Unary { operand, .. } => self.expression(operand),
            ExprKind::Binary {
                operator,
                left,
                right,
                ..
            } => {
                let hidden = self.any([&**left, &**right]);
                hidden && !compares(*operator)
            }
            ExprKind::Range { start, end, .. } => self.any([&**start, &**end]),
            ExprKind::Field { receiver, name, .. } => {
                let inner = self.expression(receiver);
                let params =
                    matches!(&receiver.kind, ExprKind::Variable(root) if &**root == "params");
                inner || (!params && self.sensitive.contains(&*name.text))
            }
            ExprKind::Index {
                receiver, index, ..
            } => {
                let inner = self.any([&**receiver, &**index]);
                // A name that is only known when it runs may be any.
                let open = !matches!(index.kind, ExprKind::Int(_));
                let record = matches!(&receiver.kind, ExprKind::Variable(_));
                inner || (open && record)
            }
            ExprKind::Call {
                name,
                receiver,
                arguments,
                ..
            } => self.call(&name.text, receiver.as_deref(), arguments),
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.expression(condition);
                let then = self.block(then);
                let otherwise = otherwise
                    .as_deref()
                    .is_some_and(|expr| self.expression(expr));
                then || otherwise
            }
            ExprKind::Switch {
                subject,
                arms,
                default,
            } => {
                self.expression(subject);
                self.any(arms.iter().filter_map(|arm| arm.guard.as_ref()));
                let arms = self.any(arms.iter().map(|arm| &arm.body));
                let default = default.as_deref().is_some_and(|expr| self.expression(expr));
                arms || default
            }
            ExprKind::Block(block) => self.block(block),
            _ => false,
        }
    }

    fn call(&mut self, name: &str, receiver: Option<&'a Expr>, arguments: &'a [Expr]) -> bool {
        let script = self.script;
        let own = (script.functions.iter()).position(|function| {
            &*function.name.text == name && function.parameters.len() == arguments.len()
        });
        let Some(own) = own else {
            let hidden = self.any(receiver.into_iter().chain(arguments));
            return hidden && !FunctionSpec::named(name).is_some_and(decides);
        };
        if let Some(receiver) = receiver {
            self.expression(receiver);
        }
        let function = &script.functions[own];
        for (argument, parameter) in arguments.iter().zip(&function.parameters) {
            if self.expression(argument) {
                self.holds(own, &parameter.text);
            }
        }
        let key = (function.name.text.to_string(), function.parameters.len());
        self.hidden.functions.contains(&key)
    }
}

/// Whether the operator only says how its sides compare.
const fn compares(operator: BinaryOperator) -> bool {
    matches!(
        operator,
        BinaryOperator::Equal
            | BinaryOperator::NotEqual
            | BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual
            | BinaryOperator::In
            | BinaryOperator::NotIn
    )
}

/// Whether a host function only says yes or no.
fn decides(function: &FunctionSpec) -> bool {
    (function.signatures.iter()).all(|signature| signature.result == Type::Bool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Kind, Limits};
    use crate::model::Field;

    fn hidden(text: &str) -> Hidden {
        let schema = Schema::builder()
            .customer_field(Field::new("income", Kind::Float).sensitive())
            .rep_field(Field::new("rating", Kind::Int).sensitive())
            .build()
            .unwrap();
        let parsed = crate::syntax::parse(text, &Limits::default());
        assert!(!parsed.has_errors(), "{text}");
        Hidden::find(&parsed.script, &schema)
    }

    #[test]
    fn values_are_followed_and_decisions_are_not() {
        for (body, hides) in [
            ("customer.income", true),
            (
                "let x = customer.income ?? 0.0; let y = 1.0; y += x * 2.0; y",
                true,
            ),
            ("if customer.income > 5.0 { 1.0 } else { 2.0 }", false),
            ("if customer.vip { customer.income } else { 2.0 }", true),
            ("switch 1 { 1 => customer[\"income\"], _ => 2.0 }", true),
            ("let k = \"income\"; customer[k]", true),
            ("helper(customer.income)", true),
            ("helper(customer.potential)", false),
            ("same(customer)", true),
            ("params.income", false),
            ("`${customer.income}`", true),
            ("[customer.income, 1.0].max_of()", true),
            ("contains([1.0], customer.income)", false),
            ("for x in [customer.income] { return x; } 1.0", true),
            ("for x in [1.0] { return x; } customer.potential", false),
            ("rep.rating + 1", true),
        ] {
            let text = format!(
                "fn score(customer, rep) {{ {body} }}\nfn same(x) {{ x.income }}\n{}",
                if body.starts_with("helper") {
                    "fn helper(x) { x * 2.0 }"
                } else {
                    ""
                }
            );
            assert_eq!(hidden(&text).hides_answer(Hook::Score), hides, "{body}");
        }
    }

    #[test]
    fn messages_lose_what_may_be_a_value() {
        let hidden = hidden("fn score(customer, rep) { customer.income }");
        for (message, shown) in [
            ("addition overflow: 5000 + 1", "addition overflow"),
            (
                "there is no element 17 in an array of 3",
                "there is no element … in an array of …",
            ),
            ("`log10` takes a float", "`log10` takes a float"),
        ] {
            assert_eq!(hidden.redacted(message), shown);
        }
        assert!(
            !hidden
                .redacted("answered the int 5000, expected text")
                .contains('5')
        );
        assert_eq!(
            Hidden::default().redacted("addition overflow: 5 + 1"),
            "addition overflow: 5 + 1"
        );
    }
}
