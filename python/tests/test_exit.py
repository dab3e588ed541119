"""The end of the interpreter, whatever is going on."""

import textwrap

import pytest

# Goes when the interpreter has begun to take itself apart, and holds it up there for a moment, so that
# other threads come to wanting it.
WINDOW = """
    import sys, threading, time
    from concurrent_futures import *

    class Window:
        def __del__(self):
            end = time.monotonic() + 0.05
            while time.monotonic() < end:
                time.sleep(0.001)

    sys.window = Window()
    begun = threading.Event()

    def on_and_on(*_):
        begun.set()
        while True:
            time.sleep(0.0005)
"""

DAEMONS = {
    "callback": """
        future = Future()
        future.add_done_callback(on_and_on)
        future.set_result(1)
    """,
    "late_callback": """
        future = Future()
        future.cancel()
        future.add_done_callback(on_and_on)
    """,
    "finalizer": """
        class Thing:
            __del__ = on_and_on
        pool.submit(int, Thing()).cancel()
    """,
    "waiter": """
        class Waiter:
            add_result = on_and_on
        future = Future()
        future._waiters.append(Waiter())
        future.set_result(1)
    """,
    "map": """
        pool.map(abs, iter(on_and_on, 0))
    """,
    "wait": """
        wait(iter(on_and_on, 0))
    """,
    "as_completed": """
        as_completed(iter(on_and_on, 0))
    """,
    "submit": """
        own = ThreadPoolExecutor(2)
        begun.set()
        while True:
            try:
                own.submit(int).result(1)
            except RuntimeError:
                time.sleep(0.0001)
    """,
    "result": """
        begun.set()
        while True:
            try:
                Future().result(0.0005)
            except TimeoutError:
                pass
    """,
}


@pytest.mark.parametrize("daemon", DAEMONS)
def test_a_daemon_thread_inside_of_a_call_does_not_end_the_process(program, daemon):
    body = textwrap.indent(textwrap.dedent(DAEMONS[daemon]), "    ")
    done = program(textwrap.dedent(WINDOW) + f"""
pool = ThreadPoolExecutor(1)
go = threading.Event()
pool.submit(go.wait)
def daemon():
{body}
for _ in range(3):
    threading.Thread(target=daemon, daemon=True).start()
assert begun.wait(10)
go.set()
sys.exit(7)
""")
    assert (done.returncode, done.stderr) == (7, ""), done.stderr


def test_a_daemon_worker_that_nobody_joins_does_not_end_the_process(program):
    done = program(textwrap.dedent(WINDOW) + """
from concurrent.futures.thread import _threads_queues
pool = ThreadPoolExecutor(1)
def daemon():
    pool.submit(on_and_on)
thread = threading.Thread(target=daemon, daemon=True)
thread.start()
thread.join()
assert begun.wait(10)
# What programs do that do not want to wait.
_threads_queues.clear()
sys.exit(7)
""")
    assert (done.returncode, done.stderr) == (7, ""), done.stderr


@pytest.mark.parametrize("daemon", [False, True])
def test_a_worker_that_is_being_started_when_the_exit_begins_is_waited_for(program, daemon):
    done = program(f"""
        import threading, time
        from concurrent_futures import *

        genuine, coming = threading.Thread.start, threading.Event()
        asked, pool = ThreadPoolExecutor(1), ThreadPoolExecutor(1, thread_name_prefix="late")

        def start(self):
            genuine(self)
            if self.name.startswith("late"):
                coming.set()
                try:
                    while True:
                        asked.submit(int)
                except RuntimeError:
                    pass  # The exit has begun.

        threading.Thread.start = start

        def task():
            time.sleep(0.05)
            print("ran", flush=True)

        threading.Thread(target=pool.submit, args=(task,), daemon={daemon}).start()
        assert coming.wait(10)
        """)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ran\n", ""), done.stderr


def test_a_pool_that_the_standard_library_does_not_know_ends(program):
    done = program("""
        from concurrent.futures.thread import _threads_queues
        from concurrent_futures import *
        pool = ThreadPoolExecutor(2)
        pool.submit(print, "ran", flush=True).result()
        pool.submit(print, "ran", flush=True)
        _threads_queues.clear()
    """)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ran\nran\n", ""), done.stderr


def test_workers_are_not_started_ahead_at_exit(program):
    done = program("""
        import atexit
        from concurrent_futures import *
        used, fresh = ThreadPoolExecutor(2), ThreadPoolExecutor(2)
        used.submit(int).result()
        atexit.register(lambda: print(used.prestart(), fresh.prestart()))
    """)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 0\n", ""), done.stderr
