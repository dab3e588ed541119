"""Waits inside, and how pools end."""

import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

from support import case, meet, right_if, soon, told, verdict


@case("nested wait")
def nested():
    pool = ThreadPoolExecutor(1)

    def descend(levels):
        return 1 + pool.submit(descend, levels - 1).result() if levels else 0

    right_if(pool.submit(descend, 100).result() == 100, "a result")


@case("shutdown inside")
def shutdown():
    pool = ThreadPoolExecutor(1)
    inner = []

    def outer():
        inner.append(pool.submit(lambda: 1))
        pool.shutdown()
        return 2

    outcome = told(pool.submit(outer))
    right_if(outcome in (2, None) and told(inner[0]) in (1, None), "a result")


@case("dropped inside")
def dropped_inside():
    held = [ThreadPoolExecutor(1)]
    gate = threading.Event()

    def outer():
        gate.wait()
        held.clear()
        gc.collect()
        return 10

    first = held[0].submit(outer)
    queued = [held[0].submit(lambda n=n: n) for n in range(10)]
    gate.set()
    right_if(first.result() == 10 and all(told(future) in (n, None) for n, future in enumerate(queued)), "a result")


@case("dropped with a queue")
def dropped():
    class Token:
        pass

    token = Token()
    gone = weakref.ref(token)
    pool = ThreadPoolExecutor(1)
    pool.submit(time.sleep, 0.2)
    futures = [pool.submit(lambda n=n, own=token: n) for n in range(100)]
    del token, pool
    if any(told(future) not in (n, None) for n, future in enumerate(futures)):
        return verdict("lost", "a result")
    if not soon(lambda: gone() is None):
        return verdict("leak", "closures")
    verdict("right")


@case("threads end")
def threads_end():
    before = threading.active_count()
    pool = ThreadPoolExecutor(4)
    if not meet(pool, 4):
        return verdict("lost", "a worker")
    del pool
    gc.collect()
    if not soon(lambda: threading.active_count() == before):
        return verdict("leak", "threads")
    verdict("right")


@case("main returns")
def main_returns():
    verdict("lost", "tasks")
    pool = ThreadPoolExecutor(1)
    pool.submit(time.sleep, 0.2)
    ran = []

    def task():
        ran.append(1)
        if len(ran) == 100:
            verdict("right")

    for _ in range(100):
        pool.submit(task)
