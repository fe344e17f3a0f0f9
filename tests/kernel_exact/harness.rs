//! A book of awkward values, and a policy run by both engines over it.

use std::rc::Rc;

use bookwright::language::Parameter;
use bookwright::probe::{Answers, Deferred, Failure, Listed, Lowered, Probe, Scorer};
use bookwright::{
    Book, Customer, Field, Hook, Kind, Rep, RoleIx, Schema, Side, Time, UtcOffset, Value, View,
};

/// A policy on a view, in both engines.
pub(crate) struct Check {
    pub(crate) text: String,
    probe: Rc<Probe>,
    view: View,
    role: Option<RoleIx>,
}

impl Check {
    pub(crate) fn new(text: &str, book: &Book) -> Self {
        Self::try_new(text, book).unwrap_or_else(|| panic!("{text}\n{:?}", Probe::new(text).err()))
    }

    /// The same, where the text is in the language.
    pub(crate) fn try_new(text: &str, book: &Book) -> Option<Self> {
        let probe = Rc::new(Probe::new(text).ok()?);
        Some(Self::of(text.to_owned(), probe, book))
    }

    /// The same policy on another book.
    pub(crate) fn on(&self, book: &Book) -> Self {
        Self::of(self.text.clone(), self.probe.clone(), book)
    }

    fn of(text: String, probe: Rc<Probe>, book: &Book) -> Self {
        let tiers: Vec<u32> = (0..book.customer_count() as u32)
            .map(|row| row % 3)
            .collect();
        let segments: Vec<u32> = tiers.iter().map(|tier| tier % 2).collect();
        let now = "2026-01-31T03:00:00Z".parse().unwrap();
        let offset: UtcOffset = "+08:00".parse().unwrap();
        let view = View::new(book.clone(), now, offset, probe.params())
            .with_tiers(&["A", "B", "C"], &tiers)
            .with_segments(&["all", "key"], &segments);
        Self {
            text,
            probe,
            role: view.book().schema().role("developer"),
            view,
        }
    }

    /// Lowers a function that takes what that hook takes.
    pub(crate) fn lower(&self, function: &str, like: Hook) -> Result<Lowered, String> {
        let schema = self.view.book().schema();
        self.probe.lower(schema, function, like.spec().parameters)
    }

    /// That the kernel takes a hook and answers all of the book with it; whether the policy has it.
    pub(crate) fn defers_nothing(&self, hook: Hook) -> bool {
        if self.probe.arity(hook.name()).is_none() {
            return false;
        }
        let lowered =
            (self.lower(hook.name(), hook)).unwrap_or_else(|refusal| panic!("{hook}: {refusal}"));
        let (customers, reps) = (
            self.view.book().customer_count(),
            self.view.book().rep_count(),
        );
        let customers: Vec<u32> = (0..customers as u32).collect();
        let reps: Vec<u32> = (0..reps as u32).collect();
        let parameters = hook.spec().parameters;
        let deferred = if parameters.contains(&Parameter::Rep) && parameters.len() > 2 {
            let mut scores = vec![0.0; customers.len() * reps.len()];
            let mut deferred = Vec::new();
            let hooks = match hook {
                Hook::Eligible => (Some(&lowered), None),
                _ => (None, Some(&lowered)),
            };
            Scorer::new(hooks.0, hooks.1, &self.view, &reps, self.role).block(
                &customers,
                &mut scores,
                &mut deferred,
            );
            deferred.len()
        } else {
            let rows = if parameters[0] == Parameter::Rep {
                &reps
            } else {
                &customers
            };
            let mut answers = Answers::default();
            lowered.rows(&self.view, rows, self.role, &mut answers);
            answers
                .deferred()
                .iter()
                .filter(|deferred| **deferred)
                .count()
        };
        assert_eq!(deferred, 0, "{hook}");
        true
    }

    fn interpret(&self, function: &str, calls: Vec<Vec<Value>>) -> Vec<Result<Value, String>> {
        let arity = self.probe.arity(function).unwrap();
        let calls: Vec<Vec<Value>> = (calls.into_iter())
            .map(|mut call| {
                call.truncate(arity);
                call
            })
            .collect();
        let placed = (self.probe).interpret_placed(&self.view, self.role, function, &calls);
        let traced = self.probe.trace(&self.view, self.role, function, &calls);
        for ((expected, traced), call) in placed.iter().zip(&traced).zip(&calls) {
            self.traced_alike(call, expected, traced);
        }
        let answers = placed.into_iter();
        answers
            .map(|answer| answer.map_err(|failure| failure.message))
            .collect()
    }

    /// That the evaluation of the syntax tree gives what the interpreter gives: the value, or the
    /// error in the same words at the same place.
    fn traced_alike(
        &self,
        call: &[Value],
        expected: &Result<Value, Failure>,
        traced: &Result<Value, Failure>,
    ) {
        let (Err(Failure { ended: false, .. }) | Ok(_)) = expected else {
            return; // budgets count differently
        };
        let alike = match (traced, expected) {
            (Ok(traced), Ok(expected)) => same(traced, expected), // to the bit, also what is no number
            _ => traced == expected,
        };
        let text = &self.text;
        assert!(
            alike,
            "traced {traced:?} for {expected:?}: {call:?} of\n{text}"
        );
    }

    /// Runs `f(customer, role)` in both engines: how many rows the kernel answered, and how many
    /// the interpreter did.
    pub(crate) fn customers(&self) -> (usize, usize) {
        self.try_customers().unwrap_or_else(|| {
            panic!(
                "{}
{:?}",
                self.text,
                self.lower("f", Hook::Workload).err()
            )
        })
    }

    /// The same, unless the kernel refuses the function.
    pub(crate) fn try_customers(&self) -> Option<(usize, usize)> {
        let lowered = self.lower("f", Hook::Workload).ok()?;
        let rows: Vec<u32> = (0..self.view.book().customer_count() as u32).collect();
        let mut answers = Answers::default();
        lowered.rows(&self.view, &rows, self.role, &mut answers);
        self.same_in_tables(&lowered, &rows, &answers);
        let calls = (rows.iter())
            .map(|row| vec![Value::Record(Side::Customer, *row), "developer".into()])
            .collect();
        let (mut by_kernel, mut by_interpreter) = (0, 0);
        for (row, expected) in self.interpret("f", calls).into_iter().enumerate() {
            by_interpreter += usize::from(expected.is_ok());
            if let Some(value) = answers.value(row) {
                by_kernel += 1;
                let same = expected
                    .as_ref()
                    .is_ok_and(|expected| same(&value, expected));
                assert!(
                    same,
                    "{value:?} for {expected:?}: row {row} of\n{}",
                    self.text
                );
            }
        }
        Some((by_kernel, by_interpreter))
    }

    /// Over many rows parts of a program are looked up in tables: the same rows again and again
    /// are answered, or deferred, as they were.
    fn same_in_tables(&self, lowered: &Lowered, rows: &[u32], answers: &Answers) {
        const MANY: usize = 70;
        let times = MANY.div_ceil(rows.len().max(1));
        let mut many = Answers::default();
        lowered.rows(&self.view, &rows.repeat(times), self.role, &mut many);
        for row in 0..rows.len() * times {
            let (once, again) = (answers.value(row % rows.len()), many.value(row));
            let alike = match (&once, &again) {
                (Some(once), Some(again)) => same(once, again),
                (once, again) => once.is_none() && again.is_none(),
            };
            assert!(alike, "{again:?} for {once:?}: row {row} of\n{}", self.text);
        }
    }

    /// The same for all pairs of the first customers with all reps, `eligible` feeding `score`,
    /// either of which may be missing.
    pub(crate) fn pairs(&self, customers: u32) -> (usize, usize) {
        self.try_pairs(customers)
            .unwrap_or_else(|| panic!("{}", self.text))
    }

    /// The same, unless the kernel refuses a function.
    pub(crate) fn try_pairs(&self, customers: u32) -> Option<(usize, usize)> {
        let lowered = |hook: Hook| match self.probe.arity(hook.name()) {
            Some(_) => self.lower(hook.name(), hook).ok().map(Some),
            None => Some(None),
        };
        let (eligible, score) = (lowered(Hook::Eligible)?, lowered(Hook::Score)?);
        let reps: Vec<u32> = (0..self.view.book().rep_count() as u32).rev().collect();
        let rows: Vec<u32> = (0..customers).collect();
        let mut scorer = Scorer::new(
            eligible.as_ref(),
            score.as_ref(),
            &self.view,
            &reps,
            self.role,
        );
        let mut listed = Listed::new(eligible.as_ref(), score.as_ref(), &self.view, self.role);
        let mut total = (0, 0);
        for block in rows.chunks(64) {
            let mut scores = vec![0.0; block.len() * reps.len()];
            let mut deferred = Vec::new();
            scorer.block(block, &mut scores, &mut deferred);
            self.listed_alike(&mut listed, (block, &reps), &scores, &deferred);
            self.same_by_kind(&mut scorer, block, &scores, &deferred);
            let asked = |hook: Hook| {
                let calls = || {
                    (block.iter())
                        .flat_map(|row| reps.iter().map(move |rep| (*row, *rep)))
                        .map(|(row, rep)| {
                            let customer = Value::Record(Side::Customer, row);
                            vec![customer, Value::Record(Side::Rep, rep), "developer".into()]
                        })
                        .collect()
                };
                (self.probe.arity(hook.name())).map(|_| self.interpret(hook.name(), calls()))
            };
            let (verdicts, numbers) = (asked(Hook::Eligible), asked(Hook::Score));
            for (at, score) in scores.iter().enumerate() {
                let pair = ((at / reps.len()) as u32, (at % reps.len()) as u32);
                let told = deferred
                    .iter()
                    .find(|one| (one.0, one.1) == pair)
                    .map(|one| one.2);
                let verdict = verdicts
                    .as_ref()
                    .map_or(Ok(Value::Bool(true)), |all| all[at].clone());
                let number = match numbers.as_ref().map(|all| &all[at]) {
                    None => Some(0.0),
                    Some(number) => number.as_ref().ok().and_then(Value::as_number),
                };
                let (kernel, interpreter) = self.pair(*score, told, verdict, number, pair);
                total = (total.0 + kernel, total.1 + interpreter);
            }
        }
        Some(total)
    }

    /// That pairs on a list have the very scores that a block of them has, and defer where it does.
    fn listed_alike(
        &self,
        listed: &mut Listed<'_>,
        (customers, reps): (&[u32], &[u32]),
        scores: &[f64],
        deferred: &[Deferred],
    ) {
        let all = customers
            .iter()
            .flat_map(|row| reps.iter().map(move |rep| (*row, *rep)));
        let (rows, of_reps): (Vec<u32>, Vec<u32>) = all.unzip();
        let (alone, left) = listed.scores(&rows, &of_reps);
        let bits = |scores: &[f64]| -> Vec<u64> {
            let one = |score: &f64| if score.is_nan() { f64::NAN } else { *score };
            scores.iter().map(|score| one(score).to_bits()).collect()
        };
        assert_eq!(bits(&alone), bits(scores), "scores of\n{}", self.text);
        let mut told: Vec<u32> = (deferred.iter())
            .map(|(customer, rep, _)| customer * reps.len() as u32 + rep)
            .collect();
        told.sort_unstable();
        told.dedup();
        assert_eq!(left, told, "deferred of\n{}", self.text);
    }

    /// Reps that are alike for customers of a kind are scored once after some such customers: the
    /// same customers again and again are answered, or deferred, as they were.
    fn same_by_kind(
        &self,
        scorer: &mut Scorer<'_>,
        block: &[u32],
        scores: &[f64],
        deferred: &[Deferred],
    ) {
        const TIMES: usize = 10;
        for _ in 0..TIMES {
            let (mut again, mut told) = (vec![0.0; scores.len()], Vec::new());
            scorer.block(block, &mut again, &mut told);
            assert_eq!(told, deferred, "{}", self.text);
            let alike = (scores.iter().zip(&again)).all(|(once, again)| {
                once.to_bits() == again.to_bits() || once.is_nan() && again.is_nan()
            });
            assert!(alike, "{again:?} for {scores:?}: {}", self.text);
        }
    }

    /// Compares one pair: whether the kernel answered it, and whether the interpreter did.
    fn pair(
        &self,
        score: f64,
        told: Option<bool>,
        verdict: Result<Value, String>,
        number: Option<f64>,
        pair: (u32, u32),
    ) -> (usize, usize) {
        let context = || format!("pair {pair:?}, deferred {told:?}, of\n{}", self.text);
        let number = number.filter(|number| number.is_finite());
        let expected = match &verdict {
            Ok(Value::Bool(true)) => number,
            Ok(Value::Bool(false) | Value::Text(_)) => Some(f64::NAN),
            _ => None,
        };
        match (told, expected) {
            (None, Some(expected)) => {
                let same =
                    score.to_bits() == expected.to_bits() || score.is_nan() && expected.is_nan();
                assert!(same, "{score} for {expected}: {}", context());
                (1, 1)
            }
            (None, None) => panic!("answered {score} for {verdict:?}: {}", context()),
            (Some(of_score), expected) => {
                assert!(score.is_nan(), "{}", context());
                if of_score {
                    assert_eq!(verdict, Ok(Value::Bool(true)), "{}", context());
                }
                (0, usize::from(expected.is_some()))
            }
        }
    }
}

/// Whether two answers are the same to the bit, but that the sign of a NaN is left open: Rust does
/// not say which one arithmetic gives, it differs with optimisation, and no policy can see it.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => {
            a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (a, b) => a == b,
    }
}

/// Floats at which comparisons and arithmetic turn.
pub(crate) const FLOATS: &[f64] = &[
    0.0,
    0.5,
    0.1,
    0.2,
    0.30000000000000004,
    0.3,
    1.0,
    0.7,
    0.7000000000000001,
    2.5,
    3.0,
    7.0,
    100.0,
    499_999.99999999994,
    500_000.0,
    500_000.00000000006,
    1e6,
    1e300,
    1.7e308,
    5e-324,
    1e-17,
    1e-200,
    2e-200,
    2.220446049250313e-16,
    4.440892098500626e-16,
];

pub(crate) const INTS: &[i64] = &[
    0,
    1,
    2,
    3,
    7,
    10,
    50,
    250,
    1_000,
    i64::MAX,
    1 << 53,
    (1 << 53) + 1,
];

pub(crate) const TEXTS: &[&str] = &[
    "east", "west", "", "north", "华东", "EAST", "east ", "it", "retail",
];

/// A book in which every kind of field takes every awkward value, and is absent now and then.
pub(crate) fn book() -> Book {
    book_of(1_100, 37)
}

/// The same of another size.
pub(crate) fn book_of(customers: usize, reps: usize) -> Book {
    book_from(7, customers, reps)
}

/// The same with other values.
pub(crate) fn book_from(mut seed: u64, customers: usize, reps: usize) -> Book {
    let schema = Schema::builder()
        .customer_field(Field::new("score", Kind::Float))
        .customer_field(Field::new("delta", Kind::Int))
        .customer_field(Field::new("vip", Kind::Bool))
        .table("zips", Kind::Text)
        .table("rates", Kind::Float)
        .build()
        .unwrap();
    let mut book = Book::new(schema);
    seed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = move |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for at in 0..customers {
        let mut customer = Customer::new(format!("c{at}"));
        if next(4) > 0 {
            customer = customer.set("region", TEXTS[next(TEXTS.len())]);
        }
        if next(4) > 0 {
            customer = customer.set("industry", TEXTS[next(TEXTS.len())]);
        }
        if next(3) > 0 {
            customer = customer.set("stage", bookwright::language::STAGES[next(7)]);
        }
        for field in ["annual_revenue", "potential"] {
            if next(3) > 0 {
                customer = customer.set(field, FLOATS[next(FLOATS.len())]);
            }
        }
        for field in ["intent", "risk"] {
            if next(3) > 0 {
                customer = customer.set(field, FLOATS[next(8)].min(1.0));
            }
        }
        if next(3) > 0 {
            let sign = [1.0, -1.0][next(2)];
            customer = customer.set("score", FLOATS[next(FLOATS.len())] * sign);
        }
        if next(3) > 0 {
            customer = customer.set("employees", INTS[next(INTS.len())]);
        }
        if next(3) > 0 {
            let int = INTS[next(INTS.len())];
            customer = customer.set("delta", if next(2) == 0 { int } else { !int });
        }
        if next(2) > 0 {
            customer = customer.set("vip", next(2) > 0);
        }
        for field in ["created", "last_contact"] {
            if next(3) > 0 {
                let day = next(28) + 1;
                let time: Time = format!("2026-01-{day:02}T{:02}:30:00Z", next(24))
                    .parse()
                    .unwrap();
                customer = customer.set(field, time);
            }
        }
        let tags: Vec<String> = TEXTS
            .iter()
            .filter(|_| next(4) == 0)
            .map(|tag| (*tag).to_owned())
            .collect();
        customer = customer.set("tags", tags);
        book.insert_customer(&customer).unwrap();
    }
    for at in 0..reps {
        let mut rep = Rep::new(format!("r{at}"));
        rep = rep.set("level", (next(5) + 1) as i64);
        for field in ["regions", "industries", "skills"] {
            let tags: Vec<String> = TEXTS
                .iter()
                .filter(|_| next(3) == 0)
                .map(|tag| (*tag).to_owned())
                .collect();
            rep = rep.set(field, tags);
        }
        rep = rep.set("capacity", FLOATS[next(17)]);
        book.insert_rep(&rep).unwrap();
    }
    book
}

/// Leads of a marketplace and who looks after them, as the example of the funnel has them.
pub(crate) fn funnel() -> Book {
    let schema = Schema::builder()
        .customer_field(Field::new("origin", Kind::Text))
        .customer_field(Field::new("landing_page", Kind::Text))
        .rep_field(
            Field::new("deals", Kind::Int)
                .default_value(0)
                .at_least(0.0),
        )
        .rep_field(Field::new("last_deal", Kind::Time))
        .table("landing_pages", Kind::Float)
        .table("origins", Kind::Float)
        .build()
        .unwrap();
    let mut book = Book::new(schema);
    for at in 0..300 {
        let mut lead = Customer::new(format!("c{at}")).set("stage", ["lead", "active"][at % 2]);
        if at % 3 > 0 {
            lead = lead.set("origin", ["paid", "social", "email"][at % 3]);
            lead = lead.set("landing_page", format!("page {}", at % 11));
        }
        if at % 4 > 0 {
            lead = lead.set("industry", TEXTS[at % TEXTS.len()]);
        }
        book.insert_customer(&lead).unwrap();
    }
    for at in 0..20 {
        let mut rep = Rep::new(format!("r{at}"))
            .set("industries", [TEXTS[at % TEXTS.len()]])
            .set("skills", [["paid", "social"][at % 2]]);
        if at % 5 > 0 {
            rep = rep.set("deals", (at * 7) as i64);
            rep = rep.set("last_deal", format!("2025-{:02}-01", at % 12 + 1));
        }
        book.insert_rep(&rep).unwrap();
    }
    book
}
