//! Progress bars: those of indicatif around the iterators of this crate, and the live line of a pool.

use std::thread;

use concurrent_futures::{ThreadPoolExecutor, as_completed};
use indicatif::{
    InMemoryTerm, ProgressBar, ProgressDrawTarget, ProgressIterator as _, ProgressStyle,
    TermLike as _,
};

use crate::support::{Gate, pool, watchdog};

fn hidden() -> ProgressBar {
    ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden())
}

/// Waits until the bar stands there.
fn reaches(bar: &ProgressBar, position: u64) {
    while bar.position() != position {
        thread::yield_now();
    }
}

#[test]
fn the_adaptors_of_indicatif_know_how_long_the_iterators_are() {
    watchdog(|| {
        let pool = pool(2);
        let futures = |n| (0..n).map(|n| pool.submit(move || n)).collect::<Vec<_>>();
        assert_eq!(
            as_completed(futures(3)).progress().progress.length(),
            Some(3)
        );
        assert_eq!(pool.map(0..4, |n| n).progress().progress.length(), Some(4));
        let unordered = pool.map_unordered(0..5, |n| n).try_progress().unwrap();
        assert_eq!(unordered.progress.length(), Some(5));
        let buffered = pool.map_buffered(2, 0..6, |n| n).try_progress().unwrap();
        assert_eq!(buffered.progress.length(), Some(6));
        let both = pool.map_buffered(2, 0..7, |n| n).unordered();
        assert_eq!(both.try_progress().unwrap().progress.length(), Some(7));
        let endless = pool.map_buffered(2, 0_u64.., |n| n);
        assert!(endless.try_progress().is_none());
    });
}

#[test]
fn the_adaptors_go_through_to_the_end() {
    watchdog(|| {
        let pool = pool(2);
        let futures: Vec<_> = (0..20).map(|n| pool.submit(move || n)).collect();
        let bar = hidden();
        assert_eq!(as_completed(futures).progress_with(bar.clone()).count(), 20);
        assert!(bar.is_finished());
        for results in [
            pool.map(0..20, |n| n).progress_with(hidden()).count(),
            pool.map_unordered(0..20, |n| n).progress_count(20).count(),
            pool.map_buffered(3, 0..20, |n| n)
                .progress_count(20)
                .count(),
            pool.map_buffered(3, 0..20, |n| n)
                .unordered()
                .progress_count(20)
                .count(),
        ] {
            assert_eq!(results, 20);
        }
    });
}

#[test]
fn a_slow_first_task_does_not_hold_up_the_bar_of_as_completed() {
    watchdog(|| {
        let pool = pool(2);
        let gate = Gate::new();
        let futures: Vec<_> = (0..10)
            .map(|n| {
                let gate = gate.clone();
                pool.submit(move || {
                    if n == 0 {
                        gate.wait();
                    }
                })
            })
            .collect();
        let bar = hidden();
        let mut results = as_completed(futures).progress_with(bar.clone());
        for before in 0..9 {
            assert_eq!(bar.position(), before);
            results.next().unwrap();
        }
        assert_eq!(bar.position(), 9);
        gate.open();
        assert_eq!(results.count(), 1);
    });
}

#[test]
fn a_slow_first_item_does_not_hold_up_the_bar_of_an_unordered_map() {
    watchdog(|| {
        let pool = pool(2);
        let gate = Gate::new();
        let slow = gate.clone();
        let bar = hidden();
        let results = pool.map_unordered(0..10, move |n| {
            if n == 0 {
                slow.wait();
            }
        });
        let mut results = results.progress_with(bar.clone());
        assert_eq!(results.by_ref().take(9).count(), 9);
        assert_eq!(bar.position(), 9);
        gate.open();
        assert_eq!(results.count(), 1);
    });
}

#[test]
fn the_line_of_a_pool_counts_what_ends_though_nobody_takes_it() {
    watchdog(|| {
        let pool = pool(2);
        let gate = Gate::new();
        let slow = gate.clone();
        let bar = hidden();
        let progress = pool.progress_with(bar.clone());
        // In order, so the first result is the first to be taken.
        let results = pool.map(0..10, move |n| {
            if n == 0 {
                slow.wait();
            }
        });
        reaches(&bar, 9);
        assert_eq!(bar.length(), Some(10));
        gate.open();
        assert_eq!(results.count(), 10);
        reaches(&bar, 10);
        drop(progress);
    });
}

#[test]
fn it_begins_with_what_was_not_done_yet() {
    watchdog(|| {
        let pool = pool(1);
        pool.map(0..5, |n| n).for_each(drop);
        let gate = Gate::new();
        let closed = gate.clone();
        let waiting = pool.submit(move || closed.wait());
        let bar = hidden();
        let progress = pool.progress_with(bar.clone());
        let failed = pool.try_submit(|| "x".parse::<u8>());
        gate.open();
        waiting.result().unwrap();
        failed.result().unwrap_err();
        reaches(&bar, 2);
        assert_eq!(bar.length(), Some(2));
        drop(progress);
    });
}

#[test]
fn more_than_was_expected_is_counted_as_well() {
    watchdog(|| {
        let pool = pool(1);
        let bar = hidden();
        let progress = pool.progress_with(bar.clone()).total(3);
        pool.submit(|| ()).result().unwrap();
        reaches(&bar, 1);
        assert_eq!(bar.length(), Some(3));
        pool.map(0..4, |n| n).for_each(drop);
        reaches(&bar, 5);
        assert_eq!(bar.length(), Some(5));
        drop(progress);
    });
}

#[test]
fn it_keeps_no_pool_open_and_goes_on_while_that_ends() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let closed = gate.clone();
        let bar = hidden();
        let progress = pool.progress_with(bar.clone());
        pool.submit(|| ());
        pool.submit(move || closed.wait());
        let waiting = thread::spawn(move || drop(pool));
        reaches(&bar, 1);
        gate.open();
        reaches(&bar, 2);
        waiting.join().unwrap();
        drop(progress);
    });
}

#[test]
fn the_last_numbers_stay() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .build()
            .unwrap();
        let screen = InMemoryTerm::new(4, 80);
        let bar = ProgressBar::with_draw_target(
            Some(0),
            ProgressDrawTarget::term_like(Box::new(screen.clone())),
        );
        let style = ProgressStyle::with_template("{prefix} {pos}/{len} {msg}").unwrap();
        let finish = indicatif::ProgressFinish::Abandon;
        let bar = bar.with_style(style).with_finish(finish);
        let progress = pool.progress_with(bar).label("letters");
        pool.submit(|| ()).result().unwrap();
        pool.submit(|| panic!("lost")).result().unwrap_err();
        progress.suspend(|| screen.write_line("meanwhile").unwrap());
        drop(progress);
        let shown = screen.contents();
        assert!(shown.starts_with("meanwhile\n"), "{shown}");
        assert!(
            shown.ends_with("letters 2/2 0 running, 0 queued, 1 failed"),
            "{shown}"
        );
    });
}

#[test]
fn what_panics_while_it_is_suspended_does_not_end_it() {
    watchdog(|| {
        let pool = pool(1);
        let bar = hidden();
        let progress = pool.progress_with(bar.clone());
        let panic = thread::scope(|scope| {
            scope
                .spawn(|| progress.suspend(|| panic!("no paper")))
                .join()
                .unwrap_err()
        });
        assert_eq!(panic.downcast_ref(), Some(&"no paper"));
        pool.submit(|| ()).result().unwrap();
        reaches(&bar, 1);
    });
}
