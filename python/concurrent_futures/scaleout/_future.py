"""The future of a task on a cluster."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .._future import Future
from . import _ending, _place

if TYPE_CHECKING:
    from distributed import Future as DaskFuture

    from ._call import Call
    from ._link import Link

_T = TypeVar("_T")


class RemoteFuture(Future[_T]):
    """A future of this package; what it asks of the cluster goes through its link."""

    _link: Link
    # What there is at a time: first the call, then Dask's future.
    _call: Call | None
    _remote: DaskFuture[bytes] | None
    _key: str
    # Whether it is known to have begun; if not, the worker must be asked.
    _begun: bool
    # How many threads are cancelling it, and what Dask said of it meanwhile.
    _revokers: int
    _held: BaseException | None

    def cancel(self) -> bool:
        """Cancels the task, if it has not begun: true only if it never will.

        Blocks for some round trips, at most ``_revoke.LIMIT`` seconds, unless the task was not sent yet or
        is known to have begun. What could not be learnt in time counts as begun; so does everything in
        the thread of the client's event loop, which must not wait.
        """
        if self.done() or self._begun:
            return self.cancelled()
        return self._link.cancel([self])[0]

    def request_cancel(self) -> bool:
        """As ``cancel``: a task that runs on a cluster cannot be asked to stop."""
        return self.cancel()

    def running(self) -> bool:
        """Whether the task has begun and not ended. Asks its worker, as ``cancel`` does."""
        if not self.done() and not self._begun:
            self._link.look_whether_begun(self)
        return self._begun and not self.done()

    def add_done_callback(self, fn: Callable[[Any], object]) -> None:
        """Calls ``fn`` with the future when it is done: at once, if it is.

        Those of one future are called in the order in which they were added. They may block: 63 at a
        time.
        """
        super().add_done_callback(functools.partial(_ending.deferring, fn))

    def result(self, timeout: float | None = None) -> _T:
        """As ever. In a task on a Dask worker, another one can use the thread's place meanwhile."""
        with _place.given_away(self.done()):
            return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """As ``result``."""
        with _place.given_away(self.done()):
            return super().exception(timeout)
