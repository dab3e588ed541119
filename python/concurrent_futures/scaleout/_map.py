"""``map`` on a cluster: as the standard one, with chunks."""

from __future__ import annotations

import collections
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from . import _call

if TYPE_CHECKING:
    from ._executor import DaskExecutor


def mapped(
    executor: DaskExecutor,
    fn: Callable[..., Any],
    iterables: tuple[Iterable[Any], ...],
    timeout: float | None,
    chunksize: int,
    buffersize: int | None,
) -> Iterator[Any]:
    """Submits at once all there is, or as much as the buffer takes; the results in order."""
    deadline = None if timeout is None else time.monotonic() + timeout
    items = zip(*iterables)
    if chunksize == 1:
        futures = (executor.submit(fn, *item) for item in items)
    else:
        chunks = iter(lambda: list(itertools.islice(items, chunksize)), [])
        futures = (executor.submit(_call.run_chunk, fn, chunk) for chunk in chunks)
    first = collections.deque(itertools.islice(futures, buffersize))
    results = _in_order(executor, first, futures, deadline)
    return results if chunksize == 1 else _unpacked(results)


def _in_order(
    executor: DaskExecutor,
    waiting: collections.deque[Any],
    further: Iterator[Any],
    deadline: float | None,
) -> Iterator[Any]:
    try:
        while waiting:
            waiting.extend(itertools.islice(further, 1))
            left = None if deadline is None else deadline - time.monotonic()
            # Not kept here while the consumer has its result.
            yield _popped_result(waiting, left)
    finally:
        executor._cancel_in_background(waiting)


def _popped_result(waiting: collections.deque[Any], timeout: float | None) -> Any:
    result = waiting[0].result(timeout)
    del waiting[0]
    return result


def _unpacked(chunks: Iterator[list[bytes]]) -> Iterator[Any]:
    try:
        for outcomes in chunks:
            for outcome in outcomes:
                value, error = _call.opened(outcome)
                if error is not None:
                    raise error
                yield value
    finally:
        chunks.close()  # type: ignore[attr-defined]
