"""Which tasks have begun in this process, and which must not begin.

Whether a task runs or is cancelled is decided here, on its worker, under one lock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

# A key is needed until the scheduler knows what became of the task: for some round trips. It knows of
# no more tasks at a time than this.
MEMORY = 65_536


class _Recent:
    """A set that forgets the oldest."""

    def __init__(self) -> None:
        self._keys: dict[str, None] = {}

    def add(self, key: str) -> None:
        self._keys.pop(key, None)
        self._keys[key] = None
        if len(self._keys) > MEMORY:
            del self._keys[next(iter(self._keys))]

    def __contains__(self, key: str) -> bool:
        return key in self._keys


class Claims:
    """One for each worker process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._ended = _Recent()
        self._revoked = _Recent()

    def begin(self, key: str) -> bool:
        """Whether the task may run. If so, it can no longer be cancelled."""
        with self._lock:
            if key in self._revoked:
                return False
            self._running.add(key)
            return True

    def end(self, key: str) -> None:
        with self._lock:
            self._ended.add(key)
            self._running.discard(key)

    def begun(self, keys: Iterable[str]) -> dict[str, bool]:
        with self._lock:
            return {key: key in self._running or key in self._ended for key in keys}

    def revoke(self, keys: Iterable[str]) -> dict[str, bool]:
        """Forbids the tasks to begin. True for those that had not."""
        with self._lock:
            free = {key: key not in self._running and key not in self._ended for key in keys}
            for key, revoked in free.items():
                if revoked:
                    self._revoked.add(key)
            return free


claims = Claims()
