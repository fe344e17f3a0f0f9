//! Operators, brackets, separators; what only looks like one; and letters that are not ASCII.

use super::{Kind, Lexer, render};
use crate::syntax::{Diagnostic, Fix};

/// The symbols of the grammar, longer ones before their beginnings.
const SYMBOLS: &[&str] = &[
    "**=", "<<=", ">>=", "..=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "**", "<<", ">>",
    "..", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "?[", "=>", "::", "#{", "(", ")", "[",
    "]", "{", "}", "+", "-", "*", "/", "%", "=", "<", ">", "!", "&", "|", "^", ".", ",", ";", ":",
];

/// What Rhai refuses where it would otherwise read a beginning of it, and what was probably meant.
const REFUSED: &[(&str, &str, &str)] = &[
    ("::<", "", "there are no type arguments"),
    ("===", "==", "write `==`"),
    ("!==", "!=", "write `!=`"),
    (
        "...",
        "..=",
        "write `..` without and `..=` with the last value",
    ),
    ("=<", "<=", "write `<=`"),
    ("<>", "!=", "write `!=`"),
    ("->", "", "results need no type"),
    ("<-", "", "write a blank between `<` and `-`"),
    ("<|", "", "write `(` and `)` around a call's arguments"),
    ("|>", "", "write `(` and `)` around a call's arguments"),
    (":=", "=", "write `=`"),
    (":;", ";", "write `;`"),
    ("++", "", "write `x += 1`"),
    ("--", "", "write `x -= 1`, or `-(-x)`"),
    ("(*", "", "comments are `/* … */`"),
    ("*)", "", "comments are `/* … */`"),
    ("!.", "", "write `!` before the whole expression"),
    ("~", "", "there is no bitwise negation"),
    ("@", "", ""),
    ("$", "", "`${…}` works in back-quoted texts only"),
    (
        "?",
        "",
        "write `if … { … } else { … }`, or `a ?? b` for a value that may be absent",
    ),
];

/// Full-width and typographic marks, and what they are in ASCII.
const WIDE: &[(char, &str)] = &[
    ('，', ","),
    ('；', ";"),
    ('：', ":"),
    ('（', "("),
    ('）', ")"),
    ('｛', "{"),
    ('｝', "}"),
    ('［', "["),
    ('］', "]"),
    ('【', "["),
    ('】', "]"),
    ('。', "."),
    ('．', "."),
    ('！', "!"),
    ('＝', "="),
    ('＋', "+"),
    ('－', "-"),
    ('＊', "*"),
    ('／', "/"),
    ('％', "%"),
    ('＜', "<"),
    ('＞', ">"),
    ('＆', "&"),
    ('｜', "|"),
    ('–', "-"),
    ('—', "-"),
    ('−', "-"),
    ('×', "*"),
    ('÷', "/"),
    ('≤', "<="),
    ('≥', ">="),
    ('≠', "!="),
];

/// Letters of other scripts that look like a Latin one.
const LOOKALIKES: &[(char, char)] = &[
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ѕ', 's'),
    ('һ', 'h'),
    ('ԁ', 'd'),
    ('ԛ', 'q'),
    ('ԝ', 'w'),
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('α', 'a'),
    ('ο', 'o'),
    ('ν', 'v'),
    ('ρ', 'p'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Ο', 'O'),
];

impl Lexer<'_> {
    pub(super) fn symbol(&mut self, start: usize) {
        let rest = self.rest();
        if let Some(after) = rest.strip_prefix("!in") {
            // `!inside` is a negated name.
            if !after.starts_with(super::continues_name) {
                return self.take_symbol("!in", start);
            }
        }
        if rest.starts_with("#!") {
            return self.refuse(
                start,
                "#!",
                "no-shebang",
                "a policy has no `#!` line",
                "remove the line",
            );
        }
        if rest.starts_with('-')
            && rest[1..].starts_with(|next: char| next.is_ascii_digit())
            && self.sign_belongs_to_number()
        {
            self.next();
            return self.number(start, true);
        }
        for &(symbol, meant, help) in REFUSED {
            // `?.`, `??` and `?[` are fine, `?` alone is not.
            if rest.starts_with(symbol)
                && !(symbol == "?" && rest[1..].starts_with(['.', '?', '[']))
            {
                let message = format!("`{symbol}` is no operator of the language");
                self.refuse(start, symbol, "unknown-symbol", &message, help);
                let span = self.span_from(start);
                if let Some(finding) = self.diagnostics.last_mut()
                    && (finding.code, finding.span) == ("unknown-symbol", span)
                    && help == format!("write `{meant}`")
                {
                    finding.fix = Some(Fix {
                        span,
                        replacement: meant.to_owned(),
                    });
                }
                if !meant.is_empty()
                    && let (Some(token), Some(known)) = (
                        self.tokens.last_mut(),
                        SYMBOLS.iter().find(|known| **known == meant),
                    )
                {
                    token.kind = Kind::Symbol(known);
                }
                return;
            }
        }
        match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            Some(symbol) => self.take_symbol(symbol, start),
            None => self.unknown(start),
        }
    }

    fn take_symbol(&mut self, symbol: &'static str, start: usize) {
        self.at += symbol.len();
        self.column += symbol.len();
        self.push(Kind::Symbol(symbol), start);
        match symbol {
            "(" if self.peek() == Some(')') => self.unit(start),
            "{" | "#{" => {
                if let Some(open) = self.braces.last_mut() {
                    *open += 1;
                }
            }
            "}" => {
                if let Some(open) = self.braces.last_mut() {
                    *open = open.saturating_sub(1);
                    if *open == 0 {
                        self.braces.pop();
                        self.after_interpolation();
                    }
                }
            }
            _ => {}
        }
    }

    /// `()` without a blank is one word: the value, or an empty list of arguments.
    fn unit(&mut self, start: usize) {
        self.next();
        if let Some(token) = self.tokens.last_mut() {
            token.kind = Kind::Symbol("()");
            token.span.end = start as u32 + 2;
        }
    }

    fn refuse(
        &mut self,
        start: usize,
        symbol: &str,
        code: &'static str,
        message: &str,
        help: &str,
    ) {
        self.at += symbol.len();
        self.column += symbol.len();
        // One message for a run of them.
        if let Some(last) = self.tokens.last_mut()
            && last.kind == Kind::Invalid
            && last.span.end as usize == start
        {
            last.span.end = self.at as u32;
            return;
        }
        let mut finding = Diagnostic::error(code, self.span_from(start), message);
        if !help.is_empty() {
            finding = finding.with_help(help);
        }
        self.report(finding);
        if code == "no-shebang" {
            while self.peek().is_some_and(|letter| letter != '\n') {
                self.next();
            }
            return;
        }
        self.push(Kind::Invalid, start);
    }

    fn unknown(&mut self, start: usize) {
        let Some(letter) = self.peek() else { return };
        if wide_digit(letter).is_some() {
            return self.wide_number(start);
        }
        if letter.is_alphanumeric() {
            return self.foreign_name(start);
        }
        if let Some(&(_, ascii)) = WIDE.iter().find(|(wide, _)| *wide == letter) {
            self.next();
            let span = self.span_from(start);
            self.report(
                Diagnostic::error(
                    "wide-punctuation",
                    span,
                    format!("`{letter}` is U+{:04X}, not `{ascii}`", u32::from(letter)),
                )
                .with_help(format!("write `{ascii}`"))
                .with_fix(span, ascii),
            );
            if let Some(symbol) = SYMBOLS.iter().find(|symbol| **symbol == ascii) {
                self.push(Kind::Symbol(symbol), start);
            }
            return;
        }
        if matches!(
            letter,
            '“' | '”' | '„' | '‘' | '’' | '«' | '»' | '「' | '」' | '＂'
        ) {
            return self.typographic_text(start, letter);
        }
        // One message for a run of such characters.
        while self.peek().is_some_and(|letter| {
            !letter.is_ascii_graphic() && !letter.is_ascii_whitespace() && !letter.is_alphanumeric()
                || letter == '\\'
                || letter == '#'
        }) {
            self.next();
        }
        if self.at == start {
            self.next();
        }
        let (what, help) = match letter {
            '\u{feff}' => ("a byte order mark".to_owned(), "save the policy without it"),
            '\0' => ("a NUL character".to_owned(), "remove it"),
            _ if letter.is_control() || render::is_invisible(letter) || letter.is_whitespace() => (
                format!("the invisible character U+{:04X}", u32::from(letter)),
                "remove it, or write a plain blank",
            ),
            _ => (
                format!("`{letter}`"),
                "such characters may stand in texts and comments only",
            ),
        };
        self.report(
            Diagnostic::error(
                "unknown-character",
                self.span_from(start),
                format!("{what} cannot stand here"),
            )
            .with_help(help),
        );
        // Where nothing is seen, nothing was meant.
        if letter.is_ascii_graphic()
            || !(letter.is_control() || letter.is_whitespace() || render::is_invisible(letter))
        {
            self.push(Kind::Invalid, start);
        }
    }

    /// `５００`, as the number that it was meant to be.
    fn wide_number(&mut self, start: usize) {
        let mut digits = String::new();
        while let Some(digit) = self.peek().and_then(wide_digit) {
            digits.push(digit);
            self.next();
        }
        let span = self.span_from(start);
        let finding = Diagnostic::error(
            "wide-punctuation",
            span,
            format!("these digits are wide ones, not `{digits}`"),
        )
        .with_help(format!("write `{digits}`"))
        .with_fix(span, digits.clone());
        self.report(finding);
        self.push(Kind::Int(digits.parse().unwrap_or(0)), start);
    }

    /// `“…”` up to the next such mark on the line, as the text that it was meant to be.
    fn typographic_text(&mut self, start: usize, mark: char) {
        let close = |letter: char| matches!(letter, '”' | '’' | '»' | '「' | '」' | '“' | '＂');
        self.next();
        let begin = self.at;
        while self
            .peek()
            .is_some_and(|letter| !close(letter) && !matches!(letter, '\n' | '"' | ';'))
        {
            self.next();
        }
        let text: std::sync::Arc<str> = self.text[begin..self.at].into();
        if self.peek().is_some_and(close) {
            self.next();
        }
        self.report(
            Diagnostic::error(
                "wide-punctuation",
                self.span_from(start),
                format!(
                    "`{mark}` is U+{:04X}, not a quote of the language",
                    u32::from(mark)
                ),
            )
            .with_help("write texts in `\"`"),
        );
        self.push(Kind::Text(text), start);
    }

    /// A name with letters that are not ASCII.
    pub(super) fn foreign_name(&mut self, start: usize) {
        while self
            .peek()
            .is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
        {
            self.next();
        }
        let name = &self.text[start..self.at];
        let latin: String = name
            .chars()
            .map(|letter| {
                LOOKALIKES
                    .iter()
                    .find(|(foreign, _)| *foreign == letter)
                    .map_or(letter, |(_, latin)| *latin)
            })
            .collect();
        let span = self.span_from(start);
        let shown = render::clipped(name);
        let finding = if latin.is_ascii() {
            let odd = name
                .chars()
                .find(|letter| !letter.is_ascii())
                .unwrap_or(' ');
            Diagnostic::error(
                "non-ascii-name",
                span,
                format!(
                    "`{shown}` has the letter U+{:04X}, which only looks like a Latin one",
                    u32::from(odd)
                ),
            )
            .with_help(format!(
                "write `{}` in Latin letters",
                render::clipped(&latin)
            ))
            .with_fix(span, latin.clone())
        } else {
            let before = self.tokens.last().map(|token| &token.kind);
            let help = if matches!(before, Some(Kind::Symbol("." | "?."))) {
                format!("read such a field with brackets: `[\"{shown}\"]`")
            } else {
                "names are written in ASCII letters, digits and `_`; other texts stand in quotes"
                    .into()
            };
            Diagnostic::error(
                "non-ascii-name",
                span,
                format!("`{shown}` is not a name in ASCII letters"),
            )
            .with_help(help)
        };
        self.report(finding);
        self.push(Kind::Name(latin.into()), start);
    }
}

/// The plain digit that a wide one stands for.
const fn wide_digit(letter: char) -> Option<char> {
    match letter {
        '\u{ff10}'..='\u{ff19}' => char::from_digit(letter as u32 - 0xff10, 10),
        _ => None,
    }
}
