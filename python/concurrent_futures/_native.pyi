import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future as _StandardFuture
from typing import Any, Generic, Literal, NamedTuple, ParamSpec, TypeVar, final

from typing_extensions import disjoint_base

__all__ = [
    "AsCompleted",
    "CancelToken",
    "Condition",
    "Future",
    "Map",
    "Recording",
    "Snapshot",
    "ThreadPoolExecutor",
    "WorkQueue",
    "Worker",
    "as_completed",
    "begin_exit",
    "census",
    "check_cancelled",
    "counts",
    "current_token",
    "forget_starts",
    "future_class",
    "wait",
]

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)
_P = ParamSpec("_P")
_F = TypeVar("_F", bound=_StandardFuture[Any])

@disjoint_base
class Future(Generic[_T]):
    """The native half of a future."""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Any: ...
    def __init__(self) -> None: ...
    def cancel(self) -> bool:
        """Cancels the call, if it has not begun.

        True if it is cancelled now, or was before. Callbacks run in the calling thread before this
        returns. The callable and its arguments are let go at once. Never blocks.
        """

    def request_cancel(self) -> bool:
        """Cancels the call, or if it runs, asks it to stop: ``check_cancelled`` raises in it from now on,
        and a ``sleep`` of its token ends. Whether it stops is up to the call.

        True if it is cancelled or was asked, False if it had ended. Does not wait for it to stop.
        """

    def cancelled(self) -> bool:
        """Whether the call was cancelled."""

    def running(self) -> bool:
        """Whether the call has begun and not ended."""

    def done(self) -> bool:
        """Whether the call has ended or was cancelled."""

    def result(self, timeout: float | None = None) -> _T:
        """What the call returned; what it raised is raised.

        Blocks until the future is done, at most ``timeout`` seconds, and lets signal handlers run
        meanwhile. On a worker of the future's own pool, a task that nobody has begun is run here,
        unless there is a ``timeout``; and a wait that could never end, because that call waits for the
        one that asks, raises ``Deadlock``.
        Raises ``CancelledError`` if it was cancelled, ``TimeoutError`` if the time is over.
        """

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What the call raised, or None. Blocks as ``result`` does."""

    def add_done_callback(self, fn: Callable[[Any], object]) -> None:
        """Calls ``fn`` with the future when it is done: at once, if it is.

        Callbacks run in the order in which they were added, usually on the worker. What one raises
        is logged.
        """

    def set_running_or_notify_cancel(self) -> bool:
        """For executors and tests: begins the call; False if it was cancelled."""

    def set_result(self, result: _T) -> None:
        """For executors and tests: ends the future. Raises ``InvalidStateError`` if it is done."""

    def set_exception(self, exception: BaseException | None) -> None:
        """For executors and tests: ends the future. Raises ``InvalidStateError`` if it is done."""

@disjoint_base
class ThreadPoolExecutor:
    """The native half of an executor."""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Any: ...
    def submit(
        self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _StandardFuture[_T]:
        """Queues ``fn(*args, **kwargs)`` and returns its future at once.

        Never blocks, but for the start of a thread if none is free, and for room in a bounded queue.
        Raises ``RuntimeError`` after
        ``shutdown`` and when the interpreter exits, ``BrokenThreadPool`` after a failed initializer,
        ``QueueFull`` as ``when_full`` says.
        """

    def map(
        self,
        fn: Callable[..., _T],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int | None = None,
        buffersize: int | None = None,
    ) -> Iterator[_T]:
        """Calls ``fn`` for the items of the iterables; an iterator over the results in their order.

        All inputs are read at once; with ``buffersize``, so many, and one more for each result that
        is taken. ``timeout`` holds for the whole iteration, from this call on. An exception of a
        call is raised in its place, and what is left is cancelled. ``chunksize`` does nothing here.
        """

@final
class AsCompleted(Iterator[_T_co]):
    """What ``as_completed`` returns."""

    def __iter__(self) -> AsCompleted[_T_co]: ...
    def __next__(self) -> _T_co: ...
    def close(self) -> None:
        """Ends the iteration. The tasks go on. Raises ``ValueError`` while another thread waits in it."""

    def __length_hint__(self) -> int: ...

@final
class Map(Iterator[_T_co]):
    """What ``map`` returns."""

    def __iter__(self) -> Map[_T_co]: ...
    def __next__(self) -> _T_co: ...
    def close(self) -> None:
        """Ends the iteration, and cancels what is left if it has begun. Raises ``ValueError`` while another
        thread waits in it."""

@final
class Condition:
    """What the attribute ``_condition`` of a future gives."""

    def acquire(self, blocking: bool = True, timeout: float = ...) -> bool: ...
    def release(self) -> None: ...
    def __enter__(self) -> bool: ...
    def __exit__(self, _exc_type: Any, _exc_value: Any, _traceback: Any) -> None: ...
    def wait(self, timeout: float | None = None) -> bool: ...
    def wait_for(self, predicate: Callable[[], _T], timeout: float | None = None) -> _T: ...
    def notify(self, n: int = 1) -> None: ...
    def notify_all(self) -> None: ...

@final
class CancelToken:
    """A request to stop; what ``current_token`` returns. May be handed to other threads."""

    def is_cancelled(self) -> bool:
        """Whether the task was asked to stop."""

    def check(self) -> None:
        """Raises ``Cancelled`` if the task was asked to stop."""

    def sleep(self, seconds: float) -> None:
        """Sleeps so long. Wakes at once and raises ``Cancelled`` when the task is asked to stop."""

@final
class WorkQueue:
    """What the attribute ``_work_queue`` of an executor gives: a view of the queue."""

    def __new__(cls) -> WorkQueue: ...
    def qsize(self) -> int: ...
    def empty(self) -> bool: ...
    def put(self, item: None, block: bool = True, timeout: float | None = None) -> None: ...
    def get(self, block: bool = True, timeout: float | None = None) -> Any: ...
    def get_nowait(self) -> Any: ...

@final
class Worker:
    """What a worker thread calls."""

    def __call__(self) -> None: ...

class _DoneAndNotDone(NamedTuple, Generic[_F]):
    done: set[_F]
    not_done: set[_F]

def wait(
    fs: Iterable[_F],
    timeout: float | None = None,
    return_when: Literal["FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"] | None = None,
) -> _DoneAndNotDone[_F]:
    """Waits for futures, of this package or standard ones: for the first, the first that failed, or
    all (the default). Returns the sets of those that are done and of the others.

    Blocks, at most ``timeout`` seconds; that the time is over is no error.
    """

def as_completed(fs: Iterable[_F], timeout: float | None = None) -> Iterator[_F]:
    """An iterator over futures, of this package or standard ones, in the order in which they end.

    ``timeout`` counts from this call; when it is over and nothing is ready, ``TimeoutError`` is
    raised.
    """

def check_cancelled() -> None:
    """Raises ``Cancelled`` if the task that the calling thread runs was asked to stop, by
    ``Future.request_cancel``. Outside of tasks it does nothing."""

def current_token() -> CancelToken:
    """The token of the task that the calling thread runs; outside of tasks, one that nobody
    cancels."""

def begin_exit() -> None: ...
def census() -> dict[str, int]: ...
def counts() -> tuple[int, int]: ...
def forget_starts() -> None: ...
def future_class(class_: type[Any], /) -> None: ...

@final
class Recording:
    """What becomes of the tasks of one executor or of several."""

    def __new__(cls) -> Recording: ...
    def snapshot(self, name: str, max_workers: int, /) -> Snapshot: ...
    def snapshot_in_turns(self, name: str, max_workers: int, /) -> Snapshot: ...

@final
class Snapshot:
    """A recording at one moment."""

    def to_json(self) -> str: ...
    def write_html(self, path: str | os.PathLike[str]) -> None: ...
    def write_json(self, path: str | os.PathLike[str]) -> None: ...
    def write_csv(self, path: str | os.PathLike[str]) -> None: ...
    def write_trace(self, path: str | os.PathLike[str]) -> None: ...
