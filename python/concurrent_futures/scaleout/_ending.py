"""The end of a future: on threads of our own, since callbacks may block."""

from __future__ import annotations

import contextlib
import functools
import threading
from concurrent.futures import InvalidStateError
from typing import TYPE_CHECKING, Any

from .._executor import ThreadPoolExecutor
from .._future import Future
from . import _call
from ._errors import translated

if TYPE_CHECKING:
    from ._future import RemoteFuture
    from ._link import Link

# So many callbacks may block at a time.
THREADS = 64

_ending_now = threading.local()


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
    try:
        threads().submit(_end, link, future, ending, own_error)
    except RuntimeError:  # The interpreter is exiting.
        _end(link, future, ending, own_error)


def _end(
    link: Link, future: RemoteFuture[Any], ending: bytes | BaseException, own_error: bool
) -> None:
    if ending == _call.REVOKED:
        cancel(link, future)
        return
    value, error = None, None
    if isinstance(ending, bytes):
        value, error = _call.opened(ending)
    elif own_error and not _is_of_dask(ending):
        error = ending
    else:
        error = translated(ending)
    _ending_now.link = link
    try:
        with contextlib.suppress(InvalidStateError):
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)
    finally:
        _ending_now.link = None
        link.settled(future)


def _is_of_dask(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] == "distributed"


def cancel(link: Link, future: RemoteFuture[Any]) -> None:
    """Ends the future as cancelled. Its callbacks run in the calling thread.

    They may wait for the executor, which no longer waits for this future.
    """
    # The future's own method would ask the cluster. The standard ``wait`` wants to be told, once.
    if link.settled(future) and Future.cancel(future):
        future.set_running_or_notify_cancel()


def inside_callback_of(link: Link) -> bool:
    """Whether the calling thread runs a callback that the link's waiters wait for."""
    return getattr(_ending_now, "link", None) is link
