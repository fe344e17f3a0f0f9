//! `service [POLICY] [ADDRESS]` plans books over HTTP; [`app`] says how.
//!
//! `cargo run --release --example service`, and then
//! `curl -s 'localhost:8080/plan?now=2026-03-02' --data-binary @book.json`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

mod app;

use std::process::ExitCode;

use bookwright::{Policy, Schema};

const BUNDLED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/quickstart/policy.rhai"
);

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let policy = arguments.next().unwrap_or_else(|| BUNDLED.to_owned());
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8080".into());
    match serve(&policy, &address).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(policy: &str, address: &str) -> Result<(), Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(policy)
        .map_err(|error| format!("cannot read the policy {policy}: {error}"))?;
    let policy = Policy::compile(&text, &Schema::default())?;
    let at_once = std::thread::available_parallelism()?.get();
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app::app(app::Service::new(policy, at_once))).await?;
    Ok(())
}
