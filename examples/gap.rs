//! Solves a generalized assignment problem from a file within a time limit.
//!
//! `cargo run --release --example gap -- FILE [SECONDS]`. The file has `agents jobs`, the costs
//! agent by agent, the weights agent by agent, the capacities; numbers may be wrapped anywhere.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the command line"
)]

use bookwright::allocation::{Gap, Stop, Watch};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Stops at a time.
struct Until(Instant);

impl Watch for Until {
    fn tick(&mut self, _work: u64) -> Result<(), Stop> {
        if Instant::now() < self.0 {
            Ok(())
        } else {
            Err(Stop::Deadline)
        }
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), seconds) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: gap FILE [SECONDS]");
        return ExitCode::from(2);
    };
    let seconds = seconds.map_or(Ok(10.0), |seconds| seconds.parse::<f64>());
    let (Ok(text), Ok(seconds)) = (std::fs::read_to_string(&file), seconds) else {
        eprintln!("`{file}` cannot be read, or the seconds are no number");
        return ExitCode::from(2);
    };
    let Some(gap) = parse(&text) else {
        eprintln!("`{file}` is not a generalized assignment problem");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let mut watch = Until(start + Duration::from_secs_f64(seconds.clamp(0.0, 1e6)));
    let solved = gap.solve(u64::MAX, &mut watch);
    let taken = start.elapsed().as_secs_f64();
    let Some((cost, agents)) = solved.best else {
        println!("cost=none bound={} seconds={taken:.3}", solved.bound);
        return ExitCode::FAILURE;
    };
    let verified = gap.cost_of(&agents) == Some(cost);
    let percent = (cost - solved.bound) as f64 / (cost.abs() as f64).max(1.0) * 100.0;
    println!(
        "cost={cost} bound={} gap={percent:.4}% seconds={taken:.3} verified={verified}",
        solved.bound
    );
    ExitCode::SUCCESS
}

fn parse(text: &str) -> Option<Gap> {
    let mut numbers = text.split_ascii_whitespace().map(str::parse::<i64>);
    let mut next = || numbers.next()?.ok();
    let (agents, jobs) = (next()? as usize, next()? as usize);
    let mut matrix = || -> Option<Vec<i64>> {
        let mut by_job = vec![0; agents.checked_mul(jobs)?];
        for agent in 0..agents {
            for job in 0..jobs {
                by_job[job * agents + agent] = next()?;
            }
        }
        Some(by_job)
    };
    let (cost, weight) = (matrix()?, matrix()?);
    let capacity = (0..agents).map(|_| next()).collect::<Option<Vec<_>>>()?;
    Gap::new(cost, weight, capacity)
}
