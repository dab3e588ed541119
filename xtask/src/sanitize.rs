//! The tests under the sanitizers of the compiler: unit tests, and all of those in `tests`, random
//! programs among them.

use crate::args::Args;
use crate::cargo::{self, Cargo, Failure, Outcome};
use crate::features;
use crate::toolchain::Toolchain;

/// Tests that `AddressSanitizer` must find fault with.
const NOT_UNDER_ASAN: [&str; 7] = [
    // Measures the memory of the process, of which the sanitizer keeps what was freed.
    "many_timed_waits_leave_nothing_behind",
    // Measures what is resident, and the sanitizer writes to what it allocates.
    "a_result_of_one_gibibyte",
    // Ends processes whose pool was never dropped: all that belongs to it is a leak.
    "process_end::",
    // The process ends in ways that the sanitizer takes over.
    "endings::",
    // What was the parent's is a leak of the child.
    "forks::",
    // The sanitizer maps more than such limits allow.
    "refused::",
    // Two libraries that both come before the C library.
    "clock::",
];

/// Of random programs; a sanitizer makes them several times slower.
const TORTURE_SECONDS: &str = "60";

/// The slowest tests take a second without one.
const WATCHDOG_SECONDS: &str = "120";

/// Tests of what `ThreadSanitizer` itself does not stand.
const NOT_UNDER_TSAN: [&str; 5] = [
    // Measures what is resident, and the sanitizer keeps a shadow of it.
    "a_result_of_one_gibibyte",
    // It starts no threads in the child of a process that had several.
    "forks::",
    "endings::",
    "refused::",
    "clock::",
];

fn but(tests: &[&'static str]) -> impl Iterator<Item = &'static str> {
    tests.iter().flat_map(|&test| ["--skip", test])
}

pub(crate) fn address(args: Args) -> Outcome {
    args.finish()?;
    let toolchain = Toolchain::nightly().unwrap_or(Toolchain::Current);
    sanitized_tests(&toolchain, "asan", "-Zsanitizer=address")?
        .flags("LSAN_OPTIONS", &suppressions("lsan"))
        .args(["--"])
        .args(but(&NOT_UNDER_ASAN))
        .run_tests()
}

/// `ThreadSanitizer` knows a lock only by the instrumented code of it, so the standard library has
/// to be built anew. Where its sources are missing, correct code that waits for a contended mutex
/// is reported as a race.
pub(crate) fn thread(args: Args) -> Outcome {
    args.finish()?;
    let toolchains: Vec<_> = Toolchain::nightly()
        .into_iter()
        .chain([Toolchain::Current])
        .collect();
    if let Some(toolchain) = toolchains.iter().find(|toolchain| toolchain.has_rust_src()) {
        return sanitized_tests(toolchain, "tsan", "-Zsanitizer=thread")?
            .args(["-Zbuild-std", "--"])
            .args(but(&NOT_UNDER_TSAN))
            .run_tests();
    }

    let advice = "rustup toolchain install nightly --component rust-src";
    eprintln!(
        "The standard library is used as shipped: what its locks guard may be reported falsely."
    );
    eprintln!("For reports that can be trusted: {advice}");
    let flags = "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer";
    sanitized_tests(&toolchains[0], "tsan", flags)?
        .flags("TSAN_OPTIONS", &suppressions("tsan"))
        .args(["--"])
        .args(but(&NOT_UNDER_TSAN))
        .run_tests()
}

fn suppressions(sanitizer: &str) -> String {
    let file = cargo::root().join(format!("xtask/{sanitizer}-suppressions.txt"));
    format!("suppressions='{}':print_suppressions=0", file.display())
}

fn sanitized_tests(
    toolchain: &Toolchain,
    target_dir: &str,
    rustflags: &str,
) -> Result<Cargo, Failure> {
    let host = toolchain.host()?;
    if !host.ends_with("-linux-gnu") && !host.ends_with("-apple-darwin") {
        return Err(Failure::Failed(format!(
            "no sanitizer runtime is shipped for {host}"
        )));
    }
    // With a target named, build scripts stay free of the flags.
    let cargo = Cargo::new(["test", "--release", "--no-fail-fast", "--target", &host])
        .args(["-p", "concurrent-futures", "--features", features::ALL])
        .args(["--lib", "--test", "*"])
        .env("TORTURE_SECONDS", TORTURE_SECONDS)
        .env("WATCHDOG_SECONDS", WATCHDOG_SECONDS)
        .toolchain(toolchain)
        .target_dir(target_dir)
        .flags("RUSTFLAGS", rustflags);
    Ok(match toolchain {
        // Unstable flags, forced upon a compiler that may be a stable one.
        Toolchain::Current => cargo.env("RUSTC_BOOTSTRAP", "1"),
        _ => cargo,
    })
}
