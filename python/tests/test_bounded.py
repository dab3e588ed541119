"""Executors with a bounded queue."""

import queue
import signal
import threading
import time

import pytest
from concurrent_futures import (
    CancelledError,
    Discarded,
    QueueFull,
    ThreadPoolExecutor,
    current_token,
    wait,
)
from helpers import WAIT, Gated


def full(pool):
    """A busy worker, and a queue of that capacity filled up."""
    gate = Gated(pool)
    return gate, [pool.submit(int, number) for number in range(pool._options["queue_capacity"])]


def until(condition):
    """For what another thread is about to do; the watchdog ends it."""
    while not condition():
        threading.Event().wait(0.001)


def in_thread(function, *args):
    """The future of a call on a thread of its own, which has begun."""
    other = ThreadPoolExecutor(1)
    begun = threading.Event()

    def run():
        begun.set()
        return function(*args)

    future = other.submit(run)
    other.shutdown(wait=False)
    assert begun.wait(WAIT)
    return future


def test_a_submit_waits_for_room():
    with ThreadPoolExecutor(1, queue_capacity=2) as pool:
        gate, futures = full(pool)
        waiting = [in_thread(pool.submit, int, 7 + number) for number in range(3)]
        assert not wait(waiting, timeout=0.05).done
        assert pool.stats().queued == 2
        gate.go.set()
        assert sorted(future.result(WAIT).result(WAIT) for future in waiting) == [7, 8, 9]
        assert [future.result(WAIT) for future in futures] == [0, 1]


def test_a_cancelled_task_gives_its_room_back_at_once():
    with ThreadPoolExecutor(1, queue_capacity=1) as pool:
        gate, (queued,) = full(pool)
        waiting = in_thread(pool.submit, int, 5)
        assert queued.cancel()
        next_one = waiting.result(WAIT)
        assert not next_one.done()
        gate.go.set()
        assert next_one.result(WAIT) == 5


def test_an_interrupted_submit_leaves_the_line():
    """As Ctrl-C does."""
    with ThreadPoolExecutor(1, queue_capacity=1) as pool:
        gate, (queued,) = full(pool)
        main = threading.main_thread().ident
        may_come = threading.Event()

        def interrupt():
            may_come.wait(WAIT)
            time.sleep(0.1)  # In most cases it waits by then.
            signal.pthread_kill(main, signal.SIGINT)

        interrupter = threading.Thread(target=interrupt)
        interrupter.start()
        with pytest.raises(KeyboardInterrupt):
            may_come.set()
            pool.submit(int)
        interrupter.join(WAIT)
        waiting = in_thread(pool.submit, int, 5)
        assert queued.cancel()
        next_one = waiting.result(WAIT)
        gate.go.set()
        assert next_one.result(WAIT) == 5


@pytest.mark.parametrize("end", ["shutdown", "broken"])
def test_a_submit_that_waits_hears_of_the_end(end):
    if end == "shutdown":
        pool = ThreadPoolExecutor(1, queue_capacity=1)
        gate, _ = full(pool)
        waiting = in_thread(pool.submit, int)
        pool.shutdown(wait=False, cancel_futures=True)
    else:
        gate = threading.Event()

        def initializer():
            gate.wait(WAIT)
            raise KeyError

        pool = ThreadPoolExecutor(1, queue_capacity=1, initializer=initializer)
        pool.submit(int)
        waiting = in_thread(pool.submit, int)
        gate.set()
    with pytest.raises(RuntimeError):
        waiting.result(WAIT)
    if end == "shutdown":
        gate.go.set()
    pool.shutdown()


@pytest.mark.parametrize("when_full", ["block", "reject", "caller_runs"])
def test_a_worker_that_submits_to_its_own_pool_is_not_held_back(when_full):
    def outer():
        name = threading.current_thread().name
        futures = [pool.submit(lambda: threading.current_thread().name) for _ in range(10)]
        assert pool.stats().queued == 10
        return {future.result() for future in futures} == {name}

    with ThreadPoolExecutor(1, queue_capacity=1, when_full=when_full) as pool:
        assert pool.submit(outer).result(WAIT)
        assert pool.submit(int).result(WAIT) == 0


def test_reject():
    with ThreadPoolExecutor(1, queue_capacity=2, when_full="reject") as pool:
        gate, futures = full(pool)
        for _ in range(3):
            with pytest.raises(QueueFull) as info:
                pool.submit(int)
            assert isinstance(info.value, queue.Full)
        assert pool.stats().rejected == 3
        futures[0].cancel()
        again = pool.submit(int, 3)
        gate.go.set()
        assert again.result(WAIT) == 3


def test_caller_runs():
    with ThreadPoolExecutor(1, queue_capacity=1, when_full="caller_runs") as pool:
        gate, _ = full(pool)
        future = pool.submit(threading.get_ident)
        assert future.done() and future.result() == threading.get_ident()
        token = pool.submit(current_token).result()
        assert not token.is_cancelled()
        failed = pool.submit(divmod, 1, 0)
        assert isinstance(failed.exception(), ZeroDivisionError)
        stats = pool.stats()
        assert (stats.completed, stats.failed, stats.running, stats.queued) == (2, 1, 1, 1)
        gate.go.set()
    with pytest.raises(RuntimeError, match="after shutdown"):
        pool.submit(int)


def test_discard_oldest():
    with ThreadPoolExecutor(1, queue_capacity=2, when_full="discard_oldest") as pool:
        gate, futures = full(pool)
        newer = [pool.submit(int, 7), pool.submit(int, 8), pool.submit(int, 9)]
        for discarded in (*futures, newer[0]):
            with pytest.raises(Discarded) as info:
                discarded.result()
            assert isinstance(info.value, CancelledError) and not discarded.cancelled()
        # One that was cancelled has given its room back, and is no victim.
        newer[1].cancel()
        last = pool.submit(int, 10)
        assert not newer[2].done()
        gate.go.set()
        assert [newer[2].result(WAIT), last.result(WAIT)] == [9, 10]
        stats = pool.stats()
        assert (stats.failed, stats.cancelled, stats.completed) == (3, 1, 3)


def test_map_and_keywords_on_a_bounded_executor():
    with ThreadPoolExecutor(2, queue_capacity=3) as pool:
        assert list(pool.map(abs, range(-100, 0))) == list(range(100, 0, -1))
        assert pool.submit(dict, a=1).result(WAIT) == {"a": 1}
        assert pool.submit(int, "11", base=2).result(WAIT) == 3
        assert pool.stats().completed == 102


def test_many_producers_and_a_small_queue():
    ran = []
    with ThreadPoolExecutor(2, queue_capacity=3) as pool:
        def produce():
            for _ in range(500):
                pool.submit(ran.append, pool._work_queue.qsize())

        for future in [in_thread(produce) for _ in range(5)]:
            future.result(WAIT)
    assert len(ran) == 2500 and max(ran) <= 3
