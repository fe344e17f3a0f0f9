//! What our parser accepts, the sandbox compiles. The other way round it need not.
#![no_main]

use bookwright::syntax::parse;
use bookwright::{Limits, Sandbox, SandboxFacts};
use libfuzzer_sys::fuzz_target;

/// Glued together by bytes above 127, so that mutation soon finds whole programs.
const WORDS: [&str; 64] = [
    "fn f(a, b) {",
    "}",
    "let x = ",
    "x",
    "a",
    "b",
    "if ",
    " else ",
    "switch a {",
    "=>",
    ",",
    ";",
    "(",
    ")",
    "[",
    "]",
    "#{",
    "k:",
    "+",
    "-",
    "*",
    "/",
    "%",
    "**",
    "<<",
    ">>",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "&&",
    "||",
    "&",
    "|",
    "^",
    "??",
    "!",
    " in ",
    " !in ",
    "..",
    "..=",
    ".",
    "?.",
    "?[",
    "=",
    "+=",
    "for i in ",
    "return ",
    "break",
    "continue",
    "true",
    "()",
    "1",
    "2.5",
    "\"x\"",
    "`y${",
    "}`",
    "_ =>",
    "const C = ",
    "f(1, 2)",
    ".len()",
    "\n",
];

fuzz_target!(|bytes: &[u8]| {
    let mut text = Vec::with_capacity(bytes.len() * 2);
    for &byte in bytes {
        match byte {
            128.. => text.extend(WORDS[usize::from(byte) % WORDS.len()].as_bytes()),
            _ => text.push(byte),
        }
    }
    let text = String::from_utf8_lossy(&text);
    let limits = Limits::default();
    let parsed = parse(&text, &limits);
    // What a constant's value is, and whether it has one, is the checker's business.
    let ours = !parsed.has_errors() && parsed.script.constants.is_empty();
    let sandbox = Sandbox::compile(&text, &limits, &SandboxFacts::default());
    if let (true, Err(error)) = (ours, sandbox) {
        // Names and values are the checker's, not the parser's.
        let other = [
            "constant",
            "variable",
            "function",
            "Variable",
            "Function",
            "params",
            "not found",
            "refused",
        ];
        assert!(
            other.iter().any(|it| error.message.contains(it)),
            "{error}\n{text}"
        );
    }
});
