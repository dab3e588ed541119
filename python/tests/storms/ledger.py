"""The books of a storm: what was asked for, and what came of it."""

import itertools
import threading
import time
import weakref

from concurrent_futures import BrokenThreadPool, CancelledError, Discarded
from helpers import WAIT


class Thing:
    """May be watched, and has nothing that would make a cycle."""

    __slots__ = ("__weakref__", "__dict__")


class Failure(Exception):
    pass


def outcome(future, timeout=None):
    """The result, or the exception without the frames that it has come through: one of them may hold
    the future, and that holds the exception."""
    if future is None:
        return None
    try:
        return future.result(timeout)
    except BaseException as error:
        error.__traceback__ = error.__context__ = None
        return error
    finally:
        del future


class Ledger:
    def __init__(self):
        self.numbers = itertools.count()
        self.lock = threading.Lock()
        self.runs, self.calls = {}, {}
        self.expected_calls = []
        self.futures = {}
        self.accepted, self.refused = {}, {}
        self.maps = {}
        self.not_to_run = []
        self.watches = []

    def number(self):
        return next(self.numbers)

    def watch(self, thing):
        self.watches.append(weakref.ref(thing))

    def watched(self, thing):
        self.watch(thing)
        return thing

    def ran(self, number):
        with self.lock:
            self.runs[number] = self.runs.get(number, 0) + 1

    def called(self, number):
        with self.lock:
            self.calls[number] = self.calls.get(number, 0) + 1

    def expect_call(self, number):
        self.expected_calls.append(number)

    def accept(self, pool, number, future):
        with self.lock:
            self.accepted[pool] = self.accepted.get(pool, 0) + 1
            if number % 4:
                # The others may go before they are done.
                self.futures[number] = future
        self.watch(future)

    def refuse(self, pool, number):
        with self.lock:
            self.refused[pool] = self.refused.get(pool, 0) + 1
            self.not_to_run.append(number)

    def accept_items(self, pool, numbers):
        """Those of a map, which has no futures to look at. Some may be refused."""
        with self.lock:
            self.maps.setdefault(pool, []).extend(numbers)

    def balance(self, pool, stats):
        """The numbers of an executor that has come to its end."""
        assert stats.queued == stats.running == stats.workers == stats.idle == 0, stats
        assert stats.submitted == stats.completed + stats.failed + stats.cancelled, stats
        accepted, refused = self.accepted.get(pool, 0), self.refused.get(pool, 0)
        items = len(self.maps.get(pool, ()))
        assert accepted <= stats.submitted <= accepted + items, (stats, accepted, items)
        assert refused <= stats.rejected <= refused + items, (stats, refused, items)

    def close(self, shared):
        """All threads have ended. Checks the books; lets everything go, and sees that it is gone."""
        numbers = self.ends()
        self.check_calls()
        self.check_runs()
        for pool in shared.pools:
            pool.__dict__.clear()
        shared.__dict__.clear()
        self.futures.clear()
        deadline = time.monotonic() + WAIT
        while left := [thing for ref in self.watches if (thing := ref()) is not None]:
            # Whoever has just left a lock may still hold something for a moment.
            assert time.monotonic() < deadline, ("left behind", left)
            del left
            time.sleep(0.0005)
        return {**numbers, "callbacks": len(self.calls), "watched": len(self.watches)}

    def ends(self):
        numbers = dict.fromkeys(("completed", "failed", "cancelled", "lost"), 0)
        for number, future in self.futures.items():
            assert future.done(), future
            runs = self.runs.get(number, 0)
            numbers[self.end(future, runs)] += 1
        return numbers

    @staticmethod
    def end(future, runs):
        if future.cancelled():
            assert runs == 0, "a cancelled task has run"
            return "cancelled"
        error = future.exception()
        if isinstance(error, (BrokenThreadPool, Discarded)):
            assert runs == 0, ("a task has run that its pool gave up", future, error, runs)
            return "lost"
        assert runs == 1, (future, runs)
        if isinstance(error, AssertionError):
            raise error
        assert error is None or isinstance(error, (Failure, SystemExit, CancelledError, RuntimeError)), error
        return "completed" if error is None else "failed"

    def check_calls(self):
        expected = dict.fromkeys(self.expected_calls, 1)
        assert self.calls == expected, {
            number: (self.calls.get(number), expected.get(number))
            for number in self.calls.keys() | expected.keys()
            if self.calls.get(number) != expected.get(number)}

    def check_runs(self):
        assert all(runs == 1 for runs in self.runs.values()), self.runs
        assert not any(number in self.runs for number in self.not_to_run), "a refused task has run"
