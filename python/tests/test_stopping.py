"""Asking a running task to stop."""

import gc
import threading

import pytest
from concurrent_futures import (
    Cancelled,
    CancelledError,
    Future,
    ThreadPoolExecutor,
    check_cancelled,
    current_token,
)
from helpers import WAIT, Gated

LONG = 3600


def test_a_queued_task_is_cancelled():
    with ThreadPoolExecutor(1) as pool, Gated(pool):
        future = pool.submit(int)
        assert future.request_cancel() and future.cancelled() and future.request_cancel()


def test_a_task_that_asks_is_told():
    begun = threading.Event()

    def task():
        begun.set()
        while True:
            check_cancelled()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(task)
        assert begun.wait(WAIT) and not future.cancel()
        assert future.request_cancel()
        with pytest.raises(Cancelled, match="asked to stop") as info:
            future.result(WAIT)
        assert isinstance(info.value, CancelledError)
        assert not future.cancelled() and not future.request_cancel()
        # The next task is not asked.
        pool.submit(check_cancelled).result(WAIT)


@pytest.mark.parametrize("asked", ["while it sleeps", "before it sleeps"])
def test_a_sleep_ends_at_once(asked):
    begun, go = threading.Event(), threading.Event()

    def task():
        token = current_token() if asked == "while it sleeps" else None
        begun.set()
        assert go.wait(WAIT)
        token = token or current_token()
        try:
            token.sleep(LONG)
        finally:
            assert token.is_cancelled()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(task)
        assert begun.wait(WAIT)
        if asked == "while it sleeps":
            go.set()
            future.request_cancel()
        else:
            future.request_cancel()
            go.set()
        with pytest.raises(Cancelled):
            future.result(WAIT)


def test_a_sleep_that_nobody_ends_takes_its_time():
    def task():
        token = current_token()
        token.sleep(0)
        token.sleep(0.001)
        token.check()
        return token.is_cancelled(), repr(token)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(task).result(WAIT) == (False, "<CancelToken: not cancelled>")


def test_the_token_is_that_of_the_task_also_deep_inside_and_elsewhere():
    begun = threading.Event()

    def helper(token):
        begun.set()
        with pytest.raises(Cancelled):
            token.sleep(LONG)
        return "stopped"

    def task():
        thread = threading.Thread(target=lambda token: seen.append(helper(token)),
                                  args=[current_token()])
        thread.start()
        thread.join(WAIT)
        check_cancelled()

    seen = []
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(task)
        assert begun.wait(WAIT)
        future.request_cancel()
        assert isinstance(future.exception(WAIT), Cancelled)
    assert seen == ["stopped"]


def test_a_task_that_is_run_in_place_has_its_own_token():
    begun = threading.Event()

    def inner():
        begun.set()
        current_token().sleep(LONG)

    def outer():
        inners.append(pool.submit(inner))
        error = inners[0].exception()
        check_cancelled()
        return type(error)

    inners = []
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(outer)
        assert begun.wait(WAIT)
        assert inners[0].request_cancel()
        assert future.result(WAIT) is Cancelled


def test_outside_of_tasks_nobody_asks():
    check_cancelled()
    token = current_token()
    token.sleep(0)
    assert not token.is_cancelled()
    future = Future()
    future.set_running_or_notify_cancel()
    assert future.request_cancel()
    future.set_result(1)
    assert not future.request_cancel()


def test_tokens_leave_nothing_behind():
    from concurrent_futures._native import census

    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result(WAIT)
        # An earlier test's error may have held something until now.
        gc.collect()
        before = census()["colds"]
        futures = [pool.submit(current_token) for _ in range(100)]
        assert not any(future.result(WAIT).is_cancelled() for future in futures)
        pool.submit(int).result(WAIT)
        assert census()["colds"] <= before
