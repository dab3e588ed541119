"""What an executor says about itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stats:
    """What an executor did and does, at one moment.

    The numbers fit each other: ``submitted`` is the sum of ``queued``, ``running``, ``completed``,
    ``failed`` and ``cancelled``.
    """

    max_workers: int
    """The most workers there may be."""
    workers: int
    """How many there are, those that are being started included."""
    idle: int
    """How many of them have nothing to do."""
    submitted: int
    """Tasks that were taken, ever."""
    queued: int
    """Tasks that have not begun."""
    running: int
    """Tasks that have begun and not ended. More than workers, where a task waits for another one and
    runs it meanwhile."""
    completed: int
    """Tasks that have returned."""
    failed: int
    """Tasks that have raised; or that have not run, because the executor broke, had no thread, or
    discarded them."""
    cancelled: int
    """Tasks that were cancelled before they began."""
    rejected: int
    """Tasks that were not taken. They do not count as submitted."""
