//! Numbers.

use super::{Kind, Lexer};
use crate::syntax::Diagnostic;

impl Lexer<'_> {
    /// Reads a number whose first digit is next; `start` is that of its sign where it has one.
    pub(super) fn number(&mut self, start: usize, negative: bool) {
        let first = self.peek();
        let mut digits = String::new();
        if negative {
            digits.push('-');
        }
        digits.extend(self.next());
        let unsigned = digits.len();
        let mut radix = None;
        let (mut point, mut exponent) = (false, false);
        while let Some(letter) = self.peek() {
            let valid = match radix {
                Some(radix) => letter.is_digit(radix),
                None => letter.is_ascii_digit(),
            };
            let after = self.rest().chars().nth(1);
            match letter {
                '_' => {
                    self.next();
                }
                _ if valid => digits.extend(self.next()),
                '.' if !point && radix.is_none() => match after {
                    Some('0'..='9') => {
                        digits.extend(self.next());
                        point = true;
                    }
                    // A range, a field, or a method.
                    None | Some('_' | '.') => break,
                    Some(letter) if letter.is_ascii_alphabetic() => break,
                    Some(_) => {
                        self.next();
                        digits.push_str(".0");
                        point = true;
                    }
                },
                'e' | 'E' if !exponent && radix.is_none() => match after {
                    Some('0'..='9') => {
                        self.next();
                        digits.push('e');
                        (point, exponent) = (true, true);
                    }
                    Some(sign @ ('+' | '-')) => {
                        self.next();
                        self.next();
                        digits.push('e');
                        digits.push(sign);
                        (point, exponent) = (true, true);
                    }
                    _ => break,
                },
                'x' | 'X' | 'o' | 'O' | 'b' | 'B'
                    if first == Some('0') && radix.is_none() && digits.len() == unsigned =>
                {
                    radix = Some(match letter.to_ascii_lowercase() {
                        'x' => 16,
                        'o' => 8,
                        _ => 2,
                    });
                    self.next();
                }
                _ => break,
            }
        }
        let kind = match radix {
            Some(radix) => self.in_radix(start, negative, &digits[unsigned..], radix),
            None => self.decimal(start, &digits, point),
        };
        self.push(kind, start);
    }

    fn in_radix(&mut self, start: usize, negative: bool, digits: &str, radix: u32) -> Kind {
        let span = self.span_from(start);
        if negative {
            // Rhai cannot read a sign that sticks to such a number.
            let text = &self.text[start..self.at];
            self.report(
                Diagnostic::error(
                    "malformed-number",
                    span,
                    format!("`{text}`: a sign cannot stand right before a number in this base"),
                )
                .with_help(format!(
                    "write `-({})`",
                    text.trim_start_matches('-').trim()
                )),
            );
            return Kind::Int(0);
        }
        // All 64 bits may be given; the highest is then the sign.
        match u64::from_str_radix(digits, radix) {
            Ok(bits) => Kind::Int(bits as i64),
            Err(_) => {
                let name = match radix {
                    16 => "hexadecimal",
                    8 => "octal",
                    _ => "binary",
                };
                self.report(Diagnostic::error(
                    "malformed-number",
                    span,
                    format!("this is no {name} number of at most 64 bits"),
                ));
                Kind::Int(0)
            }
        }
    }

    fn decimal(&mut self, start: usize, digits: &str, float: bool) -> Kind {
        let span = self.span_from(start);
        if !float {
            if let Ok(int) = digits.parse() {
                return Kind::Int(int);
            }
            self.report(
                Diagnostic::error(
                    "int-overflow",
                    span,
                    format!("an int is between {} and {}", i64::MIN, i64::MAX),
                )
                .with_help("for a float, write a point: `1e19`, `10000000000000000000.0`"),
            );
            return Kind::Int(0);
        }
        match digits.parse::<f64>() {
            Ok(float) if float.is_finite() => Kind::Float(float),
            Ok(_) => {
                self.report(Diagnostic::error(
                    "float-overflow",
                    span,
                    "this number is too large for a float",
                ));
                Kind::Float(0.0)
            }
            Err(_) => {
                self.report(
                    Diagnostic::error("malformed-number", span, "the exponent has no digits")
                        .with_help("write it like `1.5e3` or `1.5e-3`"),
                );
                Kind::Float(0.0)
            }
        }
    }
}
