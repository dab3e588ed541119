//! A program over the public interface, run on a pool and on the sequential model of it.
#![no_main]

#[path = "../../crates/concurrent-futures/tests/model/checker/mod.rs"]
mod checker;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let program = checker::program::Program::from_bytes(bytes);
    if let Err(differences) = checker::run(&program) {
        panic!("{differences}\n{program:#?}");
    }
});
