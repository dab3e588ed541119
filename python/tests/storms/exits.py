"""Programs that end while their executors are at work.

Each is put together at random, and says what was taken, run, called and refused. Whatever it is at when
it ends: what was taken has run once, its callback was called once, then came the functions of ``atexit``,
and the exit code is that of the program. A part of them runs on the standard library's executor as well,
which must say the same.
"""

import collections
import os
import random
import subprocess
import sys
import textwrap
import threading
import time

import concurrent_futures

LIMIT = 60

PATH = os.path.dirname(os.path.dirname(concurrent_futures.__file__))

PRELUDE = """
    import atexit, faulthandler, os, sys, threading, time
    sys.path.insert(0, {path!r})
    faulthandler.dump_traceback_later({limit} - 10, exit=True)
    from {module} import *
    from {module} import ThreadPoolExecutor, Future, CancelledError
    def say(*words):
        os.write(1, (" ".join(map(str, words)) + "\\n").encode())
    def task(number, seconds):
        time.sleep(seconds)
        say("ran", number)
    def over(number):
        return lambda future: say("cancelled" if future.cancelled() else "called", number)
    def take(pool, number, seconds=0.0, function=task):
        try:
            future = pool.submit(function, number, seconds)
        except RuntimeError:
            say("refused", number)
            return None
        future.add_done_callback(over(number))
        say("taken", number)
        return future
"""

# Each gets a number of its own, for its names and its tasks.
PARTS = {
    "queued": """
        pool{n} = ThreadPoolExecutor({workers})
        for i in range({n}000, {n}000 + {count}):
            take(pool{n}, i, {seconds})
    """,
    "dropped": """
        take(ThreadPoolExecutor(1), {n}000, {seconds})
    """,
    "left": """
        pool{n} = ThreadPoolExecutor({workers})
        for i in range({n}000, {n}000 + {count}):
            take(pool{n}, i, {seconds})
        pool{n}.shutdown(wait=False, cancel_futures={cancel})
    """,
    "waited": """
        with ThreadPoolExecutor({workers}) as pool{n}:
            for i in range({n}000, {n}000 + {count}):
                take(pool{n}, i, {seconds})
    """,
    "nested": """
        pool{n} = ThreadPoolExecutor(1)
        def outer{n}(number, seconds):
            task(number, seconds)
            take(pool{n}, number + 500, seconds)
        for i in range({n}000, {n}000 + {count}):
            take(pool{n}, i, {seconds}, function=outer{n})
    """,
    "exits": """
        pool{n} = ThreadPoolExecutor({workers})
        def leaves{n}(number, seconds):
            task(number, seconds)
            sys.exit(3)
        for i in range({n}000, {n}000 + {count}):
            take(pool{n}, i, {seconds}, function=leaves{n})
    """,
    "at_exit": """
        pool{n} = ThreadPoolExecutor({workers})
        pool{n}.submit(int)
        def last{n}():
            take(pool{n}, {n}000)
            say("atexit", {n})
        atexit.register(last{n})
    """,
    "submits": """
        pool{n} = ThreadPoolExecutor({workers})
        def submits{n}():
            number = {n}000
            while take(pool{n}, number, 0.0001) is not None and number < {n}900:
                number += 1
        threading.Thread(target=submits{n}, daemon={daemon}).start()
    """,
    "fresh": """
        def fresh{n}():
            number = {n}000
            while take(ThreadPoolExecutor(1), number, 0.0001) is not None and number < {n}050:
                number += 1
        threading.Thread(target=fresh{n}, daemon={daemon}).start()
    """,
    "blocked": """
        threading.Thread(target=Future().result, daemon=True).start()
    """,
    "polls": """
        def polls{n}():
            while True:
                try:
                    Future().result(0.0002)
                except concurrent_timeout:
                    pass
        from concurrent.futures import TimeoutError as concurrent_timeout
        threading.Thread(target=polls{n}, daemon=True).start()
    """,
    "calls": """
        def calls{n}():
            future = Future()
            future.add_done_callback(lambda _: [time.sleep(0.0002) for _ in iter(int, 1)])
            future.set_result(1)
        threading.Thread(target=calls{n}, daemon=True).start()
    """,
    "map": """
        pool{n} = ThreadPoolExecutor({workers})
        results{n} = pool{n}.map(lambda i: (say("mapped", i), task(i, {seconds})),
                                 range({n}000, {n}000 + {count}))
    """,
}

# The code, the line with which standard error ends, and whether what was taken may be lost.
ENDS = {
    "": (0, "", False),
    "sys.exit(5)": (5, "", False),
    "raise ValueError('mine')": (1, "ValueError: mine", False),
    "raise KeyboardInterrupt": (-2, "KeyboardInterrupt", False),
    "os._exit(6)": (6, "", True),
    "ThreadPoolExecutor(1).submit(os._exit, 7); time.sleep(30)": (7, "", True),
}


class Program:
    def __init__(self, seed):
        rng = random.Random(seed)
        self.seed = seed
        parts = [rng.choice([*PARTS]) for _ in range(rng.randint(1, 4))]
        self.ending = rng.choices([*ENDS], [4, 2, 1, 1, 1, 1])[0]
        body = "".join(
            textwrap.dedent(PARTS[part]).format(
                n=number, workers=rng.randint(1, 4), count=rng.randint(1, 12),
                seconds=rng.choice([0, 0, 0.0005, 0.002]), cancel=rng.random() < 0.5,
                daemon=rng.random() < 0.5)
            for number, part in enumerate(parts, 1))
        pause = rng.choice([0, 0, 0.0005, 0.002, 0.005])
        self.text = textwrap.dedent(PRELUDE) + body + f"time.sleep({pause})\n{self.ending}\n"
        self.handlers = sorted(f"atexit {n}" for n, part in enumerate(parts, 1) if part == "at_exit")

    def run(self, module):
        text = self.text
        for name, value in (("path", PATH), ("limit", LIMIT), ("module", module)):
            text = text.replace(f"{{{name}!r}}", repr(value)).replace(f"{{{name}}}", str(value))
        done = subprocess.run(
            [sys.executable, "-S", "-X", "faulthandler", "-W", "ignore", "-c", text],
            capture_output=True, text=True, timeout=LIMIT)
        return self.complaint(done)

    def complaint(self, done):
        """What is wrong; nothing, if nothing is."""
        code, last, may_lose = ENDS[self.ending]
        errors = done.stderr.strip().splitlines()
        if done.returncode != code:
            return f"code {done.returncode} instead of {code}: {done.stderr}"
        if (errors[-1] if errors else "") != last:
            return f"unexpected errors: {done.stderr}"
        lines = done.stdout.splitlines()
        said = collections.defaultdict(collections.Counter)
        for line in lines:
            what, _, number = line.partition(" ")
            said[what][number] += 1
        twice = [(what, number) for what, of in said.items() for number, n in of.items() if n > 1]
        if twice:
            return f"said twice: {twice}"
        if may_lose:
            return None
        if sorted(line for line in lines if line.startswith("atexit")) != self.handlers:
            return f"atexit: {lines}"
        ended = said["ran"].keys() | said["cancelled"].keys()
        if lost := (said["taken"].keys() | said["mapped"].keys()) - ended:
            return f"lost: {sorted(lost)}"
        if unheard := said["taken"].keys() - said["called"].keys() - said["cancelled"].keys():
            return f"callbacks that were not called: {sorted(unheard)}"
        if both := said["ran"].keys() & said["cancelled"].keys():
            return f"cancelled and run: {sorted(both)}"
        if refused := said["refused"].keys() & ended:
            return f"refused and run: {sorted(refused)}"
        first = next((at for at, line in enumerate(lines) if line.startswith("atexit")), len(lines))
        # A daemon thread may be slow to say what was taken.
        if late := [line for line in lines[first:] if line.split()[0] == "ran"]:
            return f"after the functions of atexit: {late}"
        return None


def storm(seconds, seed, count=None):
    """For so many seconds, or so many programs."""
    end, lock = time.monotonic() + seconds, threading.Lock()
    counts, errors = collections.Counter(), []
    seeds = iter(range(seed, seed + (count or 10**9)))

    def run():
        while not errors and (count or time.monotonic() < end):
            with lock:
                number = next(seeds, None)
            if number is None:
                return
            program = Program(number)
            try:
                complaint = program.run("concurrent_futures")
                if complaint is not None:
                    errors.append(f"program {number}: {complaint}\n{program.text}")
                other = program.run("concurrent.futures") if number % 8 == 0 else None
            except subprocess.TimeoutExpired as error:
                errors.append(f"program {number} hangs: {error.stderr}\n{program.text}")
                return
            with lock:
                counts["programs"] += 1
                if number % 8 == 0:
                    counts["on the original"] += 1
                if other is not None:
                    print(f"program {number}, the original: {other}", flush=True)
                    counts["otherwise there"] += 1

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors[0]
    return dict(counts)
