//! The hand-over of findings to `miette`, by the handler that has no colours.

#![cfg(feature = "miette")]

use bookwright::{Schema, check};
use miette::{Diagnostic, NarratableReportHandler, Severity};

const POLICY: &str = "\
// 客户分层
fn tier(customer) {
    if customer.anual_revenue == () { \"A\" } else { \"C\" }
}
fn score(customer, rep) {
    let points = 1;
    if customer.region in rep.regions { points + 10 }
    points
}
";

#[test]
fn findings_keep_their_code_place_and_help() {
    let report = check(POLICY, &Schema::default());
    let shown = report.to_miette();
    assert_eq!(shown.findings().len(), report.len());
    assert_eq!(shown.severity(), Some(Severity::Error));
    assert_eq!(shown.to_string(), "the policy has 1 error");
    for (finding, own) in shown.related().unwrap().zip(report.iter()) {
        assert_eq!(finding.to_string(), own.message);
        assert_eq!(finding.code().unwrap().to_string(), own.code);
        assert_eq!(finding.help().map(|help| help.to_string()), own.help);
        let label = finding.labels().unwrap().next().unwrap();
        assert!(label.primary());
        let covered = &POLICY[label.offset()..label.offset() + label.len()];
        assert_eq!(covered, report.source().slice(own.span));
    }
}

#[test]
fn a_handler_of_miette_shows_them() {
    let report = check(POLICY, &Schema::default()).to_miette();
    let mut told = String::new();
    NarratableReportHandler::new()
        .render_report(&mut told, &report)
        .unwrap();
    for part in [
        "a customer has no field `anual_revenue`",
        "diagnostic code: unknown-field",
        "diagnostic help: did you mean `annual_revenue`?",
        "label at line 3, columns 17 to 29",
    ] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn warnings_alone_are_advice() {
    let warned = check("fn priority(customer) { let x = 1; 2 }", &Schema::default());
    assert!(!warned.has_errors());
    let shown = warned.to_miette();
    assert_eq!(shown.severity(), Some(Severity::Advice));
    assert_eq!(shown.to_string(), "of the policy there is 1 thing to say");
}
