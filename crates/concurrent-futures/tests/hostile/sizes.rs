//! Closures and results of no size, of odd alignment, and of great size.

use std::hint::black_box;
use std::{array, ptr};

use crate::support::{Probe, pool, watchdog};

#[test]
fn nothing_at_all() {
    #[derive(Debug, PartialEq)]
    struct Nothing;
    watchdog(|| {
        let pool = pool(2);
        let futures: Vec<_> = (0..1000).map(|_| pool.submit(|| Nothing)).collect();
        assert!(
            futures
                .into_iter()
                .all(|future| future.result().unwrap() == Nothing)
        );
        let never = pool.try_submit(|| Err::<std::convert::Infallible, _>(Nothing));
        assert_eq!(never.result().unwrap_err().into_failure(), Some(Nothing));
    });
}

#[repr(align(4096))]
struct Page([u8; 4096]);

fn aligned<T>(value: &T) -> bool {
    ptr::from_ref(value).addr() % align_of::<T>() == 0
}

#[test]
fn a_page_aligned_result() {
    watchdog(|| {
        let pool = pool(2);
        let futures: Vec<_> = (0..20_u8)
            .map(|fill| pool.submit(move || Page([fill; 4096])).shared())
            .collect();
        for (fill, future) in (0..20).zip(&futures) {
            let page = future.result().unwrap();
            assert!(aligned(page));
            assert!(page.0.iter().all(|byte| *byte == fill));
        }
        let page = pool.submit(|| Page([9; 4096])).result().unwrap();
        assert_eq!(black_box(&page).0[4095], 9);
    });
}

#[test]
fn a_page_aligned_closure() {
    watchdog(|| {
        let pool = pool(2);
        let futures: Vec<_> = (0..20_u8)
            .map(|fill| {
                let page = Page([fill; 4096]);
                pool.submit(move || {
                    let page = black_box(&page);
                    (
                        aligned(page),
                        page.0.iter().map(|byte| usize::from(*byte)).sum::<usize>(),
                    )
                })
            })
            .collect();
        for (fill, future) in futures.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), (true, 4096 * fill));
        }
    });
}

#[test]
fn a_result_of_sixteen_mebibytes() {
    watchdog(|| {
        let pool = pool(2);
        let (address, bytes) = pool
            .submit(|| {
                let bytes = vec![5_u8; 16 << 20].into_boxed_slice();
                (bytes.as_ptr().addr(), bytes)
            })
            .result()
            .unwrap();
        // Moved, not copied.
        assert_eq!(bytes.as_ptr().addr(), address);
        assert_eq!(bytes.len(), 16 << 20);
        assert!(bytes.iter().all(|byte| *byte == 5));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_of_one_gibibyte() {
    fn peak_kib() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.unwrap().split_whitespace().next().unwrap();
        peak.parse().unwrap()
    }
    crate::support::alone(&[], || {
        watchdog(|| {
            let pool = pool(2);
            let (address, bytes) = pool
                .submit(|| {
                    // Zeros that nobody has looked at are not in memory yet.
                    let bytes = vec![0_u8; 1 << 30].into_boxed_slice();
                    (bytes.as_ptr().addr(), bytes)
                })
                .result()
                .unwrap();
            assert_eq!((bytes.as_ptr().addr(), bytes.len()), (address, 1 << 30));
            // A copy would be.
            assert!(peak_kib() < 256 << 10, "{} KiB", peak_kib());
        });
    });
}

#[test]
fn large_values_without_a_box() {
    const SIZE: usize = 64 << 10;
    watchdog(|| {
        let pool = pool(2);
        let probe = Probe::new();
        for run in [true, false] {
            let (array, tracked) = (array::from_fn::<u8, SIZE, _>(|_| 3), probe.value());
            let held = (!run).then(|| crate::support::hold(&pool, 2));
            let future = pool.submit(move || {
                drop(tracked);
                black_box(array)
            });
            if run {
                assert!(future.result().unwrap().iter().all(|byte| *byte == 3));
            } else {
                assert!(future.cancel());
            }
            assert_eq!(probe.alive(), 0);
            drop(held);
        }
    });
}
