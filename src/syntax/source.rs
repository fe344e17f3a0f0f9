//! A policy's text with its lines.
//!
//! Turns byte offsets into line and column, both counted from 1 and columns in characters. It
//! does not know what the text means. Building is O(bytes); a position is O(log lines + line).

use std::sync::Arc;

use serde::Serialize;

use super::Span;

/// A place as people count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The character in the line, from 1.
    pub column: u32,
}

/// A policy's text, its name in messages, and where its lines begin. Cheap to clone.
///
/// ```
/// use bookwright::syntax::Source;
///
/// let source = Source::new("const A = 1;\nconst 名 = 2;");
/// let place = source.position(source.text().find('=').unwrap() as u32);
/// assert_eq!((place.line, place.column), (1, 9));
/// assert_eq!(source.name(), "policy");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
    /// The first byte of each line; never empty.
    lines: Arc<[u32]>,
}

impl Source {
    /// A text that messages call `policy`.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self::named("policy", text)
    }

    /// A text with a name of its own in messages: a file name, say.
    #[must_use]
    pub fn named(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let mut lines = vec![0];
        lines.extend(text.match_indices('\n').map(|(at, _)| at as u32 + 1));
        Self {
            name: name.into(),
            text,
            lines: lines.into(),
        }
    }

    /// What messages call the text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The part of the text that a span covers; cut where the span leaves the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        let start = self.floor(span.start);
        let end = self.floor(span.end).max(start);
        &self.text[start..end]
    }

    /// Line and column of a byte; the end of the text for bytes beyond it.
    #[must_use]
    pub fn position(&self, byte: u32) -> Position {
        let byte = self.floor(byte);
        let line = self.lines.partition_point(|&start| start as usize <= byte) - 1;
        let start = self.lines[line] as usize;
        Position {
            line: line as u32 + 1,
            column: self.text[start..byte].chars().count() as u32 + 1,
        }
    }

    /// The byte at a line and column counted from 1; the end of the line beyond it.
    #[must_use]
    pub fn byte(&self, position: Position) -> u32 {
        let (text, start) = self.line(position.line);
        let skip = position.column.saturating_sub(1) as usize;
        let inside = text
            .char_indices()
            .nth(skip)
            .map_or(text.len(), |(at, _)| at);
        start + inside as u32
    }

    /// How many lines the text has; an empty text has one.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        self.lines.len() as u32
    }

    /// A line without its end, and its first byte. Empty beyond the last line.
    #[must_use]
    pub fn line(&self, line: u32) -> (&str, u32) {
        let index = line.saturating_sub(1) as usize;
        let Some(&start) = self.lines.get(index) else {
            return ("", self.text.len() as u32);
        };
        let end = self
            .lines
            .get(index + 1)
            .map_or(self.text.len(), |&next| next as usize - 1);
        let text = &self.text[start as usize..end];
        (text.strip_suffix('\r').unwrap_or(text), start)
    }

    /// The nearest character boundary at or before a byte.
    fn floor(&self, byte: u32) -> usize {
        let mut at = (byte as usize).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = Source::new("let 名 = \"é\";\r\nx\n");
        assert_eq!(source.position(8), Position { line: 1, column: 7 });
        assert_eq!(source.line(1).0, "let 名 = \"é\";");
        assert_eq!(source.line(2), ("x", 17));
        assert_eq!(source.line_count(), 3);
        assert_eq!(source.position(999).line, 3);
        // In the middle of a character: its beginning.
        assert_eq!(source.position(5), Position { line: 1, column: 5 });
        assert_eq!(source.byte(Position { line: 1, column: 7 }), 8);
        assert_eq!(source.slice(Span::new(4, 7)), "名");
        assert_eq!(source.slice(Span::new(9, 3)), "");
    }

    #[test]
    fn an_empty_text_has_one_line() {
        let source = Source::new("");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.line(1), ("", 0));
        assert_eq!(source.line(7), ("", 0));
    }
}
