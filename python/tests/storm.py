"""Random calls on random futures from several threads, while pools come and go, threads die in the
middle of what they do, and the process forks.

``storm.py --seconds 600 --seed S`` runs it for as long as one likes.
"""

import argparse
import contextlib
import faulthandler
import gc
import logging
import os
import random
import sys
import threading
import time
import warnings

from concurrent_futures import (
    ALL_COMPLETED,
    FIRST_COMPLETED,
    FIRST_EXCEPTION,
    CancelledError,
    Future,
    ThreadPoolExecutor,
    _native,
    as_completed,
    wait,
)
from helpers import WAIT, Killed, strike

DRIVERS = 4
MODES = [ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION]


def noisy(kind, n, workers):
    workers.add(threading.current_thread())
    if kind == 0:
        raise ValueError(n)
    if kind == 1:
        time.sleep(0.0005)
    if kind == 2:
        gc.collect(0)
    if kind == 3:
        return [noisy] * 10
    if kind == 4:
        # Dies here, or at the next Python code on this thread: another task, or a callback.
        strike(threading.get_ident())
    if kind == 5:
        raise Killed
    return n


def bad_callback(future):
    raise ValueError


def deadly_callback(future):
    raise Killed


OPTIONS = [
    {},
    {},
    {"keep_alive": 0},
    {"queue_capacity": 3},
    {"queue_capacity": 2, "keep_alive": 0.001},
    {"queue_capacity": 2, "when_full": "discard_oldest"},
]


class Counts:
    def __init__(self):
        self.lock = threading.Lock()
        self.of = dict.fromkeys(("made", "ended", "struck", "threads", "forks"), 0)

    def add(self, **numbers):
        with self.lock:
            for name, number in numbers.items():
                self.of[name] += number


class Driver:
    """One thread of the storm."""

    def __init__(self, rng, counts):
        self.rng, self.counts = rng, counts

    def round(self):
        """One pool, from its start to its end."""
        rng = self.rng
        options = rng.choice(OPTIONS)
        self.pool = ThreadPoolExecutor(rng.randint(1, 5), **options)
        # Else the number of one that has left may be another thread's when it is struck.
        self.workers_stay = "keep_alive" not in options
        self.futures, self.threads, self.workers = [], [], set()
        acts, weights = zip(*self.ACTS)
        for n in range(rng.randint(1, 150)):
            act = rng.choices(acts, weights)[0] if self.futures else Driver.submit
            act(self, n)
        way = rng.random()
        if way < 0.4:
            with contextlib.suppress(Killed):
                self.pool.shutdown(cancel_futures=rng.random() < 0.5)
        elif way < 0.6:
            self.pool.shutdown(wait=False)
        del self.pool
        done, not_done = wait(self.futures, WAIT)
        assert not not_done, not_done
        for thread in self.threads:
            thread.join(WAIT)
            assert not thread.is_alive()
        self.counts.add(made=len(self.futures), ended=len(done))

    def some(self):
        return self.rng.sample(self.futures, min(5, len(self.futures)))

    def submit(self, n):
        self.futures.append(self.pool.submit(noisy, self.rng.randint(0, 30), n, self.workers))

    def cancel(self, n):
        # The callbacks run here, and what is no Exception comes out; so it does below.
        with contextlib.suppress(Killed):
            self.rng.choice(self.futures).cancel()

    def add_callback(self, n):
        with contextlib.suppress(Killed):
            self.rng.choice(self.futures).add_done_callback(
                self.rng.choice([bad_callback, deadly_callback]))

    def wait(self, n):
        wait(self.some(), self.rng.choice([0, 0.001, None]), self.rng.choice(MODES))

    def complete(self, n):
        next(as_completed(self.some()))

    def result(self, n):
        with contextlib.suppress(TimeoutError, CancelledError, ValueError, RuntimeError, Killed):
            self.rng.choice(self.futures).result(self.rng.choice([0, 0.001]))

    def map(self, n):
        results = self.pool.map(noisy, [9] * 5, range(5), [self.workers] * 5)
        if self.rng.random() < 0.5:
            # A worker that was struck may die in any of its tasks, or before its first one.
            with contextlib.suppress(Killed, RuntimeError, CancelledError):
                next(results)

    def resize(self, n):
        if not self.workers_stay:
            self.pool.set_max_workers(self.rng.randint(1, 5))
        assert self.pool.stats().rejected == 0

    def request(self, n):
        with contextlib.suppress(Killed):
            self.rng.choice(self.futures).request_cancel()

    def strike_worker(self, n):
        # Those that have run a task, and those that may not yet have begun. Another thread's submit
        # may be about to start one, which has no number until then.
        workers = [thread.ident for thread in self.workers | self.pool._threads if thread.ident]
        if workers and self.workers_stay:
            self.counts.add(struck=strike(self.rng.choice(workers)))

    def dying_waiter(self, n):
        """A thread that waits, and ends or is struck while it does."""
        futures, way = self.some() + [Future()], self.rng.randrange(4)
        never, may_go = futures[-1], []

        def run():
            if way == 0:
                for future in as_completed(futures[:-1]):
                    raise Killed
            elif way == 1:
                wait(futures, 0.002)
            elif way == 2:
                never.result(0.002)
            else:
                with never._condition:
                    never._condition.wait(0.002)

        def contained():
            try:
                try:
                    run()
                finally:
                    # Its number must not be another thread's when it is struck.
                    while not may_go:
                        time.sleep(0.0005)
            except (Killed, TimeoutError):
                pass

        thread = threading.Thread(target=contained)
        thread.start()
        self.threads.append(thread)
        struck = self.rng.random() < 0.5 and thread.is_alive() and strike(thread.ident)
        may_go.append(True)
        self.counts.add(threads=1, struck=struck)

    def fork(self, n):
        if not hasattr(os, "fork"):
            return
        pid = os.fork()
        if pid == 0:
            left = [future for future in self.futures if not future.done()]
            if left or self.pool.submit(int).result(10) != 0:
                print("after the fork:", left, file=sys.__stderr__, flush=True)
                os._exit(1)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        self.counts.add(forks=1)

    ACTS = [
        (submit, 600), (cancel, 100), (add_callback, 100), (wait, 50), (complete, 50), (result, 50),
        (map, 30), (resize, 20), (request, 20), (strike_worker, 10), (dying_waiter, 10), (fork, 4),
    ]


def storm(seconds, seed):
    """Runs it, and says how many futures were made and ended, and what befell the threads."""
    end, counts, errors = time.monotonic() + seconds, Counts(), []

    def goes_on():
        # A slow machine may not have come to all of it by then.
        return time.monotonic() < end or not (counts.of["struck"] and counts.of["threads"])

    def run(number):
        driver = Driver(random.Random(seed + number), counts)
        try:
            while goes_on() and not errors:
                driver.round()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(DRIVERS)]
    with quiet():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(seconds + 2 * WAIT)
            assert not thread.is_alive()
    if errors:
        # It may be a SystemExit, and that would end the interpreter without a word.
        raise AssertionError("a thread of the storm failed") from errors[0]
    return counts.of


class quiet:
    """No word of exceptions in callbacks and of threads that die: neither a handler's lock, which a
    struck thread could keep, nor a flood of text."""

    def __enter__(self):
        self.kept = logging.getLogger("concurrent.futures"), sys.unraisablehook, threading.excepthook
        self.kept[0].disabled = True
        sys.unraisablehook = threading.excepthook = lambda _: None

    def __exit__(self, *_):
        self.kept[0].disabled = False
        _, sys.unraisablehook, threading.excepthook = self.kept


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    faulthandler.dump_traceback_later(options.seconds + 2 * WAIT, exit=True)
    sys.setswitchinterval(1e-5)
    print("seed", options.seed, flush=True)
    counts = storm(options.seconds, options.seed)
    print(counts, _native.census())
    assert counts["made"] == counts["ended"] > 0


if __name__ == "__main__":
    main()
