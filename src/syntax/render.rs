//! Findings as text with excerpts and carets, in the manner of rustc.
//!
//! Columns are those of a terminal: tabs are four wide, Chinese and other wide characters two,
//! combining ones none. Control and direction-changing characters are shown, never sent. Long
//! lines are cut around the place.

use std::fmt::{self, Write};

use super::{Diagnostic, Source, Span};

/// How many columns of a line are shown.
const WINDOW: usize = 120;
const TAB: usize = 4;

/// Writes a text with what a terminal would act on made visible.
pub(crate) fn escaped(f: &mut impl Write, text: &str) -> fmt::Result {
    for letter in text.chars() {
        if letter.is_control() || is_invisible(letter) {
            write!(f, "\\u{{{:x}}}", u32::from(letter))?;
        } else {
            f.write_char(letter)?;
        }
    }
    Ok(())
}

/// User input for a message: at most sixty characters of it.
pub(crate) fn clipped(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Characters that show nothing or change the direction of what follows.
pub(crate) const fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// How many columns of a terminal a character takes.
const fn width(letter: char) -> usize {
    match letter {
        '\u{300}'..='\u{36f}'
        | '\u{483}'..='\u{489}'
        | '\u{591}'..='\u{5bd}'
        | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}'
        | '\u{e31}'
        | '\u{e34}'..='\u{e3a}'
        | '\u{e47}'..='\u{e4e}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{3099}'..='\u{309a}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{231a}'..='\u{231b}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{33ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{a000}'..='\u{a4cf}'
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1f9ff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// One source line as a terminal shows it.
struct Excerpt {
    shown: String,
    from: usize,
    until: usize,
}

/// A line, cut to the window, with the columns between which the bytes `start..end` stand.
fn excerpt(line: &str, start: usize, end: usize) -> Excerpt {
    let mut cells: Vec<(char, usize)> = Vec::new();
    let (mut column, mut from, mut until) = (0, None, None);
    for (at, letter) in line.char_indices() {
        if at >= start && from.is_none() {
            from = Some((column, cells.len()));
        }
        if at >= end && until.is_none() {
            until = Some(column);
        }
        match letter {
            '\t' => cells.extend([(' ', 1); TAB]),
            '\0'..='\u{1f}' => cells.push((
                char::from_u32(0x2400 + u32::from(letter)).unwrap_or('\u{fffd}'),
                1,
            )),
            _ if letter.is_control() || is_invisible(letter) => cells.push(('\u{fffd}', 1)),
            _ => cells.push((letter, width(letter))),
        }
        column += if letter == '\t' {
            TAB
        } else {
            cells.last().map_or(0, |cell| cell.1)
        };
    }
    let (from, cell) = from.unwrap_or((column, cells.len()));
    let until = until.unwrap_or(column).max(from + 1);
    if column <= WINDOW {
        return Excerpt {
            shown: cells.iter().map(|cell| cell.0).collect(),
            from,
            until,
        };
    }
    // Some cells before the place, the rest after it.
    let first = cell.saturating_sub(WINDOW / 3);
    let before: usize = cells[..first].iter().map(|cell| cell.1).sum();
    let mut shown = String::new();
    let mut lead = 0;
    if first > 0 {
        shown.push('…');
        lead = 1;
    }
    let mut taken = lead;
    for &(letter, wide) in &cells[first..] {
        if taken + wide > WINDOW {
            shown.push('…');
            break;
        }
        shown.push(letter);
        taken += wide;
    }
    let from = from - before + lead;
    Excerpt {
        shown,
        from,
        until: (until - before + lead).min(taken).max(from + 1),
    }
}

/// Writes the lines of one place: number, text, underline with a label.
fn place(
    f: &mut impl Write,
    source: &Source,
    span: Span,
    gutter: usize,
    mark: &str,
    label: &str,
) -> fmt::Result {
    let start = source.position(span.start);
    let (line, first) = source.line(start.line);
    let from = (span.start.saturating_sub(first)) as usize;
    let to = (span.end.saturating_sub(first) as usize).min(line.len());
    let excerpt = excerpt(line, from, to);
    writeln!(f, "{:gutter$} |", "")?;
    writeln!(f, "{:>gutter$} | {}", start.line, excerpt.shown)?;
    write!(f, "{:gutter$} | {:from$}", "", "", from = excerpt.from)?;
    f.write_str(&mark.repeat(excerpt.until - excerpt.from))?;
    if !label.is_empty() {
        f.write_char(' ')?;
        escaped(f, label)?;
    }
    writeln!(f)
}

/// Writes one finding with its excerpts.
pub(super) fn finding(f: &mut impl Write, source: &Source, diagnostic: &Diagnostic) -> fmt::Result {
    write!(f, "{}[{}]: ", diagnostic.severity, diagnostic.code)?;
    escaped(f, &diagnostic.message)?;
    writeln!(f)?;
    let last = diagnostic
        .related
        .iter()
        .map(|(span, _)| span.start)
        .fold(diagnostic.span.start, u32::max);
    let gutter = source.position(last).line.to_string().len();
    let at = source.position(diagnostic.span.start);
    write!(f, "{:gutter$}--> ", "")?;
    escaped(f, source.name())?;
    writeln!(f, ":{}:{}", at.line, at.column)?;
    place(f, source, diagnostic.span, gutter, "^", "")?;
    for (span, label) in &diagnostic.related {
        place(f, source, *span, gutter, "-", label)?;
    }
    if let Some(help) = &diagnostic.help {
        write!(f, "{:gutter$} = help: ", "")?;
        escaped(f, help)?;
        writeln!(f)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, span: Span) -> String {
        let mut out = String::new();
        let finding_ = Diagnostic::error("code", span, "message");
        finding(&mut out, &Source::new(text), &finding_).unwrap();
        out
    }

    #[test]
    fn carets_stand_under_wide_letters_and_tabs() {
        let text = "\tlet x = \"客户\" + y;";
        let at = text.find('y').unwrap() as u32;
        assert_eq!(
            shown(text, Span::new(at, at + 1)),
            "error[code]: message\n --> policy:1:17\n  |\n\
             1 |     let x = \"客户\" + y;\n  |                      ^\n"
        );
    }

    #[test]
    fn an_empty_span_at_the_end_still_has_a_caret() {
        assert_eq!(
            shown("ab\n", Span::new(2, 2)),
            "error[code]: message\n --> policy:1:3\n  |\n1 | ab\n  |   ^\n"
        );
    }

    #[test]
    fn control_characters_are_pictures() {
        let out = shown("a\0\u{1b}[31mb\u{202e}", Span::new(1, 2));
        assert!(out.contains("1 | a␀␛[31mb\u{fffd}\n"), "{out}");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}HERE{}", "a".repeat(5000), "b".repeat(5000));
        let out = shown(&text, Span::new(5000, 5004));
        let lines: Vec<&str> = out.lines().collect();
        assert!(lines[3].chars().count() < 130, "{out}");
        let caret = lines[4].find("^^^^").unwrap();
        assert_eq!(lines[4].chars().filter(|&c| c == '^').count(), 4);
        let under: String = lines[3].chars().skip(caret).take(4).collect();
        assert_eq!(under, "HERE");
    }

    #[test]
    fn a_span_over_lines_underlines_its_first() {
        let out = shown("fn a() {\n}\n", Span::new(0, 10));
        assert!(out.ends_with("1 | fn a() {\n  | ^^^^^^^^\n"), "{out}");
    }
}
