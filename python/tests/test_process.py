"""The life of the process: exit, fork, signals."""

import os
import sys

import pytest

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def succeeded(done, output=None):
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    if output is not None:
        assert done.stdout.split() == output
    return done


def test_queued_tasks_run_at_exit(program):
    succeeded(program("""
        from concurrent_futures import ThreadPoolExecutor
        import time
        pool = ThreadPoolExecutor(1)
        for n in range(3):
            pool.submit(lambda n=n: (time.sleep(0.02), print(n, flush=True)))
    """), ["0", "1", "2"])


def test_exit_after_shutdown_without_waiting(program):
    succeeded(program("""
        from concurrent_futures import ThreadPoolExecutor
        import time
        pool = ThreadPoolExecutor(2)
        pool.submit(lambda: (time.sleep(0.1), print("ran")))
        pool.shutdown(wait=False)
    """), ["ran"])


def test_submit_at_exit_is_refused(program):
    done = program("""
        import atexit, threading
        def late():
            for pool in (used, ThreadPoolExecutor(1)):
                try:
                    pool.submit(int)
                except RuntimeError as error:
                    print(str(error).split(" after ")[0])
        atexit.register(late)
        from concurrent_futures import ThreadPoolExecutor
        used = ThreadPoolExecutor(1)
        used.submit(int).result()
    """)
    assert succeeded(done).stdout == "cannot schedule new futures\n" * 2


def test_a_task_that_submits_at_exit_hears_it(program):
    done = program("""
        import threading, time
        from concurrent_futures import ThreadPoolExecutor
        def task():
            try:
                while True:
                    pool.submit(int)
            except RuntimeError as error:
                print("refused")
        pool = ThreadPoolExecutor(2)
        pool.submit(task)
    """)
    assert succeeded(done).stdout == "refused\n"


def test_many_exits_with_tasks_in_flight(program):
    for _ in range(15):
        succeeded(program("""
            from concurrent_futures import ThreadPoolExecutor
            import time
            pool = ThreadPoolExecutor(8)
            done = [pool.submit(time.sleep, 0.001) for _ in range(100)]
            pool.map(sum, [range(1000)] * 100)
        """))


def test_exit_by_an_exception_in_the_block(program):
    done = program("""
        from concurrent_futures import ThreadPoolExecutor
        with ThreadPoolExecutor(1) as pool:
            pool.submit(print, "ran")
            raise SystemExit(7)
    """)
    assert (done.returncode, done.stdout) == (7, "ran\n")


def test_daemon_threads_that_use_pools_do_not_hold_up_the_exit(program):
    done = program("""
        import threading
        from concurrent_futures import Future
        begun = threading.Event()
        future = Future()
        threading.Thread(target=lambda: (begun.set(), future.result()), daemon=True).start()
        assert begun.wait(10)
    """)
    succeeded(done)


FORK = """
    import os, signal, sys, threading, time
    from concurrent_futures import *
    def child(check):
        pid = os.fork()
        if pid == 0:
            try:
                signal.alarm(20)
                check()
            except BaseException as error:
                print("child:", repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
"""


def forked(program, body):
    import textwrap

    return program(textwrap.dedent(FORK) + textwrap.dedent(body))


@needs_fork
@pytest.mark.filterwarnings("ignore")
def test_an_idle_pool_works_on_in_the_child(program):
    succeeded(forked(program, """
        import warnings; warnings.simplefilter("ignore")
        pool = ThreadPoolExecutor(2)
        assert pool.submit(pow, 2, 3).result() == 8
        def check():
            assert pool._threads == set()
            assert pool.submit(pow, 2, 4).result(10) == 16
            assert len(pool._threads) == 1
            pool.shutdown()
        child(check)
        assert pool.submit(pow, 2, 5).result(10) == 32
    """))


@needs_fork
def test_what_the_parent_runs_and_queues_fails_in_the_child(program):
    succeeded(forked(program, """
        import warnings; warnings.simplefilter("ignore")
        go = threading.Event()
        pool = ThreadPoolExecutor(1)
        running = pool.submit(go.wait, 10)
        while not running.running(): time.sleep(0.001)
        queued = pool.submit(int)
        def check():
            for future in (running, queued):
                error = future.exception(10)
                assert isinstance(error, BrokenThreadPool) and "fork" in str(error), error
            assert len(wait([running, queued], 10).done) == 2
            assert pool.submit(int).result(10) == 0
        child(check)
        go.set()
        assert (running.result(10), queued.result(10)) == (True, 0)
    """))


@needs_fork
def test_the_child_does_not_run_what_the_parent_has_queued(program):
    # With room for another worker, which could not be started in the parent.
    succeeded(forked(program, """
        import warnings; warnings.simplefilter("ignore")
        go, ran = threading.Event(), []
        pool = ThreadPoolExecutor(2)
        running = pool.submit(go.wait, 10)
        while not running.running(): time.sleep(0.001)
        genuine = threading.Thread.start
        def refuse(self): raise RuntimeError("can't start new thread")
        threading.Thread.start = refuse
        queued = pool.submit(ran.append, 1)
        threading.Thread.start = genuine
        def check():
            assert isinstance(queued.exception(10), BrokenThreadPool)
            assert pool.submit(int).result(10) == 0
            assert ran == [] and len(threading.enumerate()) == 2, threading.enumerate()
        child(check)
        go.set()
        pool.shutdown()
        assert ran == [1]
    """))


@needs_fork
def test_a_profile_that_is_taken_during_a_fork_does_not_hang_the_child(program):
    succeeded(forked(program, """
        import warnings; warnings.simplefilter("ignore")
        pool = ThreadPoolExecutor(2, profile=True)
        wait([pool.submit(int) for _ in range(2000)])
        stop = threading.Event()
        def taking():
            while not stop.is_set():
                pool.profile()
        thread = threading.Thread(target=taking)
        thread.start()
        def check():
            assert pool.submit(pow, 2, 3).result(10) == 8
            str(pool.profile())
            with profile(): pass
        for _ in range(30): child(check)
        stop.set()
        thread.join()
    """))


@needs_fork
def test_forks_during_submits(program):
    succeeded(forked(program, """
        import warnings; warnings.simplefilter("ignore")
        pool = ThreadPoolExecutor(3)
        stop = threading.Event()
        def busy():
            while not stop.is_set():
                [f.result() for f in [pool.submit(int) for _ in range(50)]]
        threads = [threading.Thread(target=busy) for _ in range(2)]
        for thread in threads: thread.start()
        def check():
            assert [f.result(10) for f in [pool.submit(pow, 2, n) for n in range(5)]] == [1, 2, 4, 8, 16]
            pool.shutdown()
        for _ in range(30): child(check)
        stop.set()
    """))


@needs_fork
def test_a_worker_that_forks(program):
    succeeded(forked(program, """
        import warnings; warnings.simplefilter("ignore")
        pool = ThreadPoolExecutor(1)
        def check():
            assert pool.submit(pow, 2, 3).result(10) == 8
        assert pool.submit(child, check).result(20) is None
        assert pool.submit(int).result(10) == 0
    """))


@needs_fork
def test_a_child_exits_by_itself(program):
    succeeded(forked(program, """
        import warnings; warnings.simplefilter("ignore")
        pool = ThreadPoolExecutor(2)
        pool.submit(int).result()
        pid = os.fork()
        if pid:
            assert os.waitpid(pid, 0)[1] == 0
        else:
            pool.submit(int).result(10)
    """))


BLOCKING = {
    "result": "Future().result()",
    "result_timeout": "Future().result(60)",
    "exception": "Future().exception()",
    "wait": "wait([Future()])",
    "as_completed": "next(as_completed([Future()]))",
    "map": "list(pool.map(gate.wait, [60]))",
    "shutdown": "pool.submit(gate.wait, 60); pool.shutdown()",
    "condition": "f = Future(); f._condition.acquire(); f._condition.wait()",
}


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("call", BLOCKING)
def test_an_interrupt_ends_a_blocking_call_at_once(program, call):
    done = program(f"""
        import os, signal, threading, time
        from concurrent_futures import *
        pool, gate, may_come = ThreadPoolExecutor(1), threading.Event(), threading.Event()
        def interrupt():
            may_come.wait()
            time.sleep(0.1)  # In most cases it blocks by then.
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=interrupt).start()
        try:
            may_come.set()
            {BLOCKING[call]}
        except KeyboardInterrupt:
            print("interrupted", flush=True)
            gate.set()
    """, timeout=50)
    # None of these ends by itself before that.
    assert (done.returncode, done.stdout) == (0, "interrupted\n"), done.stderr


@pytest.mark.parametrize("waits", [1, 40])
def test_an_interrupt_that_came_before_the_sleep_ends_it(program, waits):
    """In a thread that lingers before it sleeps, and in one for which that did not pay."""
    done = program(f"""
        import _thread, itertools, signal
        from concurrent_futures import *
        for _ in range({waits}):
            try:
                # Nothing looks for signals between this and the sleep.
                interrupt = filter(_thread.interrupt_main, [signal.SIGINT])
                wait(itertools.chain([Future()], interrupt))
            except KeyboardInterrupt:
                print("interrupted", flush=True)
    """, timeout=50)
    assert (done.returncode, done.stdout) == (0, "interrupted\n" * waits), done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_signal_handlers_may_use_the_pool_they_interrupt(program):
    done = program("""
        import signal, time
        from concurrent_futures import *
        pool = ThreadPoolExecutor(2)
        handled, inside = [], []
        def arm():
            signal.setitimer(signal.ITIMER_REAL, 0.001)
        def handler(*_):
            # One may come in the middle of another; more would not end where a machine is slow.
            inside.append(1)
            if len(inside) == 1:
                arm()
            handled.append(pool.submit(int))
            handled[-1].result(10)
            wait(handled[-1:])
            inside.pop()
            if not inside:
                arm()
        signal.signal(signal.SIGALRM, handler)
        arm()
        while len(handled) < 500:
            assert pool.submit(pow, 2, 2).result(10) == 4
            list(as_completed([pool.submit(int) for _ in range(20)]))
            list(pool.map(int, range(20)))
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(all(f.done() for f in handled))
        signal.signal(signal.SIGALRM, lambda *_: pool.shutdown(wait=False))
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        try:
            while True: pool.submit(int)
        except RuntimeError as error:
            print(error)
    """)
    assert done.stdout == "True\ncannot schedule new futures after shutdown\n", done.stderr
