"""The executor: the standard interface over a link to a cluster."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import Any, ParamSpec, TypeVar

from . import _ending, _map
from ._future import RemoteFuture
from ._link import Link

_T = TypeVar("_T")
_P = ParamSpec("_P")


class DaskExecutor(Executor):
    """Runs calls on a Dask cluster; ``concurrent_futures.scaleout.dask`` makes it.

    It can be an argument of a task, or be used in a task's function: there it is an executor of its own
    on the same cluster.
    """

    def __init__(self, link: Link, reduced: tuple[Any, ...]) -> None:
        self._link = link
        self._reduced = reduced
        # What was submitted goes on without the executor; afterwards its own client is closed.
        weakref.finalize(self, link.leave).atexit = False

    def submit(
        self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> RemoteFuture[_T]:
        """Sends ``fn(*args, **kwargs)`` to the cluster and returns its future at once.

        The call is pickled here, with cloudpickle if need be; what cannot be is the future's exception.
        An argument that is a Dask future arrives as its value. Each call runs, equal ones too.

        Raises ``RuntimeError`` after ``shutdown`` and when the interpreter exits, ``BrokenCluster`` if the
        connection to the scheduler is closed.
        """
        return self._link.submit(fn, args, kwargs)

    def map(
        self,
        fn: Callable[..., _T],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,
        buffersize: int | None = None,
    ) -> Iterator[_T]:
        """Calls ``fn`` for the items of the iterables; an iterator over the results in their order.

        ``chunksize`` calls travel as one task. All inputs are read at once; with ``buffersize``, so many
        chunks, and one more for each chunk whose results are taken. ``timeout`` seconds hold for the
        whole iteration, from this call on. An exception of a call is raised in its place, and what is
        left is cancelled without waiting for the answer.
        """
        if buffersize is not None and not isinstance(buffersize, int):
            raise TypeError("buffersize must be an integer or None")
        if buffersize is not None and buffersize < 1:
            raise ValueError("buffersize must be None or > 0")
        if chunksize < 1:
            raise ValueError("chunksize must be >= 1.")
        return _map.mapped(self, fn, iterables, timeout, chunksize, buffersize)

    def _cancel_in_background(self, futures: Iterable[Any]) -> None:
        if futures := [future for future in futures if not future.done()]:
            self._link.cancel_in_background(futures)

    def shutdown(
        self, wait: bool = True, *, cancel_futures: bool = False, timeout: float | None = None
    ) -> None:
        """Refuses new tasks; what was submitted still runs, or with ``cancel_futures`` is cancelled unless
        it has begun, which takes some round trips.

        With ``wait``, blocks until all futures have ended and their callbacks have run, at most
        ``timeout`` seconds; then ``TimeoutError``. From such a callback that would be for ever:
        ``RuntimeError``.
        """
        outstanding = self._link.close(RuntimeError("cannot schedule new futures after shutdown"))
        if cancel_futures:
            self._link.cancel(outstanding)
        if not wait:
            self._link.leave()
            return
        if _ending.inside_callback_of(self._link):
            raise RuntimeError("a callback cannot wait for its own executor")
        self._link.wait(timeout)
        self._link.close_client()

    def __reduce__(self) -> tuple[Any, ...]:
        return self._reduced
