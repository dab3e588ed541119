"""map on a Dask cluster: order, time limit, chunks, buffer, and what is left when it ends early."""

import itertools

import pytest

import dask_cluster as on
from concurrent_futures import wait
from concurrent_futures.scaleout import _map, dask
from dask_cluster import Gate
from helpers import WAIT


@pytest.fixture(scope="module")
def executor():
    with on.in_process(workers=1, threads=2) as cluster, dask(cluster) as executor:
        yield executor


class Seen:
    """An executor that keeps the futures which map does not show."""

    def __init__(self, executor):
        self._executor = executor
        self._cancel_in_background = executor._cancel_in_background
        self.futures = []

    def submit(self, *args):
        self.futures.append(self._executor.submit(*args))
        return self.futures[-1]


@pytest.mark.parametrize("chunksize", [1, 3, 100])
@pytest.mark.parametrize("buffersize", [None, 1, 4])
def test_results_come_in_order(executor, chunksize, buffersize):
    options = {"chunksize": chunksize, "buffersize": buffersize}
    assert list(executor.map(pow, [2, 3, 4, 5], itertools.repeat(3), **options)) == [8, 27, 64, 125]
    assert list(executor.map(on.square, [], **options)) == []
    assert list(executor.map(on.square, **options)) == []


@pytest.mark.parametrize("chunksize", [1, 2, 5])
def test_an_error_is_raised_in_its_place(executor, chunksize):
    def risky(n):
        if n == 3:
            raise LookupError(n)
        return n

    results = executor.map(risky, range(10), chunksize=chunksize)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(LookupError):
        next(results)
    assert list(results) == []


def test_all_inputs_are_read_at_once(executor):
    items = iter(range(5))
    with Gate() as gate:
        results = executor.map(lambda n: on.held(gate.name, n), items)
        assert next(items, None) is None
        gate.open()
        assert list(results) == [0, 1, 2, 3, 4]


def test_a_buffer_reads_as_results_are_taken(executor):
    read = []

    def numbers():
        for number in itertools.count():
            read.append(number)
            yield number

    results = executor.map(on.square, numbers(), buffersize=2)
    assert read == [0, 1]
    assert next(results) == 0 and read == [0, 1, 2]
    assert next(results) == 1 and read == [0, 1, 2, 3]
    results.close()
    results = executor.map(on.square, numbers(), buffersize=2, chunksize=3)
    assert read[4:] == [0, 1, 2, 3, 4, 5]


def test_the_time_limit_holds_for_the_whole(executor):
    with Gate() as gate:
        results = executor.map(on.held, [gate.name] * 3, timeout=0.2)
        gate.wait_for_one_that_began()
        with pytest.raises(TimeoutError):
            next(results)


def test_what_is_ready_is_given_out_after_the_time_limit(executor):
    seen = Seen(executor)
    results = _map.mapped(seen, on.square, ([1, 2, 3],), 0, 1, None)
    wait(seen.futures)
    assert list(results) == [1, 4, 9]


@pytest.mark.parametrize("begun", [True, False])
def test_closing_cancels_what_is_left_if_it_has_begun(executor, begun):
    def held_but_the_first(name, n):
        return n if n == 0 else on.held(name, n)

    seen = Seen(executor)
    with Gate() as gate:
        results = _map.mapped(seen, held_but_the_first, ([gate.name] * 8, range(8)), None, 1, None)
        if begun:
            assert next(results) == 0
        gate.wait_for_one_that_began()
        results.close()
        if begun:
            # The two that run, or are about to, cannot be cancelled.
            assert sum(it.cancelled() for it in wait(seen.futures[3:], WAIT).done) == 5
    wait(seen.futures)
    assert any(it.cancelled() for it in seen.futures) == begun


@pytest.mark.parametrize("chunksize, error", [(0, ValueError), (-1, ValueError)])
def test_bad_chunks(executor, chunksize, error):
    with pytest.raises(error):
        executor.map(on.square, [1], chunksize=chunksize)


@pytest.mark.parametrize("buffersize, error", [(0, ValueError), (False, ValueError), ("3", TypeError)])
def test_bad_buffers(executor, buffersize, error):
    with pytest.raises(error):
        executor.map(on.square, [1], buffersize=buffersize)
