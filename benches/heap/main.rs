//! How much memory hostile scripts take: `cargo bench --bench heap` prints one line, `figure NAME
//! VALUE UNIT`. A bench of its own, for its allocator counts, which costs time.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench")]

#[path = "../figures/scripts.rs"]
mod scripts;

use cap::Cap;

#[global_allocator]
static ALLOCATOR: Cap<std::alloc::System> = Cap::new(std::alloc::System, usize::MAX);

fn main() {
    let mut worst = 0;
    for text in scripts::texts() {
        for way in scripts::ways(&text) {
            // One that dies or panics is told by the figures of `hostile.survived`.
            let taken = scripts::on_a_small_stack(move || taken_by(&way));
            worst = worst.max(taken.unwrap_or_default());
        }
    }
    if worst > 0 {
        let worst = worst as f64 / f64::from(1 << 20);
        println!("figure hostile.worst_heap_mb {worst:.3} MiB");
    }
}

/// The most memory while a script is compiled and called, where it is more than ever before.
fn taken_by(way: &scripts::Way) -> usize {
    let (before, most) = (ALLOCATOR.allocated(), ALLOCATOR.max_allocated());
    if let Some(mut sandbox) = way.sandbox() {
        for (hook, arguments) in scripts::hooks(&sandbox) {
            let _ = sandbox.call(hook, arguments);
        }
    }
    let peak = ALLOCATOR.max_allocated();
    if peak > most { peak - before } else { 0 }
}
