"""The names of ``concurrent.futures``, served by a pool that is many times faster.

``from concurrent_futures import ThreadPoolExecutor, as_completed, wait`` is the whole migration.
``ThreadPoolExecutor`` and ``Future`` are subclasses of the standard ones, and the standard
functions, asyncio included, take them as their own.
"""

from concurrent.futures import (
    ALL_COMPLETED,
    FIRST_COMPLETED,
    FIRST_EXCEPTION,
    BrokenExecutor,
    CancelledError,
    Executor,
    InvalidStateError,
    TimeoutError,
)
from concurrent.futures.thread import BrokenThreadPool

from ._errors import Cancelled, Deadlock, Discarded, QueueFull
from ._executor import ThreadPoolExecutor
from ._future import Future
from ._install import install, uninstall
from ._native import CancelToken, as_completed, check_cancelled, current_token, wait
from ._profile import Profile, profile
from ._stats import Stats

__all__ = (
    "ALL_COMPLETED",
    "FIRST_COMPLETED",
    "FIRST_EXCEPTION",
    "BrokenExecutor",
    "BrokenThreadPool",
    "CancelToken",
    "Cancelled",
    "CancelledError",
    "Deadlock",
    "Discarded",
    "Executor",
    "Future",
    "InvalidStateError",
    "Profile",
    "QueueFull",
    "Stats",
    "ThreadPoolExecutor",
    "TimeoutError",
    "as_completed",
    "check_cancelled",
    "current_token",
    "install",
    "profile",
    "uninstall",
    "wait",
)
