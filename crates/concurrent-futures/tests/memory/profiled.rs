//! What a profile keeps does not grow with the number of tasks.

use concurrent_futures::{ProfileOptions, ThreadPoolExecutor};

use crate::{counting::Heap, support::counted};

const KEPT: usize = 1_000;
/// Of the lanes of two threads, with what their histograms grow by for longer times.
const SUMS: usize = 1 << 20;

#[test]
fn a_profile_of_many_tasks_is_as_large_as_one_of_few() {
    counted(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .queue_capacity(100)
            .profile_with(ProfileOptions::new().max_tasks(KEPT))
            .build()
            .expect("valid settings");
        let run = |tasks: usize| {
            for n in 0..tasks {
                drop(pool.task().name(format!("task {n}")).submit(move || n));
            }
            pool.submit(|| ()).result().expect("the pool is open");
        };
        run(4 * KEPT);
        let before = Heap::now();
        run(100_000);
        let growth = before.growth();
        assert!(growth <= KEPT * 300 + SUMS, "{growth} bytes");
        let profile = pool.profile().expect("asked for above");
        assert_eq!(profile.counts().completed, 4 * KEPT as u64 + 100_002);
        assert!(profile.tasks().len() <= KEPT);
    });
}
