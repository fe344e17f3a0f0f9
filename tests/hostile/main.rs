//! Hostile scripts against the sandbox alone: our own checks are not run.
//!
//! Every script ends as a value or a typed error, within its operations, in little memory, on a
//! thread with a 2 MiB stack, in debug and release.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

mod cases;
mod classes;
mod front_door;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use bookwright::{Limits, Sandbox, SandboxError, SandboxFacts, Side, Value};
use cap::Cap;

#[global_allocator]
static ALLOCATOR: Cap<std::alloc::System> = Cap::new(std::alloc::System, usize::MAX);

const CUSTOMER: Value = Value::Record(Side::Customer, 0);
const REP: Value = Value::Record(Side::Rep, 0);

/// Nothing takes near as long, on a busy machine either: what does hangs.
const WATCHDOG: Duration = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 10 });

fn facts() -> SandboxFacts {
    let tags = ["vip", "warm"].map(Value::from);
    SandboxFacts {
        customer: BTreeMap::from([
            ("id".into(), Value::from("c1")),
            ("revenue".into(), Value::Float(5.0)),
            ("tags".into(), Value::Array(tags.to_vec().into())),
        ]),
        rep: BTreeMap::from([("id".into(), Value::from("r1"))]),
        params: BTreeMap::new(),
        now: "2026-01-31".parse().ok(),
    }
}

/// What became of a script: of compiling it, and of each hook called.
#[derive(Debug)]
struct Fate {
    answers: Vec<Result<Value, SandboxError>>,
    spent: u64,
    peak: usize,
    left: isize,
    took: Duration,
}

/// Compiles a text and calls every hook in it, on a thread with a small stack, watched.
fn run(text: String, open: bool) -> Fate {
    let (send, receive) = mpsc::channel();
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let shown: String = text.chars().take(300).collect();
    let handle = thread.spawn(move || {
        let start = Instant::now();
        let before = ALLOCATOR.allocated();
        let peak_before = ALLOCATOR.max_allocated();
        let facts = facts();
        let mut answers = Vec::new();
        let mut spent = 0;
        let compile = if open {
            Sandbox::compile_open
        } else {
            Sandbox::compile
        };
        match compile(&text, &Limits::default(), &facts) {
            Err(error) => answers.push(Err(error)),
            Ok(mut sandbox) => {
                for (hook, arguments) in [
                    ("score", &[CUSTOMER, REP][..]),
                    ("eligible", &[CUSTOMER, REP]),
                    ("tier", &[CUSTOMER]),
                ] {
                    if sandbox.has_function(hook, arguments.len()) {
                        answers.push(sandbox.call(hook, arguments));
                    }
                }
                spent = sandbox.spent();
            }
        }
        drop(facts);
        let peak = ALLOCATOR.max_allocated();
        let _ = send.send(Fate {
            answers,
            spent,
            peak: if peak > peak_before { peak - before } else { 0 },
            left: ALLOCATOR.allocated() as isize - before as isize,
            took: start.elapsed(),
        });
    });
    let handle = handle.unwrap();
    let fate =
        (receive.recv_timeout(WATCHDOG)).unwrap_or_else(|_| panic!("it hangs or dies: {shown}"));
    handle.join().unwrap();
    fate
}

fn check(name: &str, text: String, open: bool) -> Fate {
    let fate = run(text, open);
    for answer in &fate.answers {
        match answer {
            Ok(value) => assert!(size(value) <= 256 * 1024, "{name}: {value:?}"),
            Err(error) => {
                assert!(error.message.chars().count() <= 200, "{name}: {error}");
                assert!(
                    !error.message.chars().any(char::is_control),
                    "{name}: {error}"
                );
                for leak in ["rhai", "Rhai", "bookwright", "i64", "f64", "Dynamic"] {
                    assert!(!error.message.contains(leak), "{name}: {error}");
                }
            }
        }
    }
    let budget = Limits::default().operations * 3;
    assert!(
        fate.spent <= budget + 3000,
        "{name}: {} operations",
        fate.spent
    );
    assert!(
        fate.left < 16 * 1024,
        "{name}: {} bytes are left",
        fate.left
    );
    assert!(fate.peak <= 4 << 20, "{name}: {} bytes", fate.peak);
    fate
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Array(values) => values.iter().map(size).sum::<usize>() + values.len(),
        Value::Map(map) => map.iter().map(|(key, value)| key.len() + size(value)).sum(),
        _ => 1,
    }
}

/// One test, so that the memory it sees is its own.
#[test]
fn nothing_breaks_the_sandbox() {
    let mut worst = (Duration::ZERO, String::new());
    let mut largest = (0, String::new());
    let mut seen = |name: String, text: String, open: bool| {
        let fate = check(&name, text, open);
        println!(
            "{name}: {:?} {} ops {} bytes {:?}",
            fate.took, fate.spent, fate.peak, fate.answers
        );
        if fate.peak > largest.0 {
            largest = (fate.peak, name.clone());
        }
        if fate.took > worst.0 {
            worst = (fate.took, name);
        }
    };
    match std::fs::read_dir("../shared/hostile") {
        Err(_) => println!("skipped: the folder of hostile scripts is not here"),
        Ok(entries) => {
            let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
            paths.sort();
            for path in paths
                .iter()
                .filter(|path| path.extension().is_some_and(|e| e == "rhai"))
            {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
                for open in [false, true] {
                    seen(format!("{name} as it is"), text.clone(), open);
                    seen(
                        format!("{name} in a hook"),
                        format!("fn score(c, r) {{\n{text}\n}}"),
                        open,
                    );
                }
            }
        }
    }
    for (name, text) in cases::inline() {
        seen(name, text, false);
    }
    for (name, text) in cases::OPEN {
        seen(
            format!("open: {name}"),
            format!("fn score(c, r) {{ {text} }}"),
            true,
        );
    }
    for (name, text) in classes::classes() {
        let body = format!("fn score(c, r) {{\n{text}\n}}");
        for open in [false, true] {
            seen(format!("{name}, as it is"), text.clone(), open);
            seen(format!("{name}, in a hook"), body.clone(), open);
        }
    }
    println!("worst: {worst:?}");
    println!("most memory: {} bytes, {}", largest.0, largest.1);
    calls_leave_nothing_behind();
    a_plan_stops_inside_a_call();
    through_the_front_door();
}

/// The same texts where the language's own checks stand first, and answers of every wrong kind.
fn through_the_front_door() {
    let mut passed = 0;
    for (name, text) in classes::classes() {
        front_door::try_text(&name, text.clone());
        passed += u32::from(front_door::try_text(
            &name,
            format!("fn score(c, r) {{\n{text}\n}}"),
        ));
    }
    for (name, text) in cases::inline() {
        passed += u32::from(front_door::try_text(&name, text));
    }
    assert!(passed > 10, "only {passed} came to a plan");
    front_door::every_wrong_answer();
}

/// Flag, clock and the plan's operations end a call that would run on.
fn a_plan_stops_inside_a_call() {
    let limits = {
        let mut limits = Limits::default();
        limits.operations = u64::MAX / 2;
        limits
    };
    let text = "fn score(c, r) { for i in 0..9223372036854775807 { } }";
    let looks = Arc::new(AtomicU64::new(0));
    let bounded = |operations, flag: &Arc<AtomicBool>, deadline| {
        let compiled = Sandbox::compile(text, &limits, &facts()).unwrap();
        // It goes on by a microsecond whenever it is looked at.
        let looks = Arc::clone(&looks);
        let clock = Arc::new(move || Duration::from_micros(looks.fetch_add(1, Ordering::Relaxed)));
        compiled.bounded(operations, flag.clone(), clock, deadline, &facts())
    };
    let never = Duration::from_secs(3600);
    let flag = Arc::new(AtomicBool::new(false));
    let deadline = Duration::from_micros(5_000);
    let mut sandbox = bounded(u64::MAX, &flag, deadline);
    assert_eq!(
        sandbox.call("score", &[CUSTOMER, REP]).unwrap_err().kind,
        "deadline"
    );
    let late = looks.load(Ordering::Relaxed) - 5_000;
    assert!(late < 3, "{late} looks after the end");
    let step = sandbox.spent() / 5_000;
    assert!(step < 1_000, "{step} operations between two looks");
    assert_eq!(
        sandbox.call("score", &[CUSTOMER, REP]).unwrap_err().kind,
        "deadline"
    );
    let mut sandbox = bounded(1_000_000, &flag, never);
    assert_eq!(
        sandbox.call("score", &[CUSTOMER, REP]).unwrap_err().kind,
        "operations"
    );
    assert!((1_000_000..1_001_000).contains(&sandbox.spent()));
    let mut sandbox = bounded(u64::MAX, &flag, never);
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        flag.store(true, Ordering::Relaxed);
    });
    assert_eq!(
        sandbox.call("score", &[CUSTOMER, REP]).unwrap_err().kind,
        "cancelled"
    );
    canceller.join().unwrap();
}

/// Many calls, failing and not, end with the memory they began with.
fn calls_leave_nothing_behind() {
    let facts = facts();
    let text = "fn score(c, r) { let a = [1, [c.id, `${c.tags}`], #{ x: c }]; a[1][0] + 1 }
        fn eligible(c, r) { let a = [c.tags]; for i in 0..9 { a = [a, c.id]; } a - 1 }";
    let mut sandbox = Sandbox::compile(text, &Limits::default(), &facts).unwrap();
    let mut calls = |count| {
        for _ in 0..count {
            sandbox.call("score", &[CUSTOMER, REP]).unwrap();
            sandbox.call("eligible", &[CUSTOMER, REP]).unwrap_err();
        }
    };
    calls(100);
    let before = ALLOCATOR.allocated();
    // Half as many as there are calls; `BOOKWRIGHT_CALLS` asks for more.
    let asked = std::env::var("BOOKWRIGHT_CALLS").ok();
    calls(asked.map_or(50_000, |count| count.parse().unwrap()));
    assert_eq!(ALLOCATOR.allocated(), before);
}
