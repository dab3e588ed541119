import concurrent.futures
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, ParamSpec, TypeVar

from . import _native
from ._future import Future

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
        context: Literal["submit"] | None = None,
        **standard_options: Any,
    ) -> None:
        """As the standard one. ``context="submit"`` runs each task in a copy of the context variables
        of whoever submitted it. Starts no thread."""

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
        ``TimeoutError`` names one that still runs.
        """

    def stats(self) -> dict[str, int]:
        """A look at the pool: ``max_workers``, ``workers``, ``queued``. Never blocks."""
