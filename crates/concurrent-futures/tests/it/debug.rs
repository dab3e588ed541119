//! How futures and pools print.

use concurrent_futures::{Future, ThreadPoolExecutor};

use crate::support::{hold, pool, watchdog};

/// The part behind the address.
fn state<T, E>(future: &Future<T, E>) -> String {
    let text = format!("{future:?}");
    let rest = text.strip_prefix("<Future at 0x").expect(&text);
    let (address, state) = rest.split_once(' ').expect(&text);
    assert!(usize::from_str_radix(address, 16).is_ok(), "{text}");
    state.to_owned()
}

#[derive(Debug)]
struct ParseError;

/// Neither its values nor their types need to be Debug.
struct Opaque;

#[test]
fn pending_running_and_cancelled() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = pool.submit(|| ());
        assert_eq!(state(&task), "state=pending>");
        assert_eq!(state(&held.tasks()[0]), "state=running>");
        task.cancel();
        assert_eq!(state(&task), "state=cancelled>");
    });
}

#[test]
fn finished_with_a_value_names_its_type() {
    watchdog(|| {
        let task = pool(1).submit(|| 5_i32);
        assert_eq!(state(&task), "state=finished returned i32>");
    });
}

#[test]
fn finished_with_an_error_names_its_type() {
    watchdog(|| {
        let task = pool(1).try_submit(|| Err::<(), _>(ParseError));
        assert_eq!(state(&task), "state=finished raised ParseError>");
    });
}

#[test]
fn finished_with_a_panic_quotes_it() {
    watchdog(|| {
        let task = pool(1).submit(|| panic!("boom"));
        assert_eq!(state(&task), "state=finished panicked \"boom\">");
    });
}

#[test]
fn finished_with_a_refusal() {
    watchdog(|| {
        let pool = pool(1);
        pool.shutdown();
        let text = state(&pool.submit(|| ()));
        assert!(text.starts_with("state=finished "), "{text}");
    });
}

#[test]
fn values_need_not_be_printable() {
    watchdog(|| {
        let task = pool(1).try_submit(|| if true { Ok(Opaque) } else { Err(Opaque) });
        assert_eq!(state(&task), "state=finished returned Opaque>");
    });
}

#[test]
fn living_futures_print_different_addresses() {
    watchdog(|| {
        let pool = pool(1);
        let _held = hold(&pool, 1);
        let (one, other) = (pool.submit(|| ()), pool.submit(|| ()));
        assert_ne!(format!("{one:?}"), format!("{other:?}"));
        assert_eq!(format!("{one:?}"), format!("{one:?}"));
    });
}

#[test]
fn a_shared_future_tells_its_state() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let shared = pool.submit(|| 5_i32).shared();
        assert!(format!("{shared:?}").contains("state=pending"));
        held.release();
        shared.result().unwrap();
        assert!(format!("{shared:?}").contains("state=finished returned i32"));
    });
}

#[test]
fn a_pool_prints_its_kind() {
    watchdog(|| {
        let pool: ThreadPoolExecutor = pool(3);
        assert!(format!("{pool:?}").contains("ThreadPoolExecutor"));
    });
}
