"""Our executor on a Dask cluster against Dask's own, in turns, on a cluster of this machine.

``python bench/scaleout.py [--rounds N] [--tasks N] [--trips N]``: the median round trip of one empty task, and
empty tasks in a second when many are submitted at once.
"""

import argparse
import logging
import statistics
import time

from distributed import LocalCluster

from concurrent_futures import wait
from concurrent_futures.scaleout import dask

LOOPBACK = "127.0.0.1:0"


def nothing(n):
    return n


def round_trip(executor, trips):
    times = []
    for n in range(trips):
        start = time.perf_counter()
        executor.submit(nothing, n).result()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def tasks_in_a_second(executor, tasks):
    start = time.perf_counter()
    wait([executor.submit(nothing, n) for n in range(tasks)])
    return tasks / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--trips", type=int, default=50)
    args = parser.parse_args()
    figures = {}
    with LocalCluster(
        n_workers=2, threads_per_worker=1, silence_logs=logging.CRITICAL,
        dashboard_address=LOOPBACK, worker_dashboard_address=LOOPBACK,
    ) as cluster, cluster.get_client() as client:
        executors = {"ours": dask(client), "Dask's own": client.get_executor(pure=False)}
        for executor in executors.values():
            tasks_in_a_second(executor, 50)
        for _ in range(args.rounds):
            for name, executor in executors.items():
                trip, rate = figures.setdefault(name, ([], []))
                trip.append(round_trip(executor, args.trips))
                rate.append(tasks_in_a_second(executor, args.tasks))
    print("| | round trip, p50 | empty tasks in a second |\n|---|---|---|")
    for name, (trip, rate) in figures.items():
        spread = f"{min(rate):.0f} to {max(rate):.0f}"
        print(f"| {name} | {statistics.median(trip) * 1e3:.1f} ms | {statistics.median(rate):.0f} ({spread}) |")


if __name__ == "__main__":
    main()
