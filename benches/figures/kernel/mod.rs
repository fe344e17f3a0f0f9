//! Hooks in the kernel beside the same rules written by hand over the same columns.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench")]

mod data;
mod native;
mod policies;

use std::hint::black_box;
use std::time::Instant;

use bookwright::probe::{Answers, Lowered, Probe, Scorer};
use bookwright::{Hook, Side, Value, View};

use super::{Figures, least};
use data::Columns;
use policies::Rule;

pub(crate) use policies::LONG;

pub(super) fn figures(figures: &Figures) {
    let (customers, reps) = if figures.tiny {
        (700, 40)
    } else {
        (200_000, 1_000)
    };
    let book = data::book(customers, reps);
    for rule in policies::RULES {
        let probe = Probe::new(rule.text).unwrap_or_else(|error| panic!("{}: {error}", rule.name));
        let now = "2026-01-31".parse().unwrap();
        let view = View::new(book.clone(), now, Default::default(), probe.params());
        let lower = |hook: Hook| {
            probe
                .lower(view.book().schema(), hook.name(), hook.spec().parameters)
                .unwrap_or_else(|refusal| panic!("{}: {refusal}", rule.name))
        };
        if figures.about(&format!("kernel.tier.{}", rule.name)) {
            tier(figures, rule, &probe, &view, &lower(Hook::Tier));
        }
        if figures.about(&format!("kernel.score.{}", rule.name)) {
            score(figures, rule, &probe, &view, &lower(Hook::Score));
        }
        if rule.name == "long" && figures.about("kernel.compile") {
            let start = Instant::now();
            let times = figures.size(100, 1);
            for _ in 0..times {
                black_box((lower(Hook::Tier), lower(Hook::Score)));
            }
            let each = start.elapsed().as_secs_f64() / times as f64;
            figures.told("kernel.compile.microseconds", each * 1e6, "us");
        }
    }
}

impl Figures {
    fn told(&self, name: &str, value: f64, unit: &str) {
        if self.wants(name) {
            self.print(name, value, unit);
        }
    }

    /// Whether a figure of the group may be wanted.
    fn about(&self, group: &str) -> bool {
        self.prefix.starts_with(group) || group.starts_with(&self.prefix)
    }
}

fn tier(figures: &Figures, rule: &Rule, probe: &Probe, view: &View, lowered: &Lowered) {
    let columns = Columns::new(view);
    let count = view.book().customer_count();
    let rows: Vec<u32> = (0..count as u32).collect();
    let mut answers = Answers::default();
    let mut by_hand = vec![0_u8; count];
    let native = rule.tier;
    let best = least(
        figures,
        &mut [
            &mut || lowered.rows(view, &rows, None, black_box(&mut answers)),
            &mut || native(black_box(&columns), &mut by_hand),
        ],
    );
    assert!(
        !answers.deferred().contains(&true),
        "{}: rows deferred",
        rule.name
    );
    let (numbers, texts) = answers.texts().unwrap();
    for (row, by_hand) in by_hand.iter().enumerate() {
        let name = ["A", "B", "C"][*by_hand as usize];
        assert_eq!(
            texts[numbers[row] as usize],
            Value::from(name),
            "{} {row}",
            rule.name
        );
    }
    let sample: Vec<Vec<Value>> = (rows.iter().take(2_000))
        .map(|row| vec![Value::Record(Side::Customer, *row)])
        .collect();
    let start = Instant::now();
    let interpreted = probe.interpret(view, None, "tier", &sample);
    let interpreter = start.elapsed().as_secs_f64() / sample.len() as f64;
    for (row, value) in interpreted.into_iter().enumerate() {
        assert_eq!(Ok(texts[numbers[row] as usize].clone()), value);
    }
    let each = |seconds: f64| seconds / count as f64 * 1e9;
    let name = format!("kernel.tier.{}", rule.name);
    figures.told(&format!("{name}.ns"), each(best[0]), "ns/row");
    figures.told(&format!("{name}.native"), each(best[1]), "ns/row");
    figures.told(&format!("{name}.vs_native"), best[0] / best[1], "ratio");
    let speedup = interpreter / (best[0] / count as f64);
    figures.told(&format!("{name}.speedup"), speedup, "ratio");
}

fn score(figures: &Figures, rule: &Rule, probe: &Probe, view: &View, lowered: &Lowered) {
    const BLOCK: usize = 64;
    let columns = Columns::new(view);
    let customers: Vec<u32> = (0..view.book().customer_count().min(1_024) as u32).collect();
    let reps: Vec<u32> = (0..view.book().rep_count() as u32).collect();
    let mut scores = vec![0.0; BLOCK * reps.len()];
    let mut by_hand = scores.clone();
    let mut by_naive = scores.clone();
    let mut deferred = Vec::new();
    // Checked first: all blocks, and the interpreter on some.
    let mut scorer = Scorer::new(None, Some(lowered), view, &reps, None);
    for block in customers.chunks(BLOCK).take(8) {
        let size = block.len() * reps.len();
        scorer.block(block, &mut scores[..size], &mut deferred);
        (rule.score)(&columns, block, &mut by_hand[..size]);
        (rule.naive)(&columns, block, &mut by_naive[..size]);
        assert!(deferred.is_empty(), "{}: pairs deferred", rule.name);
        for at in 0..size {
            let same = scores[at].to_bits() == by_hand[at].to_bits();
            assert!(same, "{} {at}: {} {}", rule.name, scores[at], by_hand[at]);
            assert!(
                by_naive[at].to_bits() == by_hand[at].to_bits(),
                "{} {at}",
                rule.name
            );
        }
    }
    let sample: Vec<Vec<Value>> = (0..2_000_u32)
        .map(|at| {
            let customer = Value::Record(Side::Customer, at % 64);
            vec![customer, Value::Record(Side::Rep, at / 64)]
        })
        .collect();
    let start = Instant::now();
    let interpreted = probe.interpret(view, None, "score", &sample);
    let interpreter = start.elapsed().as_secs_f64() / sample.len() as f64;
    scorer.block(&customers[..64], &mut scores, &mut deferred);
    for (at, value) in interpreted.into_iter().enumerate() {
        let score = scores[at % 64 * reps.len() + at / 64];
        let number = value.unwrap().as_number().unwrap();
        assert_eq!(score.to_bits(), number.to_bits(), "{} {at}", rule.name);
    }
    let blocks = || customers.chunks_exact(BLOCK.min(customers.len()));
    let best = least(
        figures,
        &mut [
            &mut || {
                for block in blocks() {
                    scorer.block(block, black_box(&mut scores), &mut deferred);
                }
            },
            &mut || {
                for block in blocks() {
                    (rule.score)(black_box(&columns), block, black_box(&mut by_hand));
                }
            },
            &mut || {
                for block in blocks() {
                    (rule.naive)(black_box(&columns), block, black_box(&mut by_naive));
                }
            },
        ],
    );
    let pairs = (blocks().count() * BLOCK * reps.len()) as f64;
    let name = format!("kernel.score.{}", rule.name);
    figures.told(&format!("{name}.ns"), best[0] / pairs * 1e9, "ns/pair");
    figures.told(&format!("{name}.native"), best[1] / pairs * 1e9, "ns/pair");
    figures.told(&format!("{name}.vs_native"), best[0] / best[1], "ratio");
    figures.told(&format!("{name}.vs_naive"), best[0] / best[2], "ratio");
    figures.told(
        &format!("{name}.speedup"),
        interpreter / (best[0] / pairs),
        "ratio",
    );
}
