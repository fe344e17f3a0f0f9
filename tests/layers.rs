//! The layers of ARCHITECTURE.md, held over the text of `src`: who names whom, who speaks to Rhai,
//! and that nothing speaks to the world outside.
//!
//! Comments and the modules of tests at the end of files are left out, and so are files of tests.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer and the layers that it may name. What is not listed here is no layer: `lib.rs`, and
/// the hidden door of the tests.
const LAYERS: &[(&str, &[&str])] = &[
    ("steps", &[]),
    ("language", &[]),
    ("allocation", &["steps"]),
    ("syntax", &["language"]),
    ("model", &["language", "steps"]),
    ("tiering", &["language", "steps"]),
    ("script", &["language", "model"]),
    ("kernel", &["language", "syntax", "model", "script"]),
    ("trace", &["language", "syntax", "script"]),
    (
        "policy",
        &[
            "language",
            "syntax",
            "model",
            "script",
            "kernel",
            "trace",
            "allocation",
            "tiering",
        ],
    ),
    (
        "plan",
        &[
            "steps",
            "language",
            "syntax",
            "model",
            "script",
            "kernel",
            "trace",
            "allocation",
            "tiering",
            "policy",
        ],
    ),
    (
        "report",
        &[
            "language",
            "syntax",
            "model",
            "script",
            "kernel",
            "trace",
            "allocation",
            "tiering",
            "policy",
            "plan",
        ],
    ),
    (
        "experiment",
        &[
            "language",
            "syntax",
            "model",
            "script",
            "kernel",
            "trace",
            "allocation",
            "tiering",
            "policy",
            "plan",
            "report",
        ],
    ),
    (
        "testing",
        &[
            "language",
            "syntax",
            "model",
            "script",
            "kernel",
            "trace",
            "allocation",
            "tiering",
            "policy",
            "plan",
            "report",
        ],
    ),
];

/// What a library without input, output, clock and hidden state has no use for.
const OUTSIDE: [&str; 16] = [
    "println!",
    "print!",
    "eprintln!",
    "eprint!",
    "dbg!",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant",
    "thread_local!",
    "static mut",
    "thread_rng",
    "std::io",
];

/// Everything that changes behind a shared reference, and why no thread waits for another there.
const SHARED: [(&str, &[&str], &str); 15] = [
    (
        "src/allocation/optimal/margin.rs",
        &["OnceLock"],
        "what one look behind a plan solves once",
    ),
    (
        "src/model/book.rs",
        &["OnceLock"],
        "the order by id and the digests, found once per book",
    ),
    (
        "src/model/store.rs",
        &["OnceLock"],
        "the same, forgotten when records come",
    ),
    ("src/model/view.rs", &["OnceLock"], "the same, read"),
    (
        "src/plan/blocks.rs",
        &["Mutex", "OnceLock"],
        "scorers of one plan, one for each of its threads",
    ),
    (
        "src/plan/options.rs",
        &["AtomicBool"],
        "the flag that a host raises",
    ),
    (
        "src/plan/origin.rs",
        &["OnceLock"],
        "what a plan is explained by, found once",
    ),
    (
        "src/plan/pairs.rs",
        &["Mutex"],
        "hooks that failed in one plan: taken only where one does",
    ),
    (
        "src/plan/run.rs",
        &["OnceLock"],
        "seats of one plan, found once",
    ),
    (
        "src/plan/threads.rs",
        &["OnceLock"],
        "why the writing of one plan stops",
    ),
    (
        "src/script/meter.rs",
        &["AtomicBool", "AtomicU8", "AtomicU64", "AtomicUsize"],
        "the budget of one plan",
    ),
    (
        "src/script/sandbox.rs",
        &["AtomicBool"],
        "the flag, for tests",
    ),
    (
        "src/script/session.rs",
        &["AtomicU8"],
        "reads of locals, by one worker",
    ),
    (
        "src/testing/scripted/coverage/collect.rs",
        &["Mutex"],
        "what tests of policies covered",
    ),
    (
        "src/testing/scripted/fixture.rs",
        &["Mutex"],
        "what one test of a policy plans on",
    ),
];

/// A policy is shared by all tenants' threads: it holds nothing that changes, and no lock.
#[test]
fn what_threads_share_is_listed() {
    let words = [
        "Mutex",
        "RwLock",
        "Condvar",
        "OnceLock",
        "OnceCell",
        "LazyLock",
        "RefCell",
        "UnsafeCell",
        "AtomicBool",
        "AtomicU8",
        "AtomicU32",
        "AtomicU64",
        "AtomicI64",
        "AtomicUsize",
        "mpsc",
        "Barrier",
        "static",
    ];
    let mut found = Vec::new();
    for code in code() {
        let path = code.path.display().to_string();
        let has = |word: &&str| {
            (code.lines.iter()).any(|(_, text)| {
                has_word(&text.replace("'static", "").replace("\"static", ""), word)
            })
        };
        let own: Vec<&str> = words.into_iter().filter(has).collect();
        if !own.is_empty() {
            found.push((path, own));
        }
    }
    let listed: Vec<_> = SHARED
        .iter()
        .map(|(path, own, _)| ((*path).to_owned(), own.to_vec()))
        .collect();
    assert_eq!(found, listed);
    // `policy`, `kernel` and `syntax`, which a shared policy is made of, are not among them.
}

/// A file of `src` without comments and tests.
struct Code {
    path: PathBuf,
    /// `kernel` for everything in `src/kernel`.
    layer: String,
    /// How many `super::` lead to the root of the crate.
    depth: usize,
    lines: Vec<(usize, String)>,
}

#[test]
fn layers_name_only_those_below() {
    let mut wrong = Vec::new();
    for code in code() {
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == code.layer) else {
            continue;
        };
        for (line, text) in &code.lines {
            for named in named_from_root(text, code.depth) {
                let is_layer = LAYERS.iter().any(|(layer, _)| *layer == named);
                if is_layer && named != code.layer && !allowed.contains(&named.as_str()) {
                    wrong.push(format!("{}:{line} names {named}", code.path.display()));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_folder_of_the_source_is_a_layer() {
    let folders: Vec<String> = code()
        .into_iter()
        .filter(|code| code.path.components().count() > 2)
        .map(|code| code.layer)
        .collect();
    assert!(folders.len() > 50, "{} files found", folders.len());
    for folder in folders {
        let known = LAYERS.iter().any(|(layer, _)| *layer == folder);
        assert!(known, "src/{folder} has no place among the layers");
    }
}

#[test]
fn only_the_sandbox_knows_rhai_and_only_its_stable_face() {
    let mut seen = false;
    for code in code() {
        for (line, text) in &code.lines {
            if has_word(text, "rhai") {
                let place = format!("{}:{line}", code.path.display());
                assert_eq!(code.layer, "script", "{place}: {text}");
                seen = true;
            }
        }
    }
    assert!(seen, "the sandbox itself was not found");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let rhai = manifest.lines().find(|line| line.starts_with("rhai ="));
    assert!(!rhai.unwrap().contains("internals"));
}

#[test]
fn nothing_speaks_to_the_world_outside() {
    let mut wrong = Vec::new();
    for code in code() {
        for (line, text) in &code.lines {
            for outside in OUTSIDE {
                if has_word(text, outside) || grouped(text, outside) {
                    wrong.push(format!("{}:{line} has {outside}", code.path.display()));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_reader_of_lines_sees_what_it_should() {
    let named = |text: &str| named_from_root(text, 2);
    assert_eq!(named("use crate::model::Book;"), ["model"]);
    assert_eq!(
        named("use crate::{plan::{Plan, x}, model, self};"),
        ["plan", "model", "self"]
    );
    assert_eq!(
        named("let x = crate::report::number(crate::plan::y());").len(),
        2
    );
    assert_eq!(named("use super::super::plan::Plan;"), ["plan"]);
    assert_eq!(named("use super::plan::Plan;"), [""; 0]);
    assert!(has_word("use rhai::Engine;", "rhai"));
    assert!(!has_word("let rhais = 1;", "rhai"));
    assert!(has_word("    println!(\"x\");", "println!"));
    assert!(grouped("use std::{fmt, fs};", "std::fs"));
    assert!(!grouped("use std::{fmt, sync::Arc};", "std::fs"));
    assert_eq!(without_comment("a(); // rhai"), "a(); ");
    assert_eq!(without_comment("\"https://x\""), "\"https://x\"");
}

/// The modules that a line names from the root of the crate: after `crate::`, alone or in braces,
/// and after as many `super::` as lead there.
fn named_from_root(text: &str, depth: usize) -> Vec<String> {
    let up = "super::".repeat(depth);
    let mut named = Vec::new();
    for root in ["crate::", up.as_str()] {
        for (at, _) in text.match_indices(root) {
            let rest = &text[at + root.len()..];
            match rest.strip_prefix('{') {
                Some(group) => named.extend(heads(group)),
                None => named.push(word(rest).to_owned()),
            }
        }
    }
    named
}

/// The first words of the parts of `a::b, c::{d, e}, f}`.
fn heads(group: &str) -> Vec<String> {
    let (mut nesting, mut heads, mut start) = (0, Vec::new(), true);
    for (at, char) in group.char_indices() {
        match char {
            '{' => nesting += 1,
            '}' if nesting == 0 => break,
            '}' => nesting -= 1,
            ',' if nesting == 0 => start = true,
            ' ' => {}
            _ if start => {
                heads.push(word(&group[at..]).to_owned());
                start = false;
            }
            _ => {}
        }
    }
    heads
}

fn word(text: &str) -> &str {
    let end = text.find(|char: char| !is_word(char)).unwrap_or(text.len());
    &text[..end]
}

const fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

/// Whether the text has that as a word of its own.
fn has_word(text: &str, wanted: &str) -> bool {
    text.match_indices(wanted).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + wanted.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Whether `use std::{…}` has it.
fn grouped(text: &str, wanted: &str) -> bool {
    let group = text.trim().strip_prefix("use std::{");
    wanted
        .strip_prefix("std::")
        .is_some_and(|name| group.is_some_and(|group| heads(group).iter().any(|head| head == name)))
}

/// All of `src`, but for tests.
fn code() -> Vec<Code> {
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    files.sort();
    files.iter().filter_map(|file| read(file)).collect()
}

fn read(file: &Path) -> Option<Code> {
    let path = file.strip_prefix(root()).ok()?.to_owned();
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    if parts
        .iter()
        .any(|part| *part == "tests" || *part == "tests.rs")
    {
        return None;
    }
    let last = parts[parts.len() - 1];
    let text = fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].ends_with('{'));
    let lines = &lines[..tests.unwrap_or(lines.len())];
    Some(Code {
        layer: parts[1].trim_end_matches(".rs").to_owned(),
        depth: parts.len() - 1 - usize::from(last == "mod.rs" || last == "lib.rs"),
        lines: lines
            .iter()
            .enumerate()
            .map(|(at, text)| (at + 1, without_comment(text).to_owned()))
            .collect(),
        path,
    })
}

/// A line up to `//`, but for one within a text.
fn without_comment(text: &str) -> &str {
    let comment = text.match_indices("//").find(|(at, _)| {
        let quotes = text[..*at].matches('"').count();
        quotes.is_multiple_of(2)
    });
    comment.map_or(text, |(at, _)| &text[..at])
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
