"""Threads that are refused at a certain moment: by the function that starts them, instead of by the system."""

import threading
from concurrent.futures import ThreadPoolExecutor

from support import case, meet, told, verdict

START = "_start_joinable_thread" if hasattr(threading, "_start_joinable_thread") else "_start_new_thread"
REAL = getattr(threading, START)
TASKS = 100


def refuse(granted, refused):
    starts = 0

    def start(*args, **kwargs):
        nonlocal starts
        starts += 1
        if granted < starts <= granted + refused:
            raise RuntimeError("can't start new thread")
        return REAL(*args, **kwargs)

    setattr(threading, START, start)


def all_told(pool):
    ran, refused, futures = [], 0, []

    def task(n):
        ran.append(n)
        return n

    for n in range(TASKS):
        try:
            futures.append((n, pool.submit(task, n)))
        except RuntimeError:
            refused += 1
    results = sum(told(future) == n for n, future in futures)
    pool.shutdown()
    if len(ran) != results:
        return "lost", "the word of a task: its submit failed, and yet it ran"
    return "right", "told" if refused else ""


@case("one refusal")
def once():
    for granted in range(4):
        refuse(granted, 1)
        outcome = all_told(ThreadPoolExecutor(4))
        if outcome[0] != "right":
            break
    verdict(*outcome)


@case("refusals after a panic")
def after_a_panic():
    def panics():
        raise ValueError

    pool = ThreadPoolExecutor(2)
    meet(pool, 2)
    refuse(0, 10**9)
    if any(pool.submit(panics).exception() is None for _ in range(4)):
        return verdict("lost", "an exception")
    verdict(*all_told(pool))
