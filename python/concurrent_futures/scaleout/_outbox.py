"""The calls that were submitted and not yet sent."""

from __future__ import annotations

import collections
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._call import Call
    from ._future import RemoteFuture

    Load = tuple[RemoteFuture[Any], Call]

# A graph takes at most so many calls, and ends with the one that reaches so many bytes.
MOST_CALLS = 512
MOST_BYTES = 1 << 20


class Outbox:
    """A future is in it as long as it has its call, which is taken out by who sends or cancels it."""

    def __init__(self) -> None:
        # Re-entrant: a finalizer may come in between.
        self._gate = threading.RLock()
        self._futures: collections.deque[RemoteFuture[Any]] = collections.deque()
        self._emptied_by_someone = False

    def put(self, future: RemoteFuture[Any]) -> bool:
        """Whether somebody must come and empty it."""
        with self._gate:
            self._futures.append(future)
            start, self._emptied_by_someone = not self._emptied_by_someone, True
            return start

    def goes_on(self) -> bool:
        """Whether who empties it has more to do; if not, somebody else will have to come."""
        with self._gate:
            self._emptied_by_someone = bool(self._futures)
            return self._emptied_by_someone

    def take(self) -> tuple[list[Load], list[Load]]:
        """What fits into one graph, and what came between and has inputs on the cluster."""
        plain: list[Load] = []
        with_inputs: list[Load] = []
        size = 0
        with self._gate:
            while self._futures and len(plain) < MOST_CALLS and size < MOST_BYTES:
                future = self._futures.popleft()
                call, future._call = future._call, None
                if call is None:
                    continue
                (with_inputs if call.inputs else plain).append((future, call))
                size += len(call.data)
        return plain, with_inputs

    def withdraw(self, future: RemoteFuture[Any]) -> bool:
        """Whether it was here, and so will not be sent."""
        with self._gate:
            was_here, future._call = future._call is not None, None
            return was_here

    def drain(self) -> list[RemoteFuture[Any]]:
        """All there is."""
        with self._gate:
            futures = list(self._futures)
            self._futures.clear()
            return [future for future in futures if self.withdraw(future)]
