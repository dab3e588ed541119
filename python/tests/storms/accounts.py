"""Random programs on ten threads at once, with exact accounts.

In each round ten threads make random calls on three executors and on the futures of all of them. When
the round is over, each task has run once or ended otherwise, each callback was called once, the numbers of
each executor add up; and when all is let go, every argument, result, exception, callback, future and
executor is gone, by counting references alone.
"""

import gc
import random
import threading
import time

from concurrent_futures import (
    ALL_COMPLETED,
    FIRST_COMPLETED,
    FIRST_EXCEPTION,
    CancelledError,
    Future,
    QueueFull,
    _native,
    as_completed,
    wait,
)
from helpers import WAIT
from storms.ledger import Failure, Thing, outcome
from storms.tasks import Shared, task

THREADS = 10
MODES = [ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION]


class Driver:
    """One of the ten."""

    def __init__(self, shared, seed):
        self.shared, self.rng = shared, random.Random(seed)

    def run(self):
        acts, weights = zip(*self.ACTS)
        for _ in range(self.rng.randint(10, 60)):
            act = self.rng.choices(acts, weights)[0] if self.shared.futures else Driver.submit
            act(self)

    def some(self):
        futures = tuple(self.shared.futures) or (self.any(),)
        return self.rng.sample(futures, min(len(futures), 5))

    def any(self):
        futures = tuple(self.shared.futures)
        if futures:
            return self.rng.choice(futures)
        done = Future()
        done.set_result(None)
        return done

    def submit(self):
        self.shared.submit_to_any(self.rng)

    def cancel(self):
        self.shared.cancel(self.any())

    def request(self):
        try:
            self.any().request_cancel()
        except SystemExit:
            pass

    def add_callback(self):
        deeds = ["counts", "raises", "exits", "submits", "cancels", "adds", "shuts down"]
        self.shared.add_callback(self.any(), self.rng.choice(deeds))

    def wait(self):
        wait(self.some(), self.rng.choice([0, 0.001, WAIT]), self.rng.choice(MODES))

    def complete(self):
        futures, left = self.some(), self.rng.randrange(3)
        for future in as_completed(futures, WAIT):
            assert future.done() and future in futures
            if left == 0:
                break
            left -= 1

    def result(self):
        outcome(self.any(), self.rng.choice([0, 0.001, WAIT]))

    def look(self):
        future = self.any()
        cancelled = future.cancelled()
        assert future.done() or not cancelled
        repr(future)

    def map(self):
        shared, rng = self.shared, self.rng
        pool, count = rng.randrange(3), rng.randrange(6)
        numbers = [shared.ledger.number() for _ in range(count)]
        kinds = [rng.choice(["computes", "gives", "fails"]) for _ in numbers]
        executor = shared.pools[pool].executor
        if executor is None:
            return
        shared.ledger.accept_items(pool, numbers)
        results = ()
        try:
            results = executor.map(
                task, [shared] * count, numbers, kinds, [pool] * count,
                [shared.ledger.watched(Thing()) for _ in numbers],
                timeout=rng.choice([None, WAIT]), buffersize=rng.choice([None, None, 1, 3]))
            for _ in range(rng.randrange(count + 1)):
                next(results, None)
            if rng.random() < 0.3:
                results.close()
        except (CancelledError, Failure, RuntimeError, QueueFull) as error:
            error.__traceback__ = None
        finally:
            # Exceptions of tasks that ran here know this frame.
            del results, executor

    def resize(self):
        executor = self.rng.choice(self.shared.pools).executor
        if executor is None:
            return
        if self.rng.random() < 0.5:
            executor.set_max_workers(self.rng.randint(1, 6))
        else:
            executor.prestart(self.rng.randint(0, 3))

    def stats(self):
        executor = self.rng.choice(self.shared.pools).executor
        if executor is None:
            return
        stats = executor.stats()
        parts = stats.queued + stats.running + stats.completed + stats.failed + stats.cancelled
        assert stats.submitted == parts, stats
        assert stats.idle <= stats.workers, stats

    def forget(self):
        """Lets futures go that may not be done."""
        del self.shared.futures[:self.rng.randrange(4)]

    def shut_down(self):
        self.shared.shut_down(self.rng, may_wait=True)

    def drop(self):
        pool = self.rng.choice(self.shared.pools)
        pool.executor = None

    ACTS = [
        (submit, 400), (cancel, 60), (request, 20), (add_callback, 100), (wait, 30), (complete, 30),
        (result, 60), (look, 30), (map, 40), (resize, 20), (stats, 20), (forget, 20), (shut_down, 3),
        (drop, 1),
    ]


def one_round(seed):
    """Gives the numbers of the round."""
    shared = Shared(seed)
    drivers = [Driver(shared, f"{seed} {number}") for number in range(THREADS)]
    together(drivers)
    del drivers
    end(shared, random.Random(f"{seed} end"))
    return shared.ledger.close(shared)


def together(drivers):
    start, errors = threading.Barrier(len(drivers)), []

    def run(driver):
        start.wait(WAIT)
        try:
            driver.run()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(driver,)) for driver in drivers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * WAIT)
        assert not thread.is_alive(), "a thread of the storm hangs"
    if errors:
        raise AssertionError("a thread of the storm failed") from errors[0]


def end(shared, rng):
    """Each executor comes to its end, in one way or another, and so do its workers."""
    threads = [pool.threads for pool in shared.pools]
    for pool in shared.pools:
        way = rng.choice(["shutdown", "cancel", "leave", "drop"])
        if way == "drop":
            pool.executor = None
        if pool.executor is not None:
            try:
                pool.executor.shutdown(wait=way != "leave", cancel_futures=way == "cancel")
            except SystemExit:
                pass
    deadline = time.monotonic() + WAIT
    # One that has not begun is about to: its worker has.
    while any(it.is_alive() or it.ident is None for some in threads for it in tuple(some)):
        assert time.monotonic() < deadline, threads
        time.sleep(0.0005)
    for number, pool in enumerate(shared.pools):
        if pool.executor is not None:
            shared.ledger.balance(number, pool.executor.stats())


def storm(seconds, seed):
    stop, total = time.monotonic() + seconds, {"rounds": 0}
    gc.collect()
    gc.disable()
    try:
        one_round(seed)  # What is made once is made here.
        before = _native.census()
        while True:
            print("round", seed, flush=True)
            for name, number in one_round(seed).items():
                total[name] = total.get(name, 0) + number
            total["rounds"] += 1
            settle(before)
            if time.monotonic() >= stop:
                return total
            seed += 1
    finally:
        gc.enable()


def settle(before):
    """The system ends a thread, and its signal goes, a moment after Python has joined it."""
    deadline = time.monotonic() + WAIT
    while any(number > before[name] for name, number in _native.census().items()):
        assert time.monotonic() < deadline, (before, _native.census())
        time.sleep(0.0005)
