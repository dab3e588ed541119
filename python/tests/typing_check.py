"""Not run: read by the type checker, as a user's program would be."""

import concurrent.futures
from collections.abc import Iterator
from concurrent.futures import Executor

from concurrent_futures import (
    ALL_COMPLETED,
    FIRST_COMPLETED,
    CancelledError,
    Deadlock,
    Discarded,
    Future,
    Profile,
    QueueFull,
    Stats,
    ThreadPoolExecutor,
    as_completed,
    check_cancelled,
    current_token,
    install,
    profile,
    wait,
)
from concurrent_futures.scaleout import dask


def word(n: int, *, loud: bool = False) -> str:
    return str(n).upper() if loud else str(n)


def program() -> None:
    install()
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="p", context=True) as pool:
        executor: Executor = pool
        standard: concurrent.futures.ThreadPoolExecutor = pool
        future: Future[str] = pool.submit(word, 3, loud=True)
        text: str = future.result(timeout=1)
        results: Iterator[str] = pool.map(word, [1, 2], buffersize=2)
        ids: dict[Future[str], int] = {pool.submit(word, n): n for n in range(3)}
        for done in as_completed(ids, timeout=5):
            print(ids[done], done.result(), done.exception())
        finished, waiting = wait(list(ids), timeout=1, return_when=FIRST_COMPLETED)
        print(len(finished), len(waiting), wait(list(ids), return_when=ALL_COMPLETED).done)
        future.add_done_callback(lambda f: print(f.cancelled()))
        stats: Stats = pool.stats()
        pool.shutdown(wait=True, cancel_futures=True, timeout=3)
        print(executor, standard, text, results, stats, CancelledError)


def profiled() -> None:
    with profile() as report, ThreadPoolExecutor(4, profile=True) as pool:
        own: Profile | None = pool.profile()
        print(own, report)
    numbers: dict[str, object] = report.to_dict()
    text: str = report.to_json()
    report.write_html("report.html")
    print(numbers, text)


def beyond_the_original() -> None:
    with ThreadPoolExecutor(
        4, queue_capacity=100, when_full="reject", keep_alive=2.5, min_workers=1
    ) as pool:
        try:
            future = pool.submit(word, 3)
            asked: bool = future.request_cancel()
            future.result()
        except (QueueFull, Discarded) as error:
            print(error)
        except Deadlock as deadlock:
            workers: tuple[str, ...] = deadlock.workers
            print(workers)
        pool.set_max_workers(8)
        started: int = pool.prestart()
        queued: int = pool.stats().queued
        check_cancelled()
        if not current_token().is_cancelled():
            current_token().sleep(0.1)
        print(asked, started, queued)


def on_a_cluster() -> None:
    with dask("tcp://127.0.0.1:8786", resources={"GPU": 1}) as cluster, ThreadPoolExecutor() as pool:
        executor: Executor = cluster
        far: Future[str] = cluster.submit(word, 3, loud=True)
        near: Future[str] = pool.submit(word, 3)
        texts: list[str] = [future.result() for future in as_completed([far, near])]
        results: Iterator[str] = cluster.map(word, [1, 2], chunksize=2, buffersize=2)
        stopped: bool = far.cancel()
        cluster.shutdown(wait=True, cancel_futures=True, timeout=1.0)
