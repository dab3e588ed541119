"""What the original does not have, and running programs unedited."""

import contextvars
import itertools
import subprocess
import sys
import threading

import concurrent_futures
import pytest
from concurrent_futures import ThreadPoolExecutor
from helpers import WAIT, Gated

VARIABLE = contextvars.ContextVar("variable", default="default")


def test_tasks_run_in_the_submitters_context_if_asked():
    VARIABLE.set("mine")
    with ThreadPoolExecutor(1, context=True) as pool:
        assert pool.submit(VARIABLE.get).result(WAIT) == "mine"
        assert list(pool.map(lambda _: VARIABLE.get(), [1])) == ["mine"]
        pool.submit(VARIABLE.set, "theirs").result(WAIT)
        assert pool.submit(VARIABLE.get).result(WAIT) == "mine"
        assert pool.submit(dict, a=1).result(WAIT) == {"a": 1}
    with ThreadPoolExecutor(1) as pool:
        assert threading.Thread is not None
        expected = "mine" if getattr(sys.flags, "thread_inherit_context", 0) else "default"
        assert pool.submit(VARIABLE.get).result(WAIT) == expected


def test_shutdown_with_a_time_limit_names_all_that_run():
    pool = ThreadPoolExecutor(3, "slow")
    with Gated(pool), Gated(pool):
        with pytest.raises(TimeoutError, match="^still running: slow_0, slow_1$"):
            pool.shutdown(timeout=0.05)
    pool.shutdown(timeout=WAIT)


def test_buffersize_reads_as_results_are_taken():
    read = []

    def endless():
        for n in itertools.count():
            read.append(n)
            yield n

    with ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda n: n * n, endless(), buffersize=3)
        assert read == [0, 1, 2]
        assert [next(results) for _ in range(4)] == [0, 1, 4, 9]
        assert len(read) == 7
        results.close()
        with pytest.raises(StopIteration):
            next(results)
        assert list(pool.map(abs, range(10), buffersize=100)) == list(range(10))
        for size, error in ((0, ValueError), (-1, ValueError), (1.5, TypeError)):
            with pytest.raises(error, match="buffersize"):
                pool.map(abs, [], buffersize=size)


def test_a_buffered_map_that_outlives_its_executor_ends():
    pool = ThreadPoolExecutor(1)
    results = pool.map(abs, range(10), buffersize=2)
    del pool
    assert list(results) == [0, 1]


def test_map_cancels_what_is_left_once_it_has_begun():
    for begun in (False, True):
        with ThreadPoolExecutor(1) as pool:
            results = pool.map(abs, range(5))
            if begun:
                next(results)
            with Gated(pool):
                more = pool.map(abs, range(5))
                if begun:
                    with pytest.raises(TimeoutError):
                        next(pool.map(abs, range(3), timeout=0))
                assert pool._work_queue.qsize() >= 5
                del more, results


def test_cancelled_futures_are_done_for_waits_at_once():
    with ThreadPoolExecutor(1) as pool, Gated(pool) as gate:
        future = pool.submit(int)
        future.cancel()
        assert concurrent_futures.wait([future]).done == {future}
        assert list(concurrent_futures.as_completed([future])) == [future]
        left = [pool.submit(int) for _ in range(3)]
        pool.shutdown(wait=False, cancel_futures=True)
        assert len(concurrent_futures.wait(left).done) == 3
        gate.go.set()


def test_install_and_uninstall(program):
    done = program("""
        import concurrent.futures, concurrent.futures.thread as thread, asyncio
        original = concurrent.futures.ThreadPoolExecutor
        import concurrent_futures
        concurrent_futures.install()
        concurrent_futures.install()
        from concurrent.futures import ThreadPoolExecutor, Future, wait
        assert ThreadPoolExecutor is concurrent_futures.ThreadPoolExecutor is thread.ThreadPoolExecutor
        async def main():
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, int)
            assert type(loop._default_executor) is concurrent_futures.ThreadPoolExecutor
        asyncio.run(main())
        concurrent_futures.uninstall()
        assert concurrent.futures.ThreadPoolExecutor is original is thread.ThreadPoolExecutor
        print("ok")
    """)
    assert done.stdout == "ok\n", done.stderr


@pytest.mark.parametrize("how", ["script", "module"])
def test_a_program_runs_on_our_pool_unedited(tmp_path, how):
    script = tmp_path / "prog.py"
    script.write_text(
        "import sys\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "import neighbour\n"
        "if __name__ == '__main__':\n"
        "    print(ThreadPoolExecutor.__module__, sys.argv[1:], neighbour.x)\n"
    )
    (tmp_path / "neighbour.py").write_text("x = 1\n")
    words = [str(script)] if how == "script" else ["-m", "prog"]
    done = subprocess.run(
        [sys.executable, "-m", "concurrent_futures", *words, "a", "-b"],
        capture_output=True, text=True, cwd=tmp_path, timeout=60,
    )
    assert done.stdout == "concurrent_futures ['a', '-b'] 1\n", done.stderr


def test_usage():
    done = subprocess.run(
        [sys.executable, "-m", "concurrent_futures"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2 and "usage" in done.stderr
