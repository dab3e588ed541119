"""Threads that the system refuses; very many, very large."""

import resource
import threading
from concurrent.futures import ThreadPoolExecutor

from support import MIB, case, soon, told, verdict


def limit_memory(more):
    threading.stack_size(2 * MIB)
    with open("/proc/self/statm") as statm:
        pages = int(statm.read().split()[0])
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more, most))


def all_told(workers, tasks):
    pool = ThreadPoolExecutor(workers)
    futures, missing = [], 0
    for n in range(tasks):
        try:
            futures.append((n, pool.submit(lambda n=n: n)))
        except (RuntimeError, MemoryError):
            missing += 1
    for n, future in futures:
        result = told(future)
        if result is None:
            missing += 1
        elif result != n:
            return verdict("lost", "a result")
    verdict("right", "told" if missing else "")


@case("no thread")
def no_thread():
    limit_memory(3 * MIB // 2)
    all_told(1, 10)


@case("few threads")
def few_threads():
    limit_memory(64 * MIB)
    all_told(1000, 2000)


@case("10 000 workers")
def many_workers():
    all_told(10000, 100)


@case("10^7 queued")
def long_queue():
    pool = ThreadPoolExecutor(1)
    gate = threading.Event()
    pool.submit(gate.wait)
    total = 0

    def task(n):
        nonlocal total
        total += n

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for n in range(10**6):
        pool.submit(task, n)
    gate.set()
    pool.shutdown()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if total != 10**6 * (10**6 - 1) // 2:
        return verdict("lost", "the sum is wrong")
    verdict("right", f"{peak / MIB:.1f} GiB for 10^6")


@case("64 MiB result")
def large_results():
    def resident():
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()

    pool = ThreadPoolExecutor(2)
    told(pool.submit(int))
    before = resident()
    for n in range(10):
        if told(pool.submit(lambda n=n: bytes([n]) * (64 * MIB)))[-1] != n:
            return verdict("lost", "a result")
    if not soon(lambda: resident() - before < 32 * MIB):
        return verdict("leak", "memory")
    verdict("right")


@case("256 KiB by value")
def by_value():
    verdict("not_applicable", "nothing is moved by value")


def count_drops(keep):
    dropped = []

    class Nothing:
        def __del__(self):
            dropped.append(1)

    pool = ThreadPoolExecutor(2)
    futures = []
    for _ in range(10000):
        future = pool.submit(Nothing)
        if keep:
            futures.append(future)
    came = sum(told(future) is not None for future in futures)
    if keep and came != 10000:
        return verdict("lost", "a result")
    del future
    futures.clear()
    soon(lambda: len(dropped) >= 10000)
    verdict("right") if len(dropped) == 10000 else verdict("leak", "results")


@case("results without size")
def no_size():
    count_drops(True)


@case("many dropped waiters")
def unheard():
    count_drops(False)
