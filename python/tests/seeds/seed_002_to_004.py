"""The three short guides: E103 to E118."""

import threading
import time

from pool import Future, ThreadPoolExecutor, TimeoutError, as_completed, wait


def E103():
    def named(name):
        assert name == "B" or gate.wait(30)
        return name

    gate = threading.Event()
    with ThreadPoolExecutor(3) as executor:
        futures = {executor.submit(named, name): name for name in "ABCDE"}
        order = []
        for future in as_completed(futures):
            order.append(futures[future])
            gate.set()
    print(order[0], sorted(order))


def E104():
    with ThreadPoolExecutor() as executor:
        print(list(executor.map(lambda n: n * n, range(1, 6))))


def E105():
    def download(name):
        try:
            if name == "bad":
                raise OSError("unreachable")
            return name
        except OSError:
            return None

    with ThreadPoolExecutor() as executor:
        print([name for name in executor.map(download, ["a", "bad", "b"]) if name])


def E106():
    with ThreadPoolExecutor(2) as executor:
        print(list(executor.map(lambda n: sum(range(n)), [10_000, 20_000])))


def E107():
    executor = ThreadPoolExecutor(2)
    future = executor.submit(pow, 2, 3)
    results = executor.map(pow, (2, 3), (3, 3))
    print(future.result(), list(results), executor.shutdown())
    for call in (executor.submit, executor.map):
        try:
            call(int, "1")
        except RuntimeError as error:
            print(error)


def E108():
    with ThreadPoolExecutor(10) as executor:
        futures = [executor.submit(str, n) for n in range(100)]
        pairs = [(f, f.result()) for f in as_completed(futures)]
    print(f"{len(pairs)} profiles")


def E109():
    def profiled(submitted, function, *args):
        began = time.monotonic()
        result = function(*args)
        return result, began - submitted, time.monotonic() - began

    with ThreadPoolExecutor(1) as executor:
        result, waited, ran = executor.submit(profiled, time.monotonic(), pow, 2, 5).result()
    total = (waited + ran) or 1
    print(result, round(100 * waited / total + 100 * ran / total))


def E110():
    lines = []
    with ThreadPoolExecutor(2) as executor:
        for page in ("x" * 10, "y" * 20):
            future = executor.submit(str, page)
            future.add_done_callback(
                lambda f: lines.append((repr(f).split(" state=")[1], len(f.result())))
            )
    print(sorted(lines))


def E111():
    results = []
    with ThreadPoolExecutor(2) as executor:
        chained, done = Future(), threading.Event()
        chained.add_done_callback(lambda f: (results.append(f.result()), done.set()))
        first = executor.submit(pow, 2, 3)
        first.add_done_callback(
            lambda f: executor.submit(lambda: chained.set_result(f.result() + 1))
        )
        done.wait(10)
    print(results)


def E112():
    def slow():
        gate.wait(10)

    def bad():
        raise KeyError("x")

    gate = threading.Event()
    with ThreadPoolExecutor(3) as executor:
        futures = [executor.submit(function) for function in (slow, bad, int)]
        wait(futures[1:])
        for future in futures:
            try:
                print("value", future.result(timeout=0.1))
            except TimeoutError:
                print("timeout")
            except Exception as error:
                print("error", repr(error))
        gate.set()


def E113():
    seen = []

    def handled(function):
        def call(*args):
            try:
                return function(*args)
            except ZeroDivisionError as error:
                seen.append(str(error))

        return call

    with ThreadPoolExecutor() as executor:
        print(executor.submit(handled(divmod), 1, 0).result(), seen)


def E114():
    slots = threading.BoundedSemaphore(2)
    most = []

    def submit(executor, function, *args):
        slots.acquire()
        most.append(executor._work_queue.qsize())
        future = executor.submit(function, *args)
        future.add_done_callback(lambda f: slots.release())
        return future

    with ThreadPoolExecutor(1) as executor:
        print([f.result() for f in [submit(executor, pow, n, 2) for n in range(10)]])
    print(max(most) <= 2)


def E115():
    with ThreadPoolExecutor(1) as executor:
        print(executor.submit(lambda: "Hello").result())


def two(executor, lines):
    def work(n):
        lines.append(f"start {n}")
        meet.wait(10)
        return f"done {n}"

    meet = threading.Barrier(2)
    return work


def E116():
    for n in (1, 2):
        print("start", n)
        time.sleep(0.01)
        print("done", n)


def E117():
    lines = []
    with ThreadPoolExecutor() as executor:
        work = two(executor, lines)
        futures = [executor.submit(work, n) for n in (1, 2)]
        results = [f.result() for f in futures]
    print(sorted(lines), results)


def E118():
    lines = []
    with ThreadPoolExecutor() as executor:
        print(list(executor.map(two(executor, lines), (1, 2))), sorted(lines))
