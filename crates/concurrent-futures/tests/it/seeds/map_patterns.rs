//! One function, many inputs, results in order.

use std::hint;
use std::iter::zip;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, mpsc};
use std::{fs, thread, time::Duration};

use concurrent_futures::{MapError, ThreadPoolExecutor};

use super::stand_ins::{Folder, Journal, fetch, work};
use crate::support::{Gate, pool, watchdog};

#[test]
fn a_loop_takes_turns_and_a_map_overlaps() {
    watchdog(|| {
        let journal = Journal::new();
        let looped: Vec<String> = ["a", "b", "c"]
            .iter()
            .map(|address| {
                journal.write(format!("start {address}"));
                let page = fetch(address).unwrap();
                journal.write(format!("end {address}"));
                page
            })
            .collect();
        assert_eq!(
            journal.lines(),
            ["start a", "end a", "start b", "end b", "start c", "end c"]
        );

        let meeting = Barrier::new(3);
        let mapped: Vec<String> = pool(3)
            .map(["a", "b", "c"], move |address| {
                meeting.wait();
                fetch(address).unwrap()
            })
            .map(Result::unwrap)
            .collect();
        assert_eq!(mapped, looped);
    });
}

#[test]
fn words_are_upper_cased_in_input_order() {
    watchdog(|| {
        let meeting = Barrier::new(5);
        let words = ["apple", "banana", "cherry", "date", "elderberry"];
        let upper: Result<Vec<_>, _> = pool(5)
            .map(words, move |word| {
                meeting.wait();
                work(1);
                word.to_uppercase()
            })
            .collect();
        assert_eq!(
            upper.unwrap(),
            ["APPLE", "BANANA", "CHERRY", "DATE", "ELDERBERRY"]
        );
    });
}

#[test]
fn two_inputs_are_zipped() {
    watchdog(|| {
        let powers: Result<Vec<_>, _> = ThreadPoolExecutor::new()
            .map(zip([2_u32, 3, 4, 5], [3, 4, 5, 6]), |(base, exponent)| {
                base.pow(exponent)
            })
            .collect();
        assert_eq!(powers.unwrap(), [8, 81, 1024, 15625]);
    });
}

#[test]
fn a_late_result_times_out_and_leaving_still_waits_for_it() {
    watchdog(|| {
        let journal = Journal::new();
        let (started, starts) = mpsc::channel();
        let slow = Gate::new();
        let pool = pool(3);
        let results = pool.map(0..3, {
            let (journal, slow) = (journal.clone(), slow.clone());
            move |number| {
                started.send(()).unwrap();
                if number == 1 {
                    slow.wait();
                    work(5);
                    journal.write("the slow one has ended");
                }
                number
            }
        });
        starts.iter().take(3).for_each(drop);

        let error = results
            .timeout(Duration::from_millis(5))
            .collect::<Result<Vec<_>, _>>()
            .unwrap_err();
        assert!(error.is_timeout());
        slow.open();
        drop(pool);
        assert_eq!(journal.lines(), ["the slow one has ended"]);
    });
}

#[test]
fn a_timeout_strikes_at_the_late_one_only() {
    watchdog(|| {
        let all: Vec<_> = pool(2)
            .map(0..4, |n| n)
            .timeout(Duration::MAX)
            .map(Result::unwrap)
            .collect();
        assert_eq!(all, [0, 1, 2, 3]);

        let (started, starts) = mpsc::channel();
        let slow = Gate::new();
        let pool = pool(1);
        let gate = slow.clone();
        let mut results = pool
            .map(0..2, move |number| {
                started.send(number).unwrap();
                if number == 1 {
                    gate.wait();
                }
                number
            })
            .timeout(Duration::ZERO);
        // The only worker has begun with the second, so the first is ready.
        assert_eq!(starts.iter().take(2).last(), Some(1));
        assert_eq!(results.next().unwrap().unwrap(), 0);
        let error = results.next().unwrap().unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(error.index(), 1);
        assert!(results.next().is_none());
        slow.open();
    });
}

#[test]
fn a_fallback_inside_the_task_never_fails() {
    watchdog(|| {
        let addresses = ["news", "missing/weather", "sport"];
        let pages: Result<Vec<_>, _> = pool(3)
            .map(addresses, |address| {
                fetch(address).unwrap_or_else(|_| "from the cache".to_owned())
            })
            .collect();
        assert_eq!(
            pages.unwrap(),
            ["page of news", "from the cache", "page of sport"]
        );
    });
}

#[test]
fn pages_are_scraped_in_input_order() {
    fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
        Some(text.split_once(start)?.1.split_once(end)?.0)
    }
    watchdog(|| {
        let pages = [
            ("/one", "<title>One</title><a href=x><a href=y>"),
            ("/two", "<a href=z>"),
            ("/three", "<title>Three</title>"),
        ];
        let records: Result<Vec<_>, _> = pool(10)
            .map(pages, |(address, text)| {
                work(1);
                let title = between(text, "<title>", "</title>").unwrap_or("no title");
                (address, title, text.matches("<a ").count())
            })
            .collect();
        assert_eq!(
            records.unwrap(),
            [
                ("/one", "One", 2),
                ("/two", "no title", 1),
                ("/three", "Three", 0)
            ]
        );
    });
}

#[test]
fn the_files_of_a_folder_are_counted_in_listing_order() {
    watchdog(|| {
        let folder = Folder::planned("counted-files");
        fs::create_dir_all(folder.path()).unwrap();
        for lines in 0..12 {
            fs::write(
                folder.path().join(format!("{lines:02}.rs")),
                "line\n".repeat(lines),
            )
            .unwrap();
        }
        let root = folder.path().to_owned();
        let counted: Result<Vec<_>, _> = pool(10)
            .try_map(folder.files(), move |file| {
                let text = fs::read_to_string(root.join(&file))?;
                Ok::<_, std::io::Error>((file, text.lines().count(), text.chars().count()))
            })
            .collect();
        let expected: Vec<_> = (0..12).map(|n| (format!("{n:02}.rs"), n, 5 * n)).collect();
        assert_eq!(counted.unwrap(), expected);
    });
}

#[test]
fn busy_work_keeps_several_threads_busy_at_once() {
    watchdog(|| {
        let arrived = Arc::new(AtomicUsize::new(0));
        let sums: Result<Vec<u64>, _> = pool(2)
            .map([100_000, 200_000], move |bound| {
                arrived.fetch_add(1, SeqCst);
                while arrived.load(SeqCst) < 2 {
                    hint::spin_loop();
                    thread::yield_now();
                }
                (0..bound).sum()
            })
            .collect();
        assert_eq!(sums.unwrap(), [4_999_950_000, 19_999_900_000]);
    });
}

#[test]
fn a_map_starts_before_anyone_reads_it() {
    watchdog(|| {
        let journal = Journal::new();
        let (started, starts) = mpsc::channel();
        let gate = Gate::new();
        let pool = pool(3);
        let results = pool.map(0..5, {
            let (journal, gate) = (journal.clone(), gate.clone());
            move |number| {
                started.send(number).unwrap();
                gate.wait();
                work(number);
                journal.write(format!("task {number} ends"));
                10 * number
            }
        });
        let mut first: Vec<_> = starts.iter().take(3).collect();
        first.sort_unstable();
        assert_eq!(first, [0, 1, 2]);
        assert_eq!(results.len(), 5);
        assert!(journal.lines().is_empty());

        gate.open();
        assert_eq!(
            results.map(Result::unwrap).collect::<Vec<_>>(),
            [0, 10, 20, 30, 40]
        );
        assert_eq!(journal.sorted().len(), 5);
    });
}

#[test]
fn ten_fetches_on_five_workers_go_five_at_a_time() {
    watchdog(|| {
        let five = Barrier::new(5);
        let pages: Result<Vec<_>, MapError> = pool(5)
            .map(0..10, move |number| {
                five.wait();
                fetch(&number.to_string()).unwrap()
            })
            .collect();
        assert_eq!(
            pages.unwrap(),
            (0..10).map(|n| format!("page of {n}")).collect::<Vec<_>>()
        );
    });
}

#[test]
fn results_are_given_as_they_become_ready() {
    watchdog(|| {
        let gates: Vec<Gate> = (0..3).map(|_| Gate::new()).collect();
        let pool = pool(3);
        let mut results = pool.map(gates.clone(), |gate| gate.wait());
        for (opened, gate) in gates.iter().enumerate() {
            gate.open();
            assert!(results.next().unwrap().is_ok());
            assert_eq!(results.len(), 2 - opened);
        }
    });
}

#[test]
fn squares_of_one_to_five() {
    watchdog(|| {
        let squares: Result<Vec<_>, _> = pool(3).map(1..=5, |n| n * n).collect();
        assert_eq!(squares.unwrap(), [1, 4, 9, 16, 25]);
    });
}

#[test]
fn done_lines_come_in_input_order() {
    watchdog(|| {
        let meeting = Barrier::new(2);
        let lines: Result<Vec<_>, _> = pool(2)
            .map([1, 2], move |number| {
                meeting.wait();
                format!("done {number}")
            })
            .collect();
        assert_eq!(lines.unwrap(), ["done 1", "done 2"]);
    });
}
