"""Programs that reach inside the standard executor get what they reach for."""

import asyncio
import concurrent.futures
import concurrent.futures.thread as standard
import functools
import queue
import threading

import pytest
from concurrent_futures import Future, ThreadPoolExecutor, as_completed, wait
from helpers import WAIT, Gated


def is_native(pool):
    return type(pool.submit(int)) is Future


def test_an_overridden_adjust_thread_count_is_called():
    calls = []

    class Pool(ThreadPoolExecutor):
        def _adjust_thread_count(self):
            calls.append(1)
            super()._adjust_thread_count()

    with Pool(2) as pool:
        assert pool.submit(pow, 2, 3).result(WAIT) == 8
        assert list(pool.map(abs, [-1, -2])) == [1, 2]
        assert calls and not is_native(pool)


def test_a_replaced_queue_is_used():
    class Pool(ThreadPoolExecutor):
        def __init__(self, *args):
            super().__init__(*args)
            self._work_queue = queue.LifoQueue()

    order = []
    with Pool(1) as pool, Gated(pool) as gate:
        assert not is_native(pool)
        futures = [pool.submit(order.append, number) for number in range(3)]
        gate.go.set()
        wait(futures)
    assert order == [2, 1, 0]


@pytest.mark.parametrize("target", ["_start_new_thread", "_start_joinable_thread"])
def test_patched_threading(monkeypatch, target):
    original = getattr(threading, target, None)
    if original is None:
        pytest.skip("not in this version")

    def patched(*args, **kwargs):
        return original(*args, **kwargs)

    monkeypatch.setattr(threading, target, patched)
    with ThreadPoolExecutor(1) as pool:
        assert not is_native(pool)


def test_a_wrapped_standard_submit_sees_each_task(monkeypatch):
    seen, original = [], standard.ThreadPoolExecutor.submit

    @functools.wraps(original)
    def traced(self, fn, /, *args, **kwargs):
        seen.append(fn)
        return original(self, fn, *args, **kwargs)

    monkeypatch.setattr(standard.ThreadPoolExecutor, "submit", traced)
    with ThreadPoolExecutor(2) as pool:
        assert pool.submit(pow, 2, 3).result(WAIT) == 8
        assert list(pool.map(abs, [-1])) == [1]
    assert seen == [pow, abs]


def test_a_wrapper_that_poses_as_the_function_is_seen(monkeypatch):
    original = standard.ThreadPoolExecutor.submit

    class Wrapper:
        """As the proxies of the package wrapt do."""

        __class__ = property(lambda self: type(original))
        __code__ = original.__code__

        def __get__(self, instance, owner):
            return self if instance is None else functools.partial(self, instance)

        def __call__(self, *args, **kwargs):
            seen.append(args[1])
            return original(*args, **kwargs)

    seen = []
    monkeypatch.setattr(standard.ThreadPoolExecutor, "submit", Wrapper())
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(pow, 2, 3).result(WAIT) == 8
        assert seen == [pow] and not is_native(pool)


def test_the_choice_is_made_once(monkeypatch):
    with ThreadPoolExecutor(1) as pool:
        assert is_native(pool)
        monkeypatch.setattr(standard.ThreadPoolExecutor, "submit", lambda *a: None)
        assert is_native(pool)


def test_map_goes_through_an_overridden_submit():
    seen = []

    class Pool(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            seen.append(args)
            return super().submit(fn, *args, **kwargs)

    with Pool(2) as pool:
        assert list(pool.map(pow, [2, 3], [2, 2])) == [4, 9]
        assert seen == [(2, 2), (3, 2)]
        assert is_native(pool)
        pool.submit = lambda fn, *args: ThreadPoolExecutor.submit(pool, lambda: "mine")
        assert list(pool.map(abs, [1, 2])) == ["mine", "mine"]


def test_settings_changed_before_the_first_task_count():
    class Pool(ThreadPoolExecutor):
        def __init__(self):
            super().__init__(5)
            self._max_workers = 1
            self._thread_name_prefix = "changed"

    with Pool() as pool, Gated(pool):
        pool.submit(int)
        assert [thread.name for thread in pool._threads] == ["changed_0"]


def test_the_queue_tells_the_backlog_and_can_be_emptied():
    with ThreadPoolExecutor(1) as pool, Gated(pool):
        futures = [pool.submit(pow, 2, y=n) for n in range(3)]
        assert pool._work_queue.qsize() == 3 and not pool._work_queue.empty()
        item = pool._work_queue.get_nowait()
        assert (item.future, item.fn, item.args, item.kwargs) == (futures[0], pow, (2,), {"y": 0})
        assert item.future.cancel()
        pool._work_queue.get_nowait(), pool._work_queue.get_nowait()
        with pytest.raises(queue.Empty):
            pool._work_queue.get_nowait()


def test_skipping_the_join_at_exit(program):
    done = program("""
        import concurrent.futures.thread as standard, threading, time
        from concurrent_futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(1)
        begun = threading.Event()
        task = lambda: (begun.set(), time.sleep(3600))
        submitter = threading.Thread(target=pool.submit, args=[task], daemon=True)
        submitter.start()
        submitter.join(10)
        assert begun.wait(10)
        pool._threads.clear()
        standard._threads_queues.clear()
        print("leaves")
    """)
    assert done.stdout == "leaves\n"


def mixed():
    native, other = Future(), concurrent.futures.Future()
    return native, other


@pytest.mark.parametrize("module", [concurrent.futures, __import__("concurrent_futures")])
@pytest.mark.parametrize("kinds", ["native", "standard", "both"])
def test_wait_and_as_completed_take_all_kinds(module, kinds):
    make = {"native": [Future] * 2, "standard": [concurrent.futures.Future] * 2,
            "both": [Future, concurrent.futures.Future]}[kinds]
    futures = [cls() for cls in make]
    assert module.wait(futures, timeout=0) == (set(), set(futures))
    iterator = module.as_completed(futures)
    for future in futures:
        timer = threading.Timer(0.02, future.set_result, (1,))
        timer.start()
        assert next(iterator) is future
        timer.join()
    assert list(iterator) == []
    assert module.wait(futures) == (set(futures), set())
    failing = [cls() for cls in make]
    threading.Timer(0.02, failing[0].set_exception, (KeyError(),)).start()
    done, _ = module.wait(failing, 10, module.FIRST_EXCEPTION)
    assert done == {failing[0]}


def test_a_held_condition_keeps_a_future_as_it_is():
    with ThreadPoolExecutor(1) as pool, Gated(pool) as gate:
        future = gate.future
        with future._condition:
            with future._condition:
                gate.go.set()
                assert not wait([pool.submit(int)], 0.1).done
                assert future.running()
        assert future.result(WAIT) is True


def test_a_condition_by_hand():
    future, got = Future(), []

    def waiter():
        with future._condition:
            got.append(future._condition.wait_for(lambda: getattr(future, "ready", False), WAIT))

    thread = threading.Thread(target=waiter)
    thread.start()
    while not future._condition.__class__ or thread.is_alive() and not got:
        with future._condition:
            future.ready = True
            future._condition.notify_all()
    thread.join(WAIT)
    assert got == [True]
    with pytest.raises(RuntimeError):
        future._condition.release()
    with pytest.raises(RuntimeError):
        future._condition.notify()


def test_asyncio_takes_pool_and_futures():
    async def main():
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(2) as pool:
            assert await loop.run_in_executor(pool, pow, 2, 3) == 8
            assert await asyncio.wrap_future(pool.submit(pow, 2, 4)) == 16
            with Gated(pool):
                cancelled = asyncio.wrap_future(pool.submit(int))
            with Gated(pool), Gated(pool):
                inner = pool.submit(int)
                outer = asyncio.wrap_future(inner)
                outer.cancel()
                await asyncio.sleep(0.01)
                assert inner.cancelled()
            assert await cancelled == 0
        loop.set_default_executor(ThreadPoolExecutor(2))
        assert await asyncio.to_thread(pow, 2, 5) == 32
        with pytest.raises(ZeroDivisionError):
            await loop.run_in_executor(None, divmod, 1, 0)
        by_hand = Future()
        threading.Timer(0.01, by_hand.set_result, (7,)).start()
        assert await asyncio.wrap_future(by_hand) == 7

    asyncio.run(main())
