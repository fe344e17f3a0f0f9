//! From text to words, as Rhai 1.27 reads them.
//!
//! What Rhai refuses is reported here and replaced by what was probably meant, so that the parser
//! goes on without a second message. Whether a `-` before a digit belongs to the number is decided
//! by the word before it, as Rhai does. Columns are counted as Rhai counts them, because a line
//! continued with `\` drops blanks up to the column of its quote. Time is linear in the text.

mod number;
mod symbol;
mod text;

use super::token::{Kind, Token, word};
use super::{Diagnostic, Span, render};
use crate::language::Limits;

/// Reads all words; the last is [`Kind::End`].
pub(super) fn lex(text: &str, limits: &Limits) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer {
        text,
        at: 0,
        column: 0,
        line_starts_here: true,
        tokens: Vec::with_capacity(text.len() / 4),
        diagnostics: Vec::new(),
        most_text: limits.text_bytes,
        most_problems: limits.problems,
        braces: Vec::new(),
        broken_text: false,
    };
    lexer.run();
    (lexer.tokens, lexer.diagnostics)
}

struct Lexer<'a> {
    text: &'a str,
    /// The next byte.
    at: usize,
    /// The column as Rhai counts it: of the last character read, from 1.
    column: usize,
    line_starts_here: bool,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
    most_text: usize,
    most_problems: usize,
    /// Open braces within each open `${`, the innermost last.
    braces: Vec<u32>,
    /// Whether something is wrong with the text at hand.
    broken_text: bool,
}

const fn starts_name(letter: char) -> bool {
    letter.is_ascii_alphabetic() || letter == '_'
}

const fn continues_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(letter) = self.peek() {
            let start = self.at;
            match letter {
                '\n' => {
                    self.next();
                    self.new_line();
                    self.line_starts_here = true;
                }
                _ if letter.is_ascii_whitespace() => {
                    self.next();
                }
                '/' if self.rest().starts_with("//") => self.line_comment(),
                '/' if self.rest().starts_with("/*") => self.block_comment(),
                '0'..='9' => self.number(start, false),
                '"' => self.quoted(start),
                '`' => self.back_quoted(start),
                '\'' => self.character(start),
                '#' if self.rest().starts_with("#\"") || self.rest().starts_with("##") => {
                    self.raw(start);
                }
                _ if starts_name(letter) => self.name(start),
                _ => self.symbol(start),
            }
        }
        let end = self.text.len() as u32;
        self.tokens.push(Token {
            kind: Kind::End,
            span: Span::new(end, end),
            first_on_line: true,
        });
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        self.column += 1;
        Some(letter)
    }

    fn next_if(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.next();
        }
        found
    }

    fn new_line(&mut self) {
        self.column = 0;
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(start as u32, self.at as u32)
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let span = self.span_from(start);
        self.tokens.push(Token {
            kind,
            span,
            first_on_line: std::mem::take(&mut self.line_starts_here),
        });
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        // Beyond the cap only the parser's last word counts; see `parse`.
        if self.diagnostics.len() <= self.most_problems {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether a sign here belongs to the number behind it.
    fn sign_belongs_to_number(&self) -> bool {
        self.tokens
            .last()
            .is_none_or(|token| token.kind.sign_follows())
    }

    fn name(&mut self, start: usize) {
        while self.peek().is_some_and(continues_name) {
            self.next();
        }
        // Letters of other scripts that stick to the name belong to it in the author's eyes.
        if self
            .peek()
            .is_some_and(|letter| !letter.is_ascii() && letter.is_alphanumeric())
        {
            return self.foreign_name(start);
        }
        let text = &self.text[start..self.at];
        let kind = word(text);
        if matches!(kind, Kind::Name(_))
            && !text
                .trim_start_matches('_')
                .starts_with(|first: char| first.is_ascii_alphabetic())
        {
            self.report(Diagnostic::error(
                "malformed-name",
                self.span_from(start),
                format!(
                    "`{}` is no name: a letter must come before any digit",
                    render::clipped(text)
                ),
            ));
        }
        self.push(kind, start);
    }

    fn line_comment(&mut self) {
        let start = self.at;
        while let Some(letter) = self.next() {
            // A lone carriage return ends a comment too.
            if letter == '\n' || letter == '\r' {
                if letter == '\r' {
                    self.next_if('\n');
                }
                self.new_line();
                self.line_starts_here = true;
                break;
            }
        }
        self.refuse_turning(start);
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let mut level = 0_u32;
        loop {
            if self.rest().starts_with("/*") {
                level += 1;
                self.at += 2;
                self.column += 2;
            } else if self.rest().starts_with("*/") {
                level -= 1;
                self.at += 2;
                self.column += 2;
                if level == 0 {
                    break;
                }
            } else {
                match self.next() {
                    Some('\n') => {
                        self.new_line();
                        self.line_starts_here = true;
                    }
                    Some(_) => {}
                    None => {
                        self.report(
                            Diagnostic::error(
                                "unterminated-comment",
                                Span::new(start as u32, start as u32 + 2),
                                "this comment is never closed",
                            )
                            .with_help("end it with `*/`; comments nest"),
                        );
                        break;
                    }
                }
            }
        }
        self.refuse_turning(start);
    }

    /// Refuses characters that make a text look different from what it says.
    fn refuse_turning(&mut self, start: usize) {
        let turning =
            |letter: char| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if let Some((at, letter)) = self.text[start..self.at]
            .char_indices()
            .find(|&(_, letter)| turning(letter))
        {
            let at = (start + at) as u32;
            self.report(
                Diagnostic::error(
                    "direction-change",
                    Span::new(at, at + letter.len_utf8() as u32),
                    format!(
                        "the invisible character U+{:04X} changes the direction of what follows",
                        u32::from(letter)
                    ),
                )
                .with_help("remove it; in a text write it as an escape: `\\u202E`")
                .with_fix(Span::new(at, at + letter.len_utf8() as u32), ""),
            );
        }
    }
}

#[cfg(test)]
mod tests;
