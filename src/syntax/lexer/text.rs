//! Texts: quoted, back-quoted with `${…}`, raw; and characters, which the language does not have.

use super::{Kind, Lexer};
use crate::syntax::{Diagnostic, Span};

/// How a back-quoted part ends.
enum Ending {
    Quote,
    Interpolation,
    Missing,
}

impl Lexer<'_> {
    /// `"…"` with escapes; a `\` at the end of a line joins the next.
    pub(super) fn quoted(&mut self, start: usize) {
        let text = self.escaped_until('"', start);
        if !self.broken_text {
            self.not_interpolated(start);
        }
        self.push_text(Kind::Text, text, start);
        self.break_text();
    }

    /// Reports `"${x}"`: values go into back-quoted texts only.
    fn not_interpolated(&mut self, start: usize) {
        let span = self.span_from(start);
        let Some(inner) = self.text.get(start + 1..self.at.saturating_sub(1)) else {
            return;
        };
        let Some((_, rest)) = inner.split_once("${") else {
            return;
        };
        if !rest.contains('}') {
            return;
        }
        let finding = Diagnostic::warning(
            "not-interpolated",
            span,
            "`${…}` stands for itself in a text with `\"`",
        )
        .with_help("write the text in back quotes to have the value in it");
        let plain = !inner.contains(['`', '\\', '"']);
        self.report(if plain {
            finding.with_fix(span, format!("`{inner}`"))
        } else {
            finding
        });
    }

    /// Marks the text read last as broken, where something was wrong with it.
    fn break_text(&mut self) {
        if std::mem::take(&mut self.broken_text)
            && let Some(token) = self.tokens.last_mut()
        {
            token.kind = Kind::BrokenText;
        }
    }

    /// `'…'`.
    pub(super) fn character(&mut self, start: usize) {
        let text = self.escaped_until('\'', start);
        self.push_text(Kind::Character, text, start);
        self.break_text();
    }

    fn push_text(&mut self, make: fn(std::sync::Arc<str>) -> Kind, text: String, start: usize) {
        if text.len() > self.most_text {
            let most = self.most_text;
            self.report(Diagnostic::error(
                "text-too-long",
                self.span_from(start),
                format!(
                    "this text has {} bytes; at most {most} are allowed",
                    text.len()
                ),
            ));
        }
        self.refuse_turning(start);
        self.push(make(text.into()), start);
    }

    fn escaped_until(&mut self, quote: char, start: usize) -> String {
        self.next();
        let quote_column = self.column;
        let mut text = String::new();
        // While the blanks at the begin of a continued line are dropped.
        let mut continued = false;
        loop {
            let at = self.at;
            match self.peek() {
                None | Some('\n') => {
                    let first = Span::new(start as u32, start as u32 + 1);
                    self.broken_text = true;
                    self.report(
                        Diagnostic::error("unterminated-text", first, "this text is never closed")
                            .with_help(if quote == '"' {
                                "end it with `\"` on the same line, or write it in back quotes"
                            } else {
                                "a text stands between `\"` and `\"`, or between back quotes"
                            }),
                    );
                    return text;
                }
                Some('\r') if self.rest().starts_with("\r\n") => {
                    self.next();
                }
                Some('\\') => {
                    self.next();
                    if self.rest().starts_with("\r\n") {
                        self.next();
                    }
                    match self.peek() {
                        Some('\n') if quote == '"' => {
                            self.next();
                            self.new_line();
                            continued = true;
                        }
                        _ => {
                            self.escape(&mut text, quote, at);
                        }
                    }
                }
                Some(letter) if letter == quote => {
                    self.next();
                    // Twice is once, within the text.
                    if !self.next_if(quote) {
                        return text;
                    }
                    text.push(quote);
                    continued = false;
                }
                Some(letter) => {
                    self.next();
                    if continued && letter.is_whitespace() && self.column < quote_column + 1 {
                        continue;
                    }
                    continued = false;
                    text.push(letter);
                }
            }
        }
    }

    /// What follows a `\`; `at` is where that stands.
    fn escape(&mut self, text: &mut String, quote: char, at: usize) {
        let digits = match self.peek() {
            // The end of the line: the caller says that the text is not closed.
            None | Some('\n') => return,
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some(letter) => {
                let plain = match letter {
                    'r' => Some('\r'),
                    'n' => Some('\n'),
                    't' => Some('\t'),
                    '\\' => Some('\\'),
                    _ if letter == quote => Some(quote),
                    _ => None,
                };
                self.next();
                match plain {
                    Some(plain) => text.push(plain),
                    None => self.malformed_escape(at),
                }
                return;
            }
        };
        self.next();
        let mut code = 0_u32;
        for _ in 0..digits {
            match self.peek().and_then(|letter| letter.to_digit(16)) {
                Some(digit) => {
                    code = code.wrapping_mul(16).wrapping_add(digit);
                    self.next();
                }
                None => return self.malformed_escape(at),
            }
        }
        match char::from_u32(code) {
            Some(letter) => text.push(letter),
            None => self.malformed_escape(at),
        }
    }

    fn malformed_escape(&mut self, at: usize) {
        self.broken_text = true;
        self.report(
            Diagnostic::error(
                "malformed-escape",
                self.span_from(at),
                "this escape is unknown or not a character",
            )
            .with_help(r#"use `\\`, `\"`, `\n`, `\r`, `\t`, `\x41`, `\u0041` or `\U00000041`"#),
        );
    }

    /// `` `…` ``: as it stands, up to the end or the first `${`.
    pub(super) fn back_quoted(&mut self, start: usize) {
        self.next();
        // A line end right after the quote does not belong to the text.
        if self.next_if('\r') {
            self.next_if('\n');
            self.new_line();
        } else if self.next_if('\n') {
            self.new_line();
        }
        let (text, ending) = self.verbatim();
        match ending {
            Ending::Quote => self.push_text(Kind::Text, text, start),
            Ending::Interpolation => {
                self.push_text(Kind::Opening, text, start);
                self.braces.push(0);
            }
            Ending::Missing => {
                self.unclosed(start);
                self.push_text(Kind::Text, text, start);
                self.broken_text = true;
                self.break_text();
            }
        }
    }

    /// The text after the `}` that closes a `${`.
    pub(super) fn after_interpolation(&mut self) {
        let start = self.at;
        let (text, ending) = self.verbatim();
        match ending {
            Ending::Quote => self.push_text(Kind::Closing, text, start),
            Ending::Interpolation => {
                self.push_text(Kind::Middle, text, start);
                self.braces.push(0);
            }
            Ending::Missing => {
                self.unclosed(start.saturating_sub(1));
                self.push_text(Kind::Closing, text, start);
            }
        }
    }

    fn unclosed(&mut self, start: usize) {
        self.report(
            Diagnostic::error(
                "unterminated-text",
                Span::new(start as u32, start as u32 + 1),
                "this back-quoted text is never closed",
            )
            .with_help("end it with a back quote"),
        );
    }

    fn verbatim(&mut self) -> (String, Ending) {
        let mut text = String::new();
        loop {
            let rest = self.rest();
            if rest.starts_with("${") {
                self.next();
                return (text, Ending::Interpolation);
            }
            if rest.starts_with("\\${") {
                self.next();
                // Rhai does not count this `$`.
                self.next();
                self.column -= 1;
                text.push('$');
                continue;
            }
            if rest.starts_with("\r\n") {
                self.next();
                continue;
            }
            match self.next() {
                None => return (text, Ending::Missing),
                Some('`') => {
                    if !self.next_if('`') {
                        return (text, Ending::Quote);
                    }
                    text.push('`');
                }
                Some('\n') => {
                    self.new_line();
                    text.push('\n');
                }
                Some(letter) => text.push(letter),
            }
        }
    }

    /// `#"…"#`, with any number of `#`.
    pub(super) fn raw(&mut self, start: usize) {
        let mut hashes = 0;
        while self.next_if('#') {
            hashes += 1;
        }
        if !self.next_if('"') {
            self.report(Diagnostic::error(
                "unknown-symbol",
                self.span_from(start),
                "`#` begins a map (`#{`) or a raw text (`#\"`)",
            ));
            return self.push(Kind::Invalid, start);
        }
        let close = format!("\"{}", "#".repeat(hashes));
        let (length, closed) = match self.rest().find(&close) {
            Some(length) => (length, true),
            None => (self.rest().len(), false),
        };
        let text = self.rest()[..length].to_owned();
        let end = self.at + length + if closed { close.len() } else { 0 };
        while self.at < end {
            if self.next() == Some('\n') {
                self.new_line();
            }
        }
        if !closed {
            self.report(
                Diagnostic::error(
                    "unterminated-text",
                    Span::new(start as u32, start as u32 + 1),
                    "this raw text is never closed",
                )
                .with_help(format!("end it with `{close}`")),
            );
        }
        self.push_text(Kind::Text, text, start);
    }
}
