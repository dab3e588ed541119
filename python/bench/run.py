"""Our pool against the original, in turns in one process: ratios of medians, with their spread.

``python bench/run.py [--rounds N] [--only NAME …] [--markdown]``
"""

import argparse
import asyncio
import concurrent.futures
import gc
import os
import platform
import statistics
import sys
import threading
import time

import concurrent_futures

WORKERS = 4


def timed(function):
    def run(module):
        gc.collect()
        start = time.perf_counter()
        function(module)
        return time.perf_counter() - start

    run.__doc__ = function.__doc__
    run.__name__ = function.__name__
    return run


@timed
def submit_and_collect(m):
    """100k empty tasks, submit and collect"""
    with m.ThreadPoolExecutor(WORKERS) as pool:
        for future in [pool.submit(int) for _ in range(100_000)]:
            future.result()


@timed
def map_all(m):
    """map over 100k"""
    with m.ThreadPoolExecutor(WORKERS) as pool:
        for _ in pool.map(int, range(100_000)):
            pass


@timed
def callbacks(m):
    """add_done_callback on each of 100k"""
    done = []
    with m.ThreadPoolExecutor(WORKERS) as pool:
        for _ in range(100_000):
            pool.submit(int).add_done_callback(done.append)


@timed
def standard_wait(m):
    """the standard wait() over 10k"""
    with m.ThreadPoolExecutor(WORKERS) as pool:
        concurrent.futures.wait([pool.submit(int) for _ in range(10_000)])


@timed
def own_as_completed(m):
    """own as_completed over 20k"""
    with m.ThreadPoolExecutor(WORKERS) as pool:
        for future in m.as_completed([pool.submit(int) for _ in range(20_000)]):
            future.result()


@timed
def one_by_one(m):
    """submit().result() one by one, 3k"""
    with m.ThreadPoolExecutor(WORKERS) as pool:
        for _ in range(3_000):
            pool.submit(int).result()


def sleepers(m):
    """500 warm threads sleeping 1 ms, 20k tasks"""
    gc.collect()
    with m.ThreadPoolExecutor(500) as pool:
        meet = threading.Barrier(501)
        for _ in range(500):
            pool.submit(meet.wait)
        meet.wait()
        start = time.perf_counter()
        for future in [pool.submit(time.sleep, 0.001) for _ in range(20_000)]:
            future.result()
        return time.perf_counter() - start


@timed
def gather(m):
    """asyncio gather of 10k run_in_executor"""

    async def main():
        loop = asyncio.get_running_loop()
        with m.ThreadPoolExecutor(WORKERS) as pool:
            await asyncio.gather(*[loop.run_in_executor(pool, int) for _ in range(10_000)])

    asyncio.run(main())


@timed
def cold_start(m):
    """cold start, one task of 20 ms"""
    with m.ThreadPoolExecutor(WORKERS) as pool:
        pool.submit(time.sleep, 0.02).result()


def memory(m):
    """memory per waiting future"""
    gate = threading.Event()
    with m.ThreadPoolExecutor(1) as pool:
        pool.submit(gate.wait)
        gc.collect()
        before = resident()
        futures = [pool.submit(int) for _ in range(200_000)]
        used = (resident() - before) / len(futures)
        pool.shutdown(wait=False, cancel_futures=True)
        gate.set()
    return used


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


WORKLOADS = [
    submit_and_collect, map_all, callbacks, standard_wait, own_as_completed, one_by_one, sleepers,
    gather, cold_start,
]


def in_child(function, module):
    """Memory that was given back once is used again, so each reading has a process of its own."""
    import subprocess

    code = (
        f"import sys; sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r}); "
        f"import run, {module}; print(run.{function.__name__}({module}))"
    )
    return float(subprocess.check_output([sys.executable, "-c", code], text=True))


def measure(workload, rounds):
    original, ours = [], []
    workload(concurrent_futures)
    for _ in range(rounds):
        original.append(workload(concurrent.futures))
        ours.append(workload(concurrent_futures))
    return original, ours


def row(name, original, ours, unit):
    ratios = sorted(a / b for a, b in zip(original, ours))
    middle = statistics.median(original) / statistics.median(ours)
    return (
        name,
        unit(statistics.median(original)),
        unit(statistics.median(ours)),
        f"{middle:.1f}",
        f"{ratios[0]:.1f} to {ratios[-1]:.1f}",
    )


def milliseconds(seconds):
    return f"{seconds * 1e3:.1f} ms"


def number_of_bytes(count):
    return f"{count:.0f} B"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[])
    words = parser.parse_args()
    print("| workload | original | ours | ratio | spread |")
    print("|---|---|---|---|---|")
    for workload in WORKLOADS:
        if words.only and workload.__name__ not in words.only:
            continue
        cells = row(workload.__doc__, *measure(workload, words.rounds), milliseconds)
        print("|", " | ".join(cells), "|", flush=True)
    if sys.platform == "linux" and (not words.only or "memory" in words.only):
        readings = [
            [in_child(memory, module) for _ in range(3)]
            for module in ("concurrent.futures", "concurrent_futures")
        ]
        print("|", " | ".join(row(memory.__doc__, *readings, number_of_bytes)), "|")
    print(f"\nCPython {platform.python_version()}, {os.cpu_count()} processors, "
          f"{platform.system()} {platform.machine()}; medians of {words.rounds} rounds in turns.")


if __name__ == "__main__":
    main()
