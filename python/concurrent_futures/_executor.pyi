import concurrent.futures
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, ParamSpec, TypeVar

from . import _native
from ._future import Future
from ._profile import Profile
from ._stats import Stats

_T = TypeVar("_T")
_P = ParamSpec("_P")

class ThreadPoolExecutor(_native.ThreadPoolExecutor, concurrent.futures.ThreadPoolExecutor):
    """Runs calls on threads: the standard library's executor, many times faster."""

    def __init__(
        self,
        max_workers: int | None = None,
        thread_name_prefix: str = "",
        initializer: Callable[..., object] | None = None,
        initargs: Iterable[Any] = (),
        *,
        queue_capacity: int | None = None,
        when_full: Literal["block", "reject", "caller_runs", "discard_oldest"] = "block",
        keep_alive: float | None = None,
        min_workers: int = 0,
        context: bool = False,
        profile: bool = False,
        **standard_options: Any,
    ) -> None:
        """As the standard one. Starts no thread. Without the further keywords nothing differs.

        ``queue_capacity``: so many tasks wait in the queue at most. A task counts until it begins or
        is cancelled. ``when_full`` says what a ``submit`` does that finds no room:

        - ``"block"`` waits for room, in order. Signal handlers run meanwhile, and what they raise
          ends the wait.
        - ``"reject"`` raises ``QueueFull``.
        - ``"caller_runs"`` runs the task on the calling thread, before it returns.
        - ``"discard_oldest"`` takes the task; the oldest ones that wait end with ``Discarded``, and
          their callbacks run on the calling thread.

        A worker that submits to its own executor is never held back, refused or made to run the task,
        or all workers might wait for each other; its task counts.

        ``keep_alive``: seconds after which an idle worker ends, as long as more than ``min_workers``
        are left. By default workers stay.

        ``context``: whether each task runs in a copy of the context variables of whoever submitted it.

        ``profile``: whether it writes down what becomes of each task, for ``profile()``. Costs about a
        microsecond for each task.

        Raises ``TypeError`` or ``ValueError`` for what cannot be used. An executor that the standard
        library's methods serve takes ``context`` only; with the other keywords its first ``submit``
        raises ``RuntimeError`` and says what is in the way.
        """

    def submit(
        self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> Future[_T]: ...
    def map(
        self,
        fn: Callable[..., _T],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int | None = None,
        buffersize: int | None = None,
    ) -> Iterator[_T]: ...
    def shutdown(
        self,
        wait: bool = True,
        *,
        cancel_futures: bool = False,
        timeout: float | None = None,
    ) -> None:
        """Refuses new tasks; what is queued still runs, or with ``cancel_futures`` is cancelled.

        With ``wait``, blocks until the workers have ended, at most ``timeout`` seconds; then
        ``TimeoutError`` names those that still run.
        """

    def stats(self) -> Stats:
        """What the executor did and does, in numbers that fit each other. Never blocks."""

    def profile(self) -> Profile | None:
        """What the tasks' time went into until now; None without ``profile=True``."""

    def set_max_workers(self, max_workers: int, /) -> None:
        """Changes the number of workers that there may be.

        Up: workers for what is queued are started now, the others when they are needed. Down: idle
        workers that are too many end now, busy ones after their task; no task is interrupted or lost.
        Raises ``ValueError`` below 1 or ``min_workers``.
        """

    def prestart(self, workers: int | None = None, /) -> int:
        """Starts workers until there are so many, by default and at most ``max_workers``. Returns how
        many it started. Blocks as long as threads take to start, not for the initializer. Raises what
        the system says if it refuses a thread.
        """
