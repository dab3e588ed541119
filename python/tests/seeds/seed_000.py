"""The guide with exercises: E1 to E24. Sleeps are shortened; what is compared is what is determined.

Where a guide has a task that takes long, it is one that waits for an event.
"""

import os
import random
import tempfile
import threading
import time

from pool import (
    ALL_COMPLETED,
    FIRST_COMPLETED,
    ThreadPoolExecutor,
    TimeoutError,
    as_completed,
    wait,
)


def fetch(n, seconds=0.05):
    time.sleep(seconds)
    return f"page {n}"


def E1():
    def fetch_beside_others(n):
        meet.wait(30)
        return fetch(n, 0.01)

    meet = threading.Barrier(3)
    loop = [fetch(n, 0.01) for n in range(3)]
    with ThreadPoolExecutor(max_workers=3) as executor:
        pooled = list(executor.map(fetch_beside_others, range(3)))
    print(loop == pooled, pooled)


def E2():
    log = []
    pools = [
        ThreadPoolExecutor(),
        ThreadPoolExecutor(max_workers=10),
        ThreadPoolExecutor(max_workers=5, thread_name_prefix="Fetcher"),
        ThreadPoolExecutor(max_workers=5, initializer=log.append, initargs=("a",)),
    ]
    print([len(pool._threads) for pool in pools], log, pools[1]._max_workers)
    print(pools[2]._thread_name_prefix)


def E3():
    def shout(word):
        time.sleep(0.05)
        return word.upper()

    with ThreadPoolExecutor(max_workers=5) as executor:
        print(list(executor.map(shout, ["apple", "banana", "cherry", "date", "elder"])))


def E4():
    with ThreadPoolExecutor() as executor:
        print(list(executor.map(pow, [2, 3, 4, 5], [3, 4, 5, 6])))


def E5():
    def short_or_long(long):
        return long and gate.wait(30)

    gate = threading.Event()
    with ThreadPoolExecutor(max_workers=4) as executor:
        try:
            print(list(executor.map(short_or_long, [False, True, False, True], timeout=0.1)))
        except TimeoutError as error:
            print("timed out", repr(error))
        gate.set()
    print("the block has waited")


def E6():
    with ThreadPoolExecutor(max_workers=3) as executor:
        for future in [executor.submit(fetch, n) for n in range(3)]:
            print(future.result())


def E7():
    with ThreadPoolExecutor(max_workers=5) as executor:
        futures = [executor.submit(lambda x: x * x, n) for n in range(10)]
        print([future.result() for future in futures])


def E8():
    with ThreadPoolExecutor(max_workers=5) as executor:
        ids = {executor.submit(fetch, n, random.uniform(0.01, 0.1)): n for n in range(10)}
        print(sorted((ids[f], f.result()) for f in as_completed(ids)))


def E9():
    gate = threading.Event()
    with ThreadPoolExecutor(max_workers=10) as executor:
        futures = [executor.submit(time.sleep, s) for s in [0, 0.01, 0.02]]
        wait(futures)
        futures += [executor.submit(gate.wait, 30) for _ in range(2)]
        early = 0
        try:
            for _ in as_completed(futures, timeout=0.1):
                early += 1
        except TimeoutError as error:
            print(early, error)
        gate.set()


def E10():
    def nap(n):
        assert n == 1 or gate.wait(30)
        return n

    gate = threading.Event()
    with ThreadPoolExecutor(max_workers=3) as executor:
        futures = [executor.submit(nap, n) for n in (3, 1, 2)]
        done, _ = wait(futures, return_when=FIRST_COMPLETED)
        print([f.result() for f in done])
        gate.set()
        done, not_done = wait(futures, return_when=ALL_COMPLETED)
        print(sorted(f.result() for f in done), not_done)


def E11():
    def risky(n):
        if n == 5:
            raise ValueError(f"task {n} failed")
        return n

    good, bad = [], []
    with ThreadPoolExecutor(max_workers=4) as executor:
        futures = {executor.submit(risky, n): n for n in range(10)}
        for future in as_completed(futures):
            try:
                good.append(future.result())
            except ValueError as error:
                bad.append((futures[future], str(error)))
    print(sorted(good), bad)


def E12():
    def load(n):
        try:
            if n % 2:
                raise OSError(n)
            return ("source", n)
        except OSError:
            return ("cache", n)

    with ThreadPoolExecutor() as executor:
        print(list(executor.map(load, range(6))))


PAGES = {
    "a": "<title>A</title><a href='b'><a href='c'>",
    "b": "no title <a href='a'>",
    "c": "<title>C</title>",
}


def E13():
    def scrape(address):
        page = PAGES[address]
        title = page.partition("<title>")[2].partition("</title>")[0] or "(none)"
        return address, title, page.count("<a ")

    with ThreadPoolExecutor(max_workers=10) as executor:
        for record in executor.map(scrape, PAGES):
            print(record)


def E14():
    def user(n):
        if n % 10 == 0:
            raise LookupError(n)
        return n

    failures = 0
    with ThreadPoolExecutor(max_workers=20) as executor:
        futures = {executor.submit(user, n): n for n in range(100)}
        for future in as_completed(futures):
            failures += future.exception() is not None
    print(100 - failures, "of 100")


def E15():
    def measure(path):
        with open(path) as file:
            text = file.read()
        return os.path.basename(path), text.count("\n"), len(text)

    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, f"{n}.py") for n in range(5)]
        for n, path in enumerate(paths):
            with open(path, "w") as file:
                file.write("x = 1\n" * n)
        with ThreadPoolExecutor(max_workers=10) as executor:
            for line in executor.map(measure, paths):
                print(line)


def E16():
    local = threading.local()
    opened = []

    def connect(name):
        local.connection = f"{name}-{threading.current_thread().name}"
        opened.append(local.connection)

    def query(n):
        time.sleep(0.02)
        return local.connection == f"db-{threading.current_thread().name}"

    with ThreadPoolExecutor(3, initializer=connect, initargs=("db",)) as executor:
        print(list(executor.map(query, range(3))), len(opened) == len(set(opened)) <= 3)


def E17():
    print([ThreadPoolExecutor(n)._max_workers for n in (20, 10)], ThreadPoolExecutor()._max_workers)


def E18():
    with ThreadPoolExecutor(2) as executor:
        one = [executor.submit(fetch, n) for n in range(4)]
    executor = ThreadPoolExecutor(2)
    try:
        two = [executor.submit(fetch, n) for n in range(4)]
    finally:
        executor.shutdown()
    print([f.done() for f in one + two], [f.result() for f in one] == [f.result() for f in two])


def E19():
    with ThreadPoolExecutor(2) as executor:
        print(executor.submit(fetch, 1, 0).result(timeout=5))
        gate = threading.Event()
        slow = executor.submit(lambda: (gate.wait(30), fetch(2, 0))[1])
        try:
            slow.result(timeout=0.02)
        except TimeoutError as error:
            print("timed out", repr(error), slow.cancelled())
        gate.set()
    print(slow.result())


def E20():
    def heavy(n):
        return sum(i * i for i in range(n))

    with ThreadPoolExecutor(2) as executor:
        print(list(executor.map(heavy, [1000, 2000, 3000])))


def E21():
    log = []

    def task(n):
        log.append(f"start {n}")
        time.sleep(n / 20)
        return n * 10

    with ThreadPoolExecutor(max_workers=3) as executor:
        results = executor.map(task, range(5))
        print(iter(results) is results)
        print(list(results))
    print(sorted(log))


def E22():
    start = time.monotonic()
    with ThreadPoolExecutor(max_workers=5) as executor:
        print(list(executor.map(lambda n: fetch(n, 0.05), range(10))))
    print(time.monotonic() - start < 5)


def E23():
    with ThreadPoolExecutor(max_workers=5) as executor:
        durations = {executor.submit(time.sleep, 0.01 * (n % 8)): n for n in range(15)}
        print(sorted(durations[f] for f in as_completed(durations)))
    print(sum(0.01 * (n % 8) < 0.05 for n in range(15)))


def E24():
    def attempt(n, failures):
        for number in range(3):
            if number >= failures:
                return f"{n} succeeded"
            time.sleep(0.001)
        raise ConnectionError(f"{n} exhausted")

    def attempt_text(n, failures):
        try:
            return attempt(n, failures)
        except ConnectionError as error:
            return str(error)

    with ThreadPoolExecutor(4) as executor:
        for future in [executor.submit(attempt, n, n % 4) for n in range(8)]:
            error = future.exception()
            print(repr(error) if error else future.result())
        print(list(executor.map(attempt_text, range(8), [n % 4 for n in range(8)])))
