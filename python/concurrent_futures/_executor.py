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

from . import _native, _options, _profile
from ._stats import Stats

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
        queue_capacity=_options.DEFAULTS["queue_capacity"],
        when_full=_options.DEFAULTS["when_full"],
        keep_alive=_options.DEFAULTS["keep_alive"],
        min_workers=_options.DEFAULTS["min_workers"],
        context=_options.DEFAULTS["context"],
        profile=_options.DEFAULTS["profile"],
        **standard_options,
    ):
        _Standard.__init__(
            self,
            max_workers,
            thread_name_prefix,
            initializer,
            initargs,
            **standard_options,
        )
        self._work_queue = self._native_queue = _native.WorkQueue()
        self._options = _options.checked(
            {
                "queue_capacity": queue_capacity,
                "when_full": when_full,
                "keep_alive": keep_alive,
                "min_workers": min_workers,
                "context": context,
                "profile": profile,
            },
            self._max_workers,
        )
        self._context = self._options.pop("context")
        self._profile = _profile.Profile() if self._options["profile"] else None
        most = math.ceil(min(self._max_workers, 2**31))
        self._crew = _profile.Crew(str(self._thread_name_prefix), most)
        self._recordings = _profile.enlist(self._crew, self._profile)
        # From 3.14 on the standard executor keeps them elsewhere.
        self._initializer = initializer
        self._initargs = initargs

    def _settings(self):
        """For the native engine; None if the inherited methods are to serve."""
        foreign = self._foreign_inside()
        if foreign is not None:
            self._refuse_options(foreign)
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
            "submitter_context": self._context,
            "shut_down": bool(self._shutdown),
            "recordings": self._recordings,
            **self._options,
        }

    def _foreign_inside(self):
        """What keeps the native engine from serving; None if nothing does."""
        if self._work_queue is not self._native_queue:
            return "its _work_queue was replaced"
        cls = type(self)
        for name in _INNER_METHODS:
            if _method(cls, name) is not _method(_Standard, name) or name in self.__dict__:
                return f"it overrides {name}"
        if not _threads_are_genuine():
            return "threading was patched"
        if not _submit_is_genuine():
            return "the standard submit was wrapped"
        return None

    def _refuse_options(self, foreign):
        """The standard library's methods know nothing of these."""
        for name, value in self._options.items():
            if value != _options.DEFAULTS[name]:
                raise _without_engine(f"{name}={value!r}", foreign)

    def _need_engine(self, what):
        """Decides which engine serves, and insists on the native one."""
        if not self._is_native():
            raise _without_engine(what, self._foreign_inside() or "it was so at its first task")

    def _native_runs(self):
        """Whether the native engine serves; it does not, if its options were refused."""
        try:
            return self._is_native()
        except _NeedsEngine:
            return False

    def shutdown(self, wait=True, *, cancel_futures=False, timeout=None):
        if not self._native_runs():
            return _Standard.shutdown(self, wait, cancel_futures=cancel_futures)
        self._shutdown = True
        self._close(cancel_futures)
        if wait:
            self._join(None if timeout is None else time.monotonic() + timeout)

    def _join(self, deadline):
        patience = 1000
        while True:
            # First this, then the set: a worker is in the set before it starts, and is counted from
            # before that until it has nothing more to do; and what is queued will have one, though its
            # submitter may not have come to that. A program may also have emptied the set, so as not
            # to wait.
            workers, queued = self._load()
            threads = tuple(self._threads)
            alive = [it for it in threads if it.is_alive()]
            for thread in alive:
                self._join_thread(thread, deadline)
            if workers + queued == 0 or patience == 0:
                return
            if not alive:
                if all(it.ident is not None for it in threads):
                    patience -= 1
                time.sleep(0.001)

    def _join_thread(self, thread, deadline):
        if deadline is None:
            thread.join()
            return
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            running = sorted(it.name for it in tuple(self._threads) if it.is_alive())
            raise TimeoutError(f"still running: {', '.join(running)}")

    def stats(self):
        self._need_engine("stats()")
        return Stats(*self._numbers())

    def profile(self):
        self._need_engine("profile()")
        return None if self._profile is None else self._profile._at_this_moment()

    def set_max_workers(self, max_workers, /):
        least = max(1, self._options["min_workers"])
        max_workers = _options.whole("max_workers", max_workers, least)
        self._need_engine("set_max_workers()")
        self._max_workers = self._crew.max_workers = max_workers
        self._resize(min(max_workers, 2**31))

    def prestart(self, workers=None, /):
        if workers is not None:
            workers = _options.whole("workers", workers, 0)
        self._need_engine("prestart()")
        return self._prestart(min(self._max_workers if workers is None else workers, 2**31))


ThreadPoolExecutor.__module__ = "concurrent_futures"
ThreadPoolExecutor.__doc__ = _Standard.__doc__
ThreadPoolExecutor.__init__.__doc__ = _Standard.__init__.__doc__
ThreadPoolExecutor.shutdown.__doc__ = _Standard.shutdown.__doc__


def _method(cls, name):
    method = getattr(cls, name, None)
    return getattr(method, "__func__", method)


class _NeedsEngine(RuntimeError):
    pass


def _without_engine(what, why):
    return _NeedsEngine(f"{what} needs this package's own engine, which does not serve here: {why}")


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
    _native.forget_starts()
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
