"""Ten threads at once on each method, and then on all of them at random."""

import gc
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
    CancelledError,
    Future,
    InvalidStateError,
    ThreadPoolExecutor,
    as_completed,
    wait,
)
from helpers import WAIT, on_threads

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


def storm(seconds, seed):
    """Random calls on random futures from several threads, while pools come and go."""
    end, counts = time.monotonic() + seconds, {"made": 0, "ended": 0}
    lock = threading.Lock()

    def noisy(kind, n):
        if kind == 0:
            raise ValueError(n)
        if kind == 1:
            time.sleep(0.0005)
        if kind == 2:
            gc.collect(0)
        if kind == 3:
            return [noisy] * 10
        return n

    def bad_callback(future):
        raise ValueError

    def run(number):
        rng = random.Random(seed + number)
        while time.monotonic() < end:
            pool = ThreadPoolExecutor(rng.randint(1, 5))
            futures = []
            for n in range(rng.randint(1, 150)):
                act = rng.random()
                if act < 0.6 or not futures:
                    futures.append(pool.submit(noisy, rng.randint(0, 30), n))
                elif act < 0.7:
                    rng.choice(futures).cancel()
                elif act < 0.8:
                    rng.choice(futures).add_done_callback(bad_callback)
                elif act < 0.85:
                    wait(rng.sample(futures, min(5, len(futures))), rng.choice([0, 0.001, None]),
                         rng.choice([ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION]))
                elif act < 0.9:
                    iterator = as_completed(rng.sample(futures, min(5, len(futures))))
                    next(iterator)
                elif act < 0.95:
                    try:
                        rng.choice(futures).result(rng.choice([0, 0.001]))
                    except (TimeoutError, CancelledError, ValueError):
                        pass
                elif act < 0.955 and hasattr(os, "fork"):
                    pid = os.fork()
                    if pid == 0:
                        left = [f for f in futures if not f.done()]
                        if left or pool.submit(int).result(10) != 0:
                            print("after the fork:", left, file=sys.__stderr__, flush=True)
                            os._exit(1)
                        os._exit(0)
                    assert os.waitpid(pid, 0)[1] == 0
                else:
                    map_ = pool.map(noisy, [9] * 5, range(5))
                    if rng.random() < 0.5:
                        next(map_)
                    del map_
            way = rng.random()
            if way < 0.4:
                pool.shutdown(cancel_futures=rng.random() < 0.5)
            elif way < 0.6:
                pool.shutdown(wait=False)
            del pool
            done, not_done = wait(futures, WAIT)
            assert not not_done
            with lock:
                counts["made"] += len(futures)
                counts["ended"] += len(done)

    on_threads_for(4, run, seconds + WAIT)
    return counts


def on_threads_for(count, function, limit):
    errors = []

    def guarded(number):
        try:
            function(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(limit)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


@pytest.mark.filterwarnings("ignore")
def test_storm(caplog):
    import faulthandler

    caplog.set_level("CRITICAL", "concurrent.futures")
    seconds = float(os.environ.get("STORM_SECONDS", 5))
    faulthandler.dump_traceback_later(seconds + 120, exit=True)
    seed = int(os.environ.get("STORM_SEED", random.randrange(1 << 30)))
    print("seed", seed)
    counts = storm(seconds, seed)
    assert counts["made"] == counts["ended"] > 0
