//! How far hostile scripts, deadlines and neighbours reach: scripts survived, time beyond a
//! deadline, the price of metering, one tenant's runaway policy beside another's plan.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bookwright::{Budget, Cancel, Limits, PlanOptions, Policy, Sandbox, Schema};

use crate::scripts::{self, CUSTOMER, REP, Way, facts};
use crate::{Figures, least, made_up, median, quantile, seconds};

const RULES: &str = include_str!("../../examples/quickstart/policy.rhai");

/// Honest rules, as policies have them.
const HONEST: &str = r#"
    fn tier(customer, rep) {
        let value = customer.revenue ?? 0.0;
        if customer.stage == "active" { value *= params.active_bonus; }
        if has(customer.tags, "vip") || value >= params.large { "A" }
        else if value + (customer.potential ?? 0.0) * (customer.intent ?? 0.3) >= 80_000.0 { "B" }
        else { "C" }
    }
    fn score(customer, rep) {
        let points = 0.0;
        if customer.region in rep.regions { points += 30.0; }
        if customer.industry in rep.industries { points += 20.0; }
        if customer.stage == "active" { points += 5.0 * rep.level; }
        points - (customer.risk ?? 0.2) * 10.0 / rep.level
    }
    fn sums(customer, rep) {
        let total = 0.0;
        for (tag, i) in customer.tags { if tag != "x" { total += i * 1.5 + tag.len(); } }
        for i in 0..20 { total += i * 2; }
        round(total)
    }
"#;

pub(crate) fn figures(figures: &Figures) {
    if figures.wants("hostile.survived") || figures.wants("hostile.worst") {
        survived(figures);
    }
    if figures.wants("metering.cost_percent") {
        metering(figures);
    }
    if figures.wants("deadline.overshoot") || figures.prefix.starts_with("deadline.overshoot.") {
        overshoot(figures);
    }
    if figures.wants("tenants.beside_a_runaway") || figures.wants("tenants.in_one_pool") {
        neighbours(figures);
    }
}

/// Every hostile script behind the second wall only: how many end as a value or an error, and the
/// longest call. How much memory they take the bench `heap` measures, which has an allocator that
/// counts.
fn survived(figures: &Figures) {
    let texts = scripts::texts();
    if texts.is_empty() {
        return; // the scripts are not here
    }
    let (mut survived, mut worst) = (0, Duration::ZERO);
    let all = texts.len();
    for text in texts.into_iter().take(figures.size(usize::MAX, 5)) {
        let mut alive = true;
        for way in scripts::ways(&text) {
            match scripts::on_a_small_stack(move || longest_call(&way)) {
                Ok(took) => worst = worst.max(took),
                Err(_) => alive = false,
            }
        }
        survived += u32::from(alive);
    }
    figures.print("hostile.survived", survived.into(), &format!("of {all}"));
    figures.print("hostile.worst_ms", worst.as_secs_f64() * 1e3, "ms");
}

fn longest_call(way: &Way) -> Duration {
    let start = Instant::now();
    let Some(mut sandbox) = way.sandbox() else {
        return start.elapsed();
    };
    let mut longest = start.elapsed();
    for (hook, arguments) in scripts::hooks(&sandbox) {
        let start = Instant::now();
        let _ = sandbox.call(hook, arguments);
        longest = longest.max(start.elapsed());
    }
    longest
}

/// What metering adds to the time of honest rules, the dearest of them.
fn metering(figures: &Figures) {
    let facts = facts();
    let mut dearest: f64 = 0.0;
    for hook in ["tier", "score", "sums"] {
        let sandbox = || Sandbox::compile(HONEST, &Limits::default(), &facts).expect("it compiles");
        let (mut with, mut without) = (sandbox(), sandbox().unmetered(&facts));
        let calls = figures.size(300, 3);
        let run = |sandbox: &mut Sandbox| {
            for _ in 0..calls {
                sandbox.call(hook, &[CUSTOMER, REP]).expect("a value");
            }
        };
        let times = least(
            figures,
            &mut [&mut || run(&mut with), &mut || run(&mut without)],
        );
        dearest = dearest.max((times[0] / times[1] - 1.0) * 100.0);
    }
    figures.print("metering.cost_percent", dearest, "%");
}

/// Plans of many sizes and kinds, each with a deadline of 50 ms: how long after it the caller has
/// its thread back, of all that were stopped or late. How late a bare loop sees the deadline, in
/// the same run, is what the machine adds.
fn overshoot(figures: &Figures) {
    let limit = Duration::from_millis(if figures.tiny { 2 } else { 50 });
    let start = Instant::now();
    let (mut over, mut bare, mut late) = (Vec::new(), Vec::new(), 0_u32);
    let (mut stopped, mut cut_short) = (0, 0);
    for customers in [2_000, 5_000, 12_000, 30_000, 70_000, 150_000] {
        let book = made_up::book(figures.size(customers, 50), figures.size(150, 5));
        for (name, text, interpreter) in &hurried() {
            let policy =
                Policy::compile(text.as_str(), &Schema::default()).expect("a right policy");
            let mut worst = Duration::ZERO;
            for _ in 0..figures.size(12, 1) {
                let begun = start.elapsed();
                let clock = Arc::new(move || start.elapsed());
                let mut options = PlanOptions::at("2026-03-02".parse().expect("a date"))
                    .budget(Budget::time(limit, clock));
                options.interpreter_only = *interpreter;
                let plan = policy.plan(&book, &options);
                let own = (start.elapsed() - begun).saturating_sub(limit);
                stopped += usize::from(plan.is_err());
                late += u32::from(!own.is_zero());
                if plan.is_err() || !own.is_zero() {
                    over.push(own.as_secs_f64() * 1e3);
                    worst = worst.max(own);
                }
                cut_short += u32::from(plan.is_ok_and(|plan| {
                    (plan.certificates.iter()).any(|certificate| certificate.stopped.is_some())
                }));
            }
            let begun = start.elapsed();
            while start.elapsed() - begun < limit {
                std::hint::spin_loop();
            }
            bare.push((start.elapsed() - begun - limit).as_secs_f64() * 1e3);
            if figures.prefix.starts_with("deadline.overshoot.") {
                let name = format!("deadline.overshoot.{name}.{customers}_ms");
                figures.print(&name, worst.as_secs_f64() * 1e3, "ms");
            }
        }
    }
    figures.print(
        "deadline.overshoot_runs",
        over.len() as f64,
        &format!("stopped or late, {stopped} and {late}"),
    );
    figures.print(
        "deadline.cut_short",
        cut_short.into(),
        "plans with what a solver had by then",
    );
    for (name, share) in [("p50", 0.50), ("p99", 0.99), ("worst", 1.0)] {
        let own = quantile(&mut over, share);
        figures.print(&format!("deadline.overshoot_{name}_ms"), own, "ms");
    }
    let machine = quantile(&mut bare, 1.0);
    figures.print("deadline.overshoot_of_a_loop_ms", machine, "ms, the worst");
}

/// Policies to be stopped, by name, and whether they run in the interpreter.
fn hurried() -> Vec<(&'static str, String, bool)> {
    let optimal = "const ALLOCATION = #{ strategy: \"optimal\", keep_owners: false };";
    let bounded = "const ALLOCATION = #{ strategy: \"optimal\", keep_owners: false, balance: 0.5, max_moves: 900 };
        fn workload(customer) { 1.0 + (customer.potential ?? 0.0) / 4e5 }";
    let by_region =
        "fn score(customer, rep) { if customer.region in rep.regions { 9 } else { rep.level } }";
    let by_worth = "fn score(customer, rep) { (customer.potential ?? 0.0) * rep.level }";
    let shares = "const ALLOCATION = #{ strategy: \"least_loaded\" };
        const TIERS = [#{ tier: \"A\", top: 0.1, per: \"segment\" }, #{ tier: \"B\" }];
        fn segment(customer) { customer.region ?? \"\" }
        fn value(customer) { customer.potential ?? 0.0 }";
    let texts = "fn segment(customer) { `${customer.region} ${customer.employees}` }
        fn eligible(customer, rep) {
            if customer.region in rep.regions { true } else { `not by ${rep.level}` }
        }";
    let failing = "fn tier(customer) {
            let none = (customer.employees ?? 1) * 0;
            if 1 / none > 0 { \"A\" } else { \"C\" }
        }";
    vec![
        ("interpreted", RULES.to_owned(), true),
        ("columns", RULES.to_owned(), false),
        ("optimal", format!("{optimal}{by_region}"), false),
        ("optimal_by_worth", format!("{optimal}{by_worth}"), false),
        ("bounded", format!("{bounded}{by_region}"), false),
        ("bounded_by_worth", format!("{bounded}{by_worth}"), false),
        ("shares", shares.to_owned(), false),
        ("texts", texts.to_owned(), false),
        ("failing", failing.to_owned(), false),
        ("bare", String::new(), false),
    ]
}

/// A plan alone and while another thread runs a policy that spends all it may: how much longer it
/// takes. On threads of its own each, as hosts of many tenants are told to, and sharing a pool.
fn neighbours(figures: &Figures) {
    let book = made_up::book(figures.size(3_000, 30), figures.size(60, 6));
    let policy = Policy::compile(RULES, &Schema::default()).expect("a right policy");
    let options = PlanOptions::at("2026-03-02".parse().expect("a date")).interpreter_only();
    let runaway = Policy::compile(
        "fn segment(customer) { let n = 0; for i in 0..9000 { n += i; } `${n % 7}` }",
        &Schema::default(),
    );
    let runaway = runaway.expect("a right policy");
    let ratio = |own: &Threads, others: &Threads| {
        let plan = || seconds(|| own.run(|| policy.plan(&book, &options).expect("a plan")));
        let alone = plan();
        let (cancel, ready) = (Cancel::new(), AtomicBool::new(false));
        let beside = std::thread::scope(|scope| {
            let endless = options
                .clone()
                .budget(Budget::default().cancel(cancel.clone()));
            let (ready, book) = (&ready, &book);
            let runaway = &runaway;
            scope.spawn(move || {
                ready.store(true, Ordering::Release);
                while others.run(|| runaway.plan(book, &endless)).is_ok() {}
            });
            while !ready.load(Ordering::Acquire) {
                std::thread::yield_now();
            }
            let beside = plan();
            cancel.cancel();
            beside
        });
        beside / alone
    };
    let ratios = |own: &Threads, others: &Threads| {
        median(
            (0..figures.size(15, 1))
                .map(|_| ratio(own, others))
                .collect(),
        )
    };
    let (one, other) = (Threads::new(), Threads::new());
    let apart = ratios(&one, &other);
    figures.print("tenants.beside_a_runaway", apart, "times as long");
    if cfg!(feature = "parallel") {
        let together = ratios(&one, &one);
        figures.print("tenants.in_one_pool", together, "times as long");
    }
}

/// Where plans run: on threads of their own with the feature `parallel`, else on that of the caller.
struct Threads {
    #[cfg(feature = "parallel")]
    pool: rayon::ThreadPool,
}

impl Threads {
    #[cfg(feature = "parallel")]
    fn new() -> Self {
        let pool = rayon::ThreadPoolBuilder::new().build();
        Self {
            pool: pool.expect("threads"),
        }
    }

    #[cfg(not(feature = "parallel"))]
    const fn new() -> Self {
        Self {}
    }

    #[cfg(feature = "parallel")]
    fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }

    #[cfg(not(feature = "parallel"))]
    #[expect(clippy::unused_self, reason = "with threads it is used")]
    fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        work()
    }
}
