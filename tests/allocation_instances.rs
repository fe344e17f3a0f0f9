//! Published instances with known optima, where the folder with them is at hand.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what is wrong by failing, and why it is skipped"
)]

use bookwright::allocation::{Gap, Transport, Unbounded};
use std::path::{Path, PathBuf};

fn folder(kind: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/instances")
        .join(kind);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: there is no folder `{}`", path.display());
    None
}

fn optima(folder: &Path) -> Vec<(String, Vec<i128>)> {
    let text = std::fs::read_to_string(folder.join("optima.csv")).unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let mut cells = line.split(',');
        let name = cells.next().unwrap().to_owned();
        (
            name,
            cells.map(|cell| cell.trim().parse().unwrap()).collect(),
        )
    });
    rows.collect()
}

fn numbers(path: PathBuf) -> Vec<i64> {
    let text = std::fs::read_to_string(path).unwrap();
    text.split_ascii_whitespace()
        .map(|word| word.parse().unwrap())
        .collect()
}

#[test]
fn linear_assignments_are_solved_exactly() {
    let Some(folder) = folder("lap") else { return };
    for (name, known) in optima(&folder) {
        let numbers = numbers(folder.join(format!("{name}.txt")));
        let n = numbers[0] as usize;
        let mut transport = Transport::new(&vec![1; n]);
        for row in numbers[1..].chunks_exact(n) {
            transport.add(1, 1_000_000, (0..).zip(row.iter().copied()));
        }
        let solved = transport.solve(&mut Unbounded);
        assert_eq!(solved.cost, known[0], "{name}");
        assert!(solved.verify(&transport), "{name}");
    }
}

fn gap_of(numbers: &[i64]) -> Gap {
    let (agents, jobs) = (numbers[0] as usize, numbers[1] as usize);
    let by_job = |table: &[i64]| -> Vec<i64> {
        (0..jobs)
            .flat_map(|job| (0..agents).map(move |agent| agent * jobs + job))
            .map(|at| table[at])
            .collect()
    };
    let (cost, rest) = numbers[2..].split_at(agents * jobs);
    let (weight, capacity) = rest.split_at(agents * jobs);
    Gap::new(by_job(cost), by_job(weight), capacity.to_vec()).unwrap()
}

#[test]
fn generalized_assignments_of_up_to_60_jobs_are_proven_optimal() {
    let Some(folder) = folder("gap") else { return };
    for (name, known) in optima(&folder) {
        let numbers = numbers(folder.join(&name));
        if numbers[1] > 60 {
            continue;
        }
        let gap = gap_of(&numbers);
        let solved = gap.solve(100_000, &mut Unbounded);
        let (cost, agents) = solved.best.unwrap();
        assert_eq!(cost, known[known.len() - 1], "{name}");
        assert_eq!(solved.bound, cost, "{name}");
        assert_eq!(gap.cost_of(&agents), Some(cost), "{name}");
    }
}

/// Without optimization those with differing costs take too long; `.ci/run` has both builds.
#[test]
fn larger_ones_are_certified_within_half_a_percent_and_nearly_the_best_known() {
    let Some(folder) = folder("gap") else { return };
    for (name, known) in optima(&folder) {
        let numbers = numbers(folder.join(&name));
        if numbers[1] <= 60 || (cfg!(debug_assertions) && name.starts_with('e')) {
            continue;
        }
        let gap = gap_of(&numbers);
        let solved = gap.solve(20_000_000, &mut Unbounded);
        let (cost, agents) = solved.best.unwrap();
        let (bound, best) = (solved.bound, known[known.len() - 1]);
        assert_eq!(gap.cost_of(&agents), Some(cost), "{name}");
        assert!(cost >= best && bound <= best, "{name}: {cost} {bound}");
        assert!((cost - bound) * 200 <= cost, "{name}: {cost} {bound}");
        assert!((cost - best) * 1000 <= best, "{name}: {cost}");
    }
}
