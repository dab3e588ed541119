"""The real libraries that change how threads start or who sees a task. They are no part of the test
environment: where one is not installed, its tests are skipped."""

import importlib.util
import os

import pytest


def needs(name):
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        found = None
    return pytest.mark.skipif(found is None, reason=f"{name} is not installed")


GEVENT = needs("gevent")
DDTRACE = needs("ddtrace")
OPENTELEMETRY = needs("opentelemetry.instrumentation.threading")


def output(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


@GEVENT
@pytest.mark.parametrize("order", ["patch first", "import first"])
def test_gevent_runs_tasks_as_greenlets(program, order):
    lines = [
        "from gevent import monkey; monkey.patch_all()",
        "from concurrent_futures import Future, ThreadPoolExecutor, as_completed, wait",
    ]
    if order == "import first":
        lines.reverse()
    done = program("\n".join(lines) + """
import threading, time

def task(n):
    meet.wait(10)
    time.sleep(0.01)
    return n, threading.get_native_id()

meet = threading.Barrier(5)
with ThreadPoolExecutor(5) as pool:
    futures = [pool.submit(task, n) for n in range(5)]
    print(sorted(f.result(10)[0] for f in as_completed(futures, 10)))
    print(len(wait(futures, 10).done), len({f.result()[1] for f in futures}))
    print(list(pool.map(pow, [1, 2, 3], [2, 2, 2])))
    print(repr(pool.submit(divmod, 1, 0).exception(10)))
    print(pool._is_native())
""")
    assert output(done) == [
        "[0, 1, 2, 3, 4]", "5 1", "[1, 4, 9]",
        "ZeroDivisionError('integer division or modulo by zero')", "False",
    ]


@OPENTELEMETRY
def test_opentelemetry_carries_its_context_into_tasks(program):
    done = program("""
        from opentelemetry import context
        from opentelemetry.instrumentation.threading import ThreadingInstrumentor
        from concurrent_futures import ThreadPoolExecutor, as_completed
        before = ThreadPoolExecutor(1)
        before.submit(int).result()
        ThreadingInstrumentor().instrument()

        def seen():
            return context.get_value("key")

        with ThreadPoolExecutor(2) as pool:
            for value in ("first", "second"):
                token = context.attach(context.set_value("key", value))
                futures = [pool.submit(seen) for _ in range(4)]
                context.detach(token)
                print({f.result(10) for f in as_completed(futures)})
            token = context.attach(context.set_value("key", "map"))
            print(list(pool.map(lambda n: (n, seen()), range(2))))
            context.detach(token)
            print(pool.submit(seen).result(10), pool._is_native(), before._is_native())
        ThreadingInstrumentor().uninstrument()
        with ThreadPoolExecutor(2) as pool:
            print(pool.submit(pow, 2, 3).result(10), pool._is_native())
    """)
    assert output(done) == [
        "{'first'}", "{'second'}", "[(0, 'map'), (1, 'map')]", "None False True", "8 True",
    ]


@DDTRACE
@pytest.mark.parametrize("order", ["patch first", "import first"])
def test_ddtrace_carries_its_context_into_tasks(program, order):
    lines = [
        "from concurrent_futures import ThreadPoolExecutor",
        "from ddtrace import patch, tracer; patch(futures=True)",
    ]
    if order == "patch first":
        lines.reverse()
    done = program("\n".join(lines) + """
from ddtrace.contrib.internal.futures.patch import unpatch

def seen():
    context = tracer.current_trace_context()
    return context and context.trace_id

with ThreadPoolExecutor(2) as pool:
    with tracer.trace("span") as span:
        print(pool.submit(seen).result(10) == span.trace_id)
        print(list(pool.map(lambda n: seen() == span.trace_id, range(2))))
    print(pool.submit(seen).result(10), pool._is_native())
unpatch()
with ThreadPoolExecutor(2) as pool:
    print(pool.submit(pow, 2, 3).result(10), pool._is_native())
""", env={**os.environ, "DD_TRACE_ENABLED": "false", "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false"})
    assert output(done) == ["True", "[True, True]", "None False", "8 True"]


@needs("opentelemetry.context")
def test_opentelemetrys_context_is_carried_where_that_is_asked_for(program):
    done = program("""
        from opentelemetry import context
        from concurrent_futures import ThreadPoolExecutor, as_completed

        def seen():
            return context.get_value("key")

        with ThreadPoolExecutor(2, context=True) as pool:
            for value in ("first", "second"):
                token = context.attach(context.set_value("key", value))
                futures = [pool.submit(seen) for _ in range(4)]
                context.detach(token)
                print({f.result(10) for f in as_completed(futures)})
            token = context.attach(context.set_value("key", "map"))
            results = pool.map(lambda n: (n, seen()), range(2))
            context.detach(token)
            print(list(results), context.get_value("key"), pool._is_native())
    """)
    assert output(done) == ["{'first'}", "{'second'}", "[(0, 'map'), (1, 'map')] None True"]


@needs("tqdm")
def test_tqdm_follows_what_is_completed(program):
    done = program("""
        import io, threading
        from tqdm import tqdm
        from concurrent_futures import ThreadPoolExecutor, as_completed

        gate = threading.Event()

        def task(n):
            if n == 0:
                gate.wait(10)
            return n

        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(task, n) for n in range(10)]
            options = {"total": 10, "file": io.StringIO(), "mininterval": 0}
            bar = tqdm(as_completed(futures), **options)
            # The first one is slow, and the bar goes on.
            results = iter(bar)
            done = [next(results).result() for _ in range(9)]
            print(sorted(done), bar.n >= 8)
            gate.set()
            print([f.result() for f in results], bar.n, bar.total)
            bar = tqdm(pool.map(task, range(10)), **options)
            print(list(bar) == list(range(10)), bar.n)
    """)
    assert output(done) == ["[1, 2, 3, 4, 5, 6, 7, 8, 9] True", "[0] 10 10", "True 10"]
