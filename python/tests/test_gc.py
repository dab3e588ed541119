"""References: what goes when, and that the collector sees what it must."""

import gc
import threading
import tracemalloc
import weakref

import pytest
from concurrent_futures import Future, ThreadPoolExecutor, _native, as_completed, wait
from helpers import WAIT, Gated


class Thing:
    def __call__(self, *args, **kwargs):
        return None


@pytest.fixture(autouse=True)
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_the_call_goes_before_the_result_is_seen():
    function, argument, keyword = Thing(), Thing(), Thing()
    watched = [weakref.ref(thing) for thing in (function, argument, keyword)]
    with ThreadPoolExecutor(1) as pool, Gated(pool) as gate:
        future = pool.submit(function, argument, key=keyword)
        del function, argument, keyword
        assert all(ref() is not None for ref in watched)
        gate.go.set()
        future.result(WAIT)
        assert [ref() for ref in watched] == [None] * 3


def test_cancel_lets_the_call_go_at_once():
    thing = Thing()
    watched = weakref.ref(thing)
    with ThreadPoolExecutor(1) as pool, Gated(pool):
        future = pool.submit(thing)
        del thing
        assert watched() is not None
        assert future.cancel()
        assert watched() is None


def test_the_result_goes_with_the_future():
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(Thing)
        watched = weakref.ref(future.result(WAIT))
        assert watched() is not None
        del future
        pool.submit(int).result(WAIT)
        assert watched() is None


def test_an_exception_goes_by_counting_alone():
    class Failure(Exception):
        pass

    def fail():
        raise Failure

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(fail)
        try:
            future.result(WAIT)
        except Failure as error:
            watched = weakref.ref(error)
        del future
        pool.submit(int).result(WAIT)
        assert watched() is None


def test_an_idle_worker_holds_nothing():
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(Thing)
        future.result(WAIT)
        watched = weakref.ref(future)
        del future
        pool.submit(int).result(WAIT)
        assert watched() is None


def test_the_executor_goes_at_once_and_its_workers_end():
    pool = ThreadPoolExecutor(2)
    watched = weakref.ref(pool)
    gate = Gated(pool)
    queued = [pool.submit(int) for _ in range(5)]
    threads = set(pool._threads)
    del pool
    assert watched() is None
    gate.go.set()
    for thread in threads:
        thread.join(WAIT)
        assert not thread.is_alive()
    assert [future.result(WAIT) for future in queued] == [0] * 5


@pytest.mark.parametrize("link", ["attribute", "callback", "result", "waiter", "exception"])
def test_a_cycle_through_a_future_is_collected(link):
    future, thing = Future(), Thing()
    thing.future = future
    if link == "attribute":
        future.thing = thing
    elif link == "callback":
        future.add_done_callback(thing)
    elif link == "result":
        future.set_result(thing)
    elif link == "waiter":
        future._waiters.append(thing)
    else:
        error = KeyError(thing)
        future.set_exception(error)
        del error
    watched = weakref.ref(future)
    del future, thing
    assert watched() is not None
    gc.collect()
    assert watched() is None


@pytest.mark.parametrize("end", ["run", "cancel", "shutdown", "break"])
def test_a_task_that_has_left_the_queue_is_collected_with_its_cycle(end):
    def init():
        begun.set()
        assert go.wait(WAIT)
        if end == "break":
            raise ValueError

    begun, go, thing = threading.Event(), threading.Event(), Thing()
    pool = ThreadPoolExecutor(1, initializer=init)
    thing.future = future = pool.submit(lambda it: it, thing)
    future.thing = thing
    assert begun.wait(WAIT) and not gc.is_tracked(future)
    if end == "cancel":
        future.cancel()
    elif end == "shutdown":
        pool.shutdown(wait=False, cancel_futures=True)
    go.set()
    pool.shutdown()
    assert future.done() and gc.is_tracked(future)
    watched = weakref.ref(thing)
    del future, thing
    gc.collect()
    assert watched() is None


@pytest.mark.parametrize("used", [False, True])
def test_a_cycle_through_an_executor_is_collected(used):
    class Owner:
        def __init__(self):
            self.pool = ThreadPoolExecutor(1, initializer=None if used else self.open)

        def open(self):
            pass

    owner = Owner()
    owner.pool.owner = owner
    if used:
        owner.pool.submit(int).result(WAIT)
        threads = set(owner.pool._threads)
    watched = weakref.ref(owner)
    del owner
    gc.collect()
    assert watched() is None
    if used:
        for thread in threads:
            thread.join(WAIT)


@pytest.mark.parametrize("make", [
    lambda pool: pool.map(Thing, []),
    lambda pool: as_completed([pool.submit(int)]),
])
def test_a_cycle_through_an_iterator_is_collected(make):
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(Thing)
        thing = future.result(WAIT)
        iterator = as_completed([future])
        thing.iterator, thing.other = iterator, make(pool)
        watched = weakref.ref(thing)
        del future, thing, iterator
        pool.submit(int).result(WAIT)
        gc.collect()
        assert watched() is None


def test_as_completed_lets_go_of_what_it_gave_out():
    futures = [Future() for _ in range(3)]
    futures[0].set_result(0)
    refs = [weakref.ref(future) for future in futures]
    iterator = as_completed(futures)
    for number in range(3):
        future = next(iterator)
        assert future is refs[number]()
        futures.remove(future)
        del future
        assert refs[number]() is None
        if futures:
            futures[0].set_result(0)


def test_an_abandoned_wait_leaves_nothing_behind():
    future = Future()
    for _ in range(100):
        wait([future], timeout=0)
        iterator = as_completed([future])
        del iterator
        with pytest.raises(TimeoutError):
            future.result(0)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(1000):
        wait([future], timeout=0)
        list_of_one = as_completed([future], timeout=0)
        with pytest.raises(TimeoutError):
            next(list_of_one)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20_000
    assert future._waiters == []


def test_a_busy_pool_does_not_grow():
    def round_of_all_kinds(pool):
        futures = [pool.submit(Thing) for _ in range(200)]
        futures[5].add_done_callback(lambda f: None)
        futures[-1].cancel()
        list(as_completed(futures[:50]))
        wait(futures)
        pool.submit(divmod, 1, 0).exception(WAIT)
        list(pool.map(abs, range(50)))

    with ThreadPoolExecutor(3) as pool:
        for _ in range(5):
            round_of_all_kinds(pool)
        gc.collect()
        alive = sum(isinstance(o, Future) for o in gc.get_objects())
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(30):
            round_of_all_kinds(pool)
        pool.submit(int).result(WAIT)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert sum(isinstance(o, Future) for o in gc.get_objects()) <= alive + 3
        assert grown < 50_000


def test_native_pools_go_with_their_executors():
    before = _native.counts()[1]
    for _ in range(20):
        pool = ThreadPoolExecutor(2)
        pool.submit(int).result(WAIT)
        pool.shutdown()
        del pool
    gc.collect()
    assert _native.counts()[1] == before


def test_futures_take_attributes_weak_references_and_subclasses():
    class Special(Future):
        def __init__(self, name):
            self.name = name

    future = Special("x")
    future.extra = 1
    assert weakref.ref(future)() is future and (future.name, future.extra) == ("x", 1)
    future.set_result(3)
    assert future.result() == 3 and wait([future]).done == {future}


def test_a_long_chain_of_results_goes_without_recursion():
    future = Future()
    for _ in range(100_000):
        outer = Future()
        outer.set_result(future)
        future = outer
    del future, outer


def test_a_future_is_small():
    tracemalloc.start()
    with ThreadPoolExecutor(1) as pool, Gated(pool):
        before = tracemalloc.get_traced_memory()[0]
        futures = [pool.submit(int) for _ in range(1000)]
        each = (tracemalloc.get_traced_memory()[0] - before) / len(futures)
    tracemalloc.stop()
    # The crate's slot adds 65 bytes that Python does not see.
    assert each < 150
    assert threading.active_count() == 1
