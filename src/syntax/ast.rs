//! The syntax tree that everything else reads: checker, kernel, coverage, explanation, mutation.
//!
//! Every node has its [`Span`]; every expression, statement-level branch and `switch` arm has a
//! dense [`NodeId`], so that side tables are vectors.

use std::sync::Arc;

use super::Span;

/// The number of a node in its script, counted from 0 in source order of completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A parsed policy: its top level.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// The top-level constants, in source order.
    pub constants: Vec<Constant>,
    /// The functions, in source order.
    pub functions: Vec<FunctionItem>,
    /// How many [`NodeId`]s were given out.
    pub nodes: u32,
}

impl Script {
    /// The function of that name; the checker refuses two.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&FunctionItem> {
        self.functions
            .iter()
            .find(|function| &*function.name.text == name)
    }

    /// The top-level constant of that name.
    #[must_use]
    pub fn constant(&self, name: &str) -> Option<&Constant> {
        self.constants
            .iter()
            .find(|constant| &*constant.name.text == name)
    }
}

/// A name and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The identifier, or the content of a text literal used as a name.
    pub text: Arc<str>,
    /// Where.
    pub span: Span,
}

/// `const NAME = value;` at the top level.
#[derive(Debug, Clone)]
pub struct Constant {
    /// The name.
    pub name: Name,
    /// What it is bound to.
    pub value: Expr,
    /// The whole item.
    pub span: Span,
}

/// `fn name(parameters) { … }`.
#[derive(Debug, Clone)]
pub struct FunctionItem {
    /// The name.
    pub name: Name,
    /// The parameters, in order.
    pub parameters: Vec<Name>,
    /// The body.
    pub body: Block,
    /// Whether it is `private`.
    pub private: bool,
    /// The whole item.
    pub span: Span,
}

/// `{ … }`; its value is that of its last statement where that is an expression, with or without a
/// semicolon as in Rhai, and `()` else.
#[derive(Debug, Clone)]
pub struct Block {
    /// The statements, in order.
    pub statements: Vec<Statement>,
    /// With the braces.
    pub span: Span,
}

/// A statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// With the semicolon, where it has one.
    pub span: Span,
}

/// What a statement does.
#[derive(Debug, Clone)]
pub enum StatementKind {
    /// `let name = value;` or `const name = value;`; without a value, `()`.
    Let {
        /// The new local; it may shadow an earlier one.
        name: Name,
        /// What it is bound to.
        value: Option<Expr>,
        /// Whether it was written `const`.
        constant: bool,
    },
    /// `name = value;` or `name += value;` for a local.
    Assign {
        /// The local.
        name: Name,
        /// The operator of a compound assignment.
        operator: Option<BinaryOperator>,
        /// The right side.
        value: Expr,
    },
    /// `for variable in over { … }` or `for (variable, counter) in over { … }`.
    For {
        /// The element.
        variable: Name,
        /// Its index from 0.
        counter: Option<Name>,
        /// An array, tags, or a literal range ([`ExprKind::Range`]).
        over: Expr,
        /// What is done for each.
        body: Block,
    },
    /// `return value;`
    Return(Option<Expr>),
    /// `break;` out of the innermost `for`.
    Break,
    /// `continue;` with the next element of the innermost `for`.
    Continue,
    /// An expression; the last of a block is the block's value.
    Expr {
        /// The expression.
        expr: Expr,
        /// Whether a semicolon drops its value. `if`, `switch` and blocks in the middle of a block
        /// need none; after the last statement of a block Rhai keeps the value in spite of it, so
        /// that this is then `false`.
        semicolon: bool,
    },
    /// What could not be read; only in trees that come with errors.
    Broken,
}

/// An expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// Its number.
    pub id: NodeId,
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

impl Expr {
    /// What a step of a chain (a field, an element, a method) goes on from, and whether by `?`.
    pub(crate) fn step(&self) -> Option<(&Self, bool)> {
        match &self.kind {
            ExprKind::Field {
                receiver, optional, ..
            }
            | ExprKind::Index {
                receiver, optional, ..
            }
            | ExprKind::Call {
                receiver: Some(receiver),
                optional,
                ..
            } => Some((receiver, *optional)),
            _ => None,
        }
    }
}

/// What an expression is.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// `()`.
    Unit,
    /// `true`, `false`.
    Bool(bool),
    /// `12`, `0xff`, `1_000`.
    Int(i64),
    /// `1.5`, `1e3`.
    Float(f64),
    /// `"text"` with escapes resolved, or a back-quoted text without interpolation.
    Text(Arc<str>),
    /// A back-quoted text with `${…}`.
    Interpolated(Vec<Piece>),
    /// `[a, b]`.
    Array(Vec<Expr>),
    /// `#{ key: value }`.
    Map(Vec<(Name, Expr)>),
    /// A local, a parameter, a top-level constant, `params` or `now`.
    Variable(Arc<str>),
    /// `-x`, `+x`, `!x`.
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// What it is applied to.
        operand: Box<Expr>,
    },
    /// `a + b`, `a && b`, `a ?? b`, `a in b` …
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// Where the operator stands.
        operator_span: Span,
        /// The left side.
        left: Box<Expr>,
        /// The right side.
        right: Box<Expr>,
    },
    /// `start..end` or `start..=end`: only after `for … in` and `in`.
    Range {
        /// The first value.
        start: Box<Expr>,
        /// The last value, or the one after it.
        end: Box<Expr>,
        /// Whether `end` is in the range.
        inclusive: bool,
    },
    /// `receiver.name` or `receiver?.name`, and `receiver["name"]` with a text literal.
    Field {
        /// What is read.
        receiver: Box<Expr>,
        /// The field.
        name: Name,
        /// Whether an absent receiver gives `()` instead of an error.
        optional: bool,
        /// Whether it was written with brackets.
        bracket: bool,
    },
    /// `receiver[index]` or `receiver?[index]`, where the index is no text literal.
    Index {
        /// What is read.
        receiver: Box<Expr>,
        /// Where.
        index: Box<Expr>,
        /// Whether an absent receiver gives `()` instead of an error.
        optional: bool,
    },
    /// `name(arguments)`, `receiver.name(arguments)`, `receiver?.name(arguments)`.
    Call {
        /// The function.
        name: Name,
        /// The receiver of a method call: the first argument.
        receiver: Option<Box<Expr>>,
        /// Whether an absent receiver gives `()` instead of a call.
        optional: bool,
        /// The arguments, without the receiver.
        arguments: Vec<Expr>,
    },
    /// `if condition { … } else …`.
    If {
        /// What decides.
        condition: Box<Expr>,
        /// Where it holds.
        then: Block,
        /// Where not: [`ExprKind::Block`] or [`ExprKind::If`].
        otherwise: Option<Box<Expr>>,
    },
    /// `switch subject { … }`.
    Switch {
        /// What is matched.
        subject: Box<Expr>,
        /// The arms, in order, the default not among them.
        arms: Vec<Arm>,
        /// `_ => …`.
        default: Option<Box<Expr>>,
    },
    /// `{ … }`.
    Block(Block),
    /// What could not be read; only in trees that come with errors.
    Broken,
}

/// A part of an interpolated text.
#[derive(Debug, Clone)]
pub enum Piece {
    /// As it stands.
    Text(Arc<str>),
    /// `${…}`; several statements are an [`ExprKind::Block`].
    Expr(Expr),
}

/// One arm of a `switch`.
#[derive(Debug, Clone)]
pub struct Arm {
    /// Its number.
    pub id: NodeId,
    /// `1 | 2 | 5..10`.
    pub patterns: Vec<Pattern>,
    /// `if guard`.
    pub guard: Option<Expr>,
    /// What it gives.
    pub body: Expr,
    /// The whole arm.
    pub span: Span,
}

/// What an arm matches: exactly, by kind and value.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// What.
    pub kind: PatternKind,
    /// Where.
    pub span: Span,
}

/// What a pattern matches.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternKind {
    /// `()`.
    Unit,
    /// A bool.
    Bool(bool),
    /// An int.
    Int(i64),
    /// A float, by bits.
    Float(f64),
    /// A text.
    Text(Arc<str>),
    /// `start..end` over ints; also matches floats between.
    Range {
        /// The first value.
        start: i64,
        /// The last value, or the one after it.
        end: i64,
        /// Whether `end` is in the range.
        inclusive: bool,
    },
}

/// An operator before its operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOperator {
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `!`
    Not,
}

/// An operator between its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `**`
    Power,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `&&`, which looks at the right side only where it must
    And,
    /// `||`, which looks at the right side only where it must
    Or,
    /// `&` without short circuit
    BitAnd,
    /// `|` without short circuit
    BitOr,
    /// `^`
    BitXor,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
    /// `??`: the right side where the left is absent
    Coalesce,
    /// `in`
    In,
    /// `!in`
    NotIn,
}

impl BinaryOperator {
    /// As a policy writes it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Power => "**",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::And => "&&",
            Self::Or => "||",
            Self::BitAnd => "&",
            Self::BitOr => "|",
            Self::BitXor => "^",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
            Self::Coalesce => "??",
            Self::In => "in",
            Self::NotIn => "!in",
        }
    }
}

impl UnaryOperator {
    /// As a policy writes it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Minus => "-",
            Self::Plus => "+",
            Self::Not => "!",
        }
    }
}
