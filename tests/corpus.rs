//! The corpus: policies, books and what must come of them, as files that need no Rust to read.
//!
//! A case is `tests/corpus/SUBJECT/WHAT-IT-SHOWS.case`: a sentence, then parts that begin with
//! `--- policy`, `--- book`, `--- options` and `--- expect`. What `expect` does not mention is not
//! compared, but for `owners`, `open` and `ended`, which are whole. Beside the keys of a plan's
//! JSON it may have
//!
//! - `owners`: `{"c1/developer": "r1 kept"}`, the assignments;
//! - `scores`: `{"c1/developer": 30.0}`;
//! - `open`: `{"c1/developer": "no_capacity"}`, the unassigned;
//! - `ended`: `{"c1/developer": "r1: inactive"}`, the released;
//! - `load`: `{"r1": {…}}` or `{"r1/developer": {…}}`, the loads by rep;
//! - `refused`, `book`, `error`: what is wrong with the policy, the book or the options.
//!
//! Options: `now` (2026-01-31 if not said), `offset`, `seed`, `params`, `strategy`, `infer` (the
//! schema from the records), and `runs`: how often to plan, applying each plan to the book.
//!
//! Every case runs as it is, in the interpreter only, and with its records in reverse; all three
//! must agree to the bit. Every plan is checked once more, through the interpreter.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use bookwright::language::FunctionSpec;
use bookwright::{Book, Plan, PlanOptions, Policy, Records, Schema, Time, UtcOffset, Value};
use serde_json::{Map, Value as Json, json};

struct Case {
    name: String,
    policy: String,
    book: Json,
    options: Map<String, Json>,
    expect: Json,
}

impl Case {
    fn read(path: &Path, name: String) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut parts: BTreeMap<&str, &str> = BTreeMap::new();
        let mut sections = text.split("--- ");
        let about = sections.next().unwrap();
        assert!(about.trim().ends_with('.'), "{name}: say what it shows");
        for section in sections {
            let (part, body) = section.split_once('\n').unwrap();
            let known = ["policy", "book", "options", "expect"].contains(&part.trim());
            assert!(known, "{name}: unknown part `{part}`");
            assert!(parts.insert(part.trim(), body).is_none(), "{name}: {part}");
        }
        let json = |part: &str, absent: Json| {
            let text = parts.get(part);
            text.map_or(absent, |text| {
                serde_json::from_str(text).unwrap_or_else(|e| panic!("{name}, {part}: {e}"))
            })
        };
        let Json::Object(options) = json("options", json!({})) else {
            panic!("{name}: options are an object")
        };
        Self {
            policy: (*parts.get("policy").unwrap_or(&"")).to_owned(),
            book: json("book", json!({"customers": [], "reps": []})),
            options,
            expect: json("expect", Json::Null),
            name,
        }
    }

    fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name)?.as_str()
    }

    fn plan_options(&self) -> PlanOptions {
        let offset: UtcOffset = self.option("offset").unwrap_or("Z").parse().unwrap();
        let now = Time::parse(self.option("now").unwrap_or("2026-01-31"), offset).unwrap();
        let mut options = PlanOptions::at(now).utc_offset(offset);
        if let Some(params) = self.options.get("params") {
            options.params =
                serde_json::from_value::<BTreeMap<String, Value>>(params.clone()).unwrap();
        }
        if let Some(strategy) = self.option("strategy") {
            options = options.strategy(strategy);
        }
        if let Some(seed) = self.options.get("seed") {
            options = options.seed(seed.as_u64().unwrap());
        }
        options
    }

    /// The plan, or what is wrong, as JSON that `expect` can be held against.
    fn run(&self, way: Way) -> Json {
        let mut records: Records = match serde_json::from_value(self.book.clone()) {
            Ok(records) => records,
            Err(error) => return json!({"book": [error.to_string()]}),
        };
        if way == Way::Reversed {
            records.customers.reverse();
            records.reps.reverse();
            records.pins.reverse();
            records.exclusions.reverse();
        }
        let schema = if self.options.contains_key("infer") {
            records.schema_or_inferred()
        } else {
            records.schema.clone().unwrap_or_default()
        };
        let mut book = match Book::build(records, schema) {
            Ok(book) => book,
            Err(errors) => {
                return json!({"book": errors.problems().iter().map(ToString::to_string).collect::<Vec<_>>()});
            }
        };
        let policy = match Policy::compile(&self.policy, book.schema()) {
            Ok(policy) => policy,
            Err(error) => {
                let said = |found: &bookwright::syntax::Diagnostic| {
                    let line = error.report().source().position(found.span.start).line;
                    format!("{line}: {}: {}", found.code, found.message)
                };
                return json!({"refused": error.report().errors().map(said).collect::<Vec<_>>()});
            }
        };
        let mut options = self.plan_options();
        options.interpreter_only = way == Way::InterpreterOnly;
        let runs = self
            .options
            .get("runs")
            .map_or(1, |runs| runs.as_u64().unwrap());
        let mut last = Json::Null;
        for _ in 0..runs {
            match policy.plan(&book, &options) {
                Ok(plan) => {
                    if let Err(wrong) = plan.verify(&book, &policy, &options) {
                        return json!({"error": format!("the plan is wrong: {wrong}")});
                    }
                    if way == Way::InterpreterOnly {
                        traced_alike(&book, &plan, &self.name);
                    }
                    book = book.apply(&plan).unwrap();
                    last = seen(&plan);
                }
                Err(error) => return json!({"error": error.to_string()}),
            }
        }
        last
    }
}

/// That asking the hooks over the syntax tree gives the tiers, verdicts and scores that the
/// interpreter gave, and fails with the same message at the same line.
fn traced_alike(book: &Book, plan: &Plan, case: &str) {
    use bookwright::Hook;
    use bookwright::report::{Seen, Standing, TraceOutcome};
    let gave = |outcome: &TraceOutcome| match outcome {
        TraceOutcome::Gave {
            value: Seen::Value(value),
            ..
        } => Some(value.clone()),
        _ => None,
    };
    for (customer, tier) in &plan.tiers {
        let traced = plan.trace(book, customer, Hook::Tier).unwrap();
        if let Some(value) = gave(&traced.outcome) {
            let failed = (plan.problems.iter())
                .any(|it| it.hook == "tier" && it.customer.as_deref() == Some(customer));
            assert!(failed || value.as_text() == Some(tier), "{case}: {traced}");
        }
        let valued = plan.trace(book, customer, Hook::Value).unwrap();
        if let (Some(value), Some(place)) = (gave(&valued.outcome), plan.place(customer)) {
            assert_eq!(value.as_number(), Some(place.value), "{case}: {valued}");
        }
        for role in plan.explain(book, customer).unwrap().roles {
            for candidate in &role.candidates {
                let (Standing::Open { score } | Standing::Full { score }) = candidate.standing
                else {
                    continue;
                };
                let of = |hook| plan.trace_pair(book, customer, &candidate.rep, &role.role, hook);
                let traced = of(Hook::Score).unwrap();
                if let (Some(value), true) = (gave(&traced.outcome), role.family.is_empty()) {
                    assert_eq!(value.as_number(), Some(score), "{case}: {traced}");
                }
            }
        }
    }
    for problem in &plan.problems {
        let (Some(customer), "tier" | "value") = (&problem.customer, problem.hook.as_str()) else {
            continue;
        };
        let hook = if problem.hook == "tier" {
            Hook::Tier
        } else {
            Hook::Value
        };
        let traced = plan.trace(book, customer, hook).unwrap();
        if let TraceOutcome::Failed { message, line, .. } = &traced.outcome {
            assert_eq!((message, *line), (&problem.message, problem.line), "{case}");
        }
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Way {
    AsItIs,
    InterpreterOnly,
    Reversed,
}

/// A plan's JSON with the short forms.
fn seen(plan: &Plan) -> Json {
    let json = serde_json::to_value(plan).unwrap();
    let again: Plan = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(&again, plan, "a plan survives JSON");
    let Json::Object(mut seen) = json else {
        panic!("a plan is an object")
    };
    let place = |customer: &str, role: &str| format!("{customer}/{role}");
    let mut short = |name: &str, entries: Vec<(String, Json)>| {
        seen.insert(name.to_owned(), Json::Object(entries.into_iter().collect()));
    };
    let change = |given: &bookwright::Assignment| {
        let change = serde_json::to_value(given.change).unwrap();
        json!(format!("{} {}", given.rep, change.as_str().unwrap()))
    };
    let given = || plan.assignments.iter();
    short(
        "owners",
        given()
            .map(|it| (place(&it.customer, &it.role), change(it)))
            .collect(),
    );
    short(
        "scores",
        given()
            .map(|it| (place(&it.customer, &it.role), json!(it.score)))
            .collect(),
    );
    let kind = |reason| serde_json::to_value(reason).unwrap()["kind"].clone();
    let open = plan.unassigned.iter();
    short(
        "open",
        open.map(|it| (place(&it.customer, &it.role), kind(&it.reason)))
            .collect(),
    );
    let ended = plan.released.iter();
    let why = |it: &bookwright::Released| json!(format!("{}: {}", it.rep, it.reason));
    short(
        "ended",
        ended
            .map(|it| (place(&it.customer, &it.role), why(it)))
            .collect(),
    );
    let rep = |load: &bookwright::Load| match &load.role {
        Some(role) => place(&load.rep, role),
        None => load.rep.clone(),
    };
    let loads = plan.loads.iter();
    short(
        "load",
        loads
            .map(|it| (rep(it), serde_json::to_value(it).unwrap()))
            .collect(),
    );
    Json::Object(seen)
}

/// The keys whose expectation is whole.
const WHOLE: [&str; 3] = ["owners", "open", "ended"];

/// Writes down where what is found is not as expected.
fn compare(path: &str, expected: &Json, found: &Json, differences: &mut String) {
    let mut tell = |path: &str, expected: &str, found: &str| {
        writeln!(
            differences,
            "    {path}: expected {expected}, found {found}"
        )
        .unwrap();
    };
    match (expected, found) {
        (Json::Object(expected), Json::Object(found)) => {
            for (key, value) in expected {
                let path = format!("{path}.{key}");
                match found.get(key) {
                    Some(found) => compare(&path, value, found, differences),
                    None if value.is_null() => {}
                    None => writeln!(differences, "    {path}: expected {value}, found nothing")
                        .unwrap(),
                }
            }
            if WHOLE.iter().any(|whole| path == format!(".{whole}")) {
                for (key, value) in found.iter().filter(|(key, _)| !expected.contains_key(*key)) {
                    writeln!(differences, "    {path}.{key}: not expected, found {value}").unwrap();
                }
            }
        }
        (Json::Array(expected), Json::Array(found)) if expected.len() == found.len() => {
            for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{path}[{at}]"), expected, found, differences);
            }
        }
        (Json::Number(a), Json::Number(b)) if a.as_f64() == b.as_f64() => {}
        (expected, found) if expected == found => {}
        (expected, found) => tell(path, &expected.to_string(), &found.to_string()),
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn cases() -> Vec<Case> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for subject in std::fs::read_dir(corpus()).unwrap() {
        let subject = subject.unwrap().path();
        if subject.is_dir() {
            paths.extend(
                std::fs::read_dir(subject)
                    .unwrap()
                    .map(|file| file.unwrap().path()),
            );
        }
    }
    paths.sort();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "case")
    });
    let name = |path: &Path| path.strip_prefix(corpus()).unwrap().display().to_string();
    paths
        .iter()
        .map(|path| Case::read(path, name(path)))
        .collect()
}

#[test]
fn every_case_comes_out_as_its_file_says() {
    let (mut failed, mut report) = (0, String::new());
    let only = std::env::var("CASE").unwrap_or_default();
    let cases = cases();
    assert!(cases.len() >= 60, "only {} cases were found", cases.len());
    for case in cases.iter().filter(|case| case.name.contains(&only)) {
        let mut differences = String::new();
        let found = case.run(Way::AsItIs);
        for key in ["refused", "book", "error"] {
            if found.get(key).is_some() && case.expect.get(key).is_none() {
                writeln!(differences, "    {key}: {:#}", found[key]).unwrap();
            }
        }
        compare("", &case.expect, &found, &mut differences);
        for way in [Way::InterpreterOnly, Way::Reversed] {
            let other = case.run(way);
            let mut apart = String::new();
            compare("", &found, &other, &mut apart);
            if found != other {
                writeln!(
                    differences,
                    "    {way:?} differs (expected: as it is):\n{apart}"
                )
                .unwrap();
            }
        }
        if !differences.is_empty() {
            failed += 1;
            writeln!(report, "  {}\n{differences}", case.name).unwrap();
        }
    }
    assert!(
        failed == 0,
        "{failed} of {} cases differ:\n{report}",
        cases.len()
    );
}

#[test]
fn every_case_says_something_about_its_outcome() {
    for case in cases() {
        let said = case
            .expect
            .as_object()
            .is_some_and(|expect| !expect.is_empty());
        assert!(said, "{} expects nothing", case.name);
    }
}

/// What an expression is in a hook, as text; or the message of its failure.
fn written(expression: &str) -> Result<String, String> {
    let records = json!({
        "customers": [{"id": "c1", "name": "华东精密", "region": "east", "tags": ["warm", "vip"],
            "annual_revenue": 250000.5, "employees": 12, "created": "2026-01-01T09:00:00Z"}],
        "reps": [],
        "tables": {"zips": {"10115": "north"}, "rates": {"east": 1.5}}
    });
    let records: Records = serde_json::from_value(records).unwrap();
    let schema = Schema::infer(&records);
    let book = Book::build(records, schema).unwrap();
    let text = format!(
        "const PARAMS = #{{ bonus: 30.0 }};\n\
         fn segment(customer) {{ let x = {expression}; if x == () {{ \"()\" }} else {{ `${{x}}` }} }}"
    );
    let policy = Policy::compile(&text, book.schema()).map_err(|error| {
        error
            .report()
            .errors()
            .map(|e| e.message.clone())
            .collect::<Vec<_>>()
            .join("; ")
    })?;
    let now: Time = "2026-01-31T00:00:00Z".parse().unwrap();
    let plan = policy.plan(&book, &PlanOptions::at(now)).unwrap();
    let interpreted = policy
        .plan(&book, &PlanOptions::at(now).interpreter_only())
        .unwrap();
    assert_eq!(plan, interpreted, "{expression}");
    match plan.problems.first() {
        Some(problem) => Err(problem.message.clone()),
        None => Ok(plan.segments["c1"].clone()),
    }
}

#[test]
fn the_example_of_every_host_function_gives_what_it_says() {
    for function in bookwright::language::FUNCTIONS {
        let (given, expected) = (written(function.example), written(function.gives));
        assert!(given.is_ok(), "{}: {given:?}", function.example);
        assert_eq!(given, expected, "{}", function.example);
    }
}

#[test]
fn every_host_function_does_what_the_table_of_cases_says() {
    let text = std::fs::read_to_string(corpus().join("functions.txt")).unwrap();
    let (mut report, mut seen) = (String::new(), Vec::new());
    for line in text.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (expression, expected) = line.rsplit_once(" => ").unwrap_or_else(|| panic!("{line}"));
        let expression = expression.trim();
        seen.push(expression.to_owned());
        let found = written(expression).unwrap_or_else(|message| format!("! {message}"));
        if found != expected.trim() {
            writeln!(
                report,
                "  {expression}\n    expected {}\n    found    {found}",
                expected.trim()
            )
            .unwrap();
        }
    }
    assert!(report.is_empty(), "functions.txt:\n{report}");
    let called = |function: &&FunctionSpec| {
        let call = |expression: &String| expression.contains(&format!("{}(", function.name));
        !seen.iter().any(call)
    };
    let silent: Vec<&str> = bookwright::language::FUNCTIONS
        .iter()
        .filter(called)
        .map(|it| it.name)
        .collect();
    assert!(
        silent.is_empty(),
        "functions.txt has no case for {silent:?}"
    );
}
