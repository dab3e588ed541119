"""Workers that come and go, what they hold, and what follows a task."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait

from support import case, right_if, told, verdict

TASKS = 64
LINKS = 3_000


@case("20 000 threads")
def many_threads():
    threading.stack_size(65536)
    pool = ThreadPoolExecutor(20_000)
    gate = threading.Event()
    futures, refused = [], 0
    for n in range(20_000):
        try:
            futures.append(pool.submit(lambda n=n: gate.wait() and n))
        except RuntimeError:
            refused += 1
    gate.set()
    results = sum(told(future) == n for n, future in enumerate(futures)) if not refused else 0
    right_if(refused or results == 20_000, "a result")


@case("short keep-alive")
def short_keep_alive():
    verdict("not_applicable", "its workers stay")


@case("worker panics at its start")
def panic_at_start():
    def fails():
        raise ValueError

    pool = ThreadPoolExecutor(2, initializer=fails)
    for n in range(10):
        try:
            told(pool.submit(lambda n=n: n))
        except RuntimeError:
            pass
    verdict("right")


@case("name with a NUL")
def named():
    pool = ThreadPoolExecutor(1, thread_name_prefix="a\0b")
    right_if(told(pool.submit(lambda: 42)) == 42, "a result")


@case("lock over a wait")
def lock_over_a_wait():
    pool = ThreadPoolExecutor(4)
    lock = threading.Lock()

    def task(n):
        with lock:
            return pool.submit(lambda: n).result()

    futures = [pool.submit(task, n) for n in range(TASKS)]
    right_if(all(told(future) == n for n, future in enumerate(futures)), "a result")


@case("wait for a cancelled one")
def wait_for_cancelled():
    pool = ThreadPoolExecutor(1)
    gate = threading.Event()
    pool.submit(gate.wait)
    queued = pool.submit(lambda: 1)
    if not queued.cancel():
        return verdict("lost", "it was not cancelled")
    waited = len(wait([queued]).done)
    given = len(list(as_completed([queued])))
    gate.set()
    right_if((waited, given) == (1, 1), "a cancelled task")


@case("callback panics")
def callback_panics():
    def fails(_):
        raise SystemExit

    pool = ThreadPoolExecutor(1)
    gate, called = threading.Event(), threading.Event()
    future = pool.submit(gate.wait)
    future.add_done_callback(fails)
    future.add_done_callback(lambda _: called.set())
    gate.set()
    right_if(called.wait(2) and told(pool.submit(lambda: 42)) == 42, "what came later")


@case("chain of 3 000")
def long_chain():
    links = [Future() for _ in range(LINKS)]
    for link, following in zip(links, links[1:]):
        link.add_done_callback(lambda link, following=following: following.set_result(link.result() + 1))
    ThreadPoolExecutor(1).submit(links[0].set_result, 1).result()
    right_if(links[-1].done(), f"{LINKS - sum(link.done() for link in links)} links")
