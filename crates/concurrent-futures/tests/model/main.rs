//! Random programs, each run on a pool and on a sequential model of it. A program on which the two differ is made
//! as small as it can be.
//!
//! `MODEL_CASES` says how many programs are tried, `MODEL_SEED` which ones: a number, or `random`. Without it they are
//! the same ones each time.

mod checker;
mod found;

use std::env;

use checker::program::Program;
use checker::run;
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed};

const CASES: u32 = 1000;
const SEED: u64 = 1;

fn cases() -> u32 {
    match env::var("MODEL_CASES") {
        Ok(cases) => cases.parse().expect("MODEL_CASES is a number"),
        Err(_) => CASES,
    }
}

fn seed() -> RngSeed {
    match env::var("MODEL_SEED").as_deref() {
        Ok("random") => RngSeed::Random,
        Ok(seed) => RngSeed::Fixed(seed.parse().expect("MODEL_SEED is a number or `random`")),
        Err(_) => RngSeed::Fixed(SEED),
    }
}

fn programs() -> impl Strategy<Value = Program> {
    let setup = any::<[u8; 4]>();
    let ops = prop::collection::vec(any::<[u8; checker::program::WIDTH]>(), 0..40);
    (setup, ops).prop_map(|(setup, ops)| {
        let mut bytes = setup.to_vec();
        bytes.extend(ops.iter().flatten());
        Program::from_bytes(&bytes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        rng_seed: seed(),
        max_shrink_iters: 500,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_pool_does_as_its_model(program in programs()) {
        if let Err(differences) = run(&program) {
            return Err(TestCaseError::fail(differences));
        }
    }
}
