"""cancel() on a Dask cluster tells the truth."""

import collections
import os
import random
import signal
import threading

import pytest

import dask_cluster as on
from concurrent_futures import wait
from concurrent_futures.scaleout import _claims, _cluster, _revoke, dask
from dask_cluster import Gate
from helpers import WAIT, on_threads


@pytest.fixture(scope="module", params=["threads", "processes"])
def cluster(request):
    make = on.in_process if request.param == "threads" else on.of_processes
    with make(workers=2, threads=1) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def one_thread():
    with on.in_process(workers=1) as cluster:
        yield cluster


@pytest.mark.parametrize("seed", range(3))
def test_what_is_cancelled_never_runs_and_what_is_not_ends(cluster, seed, tmp_path):
    draw = random.Random(seed)
    path = tmp_path / "ran"
    path.touch()
    count = 120
    with dask(cluster) as executor:
        # Short ones, so that they begin while they are being cancelled, and are moved between workers.
        naps = [draw.choice([0, 0.001, 0.01]) for _ in range(count)]
        futures = [executor.submit(on.noted, path, n, naps[n]) for n in range(count)]
        victims = [draw.sample(range(count), 30) for _ in range(3)]
        answers = collections.defaultdict(list)

        def cancel(number):
            for n in victims[number]:
                answers[n].append(futures[n].cancel())

        on_threads(3, cancel)
        done, not_done = wait(futures, WAIT)
        assert not not_done
    ran = collections.Counter(int(line) for line in path.read_text().split())
    for n, future in enumerate(futures):
        assert future.cancelled() == any(answers[n])
        assert ran[n] == (0 if future.cancelled() else 1)
        assert future.cancelled() or future.result() == n
        # Once true, it stays so.
        assert answers[n] == sorted(answers[n])


def test_running_is_known_and_cannot_be_cancelled(one_thread):
    with dask(one_thread) as executor, Gate() as gate:
        first, second = (executor.submit(on.held, gate.name, n) for n in range(2))
        gate.wait_for_one_that_began()
        assert first.running() and not second.running()
        assert not first.cancel() and not first.request_cancel()
        assert second.cancel() and second.cancel() and second.cancelled()
        assert not second.running() and not first.done()
        gate.open()
        assert first.result(WAIT) == 0 and not first.running()
        assert executor.submit(on.held, gate.name, "later").result(WAIT) == "later"


def test_callbacks_of_a_cancelled_task_run_in_cancel(one_thread):
    threads = []
    with dask(one_thread) as executor, Gate() as gate:
        executor.submit(on.held, gate.name)
        gate.wait_for_one_that_began()
        future = executor.submit(on.tick)
        future.add_done_callback(lambda _: threads.append(threading.current_thread()))
        assert future.cancel() and threads == [threading.current_thread()]


def test_what_was_not_sent_is_cancelled_without_a_question(one_thread):
    with dask(one_thread) as executor:
        stop, stopped = threading.Event(), threading.Event()

        def block():
            stopped.set()
            stop.wait(WAIT)

        executor._link.client.loop.add_callback(block)
        assert stopped.wait(WAIT)
        future = executor.submit(on.tick)
        assert future.cancel()
        stop.set()
        assert wait([future], WAIT).done == {future}


def test_the_clients_own_loop_is_not_made_to_wait(one_thread):
    with dask(one_thread) as executor, Gate() as gate:
        executor.submit(on.held, gate.name)
        gate.wait_for_one_that_began()
        future = executor.submit(on.tick)
        answers = []
        executor._link.client.loop.add_callback(lambda: answers.append(future.cancel()))
        assert wait([future], WAIT).done and future.cancelled() and answers == [False]


def test_shutdown_cancels_in_order_what_has_not_begun(one_thread):
    order = []
    executor = dask(one_thread)
    with Gate() as gate:
        first = executor.submit(on.held, gate.name, "first")
        gate.wait_for_one_that_began()
        rest = [executor.submit(on.tick) for _ in range(30)]
        for number, future in enumerate(rest):
            future.add_done_callback(lambda _, number=number: order.append(number))
        executor.shutdown(wait=False, cancel_futures=True)
        assert all(future.cancelled() for future in rest) and not first.done()
        assert order == list(range(30))
    executor.shutdown()
    assert first.result() == "first"


def test_a_task_that_waits_for_data_is_cancelled(one_thread):
    with one_thread.get_client() as client, dask(client) as executor, Gate() as gate:
        data = client.submit(on.held, gate.name, pure=False)
        gate.wait_for_one_that_began()
        future = executor.submit(on.square, data)
        assert future.cancel()


def sent_to_a_worker(executor, future):
    places = executor._link.client.run_on_scheduler(_cluster.locate, [future._key])
    return places[future._key] not in _cluster.NOT_ON_A_WORKER


def test_a_worker_that_does_not_answer_counts_as_begun(monkeypatch):
    monkeypatch.setattr(_revoke, "LIMIT", 0.5)
    monkeypatch.setattr("concurrent_futures.scaleout._link.PATIENCE", 0.1)
    with on.of_processes(workers=1) as cluster, dask(cluster) as executor:
        pid = executor.submit(on.own_pid).result(WAIT)
        os.kill(pid, signal.SIGSTOP)
        try:
            future = executor.submit(on.own_pid)
            while not sent_to_a_worker(executor, future):
                pass
            assert not future.cancel() and not future.running()
        finally:
            os.kill(pid, signal.SIGCONT)
        # The question was asked, and may yet find an ear.
        wait([future], WAIT)
        assert future.cancelled() or future.result() == pid


# The room on the worker where it is decided.


def test_begin_and_revoke_exclude_each_other():
    for _ in range(300):
        claims = _claims.Claims()
        answers = {}

        def race(number):
            if number == 0:
                answers["began"] = claims.begin("key")
            else:
                answers["revoked"] = claims.revoke(["key"])["key"]

        on_threads(2, race)
        assert answers["began"] != answers["revoked"]


def test_claims_forget_the_oldest_but_not_what_runs(monkeypatch):
    monkeypatch.setattr(_claims, "MEMORY", 10)
    claims = _claims.Claims()
    assert claims.begin("running")
    for number in range(50):
        assert claims.begin(f"short {number}")
        claims.end(f"short {number}")
        claims.revoke([f"revoked {number}"])
    assert claims.begun(["running", "short 49", "short 3"]) == {
        "running": True, "short 49": True, "short 3": False,
    }
    assert not claims.begin("revoked 49") and not claims.revoke(["running"])["running"]
    assert len(claims._ended._keys) == len(claims._revoked._keys) == 10
