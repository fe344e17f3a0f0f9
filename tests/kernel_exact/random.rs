//! Programs at random on books of schemas at random, in both engines.

use bookwright::{Book, PlanOptions, Policy};

use super::harness::Check;
use super::programs::{Programs, Scope, Want};
use super::worlds::World;

/// Programs times books of a normal run, of rows and of pairs each.
const CASES: usize = 10_500;

/// Each program runs on so many books of its world.
const BOOKS: u64 = 7;

/// So many programs live in one world.
const PROGRAMS: u64 = 64;

const WANTS: [Want; 5] = [Want::Bool, Want::Int, Want::Float, Want::Text, Want::Any];

/// How much is done, and how much is to be done.
#[derive(Debug, Default)]
struct Tally {
    /// Rows asked for, instead of the normal run.
    rows: Option<usize>,
    cases: usize,
    compared: usize,
    answered: usize,
    possible: usize,
    outside: usize,
    refused: usize,
}

fn asked(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

impl Tally {
    fn new() -> Self {
        Self {
            rows: asked("KERNEL_ROWS"),
            ..Self::default()
        }
    }

    fn done(&self) -> bool {
        self.rows
            .map_or(self.cases >= CASES, |rows| self.compared >= rows)
    }

    fn add(&mut self, rows: usize, (answered, possible): (usize, usize)) {
        self.cases += 1;
        self.compared += rows;
        self.answered += answered;
        self.possible += possible;
    }

    /// A kernel that answers little would be exact, too.
    fn tell(&self, what: &str) {
        println!("{what}: {self:?}");
        let Self {
            answered, possible, ..
        } = self;
        assert!(answered * 100 >= possible * 97, "{self:?}");
        assert!(self.refused * 10 <= self.cases, "{self:?}");
    }
}

fn seeds() -> std::ops::RangeFrom<u64> {
    asked("KERNEL_FIRST").unwrap_or(0) as u64..
}

/// The books of the world that a seed lives in, made once for all its programs.
#[derive(Default)]
struct Here {
    number: Option<u64>,
    world: World,
    books: Vec<Book>,
}

impl Here {
    fn go(&mut self, seed: u64, customers: usize, reps: usize) {
        if self.number != Some(seed / PROGRAMS) {
            self.number = Some(seed / PROGRAMS);
            self.world = World::new(seed / PROGRAMS);
            self.books = (0..BOOKS)
                .map(|book| self.world.book(book, customers, reps))
                .collect();
        }
    }
}

#[test]
fn rows_at_random_are_exact() {
    let (mut tally, mut here) = (Tally::new(), Here::default());
    let customers = if tally.rows.is_some() { 64 } else { 4 };
    for seed in seeds() {
        if tally.done() {
            break;
        }
        here.go(seed, customers, 0);
        let want = WANTS[seed as usize % WANTS.len()];
        let text = Programs::new(seed, Scope::Customer, &here.world).policy("f", want);
        let Some(check) = Check::try_new(&format!("// {seed}\n{text}"), &here.books[0]) else {
            tally.outside += 1; // refused by both engines alike
            continue;
        };
        for book in &here.books {
            match check.on(book).try_customers() {
                Some(counts) => tally.add(customers, counts),
                None => tally.refused += 1,
            }
        }
    }
    tally.tell("rows");
}

#[test]
fn pairs_at_random_are_exact() {
    let (mut tally, mut here) = (Tally::new(), Here::default());
    // What is kept for customers alike is planned on all of the book, of which some are compared.
    let (all, customers, reps) = match tally.rows {
        Some(_) => (40, 12, 8),
        None => (16, 3, 4),
    };
    for seed in seeds() {
        if tally.done() {
            break;
        }
        here.go(seed, all, reps);
        let mut programs = Programs::new(seed, Scope::Pair, &here.world);
        let text = match seed % 4 {
            0 => programs.policy("eligible", Want::Bool),
            1 | 2 => programs.policy("score", Want::Float),
            _ => programs.pair_hooks(),
        };
        let Some(check) = Check::try_new(&format!("// {seed}\n{text}"), &here.books[0]) else {
            tally.outside += 1;
            continue;
        };
        for book in &here.books {
            match check.on(book).try_pairs(customers as u32) {
                Some(counts) => tally.add(customers * reps, counts),
                None => tally.refused += 1,
            }
        }
    }
    tally.tell("pairs");
}

/// The same plans, problems with their lines included: what the kernel defers, the interpreter
/// answers in its place.
#[test]
fn plans_at_random_are_the_same_by_both_engines() {
    let options = PlanOptions::at("2026-01-31T03:00:00Z".parse().unwrap())
        .utc_offset("+08:00".parse().unwrap());
    let mut here = Here::default();
    let wanted = asked("KERNEL_ROWS").map_or(300, |rows| (rows / 1_000).max(300));
    let (mut plans, mut tried, mut problems, mut lines) = (0, 0, 0, 0);
    for seed in seeds() {
        if plans >= wanted {
            break;
        }
        here.go(seed, 16, 8);
        tried += 1;
        let text = format!("// {seed}\n{}", Programs::whole(seed, &here.world));
        let Ok(policy) = Policy::compile(&text, &here.world.schema) else {
            continue;
        };
        for book in &here.books[..2] {
            let plan = policy.plan(book, &options).unwrap();
            let reference = policy
                .plan(book, &options.clone().interpreter_only())
                .unwrap();
            assert_eq!(plan, reference, "{text}");
            plans += 1;
            problems += plan.problems.len();
            lines += plan
                .problems
                .iter()
                .filter(|problem| problem.line.is_some())
                .count();
        }
    }
    println!("{plans} plans of {tried} policies tried, {problems} problems, {lines} with a line");
    assert!(
        lines > 100,
        "{problems} problems, {lines} with a line, in {plans} plans"
    );
}
