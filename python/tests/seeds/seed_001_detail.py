"""The long guide, futures in detail to the end: E57 to E102."""

import logging
import pathlib
import queue
import runpy
import socket
import tempfile
import threading
import time

from pool import (
    FIRST_COMPLETED,
    BrokenExecutor,
    ThreadPoolExecutor,
    TimeoutError,
    as_completed,
    wait,
)


def task(n=0, seconds=0.01):
    time.sleep(seconds)
    return n


def status(future):
    return f"running={future.running()}, cancelled={future.cancelled()}, done={future.done()}"


class Gated:
    """A task that has begun when this is made, and ends when it is told to."""

    def __init__(self, executor):
        self.go, begun = threading.Event(), threading.Event()
        self.future = executor.submit(lambda: (begun.set(), self.go.wait(10))[1])
        begun.wait(10)


def E57():
    with ThreadPoolExecutor() as executor:
        gated = Gated(executor)
        print(status(gated.future))
        gated.go.set()
        wait([gated.future])
        print(status(gated.future))


def E58():
    with ThreadPoolExecutor() as executor:
        print(executor.submit(task, 7).result(), executor.submit(lambda: None).result())


def E59():
    with ThreadPoolExecutor() as executor:
        gated = Gated(executor)
        try:
            gated.future.result(timeout=0.05)
        except TimeoutError:
            print("gave up waiting")
        gated.go.set()


def E60():
    with ThreadPoolExecutor(1) as executor:
        gated = Gated(executor)
        second = executor.submit(task)
        print(status(gated.future), "|", status(second))
        print(second.cancel())
        gated.go.set()
        wait([second])
        print(status(second))


def E61():
    with ThreadPoolExecutor(1) as executor:
        gated = Gated(executor)
        print(gated.future.cancel())
        gated.go.set()
    print(status(gated.future))


def E62():
    with ThreadPoolExecutor(1) as executor:
        future = executor.submit(task)
        wait([future])
        print(status(future), future.cancel(), status(future))


def E63():
    lines = []
    with ThreadPoolExecutor() as executor:
        gated = Gated(executor)
        gated.future.add_done_callback(lambda f: lines.append("callback"))
        lines.append("task")
        gated.go.set()
    print(lines)


def E64():
    with ThreadPoolExecutor() as executor:
        gated = Gated(executor)
        gated.future.add_done_callback(lambda: None)
        gated.go.set()
    print(gated.future.result())


def E65():
    with ThreadPoolExecutor(1) as executor:
        gated = Gated(executor)
        second = executor.submit(task)
        second.add_done_callback(lambda f: print("callback", f.cancelled()))
        print("cancel", second.cancel())
        gated.go.set()


def failing():
    raise RuntimeError("Something bad happened")


def E66():
    with ThreadPoolExecutor() as executor:
        future = executor.submit(failing)
        wait([future])
        print(status(future), repr(future.exception()))
        try:
            future.result()
        except RuntimeError as error:
            print(error is future.exception())


def E67():
    lines = []
    with ThreadPoolExecutor() as executor:
        future = executor.submit(failing)
        future.add_done_callback(lambda f: lines.append("callback"))
    print(lines, status(future), future.exception())


def E68():
    def initialize():
        raise ValueError("no connection")

    with ThreadPoolExecutor(1, initializer=initialize) as executor:
        try:
            list(executor.map(task, range(10)))
        except BrokenExecutor as error:
            print(type(error).__name__, error, isinstance(error, RuntimeError))


def E69():
    def careful():
        try:
            failing()
        except RuntimeError as error:
            return f"Unable to get the result: {error}"

    with ThreadPoolExecutor() as executor:
        print(executor.submit(careful).result())


def E70():
    with ThreadPoolExecutor() as executor:
        try:
            executor.submit(failing).result()
        except RuntimeError as error:
            print("failed:", error)


def E71():
    with ThreadPoolExecutor() as executor:
        for future in (executor.submit(failing), executor.submit(task, 3)):
            error = future.exception()
            print(repr(error) if error is not None else future.result())


def E72():
    def odd(n):
        if n == 2:
            failing()
        return n

    with ThreadPoolExecutor() as executor:
        for result in executor.map(odd, range(5)):
            print(result)


def E73():
    lines = []
    with ThreadPoolExecutor() as executor:
        gated = Gated(executor)
        gated.future.add_done_callback(lambda f: failing())
        gated.future.add_done_callback(lambda f: lines.append("second"))
        gated.go.set()
    print(lines, gated.future.result())


def E74():
    order = []
    with ThreadPoolExecutor(1) as executor:
        gated = Gated(executor)
        futures = [executor.submit(order.append, n) for n in range(6)]
        print(futures[3].cancel(), executor._work_queue.qsize() >= 5)
        gated.go.set()
    print(order)


def E75():
    with ThreadPoolExecutor(1) as executor:
        bad, good = executor.submit(failing), executor.submit(task, 1)
        print(repr(bad.exception()), good.result())


def E76():
    counts = []
    with ThreadPoolExecutor(3) as executor:
        gates = []
        for _ in range(3):
            gates.append(Gated(executor))
            counts.append(len(executor._threads))
        executor.submit(task)
        counts.append(len(executor._threads))
        for gated in gates:
            gated.go.set()
    print(counts)


def E77():
    with ThreadPoolExecutor(2) as executor:
        one = list(executor.map(task, range(4)))
    executor = ThreadPoolExecutor(2)
    two = list(executor.map(task, range(4)))
    executor.shutdown()
    print(one == two)


def E78():
    with ThreadPoolExecutor() as executor:
        print(list(map(abs, range(-3, 3))) == list(executor.map(abs, range(-3, 3))))


def E79():
    with ThreadPoolExecutor() as executor:
        futures = [executor.submit(task, n) for n in range(5)]
        print(sorted(f.result() for f in as_completed(futures)))


def E80():
    with ThreadPoolExecutor(2) as first, ThreadPoolExecutor(2) as second:
        stage = [first.submit(task, n) for n in range(5)]
        print(sorted(second.submit(pow, f.result(), 2).result() for f in as_completed(stage)))


def E81():
    def write(path):
        path.write_text(path.name)
        return path

    def read(path):
        return path.read_text()

    def echo(connection):
        connection.sendall(connection.recv(100).upper())

    ours, theirs = socket.socketpair()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(4) as executor:
        answer = executor.submit(ours.recv, 100)
        echoed = executor.submit(echo, theirs)
        paths = executor.map(write, (pathlib.Path(folder, str(n)) for n in range(20)))
        print(list(executor.map(read, paths)))
        ours.sendall(b"hello")
        print(echoed.result(10), answer.result(10))
    ours.close()
    theirs.close()


def E82():
    with ThreadPoolExecutor() as executor:
        try:
            executor.submit(task(1)).result()
        except TypeError as error:
            print(error)


def E83():
    def needs(value):
        return value

    with ThreadPoolExecutor() as executor:
        try:
            executor.map(needs())
        except TypeError as error:
            print(error)


def E84():
    with ThreadPoolExecutor() as executor:
        print(list(executor.map(task)))


def E85():
    with ThreadPoolExecutor() as executor:
        future = executor.submit(task, 5)
        future.add_done_callback(lambda: 1)
        value = future.result()
    print(value)


def E86():
    stop, lines = threading.Event(), []
    started = threading.Barrier(6)

    def long(n):
        started.wait(10)
        while not stop.wait(0.01):
            pass
        lines.append("stopped")

    executor = ThreadPoolExecutor(5)
    futures = [executor.submit(long, n) for n in range(50)]
    started.wait(10)
    for future in futures:
        future.cancel()
    stop.set()
    executor.shutdown()
    print(lines, sum(f.cancelled() for f in futures))


def E87():
    for how in ("wait", "result", "cancel", "plain"):
        executor = ThreadPoolExecutor(2)
        futures = [executor.submit(task, n) for n in range(5)]
        if how == "wait":
            wait(futures)
        elif how == "result":
            [f.result() for f in futures]
        executor.shutdown(cancel_futures=how == "cancel")
        print(how, [f.done() for f in futures])


def E88():
    with ThreadPoolExecutor(2) as executor:
        meet = threading.Barrier(2)
        wait([executor.submit(meet.wait, 10) for _ in range(2)])
        print(executor.submit(threading.active_count).result(10) - 1)
        wait([executor.submit(task) for _ in range(20)])
        print(len(executor._threads), executor._max_workers)


def E89():
    handler = logging.StreamHandler(record := __import__("io").StringIO())
    logger = logging.getLogger("tasks")
    logger.addHandler(handler)
    logger.propagate = False
    with ThreadPoolExecutor(4) as executor:
        list(executor.map(lambda n: logger.warning("record %d end", n), range(50)))
    print(sorted(record.getvalue().split("\n"), key=lambda line: (len(line), line)))


def E90():
    calls = []

    class Client:
        def get(self, n):
            calls.append(n)
            return "mock"

    with ThreadPoolExecutor() as executor:
        print(list(executor.map(Client().get, range(3))), sorted(calls))


def E91():
    start = time.monotonic()
    time.sleep(0.03)
    print(f"{time.monotonic() - start >= 0.03}, {900 / 300:.1f}, {900 / 300:.0%}")


def E92():
    with ThreadPoolExecutor() as executor:
        print(list(executor.map(task, range(5), chunksize=3)))


def E93():
    seconds = []
    with ThreadPoolExecutor(5) as executor:
        futures = [executor.submit(task, n / 10) for n in range(10)]
        for future in as_completed(futures):
            if future.result() > 0.5:
                executor.submit(seconds.append, future.result())
    print(sorted(seconds))


def E94():
    local, keys = threading.local(), []

    def initialize(local):
        local.key = threading.get_ident()
        keys.append(local.key)

    with ThreadPoolExecutor(2, initializer=initialize, initargs=(local,)) as executor:
        results = list(executor.map(lambda n: (time.sleep(0.005), local.key)[1], range(10)))
    print(len(results), set(results) <= set(keys), len(keys) <= 2)


def E95():
    with ThreadPoolExecutor(2) as executor:
        for n in range(20):
            executor.submit(task, n, 0).add_done_callback(lambda f: print(".", end=""))
    print("\nDone!")


def E96():
    lock, seen = threading.Lock(), []

    def step(future):
        with lock:
            seen.append(len(seen) + 1)

    with ThreadPoolExecutor(2) as executor:
        for n in range(20):
            executor.submit(task, n, 0).add_done_callback(step)
    print(seen)


def E97():
    text = "\n".join((
        "print('module', __name__)",
        "from pool import ThreadPoolExecutor",
        "with ThreadPoolExecutor(4) as executor:",
        "    print(list(executor.map(abs, range(-3, 1))))",
    ))
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder, "unguarded.py")
        script.write_text(text)
        for name in ("__main__", "unguarded"):
            runpy.run_path(str(script), run_name=name)


def E98():
    with ThreadPoolExecutor() as executor:
        results = executor.map(task, range(2))
        print(hasattr(results, "futures"), list(results))


def E99():
    with ThreadPoolExecutor(1) as executor:
        gated = Gated(executor)
        futures = [executor.submit(task, n) for n in range(9)]
        executor.shutdown(wait=False, cancel_futures=True)
        print("shut down")
        gated.go.set()
    print(gated.future.result(), sum(f.cancelled() for f in futures))


def E100():
    meet = threading.Barrier(3)

    def ident():
        meet.wait(10)
        return threading.get_native_id()

    with ThreadPoolExecutor(3) as executor:
        print(len({f.result() for f in [executor.submit(ident) for _ in range(3)]}))


def E101():
    results, lines = queue.Queue(), iter(range(100))
    with ThreadPoolExecutor(4) as executor:
        pending = set()
        for line in lines:
            if len(pending) >= 8:
                pending = wait(pending, return_when=FIRST_COMPLETED).not_done
            pending.add(executor.submit(results.put, line))
    print(sorted(results.queue) == list(range(100)))


def E102():
    local, meet = threading.local(), threading.Barrier(2)
    local.owner = "main"

    def keep(n):
        meet.wait(10)
        found = getattr(local, "owner", None)
        local.owner = threading.current_thread().name
        return found

    def still(n):
        meet.wait(10)
        return local.owner == threading.current_thread().name

    with ThreadPoolExecutor(2) as executor:
        print(list(executor.map(keep, range(2))), list(executor.map(still, range(2))))
    print(local.owner)
