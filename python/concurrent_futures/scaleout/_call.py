"""What travels: a call to the worker, its outcome back.

Both are bytes to Dask, so that it looks for no keys of its own among the arguments, the scheduler
unpickles nothing of the user's, and an outcome that cannot be pickled is the task's error.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from pickle import PicklingError
from typing import Any

from distributed import Future as DaskFuture
from distributed.protocol import pickle
from distributed.worker import get_worker

from ._claims import claims


# The first byte of an outcome; and one that is nothing else.
_RETURNED, _RAISED = b"\0", b"\1"
REVOKED = b"\2"


class RemoteTraceback(Exception):
    """The cause of a task's exception: where it was raised on the worker."""

    def __str__(self) -> str:
        return str(self.args[0])


class _Slot:
    """The place of an argument that lies on the cluster."""

    def __init__(self, number: int) -> None:
        self.number = number


class Call:
    """A pickled call, and the Dask futures among its arguments, which Dask replaces by their values."""

    __slots__ = ("data", "inputs")

    def __init__(
        self, fn: Callable[..., Any], args: Iterable[Any], kwargs: Mapping[str, Any]
    ) -> None:
        self.inputs: list[DaskFuture[Any]] = []
        packed = [self._place(arg) for arg in args]
        named = {name: self._place(arg) for name, arg in kwargs.items()}
        try:
            self.data: bytes = pickle.dumps((fn, packed, named))
        except Exception as error:
            error.add_note(f"This call cannot travel to a worker: {fn!r} and its arguments.")
            raise

    def _place(self, arg: Any) -> Any:
        if not isinstance(arg, DaskFuture):
            return arg
        self.inputs.append(arg)
        return _Slot(len(self.inputs) - 1)


def run(data: bytes, *inputs: Any) -> bytes:
    """On the worker: the whole of a task."""
    key = str(get_worker().get_current_task())
    if not claims.begin(key):
        return REVOKED
    try:
        return _outcome(data, inputs)
    finally:
        claims.end(key)


def run_chunk(fn: Callable[..., Any], items: list[tuple[Any, ...]]) -> list[bytes]:
    """On the worker: several calls of a map in one task, up to the first that fails."""
    outcomes: list[bytes] = []
    for item in items:
        outcomes.append(_of_call(lambda: fn(*item)))
        if outcomes[-1][:1] == _RAISED:
            break
    return outcomes


def _outcome(data: bytes, inputs: tuple[Any, ...]) -> bytes:
    def call() -> Any:
        fn, packed, named = pickle.loads(data)
        args = [_filled(arg, inputs) for arg in packed]
        kwargs = {name: _filled(arg, inputs) for name, arg in named.items()}
        return fn(*args, **kwargs)

    return _of_call(call)


def _filled(arg: Any, inputs: tuple[Any, ...]) -> Any:
    return inputs[arg.number] if isinstance(arg, _Slot) else arg


def _of_call(call: Callable[[], Any]) -> bytes:
    try:
        value = call()
    except BaseException as error:  # A task's exit is its own, not the worker's.
        return _failure(error)
    try:
        return _joined(_RETURNED, value)
    except Exception as error:
        error.add_note(f"The task's result, of {type(value)}, cannot travel back.")
        return _failure(error)


def _failure(error: BaseException) -> bytes:
    inside = error.__traceback__
    while inside is not None and inside.tb_frame.f_code.co_filename == __file__:
        inside = inside.tb_next
    text = "".join(traceback.format_exception(type(error), error, inside))
    try:
        outcome = _joined(_RAISED, (error, text))
        # Some exceptions can be pickled, but not read.
        pickle.loads(outcome[1:])
    except Exception as reason:
        said = "".join(traceback.format_exception_only(error)).strip()
        instead = PicklingError(f"the task raised what cannot travel back: {said} ({reason!r})")
        outcome = _joined(_RAISED, (instead, text))
    return outcome


def _joined(kind: bytes, content: Any) -> bytes:
    data: bytes = pickle.dumps(content)
    return kind + data


def opened(outcome: bytes) -> tuple[Any, BaseException | None]:
    """What the call returned, or what it raised."""
    try:
        content = pickle.loads(outcome[1:])
    except Exception as error:
        error.add_note("The task ended, but here its outcome cannot be unpickled.")
        return None, error
    if outcome[:1] == _RETURNED:
        return content, None
    raised, text = content
    raised.__cause__ = RemoteTraceback(f'\n"""\n{text}"""')
    return None, raised
