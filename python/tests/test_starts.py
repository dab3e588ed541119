"""The start of a worker's thread, where it fails before there is a thread, and where it comes late."""

import gc
import threading

import pytest
from concurrent_futures import ThreadPoolExecutor, _native
from helpers import WAIT


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_a_thread_that_cannot_be_made_is_no_ghost_however_long_the_error_is_kept(monkeypatch, error):
    # Its frames hold what the thread was to call.
    def refuse(self, **kwargs):
        raise error

    with ThreadPoolExecutor(1) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "__init__", refuse)
            with pytest.raises(error) as kept:
                pool.submit(int)
        assert kept.traceback
        stats = pool.stats()
        assert (stats.workers, stats.queued, stats.failed) == (0, 0, 1)
        assert pool.submit(pow, 2, 3).result(WAIT) == 8


def test_a_thread_that_the_set_does_not_take_is_no_ghost():
    class Full(set):
        def add(self, thread):
            raise OverflowError

    # An earlier test's error may have held something until now.
    gc.collect()
    before = _native.census()["workers"]
    with ThreadPoolExecutor(1) as pool:
        pool._threads = Full()
        with pytest.raises(OverflowError):
            pool.submit(int)
        assert pool.stats().workers == 0
        assert _native.census()["workers"] <= before


def test_a_worker_that_a_daemon_starts_during_the_exit_is_waited_for(program):
    done = program("""
        import threading, time
        from concurrent.futures import thread as standard
        from concurrent_futures import *

        def widens():
            begun.set()
            while not standard._shutdown:
                time.sleep(0.001)
            time.sleep(0.05)  # The list of those that are joined has been made.
            pool.set_max_workers(2)

        def task():
            time.sleep(0.2)
            print("ran", flush=True)

        def submit():
            pool.submit(widens)
            pool.submit(task)

        pool, begun = ThreadPoolExecutor(1), threading.Event()
        thread = threading.Thread(target=submit, daemon=True)
        thread.start()
        thread.join()
        assert begun.wait(10)
    """)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ran\n", ""), done.stderr
