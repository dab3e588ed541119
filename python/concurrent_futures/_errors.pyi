import queue
from collections.abc import Iterable
from concurrent.futures import CancelledError

class Deadlock(RuntimeError):
    """A wait that could never have ended: the task waited for waits in turn, perhaps by way of others,
    for the very task that asked. Raised by the wait that closes the circle; the others go on."""

    workers: tuple[str, ...]
    """The workers, each of which waits for the next one, and the last for the first."""

    def __init__(self, workers: Iterable[str]) -> None: ...

class QueueFull(queue.Full):
    """The bounded queue of an executor had no room, and ``when_full`` is ``"reject"``."""

class Discarded(CancelledError):
    """The task gave way to newer ones, because ``when_full`` is ``"discard_oldest"``."""

class Cancelled(CancelledError):
    """The task at hand was asked to stop: what ``check_cancelled`` raises."""
