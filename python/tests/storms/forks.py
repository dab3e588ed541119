"""Forks from a process whose executors are idle, in the middle of submits, or at work.

In each child everything inherited has ended, and every executor works on; then the child ends, at once or as
programs end. Nobody hangs: a child has some seconds, and says where it was if they are over.
"""

import collections
import multiprocessing
import os
import random
import signal
import sys
import threading
import time

from concurrent_futures import BrokenThreadPool, Future, ThreadPoolExecutor, as_completed, profile, wait
from helpers import WAIT

OPTIONS = [{}, {"keep_alive": 0.001}, {"queue_capacity": 3}, {"profile": True}, {"context": True}]


def kept(number):
    time.sleep(0.0005)
    return number


class Pools:
    """Executors of all kinds, and futures of theirs that may not be done."""

    def __init__(self, state):
        self.state = state
        self.pools = [ThreadPoolExecutor(2, **options) for options in OPTIONS]
        self.futures = collections.deque(maxlen=200)
        self.stop, self.threads, self.errors = threading.Event(), [], []
        for pool in self.pools:
            pool.submit(int).result(WAIT)
        if state != "idle":
            self.threads = [threading.Thread(target=self.busy, args=(number,)) for number in range(3)]
            for thread in self.threads:
                thread.start()

    def busy(self, number):
        """Submits all the time, or keeps workers at work."""
        rng = random.Random(number)
        try:
            while not self.stop.is_set():
                pool = rng.choice(self.pools)
                what = kept if self.state == "running" else abs
                futures = [pool.submit(what, n) for n in range(rng.randint(1, 8))]
                self.futures.extend(futures)
                act = rng.randrange(5)
                if act == 0:
                    wait(futures, 0.01)
                elif act == 1:
                    list(as_completed(futures))
                elif act == 2:
                    list(pool.map(abs, range(3)))
                elif act == 3 and pool._profile is not None:
                    pool.profile()
                elif act == 4:
                    ThreadPoolExecutor(1).submit(int).result()
        except BaseException as error:
            self.errors.append(error)

    def close(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(WAIT)
            assert not thread.is_alive()
        for pool in self.pools:
            pool.shutdown()
        if self.errors:
            raise AssertionError("a thread of the storm failed") from self.errors[0]


def check(pools):
    """In the child."""
    for future in tuple(pools.futures):
        assert future.done(), future
        error = future.exception()
        assert error is None or isinstance(error, BrokenThreadPool), error
    for pool in pools.pools:
        assert pool.submit(pow, 2, 3).result(WAIT) == 8
        assert list(pool.map(abs, range(3), timeout=WAIT)) == [0, 1, 2]
    with profile(), ThreadPoolExecutor(2) as pool:
        assert len(wait([pool.submit(int) for _ in range(3)], WAIT).done) == 3
    made = Future()
    made.set_result(1)
    for pool in pools.pools:
        pool.shutdown()


def fork(pools, rng):
    """Forks, and waits for the child, which must find all in order."""
    pid = os.fork()
    if pid == 0:
        try:
            signal.alarm(WAIT)
            check(pools)
        except BaseException as error:
            print("child:", repr(error), file=sys.__stderr__, flush=True)
            os._exit(1)
        if rng.random() < 0.5 or threading.current_thread().name != "MainThread":
            os._exit(0)
        # As programs end, with all that is done at exit; up to here by way of an exception.
        raise SystemExit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status == 0, f"a child ended with {status}"


def from_worker(pools, rng, counts):
    def task():
        fork(pools, rng)

    rng.choice(pools.pools).submit(task).result(2 * WAIT)
    counts["from workers"] += 1


def beside_multiprocessing(counts):
    context = multiprocessing.get_context("fork")
    with context.Pool(2) as processes, ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(processes.apply, in_process, (n,)) for n in range(4)]
        assert [future.result(WAIT) for future in futures] == [0, 1, 4, 9]
    counts["of multiprocessing"] += 1


def in_process(n):
    with ThreadPoolExecutor(2) as pool:
        return pool.submit(pow, n, 2).result(WAIT)


def one_state(state, seconds, seed, counts, count):
    rng, end = random.Random(f"{seed} {state}"), time.monotonic() + seconds
    pools, number = Pools(state), 0
    try:
        while number < count if count else time.monotonic() < end:
            number += 1
            fork(pools, rng)
            counts[state] += 1
            if number % 4 == 0:
                from_worker(pools, rng, counts)
            if number % 16 == 0:
                beside_multiprocessing(counts)
    finally:
        # A child comes here as well, on its way out.
        if os.getpid() == PARENT:
            pools.close()


def storm(seconds, seed, count=None):
    """For so many seconds, or with so many forks in each state."""
    global PARENT
    PARENT = os.getpid()
    counts = collections.Counter()
    for state in ("idle", "submit", "running"):
        one_state(state, seconds / 3, seed, counts, count)
    return dict(counts)
