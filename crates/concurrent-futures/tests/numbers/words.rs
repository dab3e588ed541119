//! How builders, groups, maps and errors show themselves.

use std::time::{Duration, Instant};

use concurrent_futures::{FailFast, FirstSuccess, TaskError, ThreadPoolExecutor};

use crate::support::{hold, pool, watchdog};

#[test]
fn a_builder_shows_its_settings_and_counts_what_it_cannot_show() {
    let builder = ThreadPoolExecutor::builder()
        .max_workers(3)
        .thread_name_prefix("shown")
        .queue_capacity(7)
        .initializer(|| Ok::<_, std::io::Error>(()))
        .observer(crate::Waits::default());
    let text = format!("{builder:?}");
    for part in [
        "max_workers: Some(3)",
        "\"shown\"",
        "initializer: true",
        "thread_factory: false",
        "Some(7)",
        "contexts: 0",
        "observers: 1",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn more_that_stay_than_there_may_be_is_an_error() {
    let builder = ThreadPoolExecutor::builder().max_workers(2).min_workers(3);
    let error = builder.build().unwrap_err().to_string();
    assert!(
        error.contains("min_workers") && error.contains("from 0 to max_workers, 2"),
        "{error}"
    );
}

#[test]
fn groups_show_how_many_tasks_they_have() {
    watchdog(|| {
        let pool = pool(1);
        assert!(
            format!("{:?}", pool.group(FailFast)).starts_with("GroupBuilder { policy: FailFast")
        );
        let mut shown = String::new();
        let ended = pool.group(FailFast).scope(|group| {
            group.submit(|| ());
            group.submit(|| ());
            shown = format!("{group:?}");
        });
        assert!(ended.is_ok());
        assert!(
            shown.starts_with("Group { submitted: 2, token: "),
            "{shown}"
        );
    });
}

#[test]
fn a_deadline_that_is_over_ends_what_is_queued() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let group = pool.group(FirstSuccess).deadline(Instant::now());
        let ended = group.scope(|group| {
            group.submit(|| ());
        });
        let error = ended.unwrap_err();
        assert!(
            matches!(error.errors(), [TaskError::DeadlineExceeded]),
            "{error:?}"
        );
        // One error alone is shown as it is.
        assert_eq!(error.to_string(), error.errors()[0].to_string());
        held.release();
    });
}

#[test]
fn maps_show_how_far_they_are() {
    watchdog(|| {
        let pool = pool(1);
        let mut buffered = pool.map_buffered(2, 0..4, |n| n);
        let before = format!("{buffered:?}");
        assert!(before.starts_with("MapBuffered { index: 0, "), "{before}");
        assert!(before.contains("input: open"), "{before}");
        assert!(buffered.by_ref().map(Result::unwrap).eq(0..4));
        let after = format!("{buffered:?}");
        assert_eq!(after, "MapBuffered { index: 4, read: 0, input: ended, .. }");
        let unordered = pool.map_unordered(0..3, |n| n);
        let shown = format!("{unordered:?}");
        assert_eq!(shown, "MapUnordered { remaining: 3, .. }");
        assert_eq!(unordered.count(), 3);
    });
}

#[test]
fn errors_of_the_pool_name_what_was_wrong() {
    watchdog(|| {
        let closed = pool(1);
        closed.shutdown();
        let rejected = closed.submit(|| ()).result().unwrap_err();
        assert_eq!(format!("{rejected:?}"), "Rejected(Rejected(Shutdown))");

        let broken = ThreadPoolExecutor::builder()
            .max_workers(1)
            .initializer(|| Err::<(), _>(std::io::Error::other("no connection")))
            .build()
            .unwrap();
        let error = broken.submit(|| ()).result().unwrap_err();
        let text = format!("{error:?}");
        assert!(format!("{broken:?}").contains("state: broken"));
        assert!(
            text.contains("BrokenThreadPool") && text.contains("no connection"),
            "{text}"
        );

        let refused = ThreadPoolExecutor::builder()
            .max_workers(1)
            .thread_factory(|_| Err(std::io::Error::other("none today")))
            .build()
            .unwrap();
        let error = refused.submit(|| ()).result().unwrap_err();
        assert!(error.to_string().contains("none today"), "{error}");
        assert!(format!("{error:?}").contains("none today"), "{error:?}");
    });
}

#[test]
fn a_timed_wait_shows_the_task_s_error() {
    watchdog(|| {
        let pool = pool(1);
        let future = pool.try_submit(|| Err::<(), _>("no luck"));
        let error = future.result_timeout(Duration::MAX).unwrap_err();
        assert_eq!(format!("{error:?}"), "Task(Failed(\"no luck\"))");
    });
}
