"""Places where nobody thinks of pools."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor, TimeoutError

from support import case, right_if, soon, told, verdict


@case("in a static")
def in_a_static():
    global EVERYWHERE
    EVERYWHERE = ThreadPoolExecutor(2)
    right_if(sum(EVERYWHERE.map(int, range(100))) == 4950, "a result")


class AtEnd:
    def __init__(self, run):
        self.run = run

    def __del__(self):
        self.run()


LOCAL = threading.local()


@case("thread-local's drop")
def in_a_thread_local():
    pool = ThreadPoolExecutor(2)
    results = []

    def thread():
        LOCAL.at_end = AtEnd(lambda: results.append(pool.submit(lambda: 42).result()))
        results.append(pool.submit(lambda: 1).result())

    ending = threading.Thread(target=thread)
    ending.start()
    ending.join()
    right_if(soon(lambda: results == [1, 42]), "a result")


@case("worker's thread-local")
def in_a_workers_thread_local():
    pool, other = ThreadPoolExecutor(2), ThreadPoolExecutor(2)
    results = []

    def task():
        LOCAL.at_end = AtEnd(lambda: results.append(told(other.submit(lambda: 42))))

    told(pool.submit(task))
    pool.shutdown()
    right_if(soon(lambda: results), "the thread-local was not dropped")


@case("inherited by a fork")
def inherited():
    pool = ThreadPoolExecutor(2)
    before = told(pool.submit(lambda: 41))
    child = os.fork()
    if not child:
        signal.alarm(3)
        os._exit(told(pool.submit(lambda: 42)) not in (None, 42))
    _, status = os.waitpid(child, 0)
    if (before, told(pool.submit(lambda: 43))) != (41, 43):
        return verdict("lost", "a result in the parent")
    if os.WIFSIGNALED(status):
        return verdict("hang", "in the child")
    right_if(status == 0, "a result in the child")


@case("after fork")
def after_fork():
    pool = ThreadPoolExecutor(2)
    over = threading.Event()
    missing = []

    def busy():
        while not over.is_set():
            futures = [pool.submit(lambda n=n: n) for n in range(10)]
            missing.extend(n for n, future in enumerate(futures) if told(future) != n)

    thread = threading.Thread(target=busy)
    thread.start()
    time.sleep(0.02)
    child = os.fork()
    if not child:
        signal.alarm(3)
        result = told(ThreadPoolExecutor(2).submit(lambda: 42))
        os._exit(result != 42)
    _, status = os.waitpid(child, 0)
    over.set()
    thread.join()
    if os.WIFSIGNALED(status):
        return verdict("hang", "in the child")
    right_if(status == 0 and not missing, "a result")


@case("limits 0 and MAX")
def extreme_limits():
    pool = ThreadPoolExecutor(1)
    gate = threading.Event()
    future = pool.submit(lambda: gate.wait() and 42)
    try:
        future.result(timeout=0)
        return verdict("lost", "a wait of no time waited")
    except TimeoutError:
        gate.set()
    right_if(future.result(timeout=threading.TIMEOUT_MAX) == 42, "the longest wait gave up")
