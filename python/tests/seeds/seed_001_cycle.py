"""The long guide, life cycle and patterns: E25 to E56."""

import os
import tempfile
import threading
import time

from pool import (
    ALL_COMPLETED,
    FIRST_COMPLETED,
    FIRST_EXCEPTION,
    ThreadPoolExecutor,
    TimeoutError,
    as_completed,
    wait,
)


def task(n=0, seconds=0.01):
    time.sleep(seconds)
    return n


def E25():
    def work():
        waiting.wait(10)
        print("from the thread")

    waiting = threading.Event()
    thread = threading.Thread(target=work)
    thread.start()
    print("waiting")
    waiting.set()
    thread.join()


def E26():
    print(ThreadPoolExecutor()._max_workers)


def E27():
    executor = ThreadPoolExecutor(500)
    print(executor._max_workers, len(executor._threads))


def E28():
    with ThreadPoolExecutor() as executor:
        for result in executor.map(task, range(5)):
            print(result)


def E29():
    def third_is_long(n):
        if n == 2:
            begun.set()
            gate.wait(30)
        return n

    begun, gate = threading.Event(), threading.Event()
    with ThreadPoolExecutor(4) as executor:
        print(list(executor.map(task, range(5), timeout=30)))
    # One after the other: when the third has begun, the others are done.
    with ThreadPoolExecutor(1) as executor:
        results = executor.map(third_is_long, range(3), timeout=0.1)
        begun.wait(30)
        try:
            for result in results:
                print(result)
        except TimeoutError:
            print("timeout")
        gate.set()


def E30():
    with ThreadPoolExecutor() as executor:
        print(executor.submit(pow, 2, 3).result(), executor.submit(task).result(timeout=30))


def E31():
    def failing(n):
        if n == 1:
            raise ValueError(n)
        return task(n, 0.05 * n)

    with ThreadPoolExecutor(5) as executor:
        for mode in (FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED):
            futures = [executor.submit(failing, n) for n in range(4)]
            result = wait(futures, return_when=mode)
            print(type(result).__name__, len(result) == 2, len(result.done) >= 1)
            print(len(result.done | result.not_done), len(wait(futures).done))


def E32():
    with ThreadPoolExecutor(2) as one, ThreadPoolExecutor(2) as two:
        futures = [one.submit(task, 1), two.submit(task, 2)]
        print(len(wait(futures)[0]), sorted(f.result() for f in as_completed(futures)))


def E33():
    gate = threading.Event()
    executor = ThreadPoolExecutor(1)
    futures = [executor.submit(gate.wait, 10) for _ in range(3)]
    executor.shutdown(wait=False)
    print([f.done() for f in futures])
    executor.shutdown(wait=False, cancel_futures=True)
    gate.set()
    executor.shutdown()
    print([f.done() for f in futures], [f.cancelled() for f in futures][1:])


def E34():
    executor = ThreadPoolExecutor(1)
    for n in range(3):
        executor.submit(lambda n: print("ran", n), n)


def E35():
    with ThreadPoolExecutor() as executor:
        futures = [executor.submit(task, n) for n in range(10)]
    print(all(f.done() for f in futures))


DOCUMENTS = {f"site/part/{n}.html": f"text {n}" for n in range(10)} | {"site/missing": None}


def download(address, seconds):
    time.sleep(0.005)
    return DOCUMENTS[address]


def save(address, text, folder):
    if text is None:
        return f">Error downloading {address}"
    path = os.path.join(folder, os.path.basename(address))
    with open(path, "w") as file:
        file.write(text)
    return f".saved {address} to {os.path.basename(path)}"


def with_folder(body):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "docs")
        os.makedirs(path, exist_ok=True)
        body(path)
        print(len(os.listdir(path)))


def E36():
    def body(folder):
        for address in DOCUMENTS:
            print(save(address, download(address, 3), folder))

    with_folder(body)


def E37():
    def body(folder):
        lines = []
        with ThreadPoolExecutor(len(DOCUMENTS)) as executor:
            for address in DOCUMENTS:
                executor.submit(lambda a: lines.append(save(a, download(a, 3), folder)), address)
        print(*sorted(lines), sep="\n")

    with_folder(body)


def E38():
    def body(folder):
        def one(address):
            return save(address, download(address, 3), folder)

        with ThreadPoolExecutor(len(DOCUMENTS)) as executor:
            done, not_done = wait([executor.submit(one, a) for a in DOCUMENTS])
        print(len(not_done), *sorted(f.result() for f in done), sep="\n")

    with_folder(body)


def E39():
    def body(folder):
        lines = []
        with ThreadPoolExecutor(len(DOCUMENTS)) as executor:
            futures = [executor.submit(lambda a: (download(a, 3), a), a) for a in DOCUMENTS]
            for future in as_completed(futures):
                text, address = future.result()
                lines.append(save(address, text, folder))
        print(*sorted(lines), sep="\n")

    with_folder(body)


def E40():
    with ThreadPoolExecutor(10) as executor:
        for result in executor.map(task, range(10)):
            print(result)


def E41():
    loop = [task(n) for n in range(5)]
    builtin = list(map(task, range(5)))
    with ThreadPoolExecutor(10) as executor:
        print(loop == builtin == list(executor.map(task, range(5))))


def E42():
    with ThreadPoolExecutor(10) as executor:
        print(list(executor.map(lambda a, b: (a, b), [1, 2, 3], "xyz")))


def E43():
    lines = []
    with ThreadPoolExecutor(10) as executor:
        executor.map(lines.append, range(5))
    print(sorted(lines), "done")


def E44():
    with ThreadPoolExecutor(10) as executor:
        futures = [executor.submit(task, n) for n in range(10)]
        print(sorted(f.result() for f in as_completed(futures)))


def E45():
    with ThreadPoolExecutor(10) as executor:
        print([f.result() for f in [executor.submit(task, n) for n in range(10)]])


def E46():
    values = []
    with ThreadPoolExecutor(10) as executor:
        for n in range(10):
            executor.submit(task, n).add_done_callback(lambda f: values.append(f.result()))
    print(sorted(values))


def E47():
    calls = []
    with ThreadPoolExecutor(10) as executor:
        for n in range(10):
            future = executor.submit(task, n)
            future.add_done_callback(lambda f: calls.append((f.result(), 1)))
            future.add_done_callback(lambda f: calls.append((f.result(), 2)))
    print(sorted(calls), all(calls.index((n, 1)) < calls.index((n, 2)) for n in range(10)))


def E48():
    with ThreadPoolExecutor(10) as executor:
        futures = [executor.submit(task, n) for n in range(10)]
        wait(futures)
        wait(futures, return_when=ALL_COMPLETED)
        print([f.done() for f in futures])


def E49():
    lines = []
    with ThreadPoolExecutor(10) as executor:
        for n in range(10):
            executor.submit(lines.append, n)
    print(len(lines), "all done")


def E50():
    for arguments in ({}, {"wait": True, "cancel_futures": False}):
        lines = []
        executor = ThreadPoolExecutor(10)
        for n in range(10):
            executor.submit(lines.append, n)
        executor.shutdown(**arguments)
        print(len(lines), "all done")


def E51():
    gate = threading.Event()
    executor = ThreadPoolExecutor(2)
    first = executor.submit(task, "first")
    others = [executor.submit(gate.wait, 10) for _ in range(9)]
    done, _ = wait([first, *others], return_when=FIRST_COMPLETED)
    print(done.pop().result())
    executor.shutdown(wait=False, cancel_futures=True)
    gate.set()
    print(sum(f.cancelled() for f in others) >= 7)


def E52():
    print(threading.current_thread().name)


def E53():
    with ThreadPoolExecutor() as executor:
        for _ in range(10):
            executor.submit(int)
        names = [thread.name for thread in threading.enumerate()]
    print(names[0], 2 <= len(names) <= 11)
    print(all(name.startswith("ThreadPoolExecutor-0_") for name in names[1:]))


def E54():
    gate = threading.Barrier(4)
    with ThreadPoolExecutor(3, thread_name_prefix="TaskPool") as executor:
        for _ in range(3):
            executor.submit(gate.wait, 10)
        names = sorted(t.name for t in threading.enumerate() if "TaskPool" in t.name)
        gate.wait(10)
    print(names)


def E55():
    lines = []

    def initialize():
        lines.append(threading.current_thread().name)

    with ThreadPoolExecutor(2, initializer=initialize) as executor:
        print(list(executor.map(task, range(10))))
    print(sorted(lines) in (["ThreadPoolExecutor-0_0", "ThreadPoolExecutor-0_1"],), len(set(lines)))


def E56():
    for size in (1, 10, 100):
        with ThreadPoolExecutor(size) as executor:
            results = list(executor.map(task, range(100), [0.001] * 100))
            print(size, sum(results), len(executor._threads) <= size)
