"""What executors do, written down: counts, shares, files, and programs that know nothing of it."""

import csv
import json
import subprocess
import sys
import threading
import time

import concurrent_futures
import pytest
from concurrent_futures import Discarded, ThreadPoolExecutor, profile
from helpers import WAIT, Gated


def nap(seconds):
    time.sleep(seconds)


def spin(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def count_up(n):
    return sum(i for i in range(n))


def fail():
    raise ValueError("no such page")


def counts(report):
    return report.to_dict()["counts"]


def test_every_end_is_counted():
    with ThreadPoolExecutor(1, profile=True) as pool:
        with Gated(pool):
            cancelled = pool.submit(nap, 0)
            failed = pool.submit(fail)
            assert cancelled.cancel()
        with pytest.raises(ValueError, match="no such page"):
            failed.result(WAIT)
        assert list(pool.map(abs, [-1, 2], timeout=WAIT)) == [1, 2]
        seen = counts(pool.profile())
        stats = pool.stats()
    assert (seen["completed"], seen["failed"], seen["cancelled"]) == (3, 1, 1)
    assert seen["submitted"] == 5 == stats.submitted
    assert (seen["queued"], seen["running"]) == (0, 0)
    with pytest.raises(RuntimeError):
        pool.submit(nap, 0)
    assert counts(pool.profile())["rejected"] == 1


def test_what_gives_way_is_not_cancelled():
    options = {"queue_capacity": 1, "when_full": "discard_oldest", "profile": True}
    with ThreadPoolExecutor(1, **options) as pool:
        with Gated(pool):
            oldest = pool.submit(nap, 0)
            newer = pool.submit(nap, 0)
        with pytest.raises(Discarded):
            oldest.result(WAIT)
        newer.result(WAIT)
        seen = counts(pool.profile())
    assert (seen["completed"], seen["discarded"], seen["cancelled"]) == (2, 1, 0)


def test_queued_and_running_tasks_are_seen():
    with ThreadPoolExecutor(1, profile=True) as pool:
        with Gated(pool):
            pool.submit(nap, 0)
            seen = counts(pool.profile())
    assert (seen["running"], seen["queued"]) == (1, 1)


def test_without_the_keyword_there_is_none():
    with ThreadPoolExecutor(1) as pool:
        pool.submit(nap, 0).result(WAIT)
        assert pool.profile() is None
    with pytest.raises(TypeError, match="profile must be True or False"):
        ThreadPoolExecutor(1, profile="page.html")


def test_a_block_profiles_all_that_are_made_in_it():
    before = ThreadPoolExecutor(1)
    with profile() as report:
        with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1, profile=True) as other:
            one.submit(nap, 0).result(WAIT)
            other.submit(nap, 0).result(WAIT)
            before.submit(nap, 0).result(WAIT)
            assert counts(report)["completed"] == 2
            assert counts(other.profile())["completed"] == 1
    after = ThreadPoolExecutor(1)
    after.submit(nap, 0).result(WAIT)
    assert counts(report)["completed"] == 2
    for pool in (before, after):
        pool.shutdown()


def test_blocks_in_blocks_see_the_same():
    with profile() as outer:
        with profile() as inner, ThreadPoolExecutor(1) as pool:
            pool.submit(nap, 0).result(WAIT)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(nap, 0).result(WAIT)
    assert (counts(inner)["completed"], counts(outer)["completed"]) == (1, 2)


def test_waiting_and_computing_are_told_apart():
    with ThreadPoolExecutor(1, profile=True) as pool:
        pool.submit(nap, 0.1).result(WAIT)
        napping = pool.profile().to_dict()["shares"]
        list(pool.map(spin, [0.1] * 5, timeout=WAIT))
        both = pool.profile().to_dict()["shares"]
    assert napping["blocked"] > 5 * napping["cpu"], napping
    # Where other programs want the processors, too, some of it is lost to them.
    assert both["cpu"] > 5 * napping["cpu"], (napping, both)


def test_tasks_that_only_compute_have_no_use_for_more_threads():
    with ThreadPoolExecutor(4, profile=True) as pool:
        list(pool.map(count_up, [100_000] * 40, timeout=WAIT))
        numbers = pool.profile().to_dict()
    if getattr(sys, "_is_gil_enabled", lambda: True)():
        assert numbers["pool"]["processors"] == 1
        # Blocked for three quarters of their time, by the clocks; and most of it waiting for their turn.
        assert numbers["shares"]["contended"] > 0, numbers["shares"]
        advice = next(it for it in numbers["advice"] if it["topic"] == "workers")
        assert int(advice["text"].split()[0]) <= 4, advice


def test_tasks_have_the_names_of_what_they_call():
    import functools

    with ThreadPoolExecutor(1, profile=True, context=True) as pool:
        pool.submit(nap, 0).result(WAIT)
        pool.submit(functools.partial(nap, 0)).result(WAIT)
        pool.submit(len, ()).result(WAIT)
        pool.submit(threading.Event().is_set).result(WAIT)
        names = set(pool.profile().to_dict()["names"])
    assert {f"{__name__}.nap", "len"} <= names
    assert any(name.endswith("Event.is_set") for name in names)


def test_arguments_go_with_the_task():
    import gc
    import weakref

    class Load:
        pass

    with ThreadPoolExecutor(1, profile=True) as pool:
        load = Load()
        gone = weakref.ref(load)
        with Gated(pool):
            future = pool.submit(id, load)
            del load
            future.cancel()
            gc.collect()
            assert gone() is None


def test_the_files(tmp_path):
    with profile() as report, ThreadPoolExecutor(2) as pool:
        list(pool.map(nap, [0.001] * 10, timeout=WAIT))
    for name, write in (
        ("p.json", report.write_json), ("p.csv", report.write_csv),
        ("p.trace.json", report.write_trace), ("p.html", report.write_html),
    ):
        write(tmp_path / name)
        assert concurrent_futures._profile.writer_for(name).__name__ == write.__name__
    numbers = json.loads((tmp_path / "p.json").read_text())
    assert numbers == report.to_dict()
    assert numbers["counts"]["completed"] == 10
    with (tmp_path / "p.csv").open(newline="") as file:
        assert len(list(csv.reader(file))) == 11
    events = json.loads((tmp_path / "p.trace.json").read_text())
    events = events["traceEvents"] if isinstance(events, dict) else events
    assert sum(event["ph"] == "X" for event in events) == 10
    page = (tmp_path / "p.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert f"{__name__}.nap" in page
    assert "10" in str(report)


PROGRAM = """
import sys
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(2)
print(sum(pool.map(len, sys.argv[1:])))
pool.submit(print, "late")
"""


@pytest.mark.parametrize("ending", ["html", "json", "csv", "trace.json"])
def test_a_program_that_knows_nothing_of_it(tmp_path, ending):
    script = tmp_path / "prog.py"
    script.write_text(PROGRAM)
    path = tmp_path / f"report.{ending}"
    done = subprocess.run(
        [sys.executable, "-m", "concurrent_futures", "--profile", str(path), str(script), "a", "bc"],
        capture_output=True, text=True, timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "3\nlate\n"), done.stderr
    assert done.stderr == f"profile written to {path}\n"
    text = path.read_text()
    assert "len" in text
    if ending == "json":
        assert json.loads(text)["counts"]["completed"] == 3


def test_a_program_that_fails_is_profiled_too(tmp_path):
    script = tmp_path / "prog.py"
    script.write_text(PROGRAM + "sys.exit(3)\n")
    path = tmp_path / "report.json"
    words = ["--profile", str(path), str(script), "a"]
    done = subprocess.run(
        [sys.executable, "-m", "concurrent_futures", *words],
        capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 3
    assert json.loads(path.read_text())["counts"]["completed"] == 2


@pytest.mark.parametrize("words", [["--profile"], ["--profile", "report.html"],
                                   ["--profile", "report.pdf", "prog.py"]])
def test_what_cannot_be_done_is_said_at_once(words):
    done = subprocess.run(
        [sys.executable, "-m", "concurrent_futures", *words],
        capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 2
    assert "usage: python -m concurrent_futures [--profile FILE]" in done.stderr
    assert ("report.pdf" in done.stderr) == ("report.pdf" in words)
