"""The exceptions that the standard library does not have."""

import queue
from concurrent.futures import CancelledError


class Deadlock(RuntimeError):
    """A wait that could never have ended: the task waited for waits in turn, perhaps by way of others,
    for the very task that asked. Raised by the wait that closes the circle; the others go on.

    ``workers`` names the workers, each of which waits for the next one, and the last for the first.
    """

    def __init__(self, workers):
        super().__init__(workers)
        self.workers = tuple(workers)

    def __str__(self):
        first, *others = self.workers
        if not others:
            return f"deadlock: the task in worker {first} waits for itself"
        way = "".join(f"the one in {worker}, which waits for " for worker in others)
        return f"deadlock: the task in worker {first} waits for {way}the one in {first}"


class QueueFull(queue.Full):
    """The bounded queue of an executor had no room, and ``when_full`` is ``"reject"``."""


class Discarded(CancelledError):
    """The task gave way to newer ones, because ``when_full`` is ``"discard_oldest"``."""


class Cancelled(CancelledError):
    """The task at hand was asked to stop: what ``check_cancelled`` raises."""


for _class in (Deadlock, QueueFull, Discarded, Cancelled):
    _class.__module__ = "concurrent_futures"
