"""The place of a task among the threads of a Dask worker."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from distributed import get_worker, rejoin, secede


def in_task() -> bool:
    """Whether the calling thread runs a task of Dask."""
    try:
        get_worker().get_current_task()
    except (ValueError, KeyError):
        return False
    return True


@contextlib.contextmanager
def given_away(needless: bool) -> Iterator[None]:
    """Lets another task use this one's place, if this is a task: what it waits for may need it."""
    given = not needless and in_task() and _give_away()
    try:
        yield
    finally:
        if given:
            rejoin()


def _give_away() -> bool:
    try:
        secede()
    except (AttributeError, KeyError):  # The thread is no worker's, or the task has done that itself.
        return False
    return True
