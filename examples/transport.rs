//! Solves a transportation problem from a file, and checks the answer with its certificate.
//!
//! `cargo run --release --example transport -- FILE`. The first line is `customers reps arcs
//! open_cost`, the second the capacities of the reps, then one line per customer: how many
//! candidates it has, then `rep cost` of each. Reading is not in the seconds.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the command line"
)]

use bookwright::allocation::{Transport, Unbounded};
use std::io::{BufRead, BufReader};
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let Some(file) = std::env::args().nth(1) else {
        eprintln!("usage: transport FILE");
        return ExitCode::from(2);
    };
    match read(&file) {
        Ok(transport) => {
            let start = Instant::now();
            let solved = transport.solve(&mut Unbounded);
            let seconds = start.elapsed().as_secs_f64();
            let verified = solved.verify(&transport);
            println!(
                "cost={} seconds={seconds:.3} verified={verified}",
                solved.cost
            );
            if verified {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(problem) => {
            eprintln!("`{file}`: {problem}");
            ExitCode::from(2)
        }
    }
}

fn read(file: &str) -> Result<Transport, String> {
    let mut lines = BufReader::with_capacity(1 << 20, std::fs::File::open(file).map_err(text)?);
    let mut line = String::new();
    lines.read_line(&mut line).map_err(text)?;
    let head = numbers(&line)?;
    let [customers, reps, arcs, open_cost] = head[..] else {
        return Err("the first line is not `customers reps arcs open_cost`".into());
    };
    line.clear();
    lines.read_line(&mut line).map_err(text)?;
    let capacities: Vec<u32> = numbers(&line)?
        .into_iter()
        .map(|room| room as u32)
        .collect();
    if capacities.len() != reps as usize {
        return Err(format!("{} capacities for {reps} reps", capacities.len()));
    }
    let mut transport = Transport::new(&capacities);
    transport.reserve(customers as usize, arcs as usize);
    for customer in 0..customers {
        line.clear();
        lines.read_line(&mut line).map_err(text)?;
        let row = numbers(&line)?;
        let [degree, pairs @ ..] = &row[..] else {
            return Err(format!("no line for customer {customer}"));
        };
        if pairs.len() != 2 * *degree as usize {
            return Err(format!(
                "customer {customer} does not have {degree} candidates"
            ));
        }
        transport.add(
            1,
            open_cost,
            pairs.chunks_exact(2).map(|pair| (pair[0] as u32, pair[1])),
        );
    }
    Ok(transport)
}

fn numbers(line: &str) -> Result<Vec<i64>, String> {
    line.split_ascii_whitespace()
        .map(|word| {
            word.parse()
                .map_err(|_| format!("`{word}` is not a number"))
        })
        .collect()
}

fn text(problem: std::io::Error) -> String {
    problem.to_string()
}
