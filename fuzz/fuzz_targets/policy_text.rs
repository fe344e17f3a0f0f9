//! Any bytes as a policy: findings or a policy, never more. What passes plans a book, and the plan
//! stands its check.
#![no_main]

use bookwright::{Budget, Policy, check};
use bookwright_fuzz::{BOOK, options};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let report = check(&text, BOOK.schema());
    // Rendering looks at every span.
    let shown = report.to_string();
    match Policy::compile(&text, BOOK.schema()) {
        Ok(policy) => {
            assert!(!report.has_errors(), "{shown}");
            let options = options().budget(Budget::default().operations(1_000_000));
            if let Ok(plan) = policy.plan(&BOOK, &options)
                && let Err(wrong) = plan.verify(&BOOK, &policy, &options)
            {
                assert!(wrong.to_string().contains("was stopped"), "{wrong}\n{text}");
            }
        }
        Err(error) => {
            assert!(report.has_errors());
            assert!(
                error
                    .report()
                    .errors()
                    .all(|found| !found.message.is_empty())
            );
            let not_compiled = error
                .report()
                .errors()
                .any(|found| found.code == "not-compiled");
            assert!(
                !not_compiled,
                "the checks let through what Rhai refuses: {shown}\n{text}"
            );
        }
    }
});
