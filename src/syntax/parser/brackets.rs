//! Anything in brackets, and the arguments of calls.

use super::{Failed, Parse, Parser};
use crate::syntax::ast::Expr;
use crate::syntax::token::Kind;

impl Parser<'_> {
    /// Takes `open` and parses what is in it up to and with `close`. After an error goes behind
    /// `close` and gives `None`, so that the expression around it goes on.
    pub(super) fn bracketed<T>(
        &mut self,
        open: &'static str,
        close: &'static str,
        levels: usize,
        parse: impl FnOnce(&mut Self) -> Parse<T>,
    ) -> Parse<Option<T>> {
        self.expect(open, "")?;
        match self.deeper(levels, 1, parse) {
            Ok(inner) => Ok(Some(inner)),
            Err(Failed) => self.leave_brackets(close).map(|()| None),
        }
    }

    /// The arguments of a call, brackets included.
    pub(super) fn arguments(&mut self) -> Parse<Vec<Expr>> {
        if self.eat("()").is_some() {
            return Ok(Vec::new());
        }
        let start = self.here();
        let arguments = self.bracketed("(", ")", 1, |parser| {
            let mut arguments = Vec::new();
            while parser.eat(")").is_none() {
                arguments.push(parser.expression()?);
                if parser.eat(",").is_none() {
                    parser.expect(")", "or `,` after an argument")?;
                    break;
                }
            }
            Ok(arguments)
        })?;
        // What could not be read counts as one argument, so that nobody complains about the number.
        Ok(match arguments {
            Some(arguments) => arguments,
            None => {
                let span = start.to(self.before());
                vec![self.node(crate::syntax::ast::ExprKind::Broken, span)]
            }
        })
    }

    /// Whether a call's brackets follow.
    pub(super) fn at_arguments(&self) -> bool {
        matches!(self.peek(), Kind::Symbol("(" | "()"))
    }
}
