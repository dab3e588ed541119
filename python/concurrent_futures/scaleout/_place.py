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
    if needless or not in_task():
        yield
        return
    secede()
    try:
        yield
    finally:
        rejoin()
