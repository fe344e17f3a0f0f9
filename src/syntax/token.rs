//! The words of the language.

use std::sync::Arc;

use super::Span;

/// A word and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Where.
    pub(super) span: Span,
    /// Whether nothing but blanks and comments stands before it on its line.
    pub(super) first_on_line: bool,
}

/// What a word is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A number without point or exponent.
    Int(i64),
    /// A number with one.
    Float(f64),
    /// A whole text, escapes resolved.
    Text(Arc<str>),
    /// A text that could not be read; already reported.
    BrokenText,
    /// The text before the first `${`; a `{` follows.
    Opening(Arc<str>),
    /// The text between a `}` and the next `${`; a `{` follows.
    Middle(Arc<str>),
    /// The text between the last `}` and the closing back quote.
    Closing(Arc<str>),
    /// `'a'`, which the language does not have.
    Character(Arc<str>),
    /// An identifier.
    Name(Arc<str>),
    /// A word that the grammar uses.
    Keyword(&'static str),
    /// A word that Rhai keeps for itself.
    Reserved(&'static str),
    /// An operator, a bracket, a separator.
    Symbol(&'static str),
    /// A symbol that Rhai keeps for itself or that is none; already reported.
    Invalid,
    /// The end of the text.
    End,
}

/// The words of Rhai's grammar.
const KEYWORDS: &[&str] = &[
    "_", "as", "break", "catch", "const", "continue", "do", "else", "export", "false", "fn", "for",
    "if", "import", "in", "let", "loop", "private", "return", "switch", "throw", "true", "try",
    "until", "while",
];

/// The words that Rhai reserves, functions of its core among them.
const RESERVED: &[&str] = &[
    "Fn",
    "async",
    "await",
    "call",
    "case",
    "curry",
    "debug",
    "default",
    "eval",
    "go",
    "goto",
    "is",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "match",
    "module",
    "new",
    "nil",
    "null",
    "package",
    "print",
    "protected",
    "public",
    "shared",
    "spawn",
    "static",
    "super",
    "sync",
    "this",
    "thread",
    "type_of",
    "use",
    "var",
    "void",
    "with",
    "yield",
];

/// The word as keyword, reserved word or name.
pub(super) fn word(text: &str) -> Kind {
    let find = |list: &[&'static str]| list.binary_search(&text).ok().map(|index| list[index]);
    if let Some(keyword) = find(KEYWORDS) {
        Kind::Keyword(keyword)
    } else if let Some(reserved) = find(RESERVED) {
        Kind::Reserved(reserved)
    } else {
        Kind::Name(text.into())
    }
}

impl Kind {
    /// Whether a sign after this word belongs to the number behind it, as Rhai decides it.
    pub(super) fn sign_follows(&self) -> bool {
        match self {
            Self::Symbol(symbol) => matches!(
                *symbol,
                ";" | ":"
                    | ","
                    | "??"
                    | ".."
                    | "..="
                    | "{"
                    | "("
                    | "["
                    | "+"
                    | "+="
                    | "-"
                    | "-="
                    | "*"
                    | "*="
                    | "/"
                    | "/="
                    | "%"
                    | "%="
                    | "**"
                    | "**="
                    | "<<"
                    | "<<="
                    | ">>"
                    | ">>="
                    | "="
                    | "=="
                    | "!="
                    | "<"
                    | ">"
                    | "!"
                    | "<="
                    | ">="
                    | "|"
                    | "&"
                    | "&&"
                    | "&="
                    | "||"
                    | "|="
                    | "^"
                    | "^="
                    | "?["
                    | "!in"
            ),
            Self::Keyword(word) => {
                matches!(*word, "if" | "while" | "until" | "in" | "return" | "throw")
            }
            Self::Invalid => true,
            _ => false,
        }
    }

    /// As messages call it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Int(_) | Self::Float(_) => "a number".into(),
            Self::Text(_)
            | Self::BrokenText
            | Self::Opening(_)
            | Self::Middle(_)
            | Self::Closing(_) => "a text".into(),
            Self::Character(_) => "a character".into(),
            Self::Name(name) => format!("`{}`", crate::syntax::render::clipped(name)),
            Self::Keyword(word) | Self::Reserved(word) | Self::Symbol(word) => format!("`{word}`"),
            Self::Invalid => "an unknown symbol".into(),
            Self::End => "the end of the policy".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(KEYWORDS.is_sorted());
        assert!(RESERVED.is_sorted());
        assert_eq!(word("switch"), Kind::Keyword("switch"));
        assert_eq!(word("this"), Kind::Reserved("this"));
        assert_eq!(word("thing"), Kind::Name("thing".into()));
    }
}
