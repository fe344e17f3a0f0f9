//! What a book weighs, and how fast it is built.

use bookwright::{Book, Records, Schema};

use crate::{Figures, made_up, median, seconds};

pub(crate) fn figures(figures: &Figures) {
    if figures.wants("book.bytes_per_customer") {
        let customers = figures.size(1_000_000, 1_000);
        let empty = made_up::book(0, 10).bytes();
        let names: usize = (0..customers)
            .map(|number| format!("c{number:07}Customer {number}").len())
            .sum();
        let bytes = made_up::book(customers, 10).bytes();
        let each = (bytes - empty).saturating_sub(names) as f64 / customers as f64;
        figures.print("book.bytes_per_customer", each, "bytes");
    }
    if figures.wants("book.build.customers_per_second") {
        let customers = figures.size(100_000, 100);
        let records = Records {
            customers: (0..customers).map(made_up::customer).collect(),
            ..Records::default()
        };
        let times = (0..figures.size(5, 1)).map(|_| {
            let records = records.clone();
            seconds(|| Book::build(records, Schema::default()).expect("a right book"))
        });
        let rate = customers as f64 / median(times.collect());
        figures.print("book.build.customers_per_second", rate, "customers/s");
    }
}
