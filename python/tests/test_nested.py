"""Tasks that wait for tasks of their own pool."""

import os
import threading

import pytest
from concurrent_futures import (
    FIRST_EXCEPTION,
    BrokenThreadPool,
    Deadlock,
    Discarded,
    ThreadPoolExecutor,
    as_completed,
    wait,
)
from helpers import WAIT, Gated


def down(pool, n):
    return n if n == 0 else pool.submit(down, pool, n - 1).result() + 1


@pytest.mark.parametrize("depth", [100, 1000, 10_000])
def test_a_recursion_of_waits_is_not_bound_by_the_stack(depth):
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(down, pool, depth).result(WAIT) == depth
        # Those who stood in for the worker are gone and forgotten.
        assert pool.submit(down, pool, 10).result(WAIT) == 10
    assert len(pool._threads) <= 2


def test_a_recursion_within_each_task_counts_too():
    def inner(n, left):
        return outer(left) if n == 0 else inner(n - 1, left)

    def outer(left):
        return 0 if left == 0 else pool.submit(inner, 100, left - 1).result() + 1

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(outer, 50).result(WAIT) == 50


def test_beyond_the_recursion_limit_the_pool_is_whole():
    def inner():
        return inner()

    def outer():
        return pool.submit(inner).result()

    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(RecursionError):
            pool.submit(outer).result(WAIT)
        assert pool.submit(down, pool, 50).result(WAIT) == 50


def test_a_walk_of_a_tree_waits_for_its_children_on_one_worker():
    def walk(depth):
        if depth == 0:
            return 1
        children = [pool.submit(walk, depth - 1) for _ in range(3)]
        how = depth % 4
        if how == 0:
            return sum(child.result() for child in children)
        if how == 1:
            return sum(child.result() for child in wait(children).done)
        if how == 2:
            return sum(child.result() for child in as_completed(children))
        return sum(pool.map(walk, [depth - 1] * 3)) + 0 * len(wait(children).done)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(walk, 6).result(WAIT) == 3**6


def test_first_exception_runs_on_until_there_is_one():
    def outer():
        futures = [pool.submit(divmod, 1, 1), pool.submit(divmod, 2, 1)]
        return len(wait(futures, return_when=FIRST_EXCEPTION).done)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(outer).result(WAIT) == 2


def test_who_stands_in_for_a_worker_is_like_one():
    local, seen = threading.local(), []

    def down(n):
        seen.append((threading.current_thread().name, local.ready))
        return n if n == 0 else pool.submit(down, n - 1).result() + 1

    with ThreadPoolExecutor(1, "w", initializer=lambda: setattr(local, "ready", True)) as pool:
        pool.submit(down, 1000).result(WAIT)
    names = {name for name, ready in seen if ready}
    assert len(names) > 1 and all(name.startswith("w_") for name in names)
    assert len(seen) == 1001


def test_a_task_that_waits_for_itself_is_told():
    given = threading.Event()

    def task():
        given.wait(WAIT)
        with pytest.raises(Deadlock, match="the task in worker d_0 waits for itself"):
            mine[0].result()
        with pytest.raises(Deadlock):
            mine[0].exception()
        with pytest.raises(Deadlock):
            wait(mine)
        with pytest.raises(Deadlock):
            list(as_completed(mine))
        return "alive"

    with ThreadPoolExecutor(2, "d") as pool:
        mine = [pool.submit(task)]
        given.set()
        assert mine[0].result(WAIT) == "alive"


@pytest.mark.parametrize("count", [2, 5])
@pytest.mark.parametrize("pools", [1, 2])
def test_a_circle_of_waits_is_told_to_who_closes_it(count, pools):
    """Also if it leads through several pools."""
    pools = [ThreadPoolExecutor(count, f"p{number}") for number in range(pools)]
    futures, begun = [], threading.Barrier(count + 1)

    def task(number):
        begun.wait(WAIT)
        try:
            return futures[(number + 1) % count].result()
        except Deadlock as error:
            return error

    futures += [pools[number % len(pools)].submit(task, number) for number in range(count)]
    begun.wait(WAIT)
    ends = {future.result(WAIT) for future in futures}
    assert len(ends) == 1
    error = ends.pop()
    assert isinstance(error, RuntimeError) and len(set(error.workers)) == count
    assert str(error).count("waits for") == count
    for pool in pools:
        pool.shutdown()


def test_a_circle_through_a_task_that_is_run_in_place():
    def outer():
        inner = pool.submit(lambda: futures[0].result())
        return inner.result()

    with ThreadPoolExecutor(1) as pool:
        with Gated(pool):
            futures = [pool.submit(outer)]
        with pytest.raises(Deadlock, match="itself"):
            futures[0].result(WAIT)
        assert pool.submit(int).result(WAIT) == 0


def test_a_wait_with_a_limit_is_no_part_of_a_circle():
    def task():
        with pytest.raises(TimeoutError):
            mine[0].result(0.01)
        return 1

    with ThreadPoolExecutor(1) as pool:
        with Gated(pool):
            mine = [pool.submit(task)]
        assert mine[0].result(WAIT) == 1


def test_a_worker_may_wait_for_its_pool_before_it_begins(monkeypatch):
    # Finalizers run there, too: the way to the worker's loop is Python code.
    genuine, answers = threading.Thread.run, []

    def run(self):
        answers.append(pool.submit(pow, 2, 3).result())
        genuine(self)

    with ThreadPoolExecutor(1) as pool, monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "run", run)
        assert pool.submit(pow, 2, 4).result(WAIT) == 16
    assert answers == [8]


def test_a_task_that_is_run_where_it_is_waited_for_is_not_discarded():
    # Its place in the queue is the oldest.
    begun, go = threading.Event(), threading.Event()

    def inner():
        begun.set()
        return go.wait(WAIT)

    with ThreadPoolExecutor(1, queue_capacity=1, when_full="discard_oldest") as pool:
        outer = pool.submit(lambda: pool.submit(inner).result())
        assert begun.wait(WAIT)
        later = [pool.submit(int) for _ in range(3)]
        go.set()
        assert outer.result(WAIT) is True
        assert isinstance(later[0].exception(WAIT), Discarded) and later[2].result(WAIT) == 0
        stats = pool.stats()
    assert (stats.submitted, stats.completed, stats.failed) == (5, 3, 2)


def test_a_task_that_is_run_where_it_is_waited_for_outlives_its_pool():
    begun, go, queued = threading.Event(), threading.Event(), threading.Event()
    starts = []

    def inner():
        begun.set()
        return go.wait(WAIT)

    def initialize():
        starts.append(1)
        if len(starts) > 1:
            queued.wait(WAIT)
            raise ValueError

    with ThreadPoolExecutor(2, initializer=initialize) as pool:
        pool.submit(int).result(WAIT)
        pool.set_max_workers(1)
        outer = pool.submit(lambda: pool.submit(inner).result())
        assert begun.wait(WAIT)
        pool.set_max_workers(2)
        lost = pool.submit(int)
        queued.set()
        assert isinstance(lost.exception(WAIT), BrokenThreadPool)
        go.set()
        assert outer.result(WAIT) is True
        stats = pool.stats()
    assert (stats.submitted, stats.completed, stats.failed) == (4, 3, 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore")
def test_a_task_that_forks_where_it_is_waited_for_goes_on_in_the_child():
    def inner():
        pid = os.fork()
        if pid == 0:
            return "child"
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def outer():
        answer = pool.submit(inner).result()
        if answer == "child":
            os._exit(3)
        return answer

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(outer).result(WAIT) == 3
