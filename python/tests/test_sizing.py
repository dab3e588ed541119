"""The number of workers: changed, kept small, started ahead; and what the executor says about it."""

import sys
import threading
from concurrent.futures.thread import _threads_queues

import pytest
from concurrent_futures import Stats, ThreadPoolExecutor, wait
from helpers import WAIT, Gated
from test_bounded import until


def consistent(stats):
    return stats.submitted == (
        stats.queued + stats.running + stats.completed + stats.failed + stats.cancelled
    )


def test_more_workers_take_what_is_queued_and_fewer_leave_after_their_tasks():
    with ThreadPoolExecutor(1) as pool:
        with Gated(pool):
            futures = [pool.submit(threading.Event().wait, 0) for _ in range(3)]
            pool.set_max_workers(3)
            wait(futures)
            assert pool._max_workers == pool.stats().max_workers == 3
            with Gated(pool), Gated(pool):
                pool.set_max_workers(1)
                assert pool.stats().workers == 3
            until(lambda: pool.stats().workers == 1)
        until(lambda: len(pool._threads) == 1)
        assert [pool.submit(int, n).result(WAIT) for n in range(5)] == list(range(5))
        assert pool.stats().workers == 1


def test_set_max_workers_before_the_first_task():
    with ThreadPoolExecutor(1) as pool:
        pool.set_max_workers(2)
        with Gated(pool), Gated(pool):
            assert pool.stats().workers == 2


def test_idle_workers_leave_and_are_forgotten():
    with ThreadPoolExecutor(4, keep_alive=0.01, min_workers=1) as pool:
        with Gated(pool), Gated(pool), Gated(pool), Gated(pool):
            assert len(pool._threads) == 4
            threads = set(pool._threads)
        until(lambda: len(pool._threads) == 1)
        for thread in threads - pool._threads:
            thread.join(WAIT)
            assert thread not in _threads_queues
        assert pool.stats().workers == 1
        assert pool.submit(int, 5).result(WAIT) == 5
    assert not any(thread.is_alive() for thread in threads)


def test_workers_that_come_and_go_pile_up_nowhere():
    from concurrent_futures._native import census

    with ThreadPoolExecutor(1, keep_alive=0) as pool:
        for _ in range(50):
            assert pool.submit(int, 5).result(WAIT) == 5
            until(lambda: pool.stats().workers == 0)
        until(lambda: not pool._threads)
        # Each takes its leave before its thread lets it go.
        until(lambda: census()["workers"] <= 1)
        assert pool.stats().completed == 50


def test_prestart():
    begun = threading.Barrier(3)
    with ThreadPoolExecutor(2, initializer=begun.wait, initargs=(WAIT,)) as pool:
        assert pool.prestart(5) == 2
        begun.wait(WAIT)
        assert pool.prestart() == 0
        assert len(pool._threads) == pool.stats().workers == 2


def test_prestart_without_threads_says_why(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise RuntimeError("can't start new thread")

    with ThreadPoolExecutor(2) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with pytest.raises(RuntimeError, match="can't start new thread"):
                pool.prestart()
        assert pool.submit(int).result(WAIT) == 0


def test_stats_of_each_end():
    def outer():
        # One that is run in place, and one that fails there.
        assert pool.submit(int, 1).result() == 1
        with pytest.raises(ZeroDivisionError):
            pool.submit(divmod, 1, 0).result()
        assert pool.stats().running == 1
        return 1

    with ThreadPoolExecutor(1) as pool:
        assert pool.stats() == Stats(1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        pool.submit(outer).result(WAIT)
        assert pool.submit(divmod, 1, 0).exception(WAIT)
        with Gated(pool):
            cancelled, queued = pool.submit(int), pool.submit(int)
            cancelled.cancel()
            stats = pool.stats()
            assert (stats.queued, stats.running, stats.cancelled) == (1, 1, 1)
            assert consistent(stats)
        queued.result(WAIT)
        with Gated(pool):
            left = [pool.submit(int) for _ in range(3)]
            left[0].cancel()
            pool.shutdown(wait=False, cancel_futures=True)
    with pytest.raises(RuntimeError):
        pool.submit(int)
    stats = pool.stats()
    assert consistent(stats)
    ended = (stats.completed, stats.failed, stats.cancelled, stats.rejected, stats.submitted)
    assert ended == (5, 2, 4, 1, 11)
    assert (stats.queued, stats.running, stats.workers, stats.idle) == (0, 0, 0, 0)
    with pytest.raises(AttributeError):
        stats.queued = 1


def test_stats_fit_each_other_under_load():
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(pow, n, 3) for n in range(2000)]
        for number, future in enumerate(futures):
            if number % 3 == 0:
                future.cancel()
            assert number % 50 or consistent(pool.stats())
        wait(futures)
        until(lambda: pool.stats().running == 0)
        stats = pool.stats()
        assert stats.cancelled == sum(future.cancelled() for future in futures)
        assert stats.completed + stats.cancelled == stats.submitted == 2000


@pytest.mark.parametrize("options, error, message", [
    ({"queue_capacity": 0}, ValueError, "queue_capacity must be at least 1, not 0"),
    ({"queue_capacity": 1.5}, TypeError, "queue_capacity must be an integer, not 1.5"),
    ({"queue_capacity": True}, TypeError, "queue_capacity must be an integer, not True"),
    ({"when_full": "wait", "queue_capacity": 1}, ValueError, "when_full must be one of .*'wait'"),
    ({"when_full": "reject"}, ValueError, "when_full='reject' needs a queue_capacity"),
    ({"keep_alive": -1}, ValueError, "keep_alive must be at least 0, not -1"),
    ({"keep_alive": float("nan")}, ValueError, "keep_alive must be at least 0, not nan"),
    ({"keep_alive": "1"}, TypeError, "keep_alive must be a number .*'1'"),
    ({"min_workers": 3}, ValueError, "min_workers must be at most max_workers, 2, not 3"),
    ({"min_workers": -1}, ValueError, "min_workers must be at least 0, not -1"),
    ({"min_workers": None}, TypeError, "min_workers must be an integer, not None"),
    ({"context": "submit"}, TypeError, "context must be True or False, not 'submit'"),
    ({"bound": 1}, TypeError, "bound"),
])
def test_bad_keywords(options, error, message):
    with pytest.raises(error, match=message):
        ThreadPoolExecutor(2, **options)


def test_bad_numbers():
    with ThreadPoolExecutor(2, min_workers=2, keep_alive=1) as pool:
        for number, error in ((0, ValueError), (1, ValueError), (1.5, TypeError), (None, TypeError)):
            with pytest.raises(error, match=f"max_workers must be .* {number}"):
                pool.set_max_workers(number)
        with pytest.raises(ValueError, match="workers must be at least 0, not -1"):
            pool.prestart(-1)
        assert pool.stats().max_workers == 2


def test_the_largest_numbers():
    with ThreadPoolExecutor(2, keep_alive=float("inf"), queue_capacity=sys.maxsize) as pool:
        pool.set_max_workers(10**30)
        assert pool.submit(int).result(WAIT) == 0


FOREIGN = {
    "_adjust_thread_count": lambda self: ThreadPoolExecutor._adjust_thread_count(self),
}


@pytest.mark.parametrize("options", [
    {"queue_capacity": 1},
    {"queue_capacity": 1, "when_full": "reject"},
    {"keep_alive": 1},
    {"min_workers": 1},
])
def test_the_standard_engine_refuses_what_it_cannot_do(options):
    Pool = type("Pool", (ThreadPoolExecutor,), FOREIGN)
    (name, *_) = options
    with Pool(2, **options) as pool:
        with pytest.raises(RuntimeError, match=f"{name}=1 needs .* it overrides _adjust_thread"):
            pool.submit(int)
    with Pool(2) as pool:
        assert pool.submit(int).result(WAIT) == 0
        for call in (pool.stats, pool.prestart, lambda: pool.set_max_workers(3)):
            with pytest.raises(RuntimeError, match="needs this package's own engine"):
                call()


def test_the_standard_engine_takes_contexts():
    import contextvars

    variable = contextvars.ContextVar("variable")
    variable.set("mine")
    Pool = type("Pool", (ThreadPoolExecutor,), FOREIGN)
    with Pool(2, context=True) as pool:
        assert pool.submit(variable.get).result(WAIT) == "mine"
