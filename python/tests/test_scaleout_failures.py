"""What becomes of tasks when workers, the scheduler, the client or this process go."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time

import pytest

import dask_cluster as on
from concurrent_futures import BrokenExecutor, ThreadPoolExecutor, wait
from concurrent_futures.scaleout import BrokenCluster, BrokenWorker, dask
from helpers import WAIT


@pytest.fixture(scope="module")
def executor():
    with on.configured(distributed__scheduler__allowed_failures=1):
        with on.of_processes(workers=2) as cluster, dask(cluster) as executor:
            yield executor


def test_a_task_survives_the_death_of_its_worker(executor, tmp_path):
    path = tmp_path / "begun"
    assert executor.submit(on.dying, path, 1).result(WAIT) == "survived"
    assert path.read_text() == "begun\n" * 2


def test_a_task_that_kills_its_workers_ends_and_the_others_go_on(executor, tmp_path):
    poison = executor.submit(on.dying, tmp_path / "begun", 100)
    error = poison.exception(WAIT)
    assert type(error) is BrokenWorker and isinstance(error, BrokenExecutor)
    assert type(error.__cause__).__name__ == "KilledWorker"
    assert (tmp_path / "begun").read_text() == "begun\n" * 2
    assert list(executor.map(on.square, range(5))) == [0, 1, 4, 9, 16]


def test_an_exit_of_a_task_leaves_its_worker_alone(executor):
    pids = {executor.submit(on.own_pid).result(WAIT) for _ in range(5)}
    assert isinstance(executor.submit(on.exiting).exception(WAIT), SystemExit)
    assert pids & {executor.submit(on.own_pid).result(WAIT) for _ in range(5)}


@pytest.mark.parametrize("end", ["client", "cluster", "restart"])
def test_what_is_under_way_ends_with_the_cluster(end):
    with on.in_process() as cluster, on.Gate() as gate:
        client = cluster.get_client()
        executor = dask(client)
        futures = [executor.submit(on.held, gate.name) for _ in range(5)]
        gate.wait_for_one_that_began()
        if end == "client":
            client.close()
        elif end == "cluster":
            gate.open()
            cluster.close()
        else:
            gate.open()
            client.restart(wait_for_workers=False)
        assert wait(futures, WAIT).done == set(futures)
        broken = [it for it in futures if it.exception() is not None]
        assert all(type(it.exception()) is BrokenCluster for it in broken)
        assert end != "client" or len(broken) == 5
        if end == "client":
            with pytest.raises(BrokenCluster, match="closed"):
                executor.submit(on.tick)
        executor.shutdown()
        client.close()


def test_a_client_that_is_closed_among_submits_leaves_nobody_waiting():
    with on.in_process(workers=1) as cluster:
        for pause in range(5):
            client = cluster.get_client()
            executor, futures, refused = dask(client), [], []

            def submit_until_it_is_closed(_):
                try:
                    while True:
                        futures.append(executor.submit(on.tick))
                except BrokenCluster as error:
                    refused.append(error)

            with ThreadPoolExecutor(2) as local:
                submitters = [local.submit(submit_until_it_is_closed, n) for n in range(2)]
                while len(futures) <= 20 * pause:
                    time.sleep(0.001)
                client.close()
                wait(submitters, WAIT)
            assert len(refused) == 2 and not wait(futures, WAIT).not_done
            assert {type(it.exception()) for it in futures} <= {type(None), BrokenCluster}
            executor.shutdown()


def free_port():
    """Below those that the system gives to who connects, so that it is free still when it is listened on."""
    while True:
        port = random.randrange(18_000, 32_000)
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", port))
            return str(port)


class Processes:
    """A scheduler and a worker as a person starts them, on the loopback."""

    def __init__(self, folder):
        port = free_port()
        self.port, self.address = int(port), f"tcp://127.0.0.1:{port}"
        common = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
        self.scheduler = self._start("scheduler", "--port", port, *common)
        self.worker = self._start(
            "worker", self.address, "--no-nanny", "--nthreads", "1", *common,
            "--death-timeout", "30", "--local-directory", str(folder),
        )

    def _start(self, *words):
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

    def wait_until_it_listens(self):
        """An interpreter and Dask are loaded first; the watchdog ends it."""
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            time.sleep(0.01)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.scheduler, self.worker):
            process.kill()
            process.wait(WAIT)


def test_a_scheduler_that_is_killed(tmp_path):
    with Processes(tmp_path) as cluster:
        cluster.wait_until_it_listens()
        # So long it takes to connect, and is tried to connect again.
        executor = dask(cluster.address, timeout=WAIT / 3)
        assert executor.submit(on.square, 3).result(WAIT) == 9
        path = tmp_path / "begun"
        futures = [executor.submit(on.noted, path, n, 60) for n in range(3)]
        while not futures[0].running():
            time.sleep(0.01)
        os.kill(cluster.scheduler.pid, signal.SIGKILL)
        assert wait(futures, WAIT).done == set(futures)
        assert {type(it.exception()) for it in futures} == {BrokenCluster}
        assert "connection" in str(futures[0].exception())
        # While Dask tries to get it back, and when it has given up.
        try:
            assert type(executor.submit(on.tick).exception(WAIT)) is BrokenCluster
        except BrokenCluster:
            pass
        assert not futures[1].cancel() and not futures[1].running()
        executor.shutdown(cancel_futures=True)


PROGRAM = """
import os, sys, time
import dask_cluster as on
from concurrent_futures.scaleout import dask
def main():
    cluster = on.in_process()
    executor = dask(cluster)
"""


def output(program, text):
    done = program(PROGRAM + text + "\nif __name__ == '__main__': main()\n")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("\n")[:-1]


def test_what_was_submitted_runs_before_the_interpreter_exits(program):
    lines = output(program, """
    def late(future):
        try:
            executor.submit(on.tick)
        except RuntimeError as error:
            print(error)
    for n in range(20):
        future = executor.submit(on.noted, "/dev/null", n, 0.01)
        future.add_done_callback(lambda _: os.write(1, b"done\\n"))
    future.add_done_callback(late)
    """)
    assert sorted(lines) == ["cannot schedule new futures after interpreter shutdown", *["done"] * 20]


def test_the_child_of_a_fork_is_told(program):
    lines = output(program, """
    with on.Gate() as gate:
        future = executor.submit(on.held, gate.name, "in the parent")
        gate.wait_for_one_that_began()
        import warnings
        warnings.simplefilter("ignore")  # of forks beside threads
        pid = os.fork()
        if pid == 0:
            print(repr(future.exception(10)))
            try:
                executor.submit(on.tick)
            except Exception as error:
                print(repr(error), flush=True)
            executor.shutdown(cancel_futures=True)
            os._exit(0)
        print(os.waitpid(pid, 0)[1], flush=True)
    print(future.result(10))
    """)
    gone = "BrokenCluster('the connection to the Dask scheduler stayed in the parent of a fork')"
    assert lines == [gone, gone, "0", "in the parent"]


def test_dask_is_imported_when_it_is_needed(program):
    done = program("""
        import sys
        import concurrent_futures.scaleout
        print("dask" in sys.modules, "distributed" in sys.modules)
        sys.modules["distributed"] = None
        try:
            concurrent_futures.scaleout.dask("tcp://127.0.0.1:1")
        except ImportError as error:
            print(error)
    """)
    assert done.stdout == (
        "False False\nconcurrent_futures.scaleout.dask needs Dask's scheduler and client: "
        "pip install 'concurrent-futures[dask]'\n"
    ), done.stderr
