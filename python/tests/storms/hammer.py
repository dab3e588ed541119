"""Ten threads at once on every method of one object, and nothing is left behind.

The calls are made up from what the objects have, with good and bad arguments. A round hammers one future, one
executor, one iterator and one token of each kind; after each round the references of what was handed in, the
native objects and the threads are as many as before, and after many rounds so is the memory.
"""

import collections
import gc
import os
import random
import sys
import threading
import time

from concurrent_futures import (
    CancelledError,
    Future,
    InvalidStateError,
    QueueFull,
    ThreadPoolExecutor,
    _native,
    as_completed,
    check_cancelled,
    current_token,
    wait,
)
from helpers import WAIT

THREADS = 10
OPTIONS = [{}, {"queue_capacity": 50}, {"keep_alive": 0.001}, {"profile": True}]


class Handed:
    """What is handed in: each of these is counted in the end."""

    def __init__(self):
        self.things = [object() for _ in range(3)]
        self.error = KeyError("handed in")
        self.calls = collections.Counter()

    def call(self, *_):
        self.calls["calls"] += 1

    def counts(self):
        return [*map(sys.getrefcount, self.things), sys.getrefcount(self.error), sys.getrefcount(self.call)]


def arguments(rng, handed):
    return rng.choice([
        (), (None,), (0,), (0.0001,), (-1,), (1e300,), (float("nan"),), ("a word",), (handed.things[0],),
        (handed.error,), (handed.call,), (int, 1), (pow, 2, 3), (divmod, 1, 0), (handed.call, handed.things[1]),
        (handed.call, (handed.things[2],) * 3), (True, False), (None, None, None), (2,), (1, 2, 3, 4, 5),
    ])


def keywords(rng, handed):
    return rng.choice([
        {}, {}, {}, {}, {"timeout": 0}, {"timeout": 0.0005}, {"wait": False}, {"key": handed.things[0]},
        {"buffersize": 2}, {"blocking": False}, {"n": 1},
    ])


# These would block for ever by right, end the executor for the others, or change the object's very state.
LEFT_OUT = {"shutdown", "_close", "_after_fork", "__class__", "__init_subclass__", "__subclasshook__", "__del__",
            "__reduce__", "__reduce_ex__", "__new__", "__getstate__", "acquire", "__enter__", "__exit__",
            "__setattr__", "__delattr__", "__init__", "_join", "_join_thread", "_work_queue", "_threads",
            "_initializer_failed", "_adjust_thread_count", "_refuse_options", "_settings", "__dir__"}


def names(thing):
    return [name for name in dir(thing) if name not in LEFT_OUT]


def one_call(rng, thing, name, handed):
    """Whatever it answers or raises, if that is an exception of Python's and no panic."""
    try:
        method = getattr(thing, name)
        if not callable(method):
            return
        if name in ("result", "exception", "wait", "wait_for", "sleep", "__next__", "get"):
            method(*arguments(rng, handed)[:1] or (0.0002,)) if name != "__next__" else method()
        else:
            method(*arguments(rng, handed), **keywords(rng, handed))
    except (TypeError, ValueError, OverflowError, AttributeError, RuntimeError, TimeoutError, CancelledError,
            QueueFull, KeyError, ZeroDivisionError, StopIteration, InvalidStateError, LookupError) as error:
        error.__traceback__ = None
    except Exception as error:
        if type(error).__module__ != "_queue":
            raise


def hammer(make, seed, handed, calls=60):
    thing, errors, start = make(), [], threading.Barrier(THREADS)

    def run(number):
        rng = random.Random(f"{seed} {number}")
        try:
            start.wait(WAIT)
            for _ in range(calls):
                one_call(rng, thing, rng.choice(names(thing)), handed)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * WAIT)
        assert not thread.is_alive(), f"hangs on {thing!r}"
    if errors:
        raise AssertionError(f"on {thing!r}") from errors[0]


def one_round(seed, handed, counts):
    rng = random.Random(seed)
    with ThreadPoolExecutor(3, **rng.choice(OPTIONS)) as pool:
        gate = threading.Event()
        things = {
            "pending": Future,
            "queued": lambda: pool.submit(int, 1),
            "running": lambda: pool.submit(gate.wait, 0.01),
            "failed": lambda: pool.submit(divmod, 1, 0),
            "executor": lambda: pool,
            "map": lambda: pool.map(int, range(50)),
            "as_completed": lambda: as_completed([pool.submit(int) for _ in range(50)]),
            "condition": lambda: pool.submit(int)._condition,
            "token": current_token,
            "queue": lambda: pool._work_queue,
        }
        for name, make in things.items():
            hammer(make, f"{seed} {name}", handed)
            counts["calls"] += THREADS * 60
        things.clear()
        on_all(pool, rng, handed)
        gate.set()
    counts["rounds"] += 1


def on_all(pool, rng, handed):
    """The functions of the module, on the same futures."""
    futures = [pool.submit(handed.call, handed.things[0]) for _ in range(20)]

    def run():
        wait(futures, WAIT)
        assert len(list(as_completed(futures, WAIT))) == 20
        check_cancelled()

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
        assert not thread.is_alive()


def memory():
    """Bytes in use, where the system says it."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def settle(handed, before):
    """Counts come to what they were: a thread goes a moment after Python has joined it."""
    deadline = time.monotonic() + WAIT
    while True:
        gc.collect()
        now = (handed.counts(), _native.census(), threading.active_count())
        if now[0] == before[0] and now[2] == before[2] and all(
                number <= before[1][name] for name, number in now[1].items()):
            return
        assert time.monotonic() < deadline, (before, now)
        time.sleep(0.001)


def storm(seconds, seed):
    handed, counts, end = Handed(), collections.Counter(), time.monotonic() + seconds
    for number in range(3):
        one_round(f"warm {number}", handed, counts)
    gc.collect()
    before = (handed.counts(), _native.census(), threading.active_count())
    sizes = []
    while True:
        one_round(seed, handed, counts)
        settle(handed, before)
        sizes.append(memory())
        seed += 1
        if time.monotonic() >= end and len(sizes) >= 2:
            break
    counts["KiB more in the second half"] = slope(sizes) // 1024
    assert len(sizes) < 10 or slope(sizes) < 4 << 20, sizes
    return dict(counts)


def slope(sizes):
    """By how much the least of the last third is above the least of the middle one."""
    third = len(sizes) // 3
    if third == 0:
        return 0
    return max(0, min(sizes[2 * third:]) - min(sizes[third:2 * third]))
