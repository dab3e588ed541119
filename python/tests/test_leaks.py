"""What is native is counted: it all goes."""

import collections
import gc
import threading
import time

import concurrent.futures
import pytest
from concurrent_futures import (
    FIRST_COMPLETED,
    CancelledError,
    Future,
    ThreadPoolExecutor,
    _native,
    as_completed,
    wait,
)
from helpers import WAIT, Gated

NATIVE = (_native.Future, _native.ThreadPoolExecutor, _native.AsCompleted, _native.Map,
          _native.Condition, _native.WorkQueue)


def census():
    """Native objects that no Python object is, and those that the collector lists."""
    gc.collect()
    # From here on this thread has the signal that it keeps for its next sleep.
    with pytest.raises(TimeoutError):
        Future().result(0)
    listed = collections.Counter(
        type(thing).__name__ for thing in gc.get_objects() if isinstance(thing, NATIVE))
    return {**_native.census(), **listed}


def settles_at(before):
    """The system ends a thread a moment after Python has joined it.

    There may come to be less than before: an earlier test's error may have held something until now.
    """
    end = time.monotonic() + WAIT
    while more := {name: (before.get(name, 0), number) for name, number in census().items()
                   if number > before.get(name, 0)}:
        assert time.monotonic() < end, more
        time.sleep(0.001)


def results(pool):
    for future in [pool.submit(pow, n, 2) for n in range(300)]:
        future.result(WAIT)


def cancels(pool):
    with Gated(pool), Gated(pool):
        futures = [pool.submit(int) for _ in range(300)]
        for future in futures:
            future.add_done_callback(lambda f: None)
            assert future.cancel()
    for future in futures[:10]:
        with pytest.raises(CancelledError):
            future.result(WAIT)


def exceptions(pool):
    for future in [pool.submit(divmod, n, 0) for n in range(300)]:
        with pytest.raises(ZeroDivisionError):
            future.result(WAIT)


def maps(pool):
    assert sum(pool.map(abs, range(300))) == sum(range(300))
    next(pool.map(abs, range(300)))
    list(pool.map(abs, range(300), buffersize=3))
    with pytest.raises(ZeroDivisionError):
        list(pool.map(divmod, range(300), [0] * 300))


def completions(pool):
    futures = [pool.submit(int) for _ in range(300)]
    assert len(list(as_completed(futures, WAIT))) == 300
    next(as_completed([pool.submit(int) for _ in range(300)]))
    next(concurrent.futures.as_completed([pool.submit(int) for _ in range(300)]))


def waits(pool):
    with Gated(pool), Gated(pool):
        futures = [pool.submit(int) for _ in range(300)]
        assert not wait(futures, 0.001, FIRST_COMPLETED).done
        assert not concurrent.futures.wait(futures, 0.001).done
        with pytest.raises(TimeoutError):
            futures[0].result(0.001)
        with pytest.raises(TimeoutError):
            next(as_completed(futures, 0.001))
    assert len(wait(futures, WAIT).done) == 300


def conditions(pool):
    with Gated(pool), Gated(pool):
        futures = [pool.submit(int) for _ in range(300)]
        for future in futures:
            with future._condition:
                future._condition.wait(0)
            future._waiters, future._done_callbacks
    wait(futures, WAIT)


def by_hand(pool):
    for _ in range(300):
        future = Future()
        thread = threading.Thread(target=future.set_result, args=(1,))
        thread.start()
        assert future.result(WAIT) == 1
        thread.join(WAIT)


def nested(pool):
    def outer():
        return sum(future.result() for future in [pool.submit(int, 1) for _ in range(10)])
    assert [pool.submit(outer).result(WAIT) for _ in range(20)] == [10] * 20


def cycles(pool):
    for _ in range(300):
        future = pool.submit(list)
        future.result(WAIT).append(future)
        future.itself = future


def left_alone(pool):
    """The pool goes with tasks queued, and nobody looks at them."""
    gate = threading.Event()
    for _ in range(300):
        pool.submit(gate.wait, WAIT)
    gate.set()


def shut_with_cancel(pool):
    with Gated(pool), Gated(pool):
        futures = [pool.submit(int) for _ in range(300)]
        pool.shutdown(wait=False, cancel_futures=True)
    assert all(future.cancelled() for future in futures)


def broken(pool):
    other = ThreadPoolExecutor(2, initializer=divmod, initargs=(1, 0))
    with pytest.raises(concurrent.futures.BrokenExecutor):
        for _ in range(300):
            other.submit(int).result(WAIT)
    with pytest.raises(concurrent.futures.BrokenExecutor):
        while True:
            other.submit(int)


ALL = [results, cancels, exceptions, maps, completions, waits, conditions, by_hand, nested, cycles,
       left_alone, shut_with_cancel, broken]


@pytest.mark.parametrize("use", ALL)
@pytest.mark.parametrize("end", ["shutdown", "dropped"])
def test_all_that_is_native_goes(use, end):
    before = census()
    pool = ThreadPoolExecutor(2)
    use(pool)
    if end == "shutdown":
        pool.shutdown()
    del pool
    settles_at(before)


def test_a_pool_at_rest_keeps_nothing_of_its_tasks():
    with ThreadPoolExecutor(2) as pool:
        # Else the second worker may come later.
        with Gated(pool) as one, Gated(pool) as other:
            pass
        wait([one.future, other.future])
        before = census()
        for use in (results, cancels, exceptions, maps, completions, waits, conditions):
            use(pool)
            results(pool)
            settles_at(before)
