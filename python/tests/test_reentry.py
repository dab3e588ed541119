"""Calls from places where others deadlock: callbacks, finalizers, collections, workers."""

import gc
import logging
import sys
import threading
import time
import weakref
from concurrent.futures.thread import _threads_queues

import pytest
from concurrent_futures import BrokenThreadPool, Future, ThreadPoolExecutor, as_completed, wait
from helpers import WAIT, Gated, strike


def test_a_callback_may_do_anything_with_its_future_and_pool():
    done = threading.Event()
    with ThreadPoolExecutor(1) as pool, Gated(pool) as gate:
        inner = []

        def callback(future):
            inner.append(future.result())
            inner.append(future.cancel())
            future.add_done_callback(lambda f: inner.append("added"))
            with future._condition:
                inner.append(repr(future).split(" ")[-1])
            inner.append(pool.submit(pow, 2, 3))
            done.set()

        gate.future.add_done_callback(callback)
        gate.go.set()
        assert done.wait(WAIT)
        assert inner[:4] == [True, False, "added", "bool>"]
        assert inner[4].result(WAIT) == 8


def test_callbacks_of_cancelled_tasks_may_use_the_pool_at_shutdown():
    pool, heard = ThreadPoolExecutor(1), []
    gate = Gated(pool)

    def callback(future):
        with pytest.raises(RuntimeError):
            pool.submit(int)
        pool.shutdown(wait=False)
        heard.append(future.cancelled())

    for _ in range(3):
        pool.submit(int).add_done_callback(callback)
    pool.shutdown(wait=False, cancel_futures=True)
    assert heard == [True] * 3
    gate.go.set()
    pool.shutdown()


def test_callbacks_of_broken_tasks_may_use_the_pool():
    heard = []
    begin = threading.Event()

    def initialize():
        begin.wait(WAIT)
        raise ValueError

    pool = ThreadPoolExecutor(1, initializer=initialize)
    cancelled, failed = pool.submit(int), pool.submit(int)

    def callback(future):
        with pytest.raises(BrokenThreadPool):
            pool.submit(int)
        heard.append(1)

    failed.add_done_callback(callback)
    assert cancelled.cancel()
    begin.set()
    assert isinstance(failed.exception(WAIT), BrokenThreadPool)
    pool.shutdown()
    assert heard == [1]


def test_nothing_that_a_callback_raises_ends_a_worker(caplog):
    with ThreadPoolExecutor(1) as pool, caplog.at_level(logging.ERROR, "concurrent.futures"):
        later = []
        with Gated(pool) as gate:
            for error in (KeyboardInterrupt, SystemExit, ValueError):
                def callback(future, error=error):
                    raise error
                gate.future.add_done_callback(callback)
            gate.future.add_done_callback(later.append)
        assert pool.submit(pow, 2, 3).result(WAIT) == 8
        assert later == [gate.future]
    assert len(caplog.records) == 3
    assert all("exception calling callback for <Future at" in r.message for r in caplog.records)
    assert "in callback" in caplog.text


def test_what_is_more_than_an_exception_leaves_cancel_after_all_callbacks():
    future, later = Future(), []

    def callback(future):
        raise KeyboardInterrupt

    future.add_done_callback(callback)
    future.add_done_callback(later.append)
    with pytest.raises(KeyboardInterrupt):
        future.cancel()
    assert later == [future]


def test_a_task_that_meddles_with_its_future_does_not_end_the_worker(caplog):
    with ThreadPoolExecutor(1) as pool:
        with Gated(pool) as gate:
            gate.future.set_result("early")
            queued = pool.submit(int)
            queued.set_result("before it ran")
            other = pool.submit(int)
            assert other.set_running_or_notify_cancel()
        assert pool.submit(pow, 2, 3).result(WAIT) == 8
        assert gate.future.result() == "early" and queued.result() == "before it ran"


def test_finalizers_may_submit():
    pool, made = ThreadPoolExecutor(2), []

    class Trash:
        def __init__(self):
            self.me = self

        def __del__(self):
            try:
                made.append(pool.submit(int))
            except RuntimeError:
                pass

    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(300):
            Trash()
            future = pool.submit(pow, 2, 2)
            future._waiters, future._done_callbacks
            future.add_done_callback(lambda f: Trash())
            assert future.result(WAIT) == 4
    finally:
        gc.set_threshold(*threshold)
    gc.collect()
    assert len(made) > 100
    wait(made)
    pool.shutdown()


def test_the_last_reference_may_go_in_a_task_or_a_callback():
    for place in ("task", "callback"):
        pool = ThreadPoolExecutor(1)
        box, go = [pool], threading.Event()
        future = pool.submit(go.wait, WAIT) if place == "callback" else pool.submit(
            lambda: (go.wait(WAIT), box.clear()))
        if place == "callback":
            future.add_done_callback(lambda f: box.clear())
        threads = set(pool._threads)
        del pool
        go.set()
        for thread in threads:
            thread.join(WAIT)
            assert not thread.is_alive()


def test_a_worker_cannot_wait_for_its_own_end():
    pool = ThreadPoolExecutor(1)
    error = pool.submit(pool.shutdown).exception(WAIT)
    assert isinstance(error, RuntimeError) and "join" in str(error)
    with pytest.raises(RuntimeError):
        pool.submit(int)
    pool.shutdown()


@pytest.mark.parametrize("how", ["result", "exception", "wait", "as_completed", "map"])
def test_a_task_may_wait_for_tasks_of_its_own_full_pool(how):
    def outer():
        futures = [pool.submit(pow, 2, n) for n in range(5)]
        if how == "map":
            return list(pool.map(pow, [2] * 5, range(5)))
        if how == "wait":
            wait(futures)
        elif how == "as_completed":
            assert len(list(as_completed(futures))) == 5
        elif how == "exception":
            assert [f.exception() for f in futures] == [None] * 5
        return [f.result() for f in futures]

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(outer).result(WAIT) == [1, 2, 4, 8, 16]


def test_nested_waits_to_a_depth():
    def down(n):
        return n if n == 0 else pool.submit(down, n - 1).result() + 1

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(down, 50).result(WAIT) == 50


def test_a_callback_that_adds_itself_again_ends():
    future, calls = Future(), []

    def callback(f):
        calls.append(1)
        if len(calls) < 100:
            f.add_done_callback(callback)

    future.add_done_callback(callback)
    future.set_result(1)
    assert len(calls) == 100


def test_a_hostile_waiter_is_reported_and_the_future_ends(recwarn):
    class Hostile:
        def add_result(self, future):
            raise RuntimeError("no")

    future = Future()
    future._waiters.append(Hostile())
    import sys
    seen, hook = [], sys.unraisablehook
    sys.unraisablehook = lambda info: seen.append(str(info.exc_value))
    try:
        future.set_result(1)
    finally:
        sys.unraisablehook = hook
    assert future.result() == 1 and seen == ["no"]


def test_a_thread_that_cannot_be_started_is_no_ghost(monkeypatch):
    ran = []

    def refuse(self):
        raise RuntimeError("can't start new thread")

    with ThreadPoolExecutor(2) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with pytest.raises(RuntimeError, match="can't start new thread"):
                pool.submit(ran.append, "ghost")
        assert pool.submit(ran.append, "ran").result(WAIT) is None
        with Gated(pool):
            with monkeypatch.context() as patch:
                patch.setattr(threading.Thread, "start", refuse)
                kept = pool.submit(ran.append, "kept") if len(pool._threads) == 1 else None
        if kept:
            assert kept.result(WAIT) is None
    assert "ghost" not in ran


@pytest.mark.parametrize("moment", ["_set_tstate_lock", "_set_native_id", "run"])
def test_a_worker_that_is_struck_while_it_begins_is_no_ghost(monkeypatch, moment):
    # Another thread may throw an exception into it at any time; here it does so before the new
    # thread has told its starter that it is there, and before it comes to its target.
    genuine = getattr(threading.Thread, moment, None)
    if genuine is None:
        pytest.skip("not in this version")

    def struck(self):
        if moment == "_set_native_id":
            genuine(self)
        strike(threading.get_ident())
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            pass

    pool = ThreadPoolExecutor(1)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, moment, struck)
        patch.setattr(sys, "unraisablehook", lambda _: None)
        patch.setattr(threading, "excepthook", lambda _: None)
        lost = [pool.submit(int)]
        (thread,) = pool._threads
        thread.join(WAIT)
        with pytest.raises(RuntimeError, match="start|began"):
            lost[0].result(WAIT)
    with threading._active_limbo_lock:
        threading._limbo.clear()
    stats = pool.stats()
    assert (stats.workers, stats.queued, stats.failed) == (0, 0, 1)
    assert pool.submit(pow, 2, 3).result(WAIT) == 8
    pool.shutdown()


@pytest.mark.parametrize("moment", ["begun", "coming"])
def test_a_submit_that_is_interrupted_while_it_starts_a_worker_loses_nothing(monkeypatch, moment):
    genuine = threading.Thread.start

    def interrupted(self):
        if moment == "begun":
            genuine(self)
            assert begun.wait(WAIT)
        raise KeyboardInterrupt

    begun, ran = threading.Event(), []
    with ThreadPoolExecutor(1, initializer=begun.set) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", interrupted)
            with pytest.raises(KeyboardInterrupt):
                pool.submit(ran.append, 1)
        assert len(pool._threads) == pool.stats().workers == (moment == "begun")
        assert pool.submit(ran.append, 2).result(WAIT) is None
        assert all(thread in _threads_queues for thread in pool._threads)
    assert ran == ([1, 2] if moment == "begun" else [2])


def test_an_interrupt_while_a_new_worker_is_registered_is_raised(monkeypatch):
    genuine, times = weakref.WeakKeyDictionary.__setitem__, []

    def interrupted(self, key, value):
        if self is _threads_queues and not times:
            times.append(1)
            raise KeyboardInterrupt
        genuine(self, key, value)

    ran = []
    with ThreadPoolExecutor(1) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(weakref.WeakKeyDictionary, "__setitem__", interrupted)
            with pytest.raises(KeyboardInterrupt):
                pool.submit(ran.append, 1)
        assert len(pool._threads) == 1
        assert all(thread in _threads_queues for thread in pool._threads)
        assert pool.submit(ran.append, 2).result(WAIT) is None
    assert ran == [1, 2]


def test_an_exception_that_lets_a_map_go_stays_what_it_is():
    class Pool(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            future = super().submit(fn, *args, **kwargs)
            future.add_done_callback(lambda f: called.append(sum([1, 2, 3])))
            return future

    def leave():
        for _ in pool.map(lambda n: n and go.wait(WAIT), range(5)):
            raise ValueError("mine")

    called, go = [], threading.Event()
    with Pool(1) as pool:
        with pytest.raises(ValueError, match="mine"):
            leave()
        go.set()
    assert called == [6] * 5


def test_an_exception_that_lets_an_executor_go_stays_what_it_is(monkeypatch):
    class Loop:
        """Has the only reference to its executor, and is itself held by a for loop only."""

        def __init__(self):
            self.pool = ThreadPoolExecutor(2)
            with Gated(self.pool) as gate:
                with monkeypatch.context() as patch:
                    patch.setattr(threading.Thread, "start", refuse)
                    kept.append(self.pool.submit(int))
                kept.append(gate)
                gate.go = threading.Event()

        def __iter__(self):
            return self

        def __next__(self):
            return 1

    def refuse(self):
        raise RuntimeError("can't start new thread")

    def leave():
        for _ in Loop():
            raise ValueError("mine")

    kept = []
    with pytest.raises(ValueError, match="mine"):
        leave()
    kept[1].go.set()
    assert kept[0].result(WAIT) == 0


def test_an_error_of_a_start_that_goes_when_the_next_comes_may_submit(monkeypatch):
    # A worker that wakes the next one keeps what went wrong with its start for the next submit, and it
    # may never make one.
    class Refusal(RuntimeError):
        def __del__(self):
            try:
                other.submit(int)
                submitted.append(1)
            except BaseException as error:
                submitted.append(error)

    def refuse(self):
        raise Refusal

    submitted = []
    with ThreadPoolExecutor(1) as other, ThreadPoolExecutor(1) as pool:
        other.submit(int).result(WAIT)

        def task():
            with monkeypatch.context() as patch:
                patch.setattr(threading.Thread, "start", refuse)
                for _ in range(3):
                    deep = ThreadPoolExecutor(1)
                    with pytest.raises(Refusal):
                        deep.submit(int)
                    pool.set_max_workers(5)
                    pool.submit(int)

        pool.submit(task).result(WAIT)
    assert submitted and set(submitted) == {1}


def test_who_waits_on_a_condition_holds_it_also_after_an_interrupt(program):
    done = program("""
        import signal, threading, time
        from concurrent_futures import *
        future, held, go = Future(), threading.Event(), threading.Event()
        main = threading.get_ident()

        def holder():
            with future._condition:
                future._condition.notify_all()
                held.set()
                go.wait(10)

        def handler(*_):
            go.set()
            raise KeyboardInterrupt

        signal.signal(signal.SIGALRM, handler)
        condition = future._condition
        with condition:
            thread = threading.Thread(target=holder)
            thread.start()
            alarm = threading.Thread(
                target=lambda: (held.wait(30), time.sleep(0.1), signal.pthread_kill(main, signal.SIGALRM)))
            alarm.start()
            try:
                condition.wait(30)
            except KeyboardInterrupt:
                print("interrupted")
            # Else this raises.
            condition.notify_all()
    """)
    assert (done.stdout, done.stderr) == ("interrupted\n", ""), done.stderr


def test_builtin_tasks_do_not_starve_other_threads():
    # So many that a slow machine cannot be done with them in ten turns.
    numbers = list(range(200_000))
    with ThreadPoolExecutor(1) as pool:
        futures = [pool.submit(sum, numbers) for _ in range(5000)]
        turns = 0
        while turns < 10:
            turns += 1
            time.sleep(0)
        assert not futures[-1].done()
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("task", ["python", "callback", "builtin"])
def test_a_pool_that_is_always_busy_lets_other_threads_in(program, task):
    # A thread that waits for the interpreter asks for it after a while, and only code in Python hears
    # that. A worker that runs none must give it away by itself.
    done = program(f"""
        import faulthandler, functools, os
        from concurrent_futures import ThreadPoolExecutor

        def python(pool):
            if not over:
                pool.submit(python, pool)

        def refill(future):
            if not over:
                pool.submit(pow, 2, 3).add_done_callback(refill)

        # A watchdog that does not need the interpreter.
        faulthandler.dump_traceback_later(50, exit=True)
        over = []
        with ThreadPoolExecutor(1) as pool:
            builtin = functools.partial(int)
            if {task!r} == "python":
                pool.submit(python, pool)
            elif {task!r} == "callback":
                pool.submit(pow, 2, 3).add_done_callback(refill)
            else:
                # Submits itself, without a line of Python.
                builtin.__setstate__((pool.submit, (builtin,), {{}}, None))
                builtin()
            for _ in range(20):
                for end in os.pipe():
                    os.close(end)
            over.append(True)
            builtin.__setstate__((int, (), {{}}, None))
        """)
    assert done.returncode == 0, done.stderr


def test_an_iterator_that_is_closed_has_ended_whatever_ends_later():
    futures = [Future() for _ in range(3)]
    iterator = as_completed(futures)
    futures[0].set_result(0)
    iterator.close()
    futures[1].set_result(1)
    for _ in range(2):
        with pytest.raises(StopIteration):
            next(iterator)
    assert iterator.__length_hint__() == 0


@pytest.mark.parametrize("kind", ["as_completed", "map"])
def test_an_iterator_that_somebody_waits_in_cannot_be_closed(kind):
    # The worker runs what it waits for, so that is called in the middle of the wait.
    def inner(n):
        with pytest.raises(ValueError, match="already executing"):
            iterators[0].close()
        return n

    def outer():
        if kind == "map":
            iterators.append(pool.map(inner, [5]))
            return next(iterators[0])
        iterators.append(as_completed([pool.submit(inner, 5)]))
        return next(iterators[0]).result()

    iterators = []
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(outer).result(WAIT) == 5
        iterators[0].close()


def test_what_is_more_than_an_exception_leaves_shutdown_after_all_callbacks(caplog):
    pool, heard = ThreadPoolExecutor(1), []

    def callback(future):
        heard.append(future)
        raise KeyboardInterrupt

    with Gated(pool):
        futures = [pool.submit(int) for _ in range(3)]
        for future in futures:
            future.add_done_callback(callback)
        with pytest.raises(KeyboardInterrupt):
            pool.shutdown(wait=False, cancel_futures=True)
        assert heard == futures
    pool.shutdown()
    # Only one can be raised.
    assert len(caplog.records) == 2
