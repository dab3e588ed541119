"""The same on Dask: a scheduler and one worker process of 16 threads on the loopback interface.

Needs `pip install distributed`. Dask keeps what is queued in memory.
"""

import time

from distributed import Client, LocalCluster, wait

ROUND_TRIPS = 1000
CALLS = 20_000
ROUNDS = 3


def empty():
    return None


def main():
    cluster = LocalCluster(n_workers=1, threads_per_worker=16, processes=True,
                           host="127.0.0.1", dashboard_address=None)
    with cluster, Client(cluster) as client:
        def call():
            client.submit(empty, pure=False).result()

        for _ in range(100):
            call()
        times = []
        for _ in range(ROUND_TRIPS):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        times.sort()
        print(f"Dask: round trip p50 {times[500] * 1e3:.3f} ms, p99 {times[990] * 1e3:.3f} ms")
        best = 0
        for _ in range(ROUNDS):
            start = time.perf_counter()
            wait([client.submit(empty, pure=False) for _ in range(CALLS)])
            rate = CALLS / (time.perf_counter() - start)
            best = max(best, rate)
            print(f"Dask: {rate:.0f} calls/s", flush=True)
        print(f"Dask: best of {ROUNDS}: {best:.0f} calls/s")


if __name__ == "__main__":
    main()
