"""Ten threads at once on each method, and then on all of them at random."""

import faulthandler
import os
import random
import sys
import threading
import time

import concurrent.futures
import pytest
from concurrent_futures import (
    ALL_COMPLETED,
    FIRST_COMPLETED,
    FIRST_EXCEPTION,
    Future,
    InvalidStateError,
    ThreadPoolExecutor,
    as_completed,
    wait,
)
from helpers import WAIT, on_threads
from storm import storm

THREADS = 10


@pytest.fixture(autouse=True)
def short_slices():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def test_submit_and_result():
    with ThreadPoolExecutor(4) as pool:
        def run(number):
            for n in range(300):
                assert pool.submit(pow, number, 2).result(WAIT) == number * number
        on_threads(THREADS, run)


def test_one_result_for_all():
    for _ in range(50):
        future = Future()

        def run(number):
            if number == 0:
                future.set_result("x")
            assert future.result(WAIT) == "x" and future.exception(WAIT) is None
        on_threads(THREADS, run)


def test_one_end_of_many():
    for _ in range(100):
        future, ends = Future(), []

        def run(number):
            try:
                if number % 3 == 0:
                    if future.cancel() and future.cancelled():
                        ends.append("cancel")
                elif number % 3 == 1:
                    future.set_result(number)
                    ends.append("result")
                else:
                    future.set_exception(KeyError(number))
                    ends.append("exception")
            except InvalidStateError:
                pass
        future.add_done_callback(lambda f: ends.append("callback"))
        on_threads(THREADS, run)
        assert ends.count("callback") == 1
        kinds = set(ends) - {"callback"}
        assert len(kinds) == 1 and (kinds == {"cancel"} or len(ends) == 2)


def test_cancel_against_run():
    ran = []
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(ran.append, n) for n in range(2000)]

        def run(number):
            for future in futures[number::THREADS]:
                future.cancel()
        on_threads(THREADS, run)
    cancelled = sum(f.cancelled() for f in futures)
    assert len(ran) + cancelled == 2000 and all(f.done() for f in futures)


def test_callbacks_each_once():
    for _ in range(50):
        future, calls = Future(), []

        def run(number):
            if number == 5:
                future.set_result(1)
            for n in range(20):
                future.add_done_callback(lambda f, key=(number, n): calls.append(key))
        on_threads(THREADS, run)
        assert sorted(calls) == [(a, b) for a in range(THREADS) for b in range(20)]


@pytest.mark.parametrize("module", [concurrent.futures, __import__("concurrent_futures")])
def test_wait_and_as_completed(module):
    with ThreadPoolExecutor(4) as pool:
        def run(number):
            for _ in range(20):
                futures = [pool.submit(int) for _ in range(20)]
                assert len(module.wait(futures, WAIT).done) == 20
                futures = [pool.submit(int) for _ in range(20)]
                assert len(list(module.as_completed(futures, WAIT))) == 20
        on_threads(THREADS, run)


def test_all_wait_for_the_same():
    with ThreadPoolExecutor(4) as pool:
        for mode in (ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION):
            futures = [pool.submit(time.sleep, 0.001 * n) for n in range(20)]

            def run(number):
                assert wait(futures, WAIT, mode).done
                assert len(set(as_completed(futures, WAIT))) == 20
            on_threads(THREADS, run)


def test_map():
    with ThreadPoolExecutor(4) as pool:
        def run(number):
            for _ in range(20):
                assert list(pool.map(pow, range(20), [2] * 20)) == [n * n for n in range(20)]
        on_threads(THREADS, run)


def test_conditions():
    future, count = Future(), [0]

    def run(number):
        for _ in range(200):
            with future._condition:
                seen = count[0]
                future.done()
                count[0] = seen + 1
    on_threads(THREADS, run)
    assert count == [200 * THREADS]


def test_submit_against_shutdown():
    for round_number in range(30):
        pool, futures = ThreadPoolExecutor(3), []

        def run(number):
            if number == 0:
                pool.shutdown(cancel_futures=round_number % 2 == 0)
                return
            try:
                while True:
                    futures.append(pool.submit(int))
            except RuntimeError:
                pass
        on_threads(THREADS, run)
        assert len(wait(futures, WAIT).not_done) == 0
        assert not any(thread.is_alive() for thread in pool._threads)


def test_with_k_tasks_all_k_run():
    for k in (2, 5, 8):
        for _ in range(20):
            with ThreadPoolExecutor(k) as pool:
                meet = threading.Barrier(k)
                wait([pool.submit(meet.wait, WAIT) for _ in range(k)])
                meet.reset()
                again = [pool.submit(meet.wait, WAIT) for _ in range(k)]
                assert sorted(f.result(WAIT) for f in again) == list(range(k))


@pytest.mark.filterwarnings("ignore")
def test_storm():
    seconds = float(os.environ.get("STORM_SECONDS", 5))
    faulthandler.dump_traceback_later(seconds + 120, exit=True)
    seed = int(os.environ.get("STORM_SEED", random.randrange(1 << 30)))
    print("seed", seed)
    counts = storm(seconds, seed)
    assert counts["made"] == counts["ended"] > 0
    assert counts["struck"] > 0 and counts["threads"] > 0
