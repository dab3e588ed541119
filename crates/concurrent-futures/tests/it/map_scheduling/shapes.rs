//! Items and results of every size, maps of every length, and what the iterator says of itself.

use concurrent_futures::Map;

use super::MANY;
use crate::support::{Gate, hold, pool, watchdog, watchdog_for};

#[test]
fn no_items() {
    watchdog(|| {
        let pool = pool(2);
        let mut results = pool.map(Vec::<u8>::new(), |n| n);
        assert_eq!(results.size_hint(), (0, Some(0)));
        assert!(results.next().is_none());
        assert_eq!(pool.worker_count(), 0);
    });
}

#[test]
fn a_million_items() {
    const ITEMS: usize = 1_000_000;
    watchdog_for(std::time::Duration::from_secs(120), || {
        for workers in [1, 4] {
            let pool = pool(workers);
            let results = pool.map(0..ITEMS, |index| index);
            assert!(results.map(Result::unwrap).eq(0..ITEMS));
        }
    });
}

#[test]
fn every_small_number_of_items() {
    watchdog(|| {
        for workers in [1, 2, 8] {
            let pool = pool(workers);
            for items in 0..200 {
                let results = pool.map(0..items, |index| index);
                assert!(results.map(Result::unwrap).eq(0..items));
            }
        }
    });
}

#[test]
fn items_and_results_without_size() {
    watchdog(|| {
        let pool = pool(2);
        let results = pool.map(std::iter::repeat_n((), MANY), |()| ());
        assert_eq!(results.map(Result::unwrap).count(), MANY);
    });
}

#[test]
fn items_and_results_of_a_page() {
    watchdog(|| {
        let pool = pool(2);
        let pages = (0..2000_u32).map(|number| [number; 1024]);
        let results = pool.map(pages, |page| page.map(|number| number + 1));
        for (number, page) in (1..).zip(results) {
            assert!(page.unwrap().iter().all(|&entry| entry == number));
        }
    });
}

#[test]
fn large_items_with_small_results_and_the_reverse() {
    watchdog(|| {
        let pool = pool(2);
        let pages = (0..1000_u32).map(|number| [number; 1024]);
        let numbers = pool.map(pages, |page| page[7]);
        assert!(numbers.map(Result::unwrap).eq(0..1000));
        let pages = pool.map(0..1000_u32, |number| [number; 1024]);
        assert!(pages.map(|page| page.unwrap()[7]).eq(0..1000));
    });
}

#[test]
fn a_large_function() {
    watchdog(|| {
        let pool = pool(2);
        let table: [usize; 512] = std::array::from_fn(|index| index * 3);
        let results = pool.map(0..512, move |index| table[index]);
        assert!(results.map(Result::unwrap).eq((0..512).map(|n| n * 3)));
    });
}

#[derive(Clone, Copy)]
#[repr(align(512))]
struct Aligned(usize);

impl Aligned {
    fn is_in_place(&self) -> bool {
        std::ptr::from_ref(self).is_aligned()
    }
}

#[test]
fn items_results_and_functions_with_a_wish_for_alignment() {
    watchdog(|| {
        let pool = pool(2);
        let captured = Aligned(1);
        let results = pool.map((0..1000).map(Aligned), move |item| {
            assert!(item.is_in_place() && captured.is_in_place());
            Aligned(item.0 + captured.0)
        });
        for (expected, result) in (1..).zip(results) {
            let result = result.unwrap();
            assert!(result.is_in_place());
            assert_eq!(result.0, expected);
        }
    });
}

#[test]
fn results_that_own_memory() {
    watchdog(|| {
        let pool = pool(3);
        let words = (0..MANY).map(|index| index.to_string());
        let results = pool.map(words, |word| vec![word.clone(), word]);
        for (index, words) in results.enumerate() {
            assert_eq!(words.unwrap(), [index.to_string(), index.to_string()]);
        }
    });
}

#[test]
fn the_length_is_exact_at_every_step() {
    watchdog(|| {
        let pool = pool(2);
        let held = hold(&pool, 2);
        let mut results = pool.map(0..300, |index| index);
        assert_eq!(results.len(), 300);
        held.release();
        for left in (0..300).rev() {
            assert!(results.next().unwrap().is_ok());
            assert_eq!(results.len(), left);
            assert_eq!(results.size_hint(), (left, Some(left)));
        }
        for _ in 0..3 {
            assert!(results.next().is_none());
        }
    });
}

#[test]
fn the_length_is_nothing_after_an_error() {
    watchdog(|| {
        let pool = pool(2);
        let mut results = pool.try_map(0..300, |index| if index < 5 { Ok(()) } else { Err(()) });
        assert_eq!(results.by_ref().take(5).map(Result::unwrap).count(), 5);
        assert_eq!(results.len(), 295);
        assert!(results.next().unwrap().is_err());
        assert_eq!(results.len(), 0);
        assert!(results.next().is_none());
    });
}

/// Neither items nor results need to be `Debug`.
struct Opaque;

#[test]
fn it_prints_without_waiting() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let mut results = pool.try_map([Opaque, Opaque], {
            let gate = gate.clone();
            move |item| {
                gate.wait();
                Ok::<_, Opaque>(item)
            }
        });
        assert!(format!("{results:?}").starts_with("Map"));
        gate.open();
        assert!(results.next().unwrap().is_ok());
        assert!(format!("{results:?}").starts_with("Map"));
    });
}

#[test]
fn it_may_be_iterated_by_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    watchdog(|| {
        let pool = pool(2);
        let results: Map<usize> = pool.map(0..MANY, |index| index);
        is_send(&results);
        let reader = std::thread::spawn(move || results.map(Result::unwrap).eq(0..MANY));
        assert!(reader.join().unwrap());
    });
}
