//! Hostile scripts, where they are at hand, and the ways in which each is run.

use std::collections::BTreeMap;

use bookwright::{Limits, Sandbox, SandboxFacts, Side, Value};

pub(crate) const CUSTOMER: Value = Value::Record(Side::Customer, 0);
pub(crate) const REP: Value = Value::Record(Side::Rep, 0);

/// What a script sees.
pub(crate) fn facts() -> SandboxFacts {
    let texts = |texts: &[&str]| Value::Array(texts.iter().map(|it| Value::from(*it)).collect());
    let named = |fields: &[(&str, Value)]| {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        fields.collect::<BTreeMap<String, Value>>()
    };
    SandboxFacts {
        customer: named(&[
            ("id", "c1".into()),
            ("revenue", 5e4.into()),
            ("potential", 9e4.into()),
            ("intent", Value::Unit),
            ("risk", 0.5.into()),
            ("stage", "active".into()),
            ("region", "west".into()),
            ("industry", "food".into()),
            ("tags", texts(&["warm", "export", "zh_only"])),
        ]),
        rep: named(&[
            ("id", "r1".into()),
            ("level", 3.into()),
            ("regions", texts(&["east", "west"])),
            ("industries", texts(&["retail"])),
        ]),
        params: [
            ("active_bonus".into(), 1.5.into()),
            ("large".into(), 25e4.into()),
        ]
        .into(),
        now: "2026-01-31".parse().ok(),
    }
}

/// The texts of all scripts; none where they are not here.
pub(crate) fn texts() -> Vec<String> {
    let Ok(entries) = std::fs::read_dir("../shared/hostile") else {
        return Vec::new();
    };
    let texts = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let named = path.extension().is_some_and(|end| end == "rhai");
        named.then(|| std::fs::read(path).ok())?
    });
    texts
        .map(|it| String::from_utf8_lossy(&it).into_owned())
        .collect()
}

/// A script as it is run: behind the second wall only.
pub(crate) struct Way {
    text: String,
    /// Whether the top level may do anything.
    open: bool,
}

/// As it is and as a hook's body, each with the top level closed and open.
pub(crate) fn ways(text: &str) -> [Way; 4] {
    let body = format!("fn score(c, r) {{\n{text}\n}}");
    [(text, false), (text, true), (&body, false), (&body, true)].map(|(text, open)| Way {
        text: text.to_owned(),
        open,
    })
}

impl Way {
    /// The script ready to be called; nothing where it does not compile.
    pub(crate) fn sandbox(&self) -> Option<Sandbox> {
        let compile = if self.open {
            Sandbox::compile_open
        } else {
            Sandbox::compile
        };
        compile(&self.text, &Limits::default(), &facts()).ok()
    }
}

/// The hooks that the script has, with arguments for them.
pub(crate) fn hooks(sandbox: &Sandbox) -> Vec<(&'static str, &'static [Value])> {
    const HOOKS: [(&str, &[Value]); 3] = [
        ("score", &[CUSTOMER, REP]),
        ("eligible", &[CUSTOMER, REP]),
        ("tier", &[CUSTOMER]),
    ];
    let has = |(hook, arguments): &(&str, &[Value])| sandbox.has_function(hook, arguments.len());
    HOOKS.into_iter().filter(has).collect()
}

/// Runs on a thread as small as those of services often are; an error where it panics.
pub(crate) fn on_a_small_stack<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> std::thread::Result<T> {
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    thread.spawn(work).expect("a thread").join()
}
