//! A certificate that holds is true, whoever made it: forged solutions are refused, or what they
//! claim is so by trying everything.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod allocation_oracle;

use allocation_oracle::{Case, Rng, Worth, best_of_all, feasible, one_amount, worth};
use bookwright::allocation::{
    Balance, Class, Optimal, OptimalSettings, Problem, Refuted, Solution, Unbounded,
};

fn solve(case: &Case) -> Solution {
    let optimal = Optimal::new(case.settings.clone());
    let solution = optimal.solve(&case.problem, &case.scores, &mut Unbounded);
    solution.unwrap()
}

fn check(case: &Case, solution: &Solution) -> Result<(), Refuted> {
    Optimal::new(case.settings.clone()).verify(&case.problem, &case.scores, solution)
}

/// What a solution claims, against trying everything.
fn is_true(case: &Case, best: &Worth, solution: &Solution) -> Result<(), String> {
    let Solution {
        allocation,
        certificate,
        class,
        ..
    } = solution;
    if !feasible(case, &allocation.rep_of) {
        return Err("it is not feasible".to_owned());
    }
    let own = worth(case, &allocation.rep_of);
    if *class == Class::Exact && own != *best {
        return Err(format!("it is called exact: {own:?} of {best:?}"));
    }
    let more = certificate.more_served(allocation, &case.problem, &case.settings);
    if let (Some(most), Some(served)) = (best.served.get(1), own.served.get(1))
        && (most - served) as u64 > more
    {
        return Err(format!(
            "more can be served than {more}: {own:?} of {best:?}"
        ));
    }
    // Where open demands have a price and loads are worth what the oracle says, both sides of the
    // certificate are numbers that it knows.
    let plain = match case.settings.balance {
        Balance::None => true,
        Balance::Price(_) => {
            (0..case.problem.reps as u32).all(|rep| one_amount(case, rep).is_some())
        }
        Balance::Leximin => false,
    };
    if plain && case.settings.unassigned_price.is_some() && case.settings.min_load.is_none() {
        if certificate.value != own.score {
            return Err(format!("it is not worth that: {own:?}"));
        }
        if certificate.bound < best.score {
            return Err(format!("there is better than its bound: {best:?}"));
        }
    }
    Ok(())
}

const BORDERS: [i128; 10] = [
    i128::MIN,
    i128::MAX,
    i128::MIN + 1,
    i128::MAX - 1,
    i64::MIN as i128,
    i64::MAX as i128,
    1 << 100,
    -(1 << 100),
    0,
    -1,
];

/// Another number: a little more or less, another size, or one at a border.
fn forge(rng: &mut Rng, number: &mut i128) {
    let step = [1, 2, 1_000, 1_000_000, 1 << 40][rng.below(5) as usize];
    *number = match rng.below(5) {
        0 => number.saturating_add(step),
        1 => number.saturating_sub(step),
        2 => number.saturating_mul(2),
        3 => *number / 2,
        _ => BORDERS[rng.below(BORDERS.len() as u64) as usize],
    };
}

/// Changes one thing about a solution.
fn tamper(rng: &mut Rng, case: &Case, solution: &mut Solution) {
    let Solution {
        allocation,
        certificate,
        class,
        ..
    } = solution;
    let some = |rng: &mut Rng, of: usize| rng.below(of as u64) as usize;
    match rng.below(12) {
        0 | 1 if !certificate.prices.is_empty() => {
            let at = some(rng, certificate.prices.len());
            forge(rng, &mut certificate.prices[at]);
        }
        2 if !certificate.load_prices.is_empty() => {
            let at = some(rng, certificate.load_prices.len());
            forge(rng, &mut certificate.load_prices[at]);
        }
        3 => forge(rng, &mut certificate.move_price),
        4 => forge(rng, &mut certificate.serving),
        5 => certificate.scale = [0, 1, 20, 32, 33, 127, 128, u32::MAX][some(rng, 8)],
        6 => forge(rng, &mut certificate.value),
        7 => forge(rng, &mut certificate.bound),
        8 => certificate.bound = certificate.value,
        9 => *class = Class::Exact,
        10 => match rng.below(6) {
            0 => certificate.prices.push(0),
            1 => _ = certificate.prices.pop(),
            2 => certificate.load_prices.push(0),
            3 => _ = certificate.load_prices.pop(),
            4 => allocation.rep_of.push(None),
            _ => _ = allocation.rep_of.pop(),
        },
        _ if allocation.rep_of.is_empty() => {}
        _ => {
            let at = some(rng, allocation.rep_of.len());
            let rep = rng.below(case.problem.reps as u64 + 2) as u32;
            allocation.rep_of[at] = (rep > 0).then(|| rep - 1);
        }
    }
}

fn small(seed: u64) -> Case {
    let rng = &mut Rng(seed);
    loop {
        let exact = rng.chance(50);
        let case = Case::generate(rng, exact);
        if case.problem.demands.len() <= 5 {
            return case;
        }
    }
}

#[test]
fn what_is_tampered_with_is_refused_or_true() {
    let (mut refused, mut held) = (0, 0);
    for seed in 0..1_200 {
        let case = small(seed);
        let rng = &mut Rng(!seed);
        let best = best_of_all(&case);
        let right = solve(&case);
        check(&case, &right).unwrap();
        for _ in 0..24 {
            let mut forged = right.clone();
            for _ in 0..1 + rng.below(3) {
                tamper(rng, &case, &mut forged);
            }
            if check(&case, &forged).is_err() {
                refused += 1;
                continue;
            }
            held += 1;
            if let Err(lie) = is_true(&case, &best, &forged) {
                panic!("seed {seed}: {lie}\n{case:#?}\n{forged:#?}");
            }
        }
    }
    assert!(refused > 20_000 && held > 500, "{refused} {held}");
}

/// The strongest forger solves another problem and presents the answer for this one.
#[test]
fn the_answer_to_another_problem_is_refused_or_true() {
    let (mut refused, mut held) = (0, 0);
    for seed in 0..4_000 {
        let case = small(seed);
        let rng = &mut Rng(!seed);
        let mut other = case.clone();
        match rng.below(6) {
            0 => {
                let at = rng.below(other.scores.scores.len() as u64) as usize;
                other.scores.scores[at] = rng.below(5) as f64;
            }
            1 if !other.problem.limits.is_empty() => {
                let at = rng.below(other.problem.limits.len() as u64) as usize;
                other.problem.limits[at].at_most += 1_000_000 - 500_000 * rng.below(4) as i64;
            }
            2 => other.settings.move_price += 300_000,
            3 => other.settings.max_moves = Some(rng.below(3)),
            4 => {
                other.settings.same_rep.clear();
                other.settings.different_rep.clear();
            }
            _ => {
                other.settings.unassigned_price = match other.settings.unassigned_price {
                    Some(_) => None,
                    None => Some(1_000_000),
                };
            }
        }
        let forged = solve(&other);
        if check(&case, &forged).is_err() {
            refused += 1;
            continue;
        }
        held += 1;
        if let Err(lie) = is_true(&case, &best_of_all(&case), &forged) {
            panic!("seed {seed}: {lie}\n{case:#?}\n{forged:#?}");
        }
    }
    assert!(refused > 1_000 && held > 500, "{refused} {held}");
}

/// Every field by itself, in the words of its refusal.
#[test]
fn each_lie_has_its_refusal() {
    let mut seen = std::collections::BTreeMap::new();
    for seed in 0..400 {
        let case = small(seed);
        let right = solve(&case);
        let mut lie = |name: &'static str, change: &dyn Fn(&mut Solution)| {
            let mut forged = right.clone();
            change(&mut forged);
            if forged != right {
                let said = check(&case, &forged);
                *seen.entry((name, said.err())).or_insert(0) += 1;
            }
        };
        lie("bound up", &|it| it.certificate.bound += 1);
        lie("bound down", &|it| it.certificate.bound -= 1);
        lie("value up", &|it| it.certificate.value += 1);
        lie("gap zeroed", &|it| {
            it.certificate.bound = it.certificate.value;
        });
        lie("negative price", &|it| {
            it.certificate
                .prices
                .iter_mut()
                .for_each(|price| *price = -1);
        });
        if case.settings.max_moves.is_none() {
            lie("price of moves that nothing limits", &|it| {
                it.certificate.move_price = 1;
            });
        }
        if case.settings.unassigned_price.is_none() {
            lie("serving is nothing", &|it| it.certificate.serving = 0);
        }
        lie("another length", &|it| it.certificate.prices.push(0));
        lie("a demand is left out", &|it| _ = it.allocation.rep_of.pop());
        lie("a rep that is not there", &|it| {
            it.allocation.rep_of.fill(Some(99));
        });
        lie("called exact", &|it| it.class = Class::Exact);
        let limitless = Case {
            settings: OptimalSettings::default(),
            problem: Problem {
                limits: Vec::new(),
                ..case.problem.clone()
            },
            ..case.clone()
        };
        let mut forged = solve(&limitless);
        if let Some(at) = case.scores.scores.iter().position(|score| score.is_nan()) {
            let (demand, rep) = ((at / case.scores.reps), (at % case.scores.reps) as u32);
            forged.allocation.rep_of[demand] = Some(rep);
            let demand = demand as u32;
            let said = check(&limitless, &forged);
            assert_eq!(
                said,
                Err(Refuted::NoCandidate { demand, rep }),
                "seed {seed}"
            );
        }
    }
    let count = |name: &str, with: Option<Refuted>| -> u32 {
        let found = seen
            .iter()
            .filter(|((of, said), _)| *of == name && *said == with);
        found.map(|(_, count)| *count).sum()
    };
    let all = |name: &str| -> u32 {
        let found = seen.iter().filter(|((of, _), _)| *of == name);
        found.map(|(_, count)| *count).sum()
    };
    for (name, said) in [
        ("bound up", Refuted::Sums),
        ("bound down", Refuted::Sums),
        ("value up", Refuted::Sums),
        ("gap zeroed", Refuted::Sums),
        ("negative price", Refuted::Negative),
        ("price of moves that nothing limits", Refuted::Negative),
        ("serving is nothing", Refuted::Serving),
        ("another length", Refuted::Shape),
        ("a demand is left out", Refuted::Shape),
        ("a rep that is not there", Refuted::Shape),
        ("called exact", Refuted::NotExact),
    ] {
        assert!(all(name) > 20, "{name}: {seen:?}");
        assert_eq!(count(name, Some(said)), all(name), "{name}: {seen:?}");
    }
}
