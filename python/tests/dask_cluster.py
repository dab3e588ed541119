"""What the tests on Dask clusters need: small clusters on this machine, and tasks that workers can import.

Where Dask is not installed these tests are skipped, and with REQUIRE_DASK=1 they fail.
"""

import itertools
import logging
import os
import signal
import threading
import time

import pytest

REASON = "Dask is not installed: pip install 'concurrent-futures[dask]'"

try:
    import distributed
except ImportError:
    assert os.environ.get("REQUIRE_DASK") != "1", REASON
    pytest.skip(REASON, allow_module_level=True)

import dask as dask_library

from helpers import WAIT

# Whatever listens does so on the loopback only.
LOOPBACK = "127.0.0.1:0"
QUIET = {
    "dashboard_address": LOOPBACK, "worker_dashboard_address": LOOPBACK, "silence_logs": logging.CRITICAL,
}


def in_process(workers=2, threads=1):
    """Workers are threads of this process: tasks see the variables of modules."""
    return _cluster(workers, threads, processes=False)


def of_processes(workers=2, threads=1):
    return _cluster(workers, threads, processes=True)


def _cluster(workers, threads, **options):
    return distributed.LocalCluster(
        n_workers=workers, threads_per_worker=threads, **QUIET, **options
    )


def configured(**options):
    return dask_library.config.set({name.replace("__", "."): it for name, it in options.items()})


# For tasks in this process.

count = itertools.count()
gates = {}
begun = {}


class Gate:
    """A name for `held` to wait for; opened at the end of the block at the latest."""

    def __init__(self):
        self.name = f"gate-{next(count)}"
        gates[self.name] = threading.Event()
        begun[self.name] = threading.Semaphore(0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open()

    def open(self):
        gates[self.name].set()

    def wait_for_one_that_began(self):
        assert begun[self.name].acquire(timeout=WAIT)


def held(name, result=None):
    begun[name].release()
    assert gates[name].wait(WAIT)
    return result


def tick():
    return next(count)


# For tasks anywhere.


def square(n):
    return n * n


def keywords(*args, **kwargs):
    return args, kwargs


def raising(error):
    raise error


def lock():
    return threading.Lock()


def exiting():
    raise SystemExit(3)


def own_pid():
    return os.getpid()


def noted(path, line, seconds=0.0):
    """Leaves a line behind, whatever becomes of the worker; one write is not torn."""
    with open(path, "ab", buffering=0) as file:
        file.write(f"{line}\n".encode())
    time.sleep(seconds)
    return line


def dying(path, deaths):
    """Kills its worker so many times."""
    noted(path, "begun")
    with open(path) as file:
        if len(file.readlines()) <= deaths:
            os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def tree(executor, depth):
    """Waits for its own kind on every level."""
    if depth == 0:
        return 1
    left, right = (executor.submit(tree, executor, depth - 1) for _ in range(2))
    return left.result() + right.result()


class NotReadBack(Exception):
    """Can be pickled, but not unpickled."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def not_read_back():
    raise NotReadBack(1, 2)
