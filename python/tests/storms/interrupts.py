"""Signals, thousands of them, whose handlers use executors and raise, and interrupts at any moment.

The first kind of child has a timer that fires every millisecond; its handler submits, waits, shuts an executor down,
or raises in the middle of whatever the program calls. The second kind is an ordinary program that gets one
interrupt from outside. Each goes on or ends, and what it had submitted has ended.
"""

import collections
import faulthandler
import random
import signal
import subprocess
import sys
import threading
import time

from concurrent_futures import CancelledError, Future, QueueFull, ThreadPoolExecutor, as_completed, wait
from helpers import WAIT
from storms.garbage import inside_threading

LIMIT = 120
OPTIONS = [{}, {}, {"queue_capacity": 4}, {"keep_alive": 60, "min_workers": 1}, {"context": True}]


class Raised(BaseException):
    """What a handler raises: no Exception, as KeyboardInterrupt."""


class Timer:
    """Handles so many signals, each in one of several ways."""

    def __init__(self, rng, signals):
        self.rng, self.left, self.counts = rng, signals, collections.Counter()
        self.futures, self.may_raise, self.inside = [], False, False
        self.pool = self.other = None

    def __enter__(self):
        signal.signal(signal.SIGALRM, self.handle)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)

    def __exit__(self, *_):
        signal.setitimer(signal.ITIMER_REAL, 0)

    def handle(self, *_):
        self.counts["signals"] += 1
        if self.inside or inside_threading():
            return
        self.inside, act = True, self.rng.randrange(12)
        try:
            if act < 3:
                self.futures.append(self.other.submit(pow, 2, 3))
            elif act < 5:
                assert self.other.submit(pow, 2, 3).result(WAIT) == 8
            elif act == 5:
                wait(self.futures[-3:], 0.0005)
            elif act == 6:
                self.futures.append(self.pool.submit(pow, 2, 3))
            elif act == 7:
                self.other.shutdown(wait=self.rng.random() < 0.5, cancel_futures=self.rng.random() < 0.5)
                self.other = ThreadPoolExecutor(2)
                self.counts["shut down by a handler"] += 1
        except (RuntimeError, QueueFull):
            pass
        finally:
            self.inside = False
        if act >= 9 and self.may_raise:
            self.counts["raised"] += 1
            raise Raised


def interrupted(timer, rng):
    """One call of the program, which a signal may leave at any moment."""
    pool, futures = timer.pool, timer.futures
    act = rng.randrange(8)
    if act == 0:
        futures.append(pool.submit(time.sleep, 0.001))
    elif act == 1:
        pool.submit(pow, 2, 3).result(WAIT)
    elif act == 2:
        wait([pool.submit(int) for _ in range(5)], WAIT)
    elif act == 3:
        list(as_completed([pool.submit(int) for _ in range(5)], WAIT))
    elif act == 4:
        list(pool.map(abs, range(5), timeout=WAIT))
    elif act == 5:
        future = pool.submit(time.sleep, 0.0005)
        future.add_done_callback(lambda _: None)
        with future._condition:
            future.done()
        future.cancel()
    elif act == 6:
        future = Future()
        future.add_done_callback(futures.append)
        future.set_result(1)
    else:
        pool.stats()


def signals(seed, count):
    """The first kind of child."""
    rng = random.Random(seed)
    timer = Timer(random.Random(f"{seed} handler"), count)
    timer.other = ThreadPoolExecutor(2)
    while timer.counts["signals"] < count:
        timer.pool = ThreadPoolExecutor(rng.randint(1, 3), **rng.choice(OPTIONS))
        # An exception in the middle of a start or a join of a thread is more than `threading` bears.
        timer.pool.prestart()
        with timer:
            for _ in range(rng.randint(20, 200)):
                try:
                    timer.may_raise = True
                    interrupted(timer, rng)
                except (Raised, RuntimeError, QueueFull, CancelledError):
                    pass
                finally:
                    timer.may_raise = False
        timer.counts["executors"] += 1
        timer.pool.shutdown()
        done, not_done = wait(timer.futures, WAIT)
        assert not not_done, not_done
        timer.futures.clear()
    timer.other.shutdown()
    print(dict(timer.counts), flush=True)


def ordinary(seed):
    """The second kind. It says that it is about to work, and ends by itself a little later."""
    rng = random.Random(seed)
    print("begun", flush=True)
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        with ThreadPoolExecutor(rng.randint(1, 3), **rng.choice(OPTIONS)) as pool:
            futures = [pool.submit(time.sleep, 0.0005) for _ in range(rng.randint(1, 10))]
            act = rng.randrange(4)
            if act == 0:
                wait(futures)
            elif act == 1:
                list(as_completed(futures))
            elif act == 2:
                futures[0].result()
                list(pool.map(abs, range(5)))


def child(*words):
    return [sys.executable, "-X", "faulthandler", "-m", "storms.interrupts", *map(str, words)]


def storm(seconds, seed, count=1000):
    """With so many signals, and then interrupts for the rest of the time."""
    counts, end = collections.Counter(), time.monotonic() + seconds
    rng = random.Random(seed)
    done = subprocess.run(child("signals", seed, count), capture_output=True, text=True, timeout=LIMIT + 10)
    assert done.returncode == 0, f"signals {seed}: {done.returncode} {done.stdout} {done.stderr}"
    print(done.stdout.strip(), flush=True)
    counts["signals"] += count
    while True:
        seed += 1
        one_interrupt(seed, rng.uniform(0, 0.12), counts)
        if time.monotonic() >= end:
            return dict(counts)


def one_interrupt(seed, delay, counts):
    process = subprocess.Popen(child("ordinary", seed), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        assert process.stdout.readline() == "begun\n", process.stderr.read()
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LIMIT + 10)
    counts["interrupts"] += 1
    if process.returncode == 0 and not errors:
        counts["that came too late"] += 1
        return
    if process.returncode == 0 and errors.startswith("Exception ignored in"):
        # In a finalizer, or the callback of a weak reference, where the interpreter raises nothing.
        counts["that the interpreter ignored"] += 1
        return
    # Late in its exit the interpreter has given its handler back, and the system ends it without a word.
    last = errors.strip().splitlines()[-1] if errors else "KeyboardInterrupt"
    assert last.startswith("KeyboardInterrupt") and process.returncode in (1, -signal.SIGINT), (
        f"ordinary {seed}: {process.returncode} {errors}")


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    faulthandler.dump_traceback_later(LIMIT, exit=True)
    {"signals": signals, "ordinary": ordinary}[sys.argv[1]](*map(int, sys.argv[2:]))
