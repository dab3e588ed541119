//! The numbers of a pool as a table.

use concurrent_futures::ThreadPoolExecutor;

use crate::support::watchdog;

#[test]
fn each_number_has_its_line() {
    watchdog(|| {
        let builder = ThreadPoolExecutor::builder().max_workers(3);
        let pool = builder.measure_wait().build().unwrap();
        pool.map(0..1000, |n| n).for_each(drop);
        drop(pool.try_submit(|| Err::<(), _>("no")).result());
        let table = pool.stats().to_string();
        let line = |label: &str| {
            let mut lines = table.lines().filter(|line| line.trim().starts_with(label));
            lines.next().unwrap_or_else(|| panic!("{label} in {table}"))
        };
        assert!(line("submitted").ends_with(" 1,001"), "{table}");
        assert!(line("completed").ends_with(" 1,000"), "{table}");
        assert!(line("failed").ends_with(" 1"), "{table}");
        assert!(line("workers").ends_with("idle, 3 at most"), "{table}");
        assert!(line("longest wait").ends_with('s'), "{table}");
    });
}
