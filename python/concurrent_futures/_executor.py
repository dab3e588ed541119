"""The executor: a native one, and yet a standard one.

Here is what need not be fast: construction, the choice of the engine, shutdown. The native base has
``submit`` and ``map``.
"""

import math
import os
import threading
import time
import types
import weakref
from concurrent.futures import thread as _standard

from . import _native

_Standard = _standard.ThreadPoolExecutor

# The methods by which the standard executor works inside. Who overrides one wants them to be called.
_INNER_METHODS = ("_adjust_thread_count", "_initializer_failed", "prepare_context")

_executors: "weakref.WeakSet[ThreadPoolExecutor]" = weakref.WeakSet()


class ThreadPoolExecutor(_native.ThreadPoolExecutor, _Standard):
    def __init__(
        self,
        max_workers=None,
        thread_name_prefix="",
        initializer=None,
        initargs=(),
        *,
        context=None,
        **standard_options,
    ):
        if context not in (None, "submit"):
            raise ValueError(f"context must be None or 'submit', not {context!r}")
        _Standard.__init__(
            self,
            max_workers,
            thread_name_prefix,
            initializer,
            initargs,
            **standard_options,
        )
        self._work_queue = self._native_queue = _native.WorkQueue()
        self._context = context
        # From 3.14 on the standard executor keeps them elsewhere.
        self._initializer = initializer
        self._initargs = initargs

    def _settings(self):
        """For the native engine; None if the inherited methods are to serve."""
        if not self._native_serves():
            if self._work_queue is self._native_queue:
                self._work_queue = _standard.queue.SimpleQueue()
            return None
        _executors.add(self)
        return {
            # The standard executor starts threads while there are fewer than this.
            "max_workers": math.ceil(min(self._max_workers, 2**31)),
            "prefix": str(self._thread_name_prefix or self),
            "threads": self._threads,
            "initializer": self._initializer,
            "initargs": self._initargs,
            "executor": weakref.ref(self),
            "queue": self._native_queue,
            "submitter_context": self._context == "submit",
            "shut_down": bool(self._shutdown),
        }

    def _native_serves(self):
        cls = type(self)
        return (
            self._work_queue is self._native_queue
            and all(
                _method(cls, name) is _method(_Standard, name) and name not in self.__dict__
                for name in _INNER_METHODS
            )
            and _threads_are_genuine()
            and _submit_is_genuine()
        )

    def shutdown(self, wait=True, *, cancel_futures=False, timeout=None):
        if not self._is_native():
            return _Standard.shutdown(self, wait, cancel_futures=cancel_futures)
        self._shutdown = True
        self._close(cancel_futures)
        if wait:
            self._join(None if timeout is None else time.monotonic() + timeout)

    def _join(self, deadline):
        joined = set()
        patience = 1000
        while True:
            for thread in tuple(self._threads):
                if thread not in joined:
                    _join_thread(thread, deadline)
                    joined.add(thread)
            # A worker that is being started is counted before it is in the set. A program may also
            # have emptied the set, so as not to wait.
            workers, _ = self._load()
            if workers == 0 or patience == 0:
                return
            if joined.issuperset(tuple(self._threads)):
                patience -= 1
                time.sleep(0.001)

    def stats(self):
        """A look at the pool: ``max_workers``, ``workers``, ``queued``."""
        if self._is_native():
            workers, queued = self._load()
        else:
            workers, queued = len(self._threads), self._work_queue.qsize()
        return {
            "max_workers": self._max_workers,
            "workers": workers,
            "queued": queued,
        }


ThreadPoolExecutor.__module__ = "concurrent_futures"
ThreadPoolExecutor.__doc__ = _Standard.__doc__
ThreadPoolExecutor.__init__.__doc__ = _Standard.__init__.__doc__
ThreadPoolExecutor.shutdown.__doc__ = _Standard.shutdown.__doc__


def _method(cls, name):
    method = getattr(cls, name, None)
    return getattr(method, "__func__", method)


def _join_thread(thread, deadline):
    if deadline is None:
        thread.join()
        return
    thread.join(max(0.0, deadline - time.monotonic()))
    if thread.is_alive():
        raise TimeoutError(f"the worker {thread.name} still runs")


def _threads_are_genuine():
    """Whether threading starts threads of the system; gevent, for one, changes that."""
    starters = ("_start_new_thread", "_start_joinable_thread")
    found = [getattr(threading, name) for name in starters if hasattr(threading, name)]
    return all(type(start) is types.BuiltinFunctionType for start in found)


def _code_as_it_came(*names):
    """The code of a function of the standard module, read anew; None if it cannot be read."""
    try:
        code = _standard.__spec__.loader.get_code(_standard.__name__)
        for name in names:
            inner = (const for const in code.co_consts if isinstance(const, types.CodeType))
            code = next(const for const in inner if const.co_name == name)
    except (AttributeError, ImportError, OSError, StopIteration):
        return None
    return code


_GENUINE_SUBMIT = _code_as_it_came("ThreadPoolExecutor", "submit")


def _submit_is_genuine():
    """Whether the standard submit is as it came. Tracers, to see each task, put a wrapper in its place
    or change its very code."""
    submit = _Standard.submit
    # By the type itself: a wrapper may say that it is of the class of what it wraps.
    return type(submit) is types.FunctionType and submit.__code__ == _GENUINE_SUBMIT


def _after_fork_in_child():
    for executor in list(_executors):
        threads = executor._threads
        executor._after_fork()
        executor._threads = set()
        for thread in tuple(threads):
            _standard._threads_queues.pop(thread, None)


# The standard library registers its own before, and so calls it after this one: no pool takes a task
# any more when it begins to join the workers.
threading._register_atexit(_native.begin_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
