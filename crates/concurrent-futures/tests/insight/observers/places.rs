//! Where a task was submitted is where the program calls, not where the crate does.

use std::panic::Location;

use concurrent_futures::{CollectAll, ThreadPoolExecutor};

use crate::{support::watchdog, witness::Witness};

#[track_caller]
fn line() -> u32 {
    Location::caller().line()
}

#[test]
#[rustfmt::skip] // each submit stands in one line with its number
fn each_verb_tells_its_caller() {
    watchdog(|| {
        let (pool, witness) = Witness::of(ThreadPoolExecutor::builder().max_workers(2));
        let mut lines = Vec::new();
        lines.push(line()); drop(pool.submit(|| 1));
        lines.push(line()); drop(pool.try_submit(|| Ok::<_, ()>(1)));
        lines.push(line()); drop(pool.task().submit(|| 1));
        lines.push(line()); drop(pool.task().try_submit(|| Ok::<_, ()>(1)));
        lines.push(line()); drop(pool.offer(|| 1));
        lines.push(line()); drop(pool.try_offer(|| Ok::<_, ()>(1)));
        lines.push(line()); drop(pool.offer_timeout(|| 1, std::time::Duration::MAX));
        lines.push(line()); drop(pool.try_offer_timeout(|| Ok::<_, ()>(1), std::time::Duration::MAX));
        lines.push(line()); drop(pool.task().offer(|| 1));
        lines.push(line()); drop(pool.map([1], |n| n));
        lines.push(line()); drop(pool.try_map([1], Ok::<_, ()>));
        lines.push(line()); pool.map_buffered(1, [1], |n| n).for_each(drop);
        lines.push(line()); pool.try_map_buffered(1, [1], Ok::<_, ()>).for_each(drop);
        lines.push(line()); drop(pool.map_unordered([1], |n| n));
        lines.push(line()); drop(pool.try_map_unordered([1], Ok::<_, ()>));
        pool.scope(|scope| {
            lines.push(line()); drop(scope.submit(|| 1));
            lines.push(line()); drop(scope.try_submit(|| Ok::<_, ()>(1)));
        });
        let group = pool.group(CollectAll).open();
        lines.push(line()); group.submit(|| 1);
        lines.push(line()); group.try_submit(|| Ok(1));
        drop(group.join());
        drop(pool.group(CollectAll).scope(|group| {
            lines.push(line()); group.submit(|| 1);
            lines.push(line()); group.try_submit(|| Ok(1));
        }));
        lines.push(line()); let first = pool.submit(|| 1);
        lines.push(line()); let second = first.then(|n| n);
        lines.push(line()); second.try_then(Ok).result().unwrap();
        pool.shutdown();
        let stories = witness.stories();
        assert!(stories.iter().all(|story| story.location.file() == file!()));
        let told: Vec<_> = stories.iter().map(|story| story.location.line()).collect();
        assert_eq!(told, lines);
    });
}
