//! One customer or one rep of a view, for hooks in Rust.

use super::columns::Stored;
use super::schema::RoleIx;
use super::view::View;
use crate::language::{Side, Time, Value};

macro_rules! record_ref {
    ($name:ident, $side:expr, $what:literal) => {
        #[doc = concat!("A ", $what, " of a [`View`], with the role at hand.")]
        ///
        /// Accessors by name answer `None` where there is no such field, where it has another
        /// kind, and where the record has no value.
        #[derive(Debug, Clone, Copy)]
        pub struct $name<'a> {
            view: &'a View,
            row: u32,
            role: Option<RoleIx>,
        }

        impl<'a> $name<'a> {
            pub(super) const fn new(view: &'a View, row: u32, role: Option<RoleIx>) -> Self {
                Self { view, row, role }
            }

            /// The row in the book.
            #[must_use]
            pub const fn row(self) -> u32 {
                self.row
            }

            /// The view.
            #[must_use]
            pub const fn view(self) -> &'a View {
                self.view
            }

            /// The role at hand.
            #[must_use]
            pub const fn role(self) -> Option<RoleIx> {
                self.role
            }

            /// The id.
            #[must_use]
            pub fn id(self) -> &'a str {
                self.view.book().id($side, self.row)
            }

            /// The name; the id where it has none.
            #[must_use]
            pub fn name(self) -> &'a str {
                self.text("name").unwrap_or_default()
            }

            /// The value of a bool field.
            #[must_use]
            pub fn bool(self, field: &str) -> Option<bool> {
                match self.stored(field)? {
                    Stored::Bool(bool) => Some(bool),
                    _ => None,
                }
            }

            /// The value of an int field.
            #[must_use]
            pub fn int(self, field: &str) -> Option<i64> {
                match self.stored(field)? {
                    Stored::Int(int) => Some(int),
                    _ => None,
                }
            }

            /// The value of a float field, or of an int field as the nearest float.
            #[must_use]
            pub fn float(self, field: &str) -> Option<f64> {
                match self.stored(field)? {
                    Stored::Float(float) => Some(float),
                    Stored::Int(int) => Some(int as f64),
                    _ => None,
                }
            }

            /// The value of a text field.
            #[must_use]
            pub fn text(self, field: &str) -> Option<&'a str> {
                match self.stored(field)? {
                    Stored::Text(text) => Some(self.view.text(text)),
                    _ => None,
                }
            }

            /// The value of a time field.
            #[must_use]
            pub fn time(self, field: &str) -> Option<Time> {
                match self.stored(field)? {
                    Stored::Time(micros) => Time::from_micros(micros).ok(),
                    _ => None,
                }
            }

            /// The tags of a field, sorted; none where there is no such field of tags.
            #[must_use]
            pub fn tags(self, field: &str) -> Vec<&'a str> {
                let Some(Stored::Tags(set)) = self.stored(field) else {
                    return Vec::new();
                };
                let tags = self.view.book().tag_sets().tags(set).iter();
                let mut tags: Vec<&str> = tags.map(|&tag| self.view.text(tag)).collect();
                tags.sort_unstable();
                tags
            }

            /// Whether a field of tags, or a text field, has that tag or text.
            #[must_use]
            pub fn has(self, field: &str, text: &str) -> bool {
                let Some(symbol) = self.view.symbol(text) else {
                    return false;
                };
                match self.stored(field) {
                    Some(Stored::Tags(set)) => self.view.book().tag_sets().has(set, symbol),
                    Some(Stored::Text(own)) => own == symbol,
                    _ => false,
                }
            }

            /// The value of a field as a script sees it, `()` where it is absent; `None` where
            /// there is no such field.
            #[must_use]
            pub fn field(self, field: &str) -> Option<Value> {
                self.stored(field).map(|stored| self.view.shown(stored))
            }

            fn stored(self, field: &str) -> Option<Stored> {
                let field = self.view.book().schema().field($side, field)?;
                let column = self.view.column($side, field, self.role)?;
                Some(column.cell(self.row))
            }
        }
    };
}

record_ref!(CustomerRef, Side::Customer, "customer");
record_ref!(RepRef, Side::Rep, "rep");
