"""The way of an executor's tasks to the cluster and back.

A task waits in the outbox until Dask's event loop sends what is there, all in one graph. When it has
ended, its outcome is fetched on that loop, and its future ended on a thread of our own: callbacks may
block, and Dask's loop may not.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dask.utils import funcname

from .._native import wait as wait_for
from . import _call, _ending, _place, _revoke
from ._errors import BrokenCluster
from ._future import RemoteFuture
from ._outbox import Outbox

if TYPE_CHECKING:
    from distributed import Client

    from ._outbox import Load

# Seconds for the future to hear of a task that has ended on the cluster.
PATIENCE = 1.0

CLOSED = "the connection to the Dask scheduler is closed"


class Link:
    """What an executor and its futures share."""

    def __init__(self, client: Client, options: dict[str, Any], owns_client: bool) -> None:
        self.client = client
        self._loop: Any = client.loop
        self._options = options
        self._owns_client = owns_client
        self._closing_client = threading.Lock()
        self._close_when_settled = False
        self._name = uuid.uuid4().hex
        # Re-entrant: a finalizer may come in between.
        self._gate = threading.RLock()
        self._settled = threading.Condition(self._gate)
        self._count = 0
        self._outbox = Outbox()
        # In the order in which they were submitted.
        self._outstanding: dict[RemoteFuture[Any], None] = {}
        self._refusal: RuntimeError | None = None

    def submit(self, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> RemoteFuture[Any]:
        future: RemoteFuture[Any] = RemoteFuture()
        future._link, future._remote, future._begun = self, None, False
        future._revokers, future._held = 0, None
        try:
            future._call = _call.Call(fn, args, kwargs)
        except Exception as error:
            future._call = None
            self._check()
            future.set_exception(error)
            return future
        name = _name_of(fn)
        with self._gate:
            self._check()
            self._count += 1
            future._key = f"{name}-{self._name}-{self._count}"
            self._outstanding[future] = None
            start = self._outbox.put(future)
        if start:
            self._schedule_sending()
        # Else the loop still runs, and will come to it.
        if self._is_closed():
            self._give_up()
        return future

    def _check(self) -> None:
        if self._refusal is not None:
            raise type(self._refusal)(*self._refusal.args)
        if self._is_closed():
            raise BrokenCluster(CLOSED)

    def _is_closed(self) -> bool:
        return self.client.status in ("closing", "closed")

    def _give_up(self) -> None:
        for future in self._outbox.drain():
            _ending.end(self, future, BrokenCluster(CLOSED))

    def _schedule_sending(self) -> None:
        if _place.in_task():
            # Dask ranks what a task submits before what comes later; it looks at the thread.
            while self._send():
                pass
        else:
            self._loop.add_callback(self._send_in_loop)

    def _send_in_loop(self) -> None:
        if self._send():
            self._loop.add_callback(self._send_in_loop)

    def _send(self) -> bool:
        """Sends one graph. False if there is nothing left to send."""
        plain, with_inputs = self._outbox.take()
        if plain:
            self._hand_over(plain)
        for load in with_inputs:
            self._hand_over([load])
        return self._outbox.goes_on()

    def _hand_over(self, loads: list[Load]) -> None:
        keys = [future._key for future, _ in loads]
        # Each graph comes after the last, however quickly it follows: tasks begin in order.
        options = {**self._options, "pure": False, "fifo_timeout": "0 ms"}
        try:
            if inputs := loads[0][1].inputs:
                call = loads[0][1]
                remotes = [
                    self.client.submit(_call.run, call.data, *inputs, key=keys[0], **options)
                ]
            else:
                data = [call.data for _, call in loads]
                remotes = self.client.map(_call.run, data, key=keys, **options)
        except Exception as error:
            for future, _ in loads:
                _ending.end(self, future, error)
            return
        for (future, call), remote in zip(loads, remotes, strict=True):
            future._remote = remote
            if future.done():
                self._release(future)
            elif self._is_closed():
                # The client may have looked through its futures before this one came.
                _ending.end(self, future, BrokenCluster(CLOSED))
            else:
                self._loop.add_callback(self._watch, future, remote, bool(call.inputs))

    async def _watch(self, future: RemoteFuture[Any], remote: Any, own_error: bool) -> None:
        ending: bytes | BaseException
        try:
            ending = await self.client.gather(remote, asynchronous=True)
        except BaseException as error:  # Also where the loop ends.
            if self._hold(future, error):
                return
            ending = error
        _ending.end(self, future, ending, own_error)

    def _hold(self, future: RemoteFuture[Any], error: BaseException) -> bool:
        """Whether the error is left to who cancels the future: it may be the work of that."""
        with self._gate:
            held = future._revokers > 0
            if held:
                future._held = error
            return held

    def settled(self, future: RemoteFuture[Any]) -> bool:
        """Nobody need wait for the future any more. Whether anybody had to."""
        self._release(future)
        with self._gate:
            was_outstanding = future in self._outstanding
            self._outstanding.pop(future, None)
            last = not self._outstanding
            if last:
                self._settled.notify_all()
        if last and self._close_when_settled:
            _ending.elsewhere(self.close_client)
        return was_outstanding

    def _release(self, future: RemoteFuture[Any]) -> None:
        remote, future._remote = future._remote, None
        if remote is not None:
            remote.release()

    # Cancelling

    def cancel(self, futures: list[RemoteFuture[Any]]) -> list[bool]:
        """Cancels what has not begun. For each, whether it is cancelled. Blocks for some round trips."""
        sent = [future for future in futures if not self._withdraw(future)]
        if self._in_loop():
            self.cancel_in_background(sent)
        else:
            self._revoke(sent)
        return [future.cancelled() for future in futures]

    def _revoke(self, futures: list[RemoteFuture[Any]]) -> None:
        with self._gate:
            for future in futures:
                future._revokers += 1
        try:
            for future in _revoke.revoke(self.client, futures):
                _ending.cancel(self, future)
        finally:
            with self._gate:
                for future in futures:
                    future._revokers -= 1
                held = [it for it in futures if it._held is not None and it._revokers == 0]
            for future in held:
                if future._held is not None and not future.done():
                    _ending.end(self, future, future._held)
        # The others that have not begun are just ending: by another thread, or because of Dask.
        wait_for([it for it in futures if not it._begun], PATIENCE)

    def cancel_in_background(self, futures: Iterable[RemoteFuture[Any]]) -> None:
        """As ``cancel``, for those who cannot wait for the answer."""
        with contextlib.suppress(RuntimeError):  # At the interpreter's exit they run.
            _ending.threads().submit(self.cancel, list(futures))

    def look_whether_begun(self, future: RemoteFuture[Any]) -> None:
        if future._call is None and not self._in_loop():
            _revoke.look_whether_begun(self.client, future)

    def _withdraw(self, future: RemoteFuture[Any]) -> bool:
        waits = self._outbox.withdraw(future)
        if waits:
            _ending.cancel(self, future)
        return waits

    def _in_loop(self) -> bool:
        try:
            return asyncio.get_running_loop() is self._loop.asyncio_loop
        except RuntimeError:
            return False

    # Closing

    def close(self, refusal: RuntimeError) -> list[RemoteFuture[Any]]:
        """Takes no further task, and says why. What has not ended, in order."""
        with self._gate:
            self._refusal = self._refusal or refusal
            return list(self._outstanding)

    def wait(self, timeout: float | None) -> None:
        """Blocks until all futures have ended and their callbacks have run."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._gate:
            while self._outstanding:
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise TimeoutError(f"not done yet: {len(self._outstanding)} tasks")
                self._settled.wait(left)

    def break_in_child(self) -> None:
        """In the child of a fork, where nobody serves the connection."""
        self._gate = threading.RLock()
        self._settled = threading.Condition(self._gate)
        self._owns_client, self._closing_client = False, threading.Lock()
        self._outbox = Outbox()
        broken = BrokenCluster("the connection to the Dask scheduler stayed in the parent of a fork")
        for future in self.close(broken):
            _ending.end(self, future, broken)

    def finish(self) -> None:
        """At the interpreter's exit: ends all there is, with no thread that would outlive it."""
        self._close_when_settled = False
        self.wait(None)
        self.close_client()

    def leave(self) -> None:
        """Closes the executor's own client as soon as nothing is outstanding. Does not block."""
        with self._gate:
            self._close_when_settled = self._owns_client
            now = self._owns_client and not self._outstanding
        if now:
            _ending.elsewhere(self.close_client)

    def close_client(self) -> None:
        """Closes the client, if it is the executor's own. Blocks until that is done."""
        if self._in_loop():
            # The interpreter is exiting and starts no thread for this any more; `finish` does it.
            return
        with self._closing_client:
            if self._owns_client:
                self.client.close()


def _name_of(fn: Any) -> str:
    """What Dask groups its statistics by."""
    try:
        return str(funcname(fn))
    except Exception:  # What is called may be anything, and refuse to say its name.
        return "task"
