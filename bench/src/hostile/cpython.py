"""The cases on CPython's own pool: python3 -c ... CASE LIMIT; the verdict is the last line of the output."""

import gc
import json
import os
import resource
import signal
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor, TimeoutError

CASES = {}
MIB = 1 << 20


def case(name):
    def named(run):
        CASES[name] = run
        return run

    return named


def verdict(word, why=""):
    print(json.dumps({"word": word, "why": why}), flush=True)


def right_if(right, why):
    verdict("right") if right else verdict("lost", why)


def soon(condition):
    patience = time.monotonic() + 2
    while not condition():
        if time.monotonic() > patience:
            return False
        time.sleep(0.001)
    return True


def told(future):
    """Its result, or None if it ends without one."""
    try:
        return future.result()
    except BaseException:
        return None


def meet(pool, workers):
    barrier = threading.Barrier(workers)
    meetings = [pool.submit(barrier.wait, 2) for _ in range(workers)]
    return all(told(meeting) is not None for meeting in meetings)


class Bomb:
    def __del__(self):
        raise ValueError("a bomb")


def others_run(evil, expect_told):
    pool = ThreadPoolExecutor(2)
    futures = []
    for n in range(100):
        futures.append((pool.submit(evil()), pool.submit(lambda n=n: n)))
    for n, (bad, good) in enumerate(futures):
        if expect_told and bad.exception() is None:
            return verdict("lost", "an exception")
        bad = None
        if told(good) != n:
            return verdict("lost", "the result of another task")
    right_if(meet(pool, 2), "a worker")


@case("task panics")
def of_tasks():
    def evil():
        raise SystemExit

    others_run(lambda: evil, True)


@case("closure's drop panics")
def in_drop_of_capture():
    def evil():
        bomb = Bomb()
        return lambda: bomb and None

    others_run(evil, False)


@case("result's drop panics")
def in_drop_of_result():
    others_run(lambda: Bomb, False)


@case("payload's drop panics")
def in_drop_of_payload():
    class Evil(Exception, Bomb):
        pass

    def evil():
        raise Evil

    others_run(lambda: evil, True)


@case("panic while panicking")
def while_panicking():
    class Careful:
        def __del__(self):
            try:
                raise ValueError("while unwinding")
            except ValueError:
                pass

    def evil():
        careful = Careful()
        raise ValueError(careful is None)

    others_run(lambda: evil, True)


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


signal.alarm(int(sys.argv[2]))
CASES[sys.argv[1]]() if sys.argv[1] in CASES else verdict("not_applicable", "no such case")
