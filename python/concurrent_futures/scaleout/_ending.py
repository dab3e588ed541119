"""The end of a future: on threads of our own, since callbacks may block.

One thread at a time ends futures, in the order in which Dask tells of them. Callbacks are left to
others, those of one future together, so that no callback holds up another future.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import InvalidStateError
from typing import TYPE_CHECKING, Any, NamedTuple

from .._executor import ThreadPoolExecutor
from .._future import Future
from . import _call
from ._errors import translated

if TYPE_CHECKING:
    from ._future import RemoteFuture
    from ._link import Link

# The one that ends futures, and so many callbacks that block at a time.
THREADS = 64

_log = logging.getLogger("concurrent.futures")
_here = threading.local()


class _Due(NamedTuple):
    link: Link
    future: RemoteFuture[Any]
    ending: bytes | BaseException
    # Whether the error may be that of an argument which lies on the cluster.
    own_error: bool


_gate = threading.RLock()
_due: collections.deque[_Due] = collections.deque()
_served = False


@functools.cache
def threads() -> ThreadPoolExecutor:
    """For all executors of the process. They are started when they are needed, and do not stay."""
    return ThreadPoolExecutor(THREADS, "scaleout", keep_alive=5.0)


def end(
    link: Link,
    future: RemoteFuture[Any],
    ending: bytes | BaseException,
    own_error: bool = False,
) -> None:
    """Ends the future with its outcome, or with what Dask raised. Does not block."""
    global _served
    if future.done():
        return
    with _gate:
        _due.append(_Due(link, future, ending, own_error))
        start, _served = not _served, True
    if start:
        elsewhere(_serve)


def forget_threads() -> None:
    """In the child of a fork, where they are not."""
    global _gate, _served
    _gate, _served = threading.RLock(), False
    _due.clear()


def elsewhere(function: Callable[..., object], *args: Any) -> None:
    """Calls the function on a thread of these; when the interpreter is exiting, here."""
    try:
        threads().submit(function, *args)
    except RuntimeError:
        function(*args)


def _serve() -> None:
    global _served
    while True:
        with _gate:
            if not _due:
                _served = False
                return
            due = _due.popleft()
        _end(due)


def _end(due: _Due) -> None:
    if due.ending == _call.REVOKED:
        # Its callbacks may block as well.
        elsewhere(cancel, due.link, due.future)
        return
    value, error = _outcome(due)
    callbacks: list[Callable[[], object]] = []
    _here.deferred = callbacks
    try:
        with contextlib.suppress(InvalidStateError):
            if error is None:
                due.future.set_result(value)
            else:
                due.future.set_exception(error)
    finally:
        _here.deferred = None
    if callbacks:
        elsewhere(_call_back, due.link, due.future, callbacks)
    else:
        due.link.settled(due.future)


def _outcome(due: _Due) -> tuple[Any, BaseException | None]:
    if isinstance(due.ending, bytes):
        return _call.opened(due.ending)
    if due.own_error and type(due.ending).__module__.partition(".")[0] != "distributed":
        return None, due.ending
    return None, translated(due.ending)


def deferring(callback: Callable[[Any], object], future: Any) -> None:
    """What a future calls in the place of a callback."""
    deferred = getattr(_here, "deferred", None)
    if deferred is None:
        callback(future)
    else:
        deferred.append(functools.partial(callback, future))


def _call_back(
    link: Link, future: RemoteFuture[Any], callbacks: list[Callable[[], object]]
) -> None:
    _here.link = link
    try:
        for callback in callbacks:
            try:
                callback()
            except BaseException:
                _log.exception("exception calling callback for %r", future)
    finally:
        _here.link = None
        link.settled(future)


def inside_callback_of(link: Link) -> bool:
    """Whether the calling thread runs a callback that the link's waiters wait for."""
    return getattr(_here, "link", None) is link


def cancel(link: Link, future: RemoteFuture[Any]) -> None:
    """Ends the future as cancelled. Its callbacks run in the calling thread.

    They may wait for the executor, which no longer waits for this future.
    """
    # The future's own method would ask the cluster. The standard ``wait`` wants to be told, once.
    if link.settled(future) and Future.cancel(future):
        future.set_running_or_notify_cancel()
