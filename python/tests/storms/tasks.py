"""The executors of a round with accounts, what their tasks and callbacks do, and what the threads share."""

import random
import threading
import time

from concurrent_futures import QueueFull, ThreadPoolExecutor, check_cancelled
from storms.ledger import Failure, Ledger, Thing, outcome

OPTIONS = [
    {},
    {},
    {"keep_alive": 0.001},
    {"keep_alive": 0, "min_workers": 1},
    {"context": True},
    {"profile": True},
    {"queue_capacity": 5},
    {"queue_capacity": 3, "keep_alive": 0},
    {"queue_capacity": 4, "when_full": "reject"},
    {"queue_capacity": 4, "when_full": "caller_runs"},
    {"queue_capacity": 4, "when_full": "discard_oldest"},
]


class Pool:
    """An executor, as long as somebody has not dropped it, and what was asked of it."""

    def __init__(self, rng, ledger):
        self.options = rng.choice(OPTIONS)
        self.initialised = threading.local()
        self.starts, self.most_starts = [], rng.choice([None] * 9 + [rng.randint(0, 3)])
        self.workers = set()
        self.executor = ThreadPoolExecutor(
            rng.randint(1, 5), initializer=self.initialise, **self.options)
        # Those that are being started, live, or have ended with the executor.
        self.threads = self.executor._threads
        ledger.watch(self.executor)

    def initialise(self):
        self.starts.append(1)
        self.workers.add(threading.current_thread())
        if self.most_starts is not None and len(self.starts) > self.most_starts:
            raise ValueError("the initializer fails")
        assert not hasattr(self.initialised, "yes"), "initialised twice"
        self.initialised.yes = True


def task(shared, number, kind, pool, argument):
    """What all of them run. It must not keep what it was given."""
    shared.ledger.ran(number)
    own = shared.pools[pool]
    if threading.current_thread() in own.workers:
        assert hasattr(own.initialised, "yes"), "a task came before the initializer"
    return KINDS[kind](shared, pool, argument)


def gives(shared, pool, argument):
    return shared.ledger.watched(Thing())


def echoes(shared, pool, argument):
    return argument


def fails(shared, pool, argument):
    raise shared.ledger.watched(Failure())


def exits(shared, pool, argument):
    raise SystemExit


def dawdles(shared, pool, argument):
    time.sleep(0.0002)
    check_cancelled()


def computes(shared, pool, argument):
    return sum(range(300))


def nests(shared, pool, argument):
    """Waits for others of its own executor."""
    for _ in range(2):
        outcome(shared.submit(pool, "computes"))


def maps_within(shared, pool, argument):
    executor = shared.pools[pool].executor
    if executor is not None:
        assert list(executor.map(abs, [])) == []
    del executor


def cancels_others(shared, pool, argument):
    for future in shared.futures[-3:]:
        shared.cancel(future)


KINDS = {it.__name__: it for it in (
    gives, echoes, fails, exits, dawdles, computes, nests, maps_within, cancels_others)}
WEIGHTS = {"gives": 6, "echoes": 6, "fails": 3, "exits": 1, "dawdles": 3, "computes": 4, "nests": 1,
           "maps_within": 1, "cancels_others": 1}


class Callback(Thing):
    def __init__(self, shared, number, deed):
        super().__init__()
        self.shared, self.number, self.deed = shared, number, deed

    def __call__(self, future):
        assert future.done()
        self.shared.ledger.called(self.number)
        if self.deed == "raises":
            raise Failure
        if self.deed == "exits":
            raise SystemExit
        if self.deed == "submits":
            self.shared.submit_to_any(random.Random(self.number))
        elif self.deed == "cancels":
            cancels_others(self.shared, None, None)
        elif self.deed == "adds":
            self.shared.add_callback(future, "counts")
        elif self.deed == "shuts down" and self.number % 8 == 0:
            self.shared.shut_down(random.Random(self.number), may_wait=False)


class Shared:
    """What the threads of one round share."""

    def __init__(self, seed):
        self.ledger = Ledger()
        rng = random.Random(seed)
        self.pools = [Pool(rng, self.ledger) for _ in range(3)]
        self.futures = []
        self.all = self.ledger.futures

    def submit(self, pool, kind):
        number, executor = self.ledger.number(), self.pools[pool].executor
        if executor is None:
            return None
        try:
            # No name for the future, and none for the executor when this is over: the exception of a
            # task that runs here knows this frame.
            return self.accepted(pool, number, executor.submit(
                task, self, number, kind, pool, self.ledger.watched(Thing())))
        except (RuntimeError, QueueFull):
            self.ledger.refuse(pool, number)
            return None
        finally:
            del executor

    def accepted(self, pool, number, future):
        self.ledger.accept(pool, number, future)
        self.futures.append(future)
        if number not in self.ledger.futures:
            # Nobody will look at it: that it ends is seen by this.
            self.add_callback(future, "counts")
        return future

    def submit_to_any(self, rng):
        pool = rng.randrange(3)
        kind = rng.choices([*WEIGHTS], WEIGHTS.values())[0]
        return self.submit(pool, kind)

    def cancel(self, future):
        # What a callback raises that is no Exception comes out here.
        try:
            future.cancel()
        except SystemExit:
            pass

    def add_callback(self, future, deed):
        number = self.ledger.number()
        callback = self.ledger.watched(Callback(self, number, deed))
        self.ledger.expect_call(number)
        try:
            future.add_done_callback(callback)
        except (SystemExit, Failure):
            pass

    def shut_down(self, rng, may_wait):
        executor = rng.choice(self.pools).executor
        if executor is None:
            return
        try:
            executor.shutdown(wait=may_wait and rng.random() < 0.5, cancel_futures=rng.random() < 0.5)
        except SystemExit:
            pass
        except RuntimeError as error:
            assert "join" in str(error), error
