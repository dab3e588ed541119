"""A collection of garbage with every allocation, and garbage that uses executors when it goes.

Cycles with finalizers, and weak references with callbacks, go wherever the interpreter happens to be: in the
middle of a submit, of the start of a thread, of a callback. There they submit, wait, cancel, shut down.
"""

import collections
import gc
import random
import threading
import time
import weakref

from concurrent_futures import CancelledError, Future, QueueFull, ThreadPoolExecutor, as_completed, wait
from helpers import WAIT

THREADS = 3
OPTIONS = [{}, {}, {"queue_capacity": 4}, {"queue_capacity": 2, "when_full": "reject"},
           {"queue_capacity": 2, "when_full": "discard_oldest"}, {"context": True}, {"profile": True}]


def inside_threading():
    """Whether this is in the middle of a lock of `threading` without which no thread starts or ends: there a
    finalizer cannot start or join one, whoever's it is."""
    if threading._active_limbo_lock._is_owned():
        return True
    # Up to 3.12. Not re-entrant, so whoever holds it.
    lock = getattr(threading, "_shutdown_locks_lock", None)
    return lock is not None and lock.locked()


class Shared:
    def __init__(self, rng):
        self.rng, self.counts = rng, collections.Counter()
        self.futures, self.bodies = collections.deque(maxlen=300), collections.deque()
        self.calls, self.called = 0, 0
        self.depth = threading.local()
        self.renew()

    def renew(self):
        self.pool = ThreadPoolExecutor(self.rng.randint(1, 4), **self.rng.choice(OPTIONS))
        # Finalizers start no threads, where the interpreter's own could not.
        self.pool.prestart()

    def deed(self):
        """What a finalizer does. None of it blocks for ever, and none goes deep."""
        if getattr(self.depth, "now", 0) > 2 or inside_threading():
            return
        self.depth.now = getattr(self.depth, "now", 0) + 1
        try:
            act = self.rng.choice(self.DEEDS)
            self.counts[f"finalizers that {act.__name__}"] += 1
            act(self)
        except (RuntimeError, QueueFull, TimeoutError, CancelledError):
            pass
        finally:
            self.depth.now -= 1

    def submit(self):
        self.futures.append(self.pool.submit(pow, 2, 3))

    def get(self):
        # With no limit a worker runs it itself, so its pool may have only that one.
        assert self.pool.submit(pow, 2, 3).result(self.rng.choice([0.001, None])) == 8

    def cancel(self):
        for future in tuple(self.futures)[-3:]:
            future.cancel()

    def call(self):
        if self.futures:
            self.calls += 1
            self.futures[-1].add_done_callback(self.count)

    def count(self, future):
        self.called += 1

    def wait(self):
        wait(tuple(self.futures)[-3:], 0.0005)

    def make(self):
        Future().cancel()
        with ThreadPoolExecutor(1):
            pass

    def shut(self):
        if self.rng.random() < 0.1:
            self.pool.shutdown(wait=self.rng.random() < 0.3, cancel_futures=self.rng.random() < 0.5)

    DEEDS = [submit, submit, get, cancel, call, wait, make, shut]


class Trash:
    """A cycle that does something when it goes."""

    def __init__(self, shared):
        self.shared, self.me = shared, self

    def __del__(self):
        self.shared.deed()


class Body:
    """A cycle without a finalizer; a weak reference to it has a callback."""

    def __init__(self):
        self.me = self


def litter(shared):
    Trash(shared)
    body = Body()
    # Those whose callback is to come are kept, or it would not.
    shared.bodies.append(weakref.ref(body, lambda _: shared.deed()))
    if len(shared.bodies) > 50:
        shared.bodies.popleft()


def work(shared, number, end):
    rng = random.Random(number)
    while time.monotonic() < end:
        litter(shared)
        pool = shared.pool
        try:
            future = pool.submit(lambda: [litter(shared)] and 4)
            future.add_done_callback(lambda _: litter(shared))
            future._waiters, future._done_callbacks
            shared.futures.append(future)
            act = rng.randrange(4)
            if act == 0:
                future.result(WAIT)
            elif act == 1:
                list(as_completed(tuple(shared.futures)[-4:], WAIT))
            elif act == 2:
                list(pool.map(abs, range(4), timeout=WAIT))
            shared.counts["submits"] += 1
        except (RuntimeError, QueueFull, CancelledError):
            # A finalizer has shut it down.
            if pool is shared.pool and pool._shutdown:
                shared.renew()
                shared.counts["executors"] += 1


def storm(seconds, seed):
    shared, errors = Shared(random.Random(seed)), []
    end, threshold = time.monotonic() + seconds, gc.get_threshold()

    def run(number):
        try:
            work(shared, number, end)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(f"{seed} {n}",)) for n in range(THREADS)]
    gc.set_threshold(1)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(seconds + 2 * WAIT)
            assert not thread.is_alive()
    finally:
        gc.set_threshold(*threshold)
    if errors:
        raise AssertionError("a thread of the storm failed") from errors[0]
    done, not_done = wait(tuple(shared.futures), WAIT)
    assert not not_done, not_done
    shared.pool.shutdown()
    gc.collect()
    deadline = time.monotonic() + WAIT
    while shared.called != shared.calls and time.monotonic() < deadline:
        time.sleep(0.001)
    assert shared.called == shared.calls, (shared.called, shared.calls)
    return dict(shared.counts)
