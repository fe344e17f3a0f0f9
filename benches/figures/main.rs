//! Measured figures: `cargo bench --bench figures` prints one line each, `figure NAME VALUE UNIT`;
//! `-- PREFIX` selects by the beginning of the name. With `--test` everything runs once and small,
//! to see that it runs; the values then mean nothing.
//!
//! Where two sides are compared they take turns (A B A B …), and the median of the differences or
//! ratios is told, so that a machine that slows down does so for both.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench")]

mod allocation;
mod book;
mod check;
mod experiment;
mod hostile;
mod interpreter;
mod kernel;
mod made_up;
mod million;
mod plan;
mod scripts;

use std::time::Instant;

fn main() {
    let mut figures = Figures {
        prefix: String::new(),
        tiny: false,
    };
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--test" => figures.tiny = true,
            option if option.starts_with("--") => {} // what `cargo bench` itself passes
            prefix => figures.prefix = prefix.to_owned(),
        }
    }
    interpreter::figures(&figures);
    book::figures(&figures);
    plan::figures(&figures);
    million::figures(&figures);
    kernel::figures(&figures);
    allocation::figures(&figures);
    check::figures(&figures);
    experiment::figures(&figures);
    hostile::figures(&figures);
}

/// Which figures are wanted, and how large.
struct Figures {
    prefix: String,
    tiny: bool,
}

impl Figures {
    /// Whether one of a group is wanted, so that the group must be made ready.
    fn wants(&self, name: &str) -> bool {
        name.starts_with(&self.prefix)
    }

    fn print(&self, name: &str, value: f64, unit: &str) {
        let digits = if value.abs() < 10.0 { 3 } else { 1 };
        println!("figure {name} {value:.digits$} {unit}");
    }

    /// The full size, or a small one for a test.
    fn size(&self, full: usize, tiny: usize) -> usize {
        if self.tiny { tiny } else { full }
    }
}

/// How long it takes, in seconds.
fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    let made = work();
    let taken = start.elapsed().as_secs_f64();
    drop(made);
    taken
}

/// The least seconds of each side over rounds in which the sides take turns: with other work on
/// the machine, the round that was least disturbed.
fn least(figures: &Figures, sides: &mut [&mut dyn FnMut()]) -> Vec<f64> {
    let mut least = vec![f64::INFINITY; sides.len()];
    for _ in 0..figures.size(200, 1) {
        for (side, least) in sides.iter_mut().zip(&mut least) {
            *least = least.min(seconds(&mut *side));
        }
    }
    least
}

/// The value below which that share of them is; 0 where there are none.
fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * share) as usize;
    (values.get(at).or(values.last()).copied()).unwrap_or(0.0)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
