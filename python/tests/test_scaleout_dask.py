"""An executor on a Dask cluster behaves as the standard promises."""

import asyncio
import concurrent.futures
import functools
import pickle
import socket
import threading

import pytest

import dask_cluster as on  # Skips where Dask is not installed.
import distributed
from concurrent_futures import CancelledError, Future, ThreadPoolExecutor, as_completed, wait
from concurrent_futures.scaleout import BrokenCluster, dask
from dask_cluster import Gate
from helpers import WAIT


@pytest.fixture(scope="module")
def cluster():
    with on.in_process() as cluster:
        yield cluster


@pytest.fixture
def executor(cluster):
    with dask(cluster) as executor:
        yield executor


# Calls


def test_equal_calls_each_run(executor):
    futures = [executor.submit(on.tick) for _ in range(20)]
    assert len({future.result(WAIT) for future in futures}) == 20


def test_every_keyword_is_the_tasks(executor):
    names = ["self", "fn", "func", "key", "workers", "retries", "resources", "priority", "pure",
             "allow_other_workers", "actor", "actors", "fifo_timeout", "timeout"]
    kwargs = {name: number for number, name in enumerate(names)}
    assert executor.submit(on.keywords, 1, **kwargs).result(WAIT) == ((1,), kwargs)


def test_an_argument_that_reads_like_a_key_is_itself(executor):
    with Gate() as gate:
        other = executor.submit(on.held, gate.name)
        gate.wait_for_one_that_began()
        assert executor.submit(on.keywords, other._key).result(WAIT) == ((other._key,), {})


def test_lambdas_travel(executor):
    offset = 40
    assert executor.submit(lambda n: n + offset, 2).result(WAIT) == 42


def test_tasks_of_one_thread_begin_in_the_order_of_submission(monkeypatch):
    monkeypatch.setattr("concurrent_futures.scaleout._outbox.MOST_CALLS", 7)
    with on.in_process(workers=1) as cluster, dask(cluster) as executor:
        values = [executor.submit(on.tick) for _ in range(60)]
        values = [future.result(WAIT) for future in values]
    assert values == sorted(values)


def test_a_dask_future_arrives_as_its_value(cluster):
    with cluster.get_client() as client, dask(client) as executor:
        [shared] = client.scatter([list(range(10))])
        assert executor.submit(on.keywords, shared, also=shared).result(WAIT) == (
            (list(range(10)),), {"also": list(range(10))},
        )
        broken = client.submit(on.raising, LookupError("input"))
        with pytest.raises(LookupError, match="input"):
            executor.submit(on.keywords, broken).result(WAIT)


# Outcomes


def test_an_exception_comes_back_with_its_traceback(executor):
    error = executor.submit(on.raising, ValueError("far away")).exception(WAIT)
    assert repr(error) == "ValueError('far away')"
    assert "in raising" in str(error.__cause__) and "_call.py" not in str(error.__cause__)


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), CancelledError(), TimeoutError()])
def test_an_exit_is_the_tasks_own(executor, error):
    future = executor.submit(on.raising, error)
    assert type(future.exception(WAIT)) is type(error)
    assert not future.cancelled() and executor.submit(on.square, 3).result(WAIT) == 9


@pytest.mark.parametrize(
    "call, note",
    [((on.keywords, threading.Lock()), "cannot travel to a worker"), ((on.lock,), "cannot travel back")],
)
def test_what_cannot_be_pickled_is_the_futures_error(executor, call, note):
    error = executor.submit(*call).exception(WAIT)
    assert isinstance(error, (TypeError, pickle.PicklingError))
    assert note in "".join(error.__notes__)


def test_an_exception_that_cannot_be_read_back_is_told(executor):
    error = executor.submit(on.not_read_back).exception(WAIT)
    assert isinstance(error, pickle.PicklingError) and "NotReadBack: 1 and 2" in str(error)
    error = executor.submit(lambda: on.raising(ValueError(threading.Lock()))).exception(WAIT)
    assert isinstance(error, pickle.PicklingError) and "ValueError" in str(error)


def test_what_is_not_callable_is_the_futures_error(executor):
    with pytest.raises(TypeError, match="not callable"):
        executor.submit(5).result(WAIT)


def test_a_future_is_one_of_this_package(executor):
    future = executor.submit(on.square, 3)
    assert isinstance(future, Future) and isinstance(future, concurrent.futures.Future)
    assert future.result(WAIT) == 9 and future.exception() is None
    assert future.done() and not future.running() and not future.cancel()
    assert repr(future).endswith("state=finished returned int>")


def test_a_wait_has_its_time_limit(executor):
    with Gate() as gate:
        future = executor.submit(on.held, gate.name)
        with pytest.raises(TimeoutError):
            future.result(0)
        with pytest.raises(TimeoutError):
            future.exception(0.001)
        assert not wait([future], 0).done


# Callbacks


def test_callbacks_run_in_order_and_their_errors_are_logged(executor, caplog):
    seen = []

    def record(number, future):
        seen.append((number, future.result()))
        if number == 1:
            raise ZeroDivisionError("in a callback")

    with Gate() as gate:
        future = executor.submit(on.held, gate.name, "value")
        for number in range(4):
            future.add_done_callback(functools.partial(record, number))
        gate.open()
    executor.shutdown()
    assert seen == [(number, "value") for number in range(4)]
    records = [it for it in caplog.records if it.name == "concurrent.futures"]
    assert [it.levelname for it in records] == ["ERROR"]
    assert "exception calling callback for <RemoteFuture" in caplog.text
    assert "ZeroDivisionError: in a callback" in caplog.text
    future.add_done_callback(functools.partial(record, 4))
    assert seen[-1] == (4, "value")


def test_a_callback_may_use_and_wait_for_the_executor(executor):
    results = []
    futures = [executor.submit(on.square, n) for n in range(10)]
    for future in futures:
        future.add_done_callback(
            lambda future: results.append(executor.submit(on.square, future.result()).result(WAIT))
        )
    wait(futures, WAIT)
    while len(results) < 10:
        wait([executor.submit(on.tick)], WAIT)
    assert sorted(results) == [n**4 for n in range(10)]


# Together with others


@pytest.mark.parametrize("module", [concurrent.futures, __import__("concurrent_futures")])
def test_waits_take_mixtures(executor, module):
    with ThreadPoolExecutor(1) as local, concurrent.futures.ThreadPoolExecutor(1) as standard:
        with Gate() as gate:
            pools = (executor, local, standard)
            slow = [pool.submit(on.held, gate.name, "slow") for pool in pools[:2]]
            quick = [pool.submit(on.square, 3) for pool in (executor, standard)]
            by_hand = Future()
            everything = [*slow, *quick, by_hand]
            done = set()
            while len(done) < 2:
                done, rest = module.wait(everything, WAIT, return_when="FIRST_COMPLETED")
            assert done == set(quick) and rest == {*slow, by_hand}
            stream = module.as_completed(everything, WAIT)
            assert {next(stream), next(stream)} == set(quick)
            by_hand.set_result(None)
            assert next(stream) is by_hand
            gate.open()
            assert set(stream) == set(slow)
    error = executor.submit(on.raising, ValueError())
    with Gate() as gate:
        held = executor.submit(on.held, gate.name)
        assert module.wait([error, held], WAIT, return_when="FIRST_EXCEPTION").done == {error}


def test_asyncio_takes_it(executor):
    async def main():
        loop = asyncio.get_running_loop()
        one = loop.run_in_executor(executor, on.square, 3)
        two = asyncio.wrap_future(executor.submit(on.raising, LookupError("there")))
        return await asyncio.gather(one, two, return_exceptions=True)

    nine, error = asyncio.run(asyncio.wait_for(main(), WAIT))
    assert nine == 9 and repr(error) == "LookupError('there')"


# From inside a task


def test_a_task_may_submit_and_wait(executor):
    # More levels than threads: who waits gives its place away.
    assert executor.submit(on.tree, executor, 4).result(WAIT) == 16


def test_a_task_that_gave_its_place_away_may_wait(executor):
    def task():
        distributed.secede()
        inner = [executor.submit(on.square, n) for n in range(4)]
        return sum(it.result() for it in as_completed(inner)) + executor.submit(on.square, 2).result()

    assert executor.submit(task).result(WAIT) == 18


def test_a_task_may_connect_by_itself(executor):
    def task():
        with dask(distributed.get_client()) as inner:
            return list(inner.map(on.square, range(5)))

    assert executor.submit(task).result(WAIT) == [0, 1, 4, 9, 16]


# Life


def test_closing(cluster):
    with cluster.get_client() as client:
        executor = dask(client)
        with Gate() as gate:
            future = executor.submit(on.held, gate.name)
            executor.shutdown(wait=False)
            with pytest.raises(RuntimeError, match="after shutdown"):
                executor.submit(on.square, 3)
            with pytest.raises(TimeoutError, match="1 task"):
                executor.shutdown(timeout=0.01)
        executor.shutdown()
        executor.shutdown(cancel_futures=True)
        assert future.done() and client.status == "running"
    assert not list(executor.map(on.square, []))


def test_a_block_waits_also_when_it_is_left_by_an_exception(cluster):
    with pytest.raises(ZeroDivisionError), dask(cluster) as executor:
        futures = [executor.submit(on.tick) for _ in range(10)]
        raise ZeroDivisionError
    assert all(future.done() and not future.cancelled() for future in futures)


def test_its_own_client_is_closed_when_all_is_done(cluster):
    executor = dask(cluster)
    client = executor._link.client
    with Gate() as gate:
        future = executor.submit(on.held, gate.name, "done")
        del executor
        assert client.status == "running"
    assert future.result(WAIT) == "done"
    while client.status != "closed":
        threading.Event().wait(0.001)


def test_a_callback_cannot_wait_for_its_own_executor(cluster):
    executor = dask(cluster)
    errors = []

    def callback(_):
        try:
            executor.shutdown()
        except RuntimeError as error:
            errors.append(str(error))

    with Gate() as gate:
        future = executor.submit(on.held, gate.name)
        future.add_done_callback(callback)
    executor.shutdown()
    assert errors == ["a callback cannot wait for its own executor"]


def test_an_asynchronous_client_is_refused(cluster):
    async def main():
        async with distributed.Client(cluster.scheduler_address, asynchronous=True) as client:
            with pytest.raises(ValueError, match="asynchronous"):
                dask(client)

    asyncio.run(main())


def test_an_address_where_nobody_answers():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # Bound, and nobody listens.
        with pytest.raises(BrokenCluster, match="no Dask scheduler answers at tcp://127.0.0.1"):
            dask("tcp://127.0.0.1:%d" % taken.getsockname()[1], timeout=0.5)
