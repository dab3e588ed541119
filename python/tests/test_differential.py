"""The same calls on the original and on ours: the same answers, errors, messages and reprs."""

import concurrent.futures as standard
import copy
import pickle
import re
import sys
import threading

import concurrent_futures as ours
import pytest
from helpers import WAIT

CALLS = {}


def call(function):
    CALLS[function.__name__] = function
    return function


def pending(module):
    return module.Future()


def finished(module, value=42):
    future = module.Future()
    future.set_result(value)
    return future


def failed(module, error=None):
    future = module.Future()
    future.set_exception(error or KeyError("k"))
    return future


def cancelled(module):
    future = module.Future()
    future.cancel()
    return future


def notified(module):
    future = cancelled(module)
    future.set_running_or_notify_cancel()
    return future


def running(module):
    future = module.Future()
    future.set_running_or_notify_cancel()
    return future


MAKERS = [pending, finished, failed, cancelled, notified, running]


def ask(future, question):
    return question(future)


QUESTIONS = {
    "result0": lambda f: f.result(0),
    "result_negative": lambda f: f.result(-1),
    "result_false": lambda f: f.result(False),
    "result_text": lambda f: f.result("soon"),
    "result_inf": lambda f: f.result(float("inf")),
    "result_nan": lambda f: f.result(float("nan")),
    "result_huge": lambda f: f.result(1e300),
    "result_keyword": lambda f: f.result(timeout=0),
    "exception0": lambda f: f.exception(0),
    "exception_text": lambda f: f.exception("soon"),
    "state": lambda f: (f._state, f.done(), f.running(), f.cancelled()),
    "repr": repr,
    "cancel": lambda f: (f.cancel(), f.cancel(), f._state),
    "set_result": lambda f: (f.set_result(1), f.result()),
    "set_exception": lambda f: (f.set_exception(ValueError("v")), f.exception()),
    "set_exception_none": lambda f: (f.set_exception(None), f.result()),
    "set_exception_class": lambda f: (f.set_exception(ValueError), f.result()),
    "set_exception_text": lambda f: (f.set_exception("text"), f.result()),
    "set_running": lambda f: (f.set_running_or_notify_cancel(), f._state),
    "callback": lambda f: (calls := [], f.add_done_callback(lambda g: calls.append(g is f)), calls),
    "callback_none": lambda f: f.add_done_callback(None),
    "iterate": lambda f: iter(f),
    "pickle": lambda f: pickle.dumps(f),
    "deepcopy": lambda f: copy.deepcopy(f),
    "attributes": lambda f: (f._result, f._exception, f._waiters),
    "set_attribute": lambda f: (setattr(f, "extra", 1), f.extra),
    "unknown_argument": lambda f: f.result(soon=1),
    "too_many": lambda f: f.result(1, 2),
}


def outcome(function, *args):
    try:
        answer = function(*args)
    except BaseException as error:
        answer = (type(error).__name__, str(error))
    text = re.sub(r"0x[0-9a-f]+", "0x", repr(answer))
    text = text.replace("concurrent_futures.Future", "Future").replace("concurrent.futures._base.", "")
    # How a keyword is called that is not known is the interpreter's matter and differs for
    # functions written in Python and natively.
    return re.sub(r"(got an unexpected keyword argument|takes from \d to \d positional).*", r"\1", text)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_future_answers_as_the_original(maker, question):
    answers = [outcome(ask, maker(module), QUESTIONS[question]) for module in (standard, ours)]
    if question in ("pickle", "deepcopy"):
        # What cannot be pickled is another object: the lock of the original, the future of ours.
        answers = [re.sub(r"cannot pickle '.*?' object", "cannot pickle", a) for a in answers]
    if question == "too_many":
        answers = [answer[:13] for answer in answers]
    assert answers[1] == answers[0]


@call
def max_workers(m):
    return [outcome(m.ThreadPoolExecutor, n) for n in (0, -1, False, "2")]


@call
def max_workers_kept(m):
    return [m.ThreadPoolExecutor(n)._max_workers for n in (True, 2.5, 500, None)]


@call
def initializer_type(m):
    return m.ThreadPoolExecutor(1, "", 5)


@call
def unknown_keyword(m):
    return m.ThreadPoolExecutor(colour="red")


@call
def prefix_of_another_type(m):
    with m.ThreadPoolExecutor(1, 123) as pool:
        return pool.submit(__import__("threading").current_thread).result().name


@call
def submit_without_function(m):
    return m.ThreadPoolExecutor(1).submit()


@call
def submit_keywords(m):
    with m.ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda *a, **k: (a, k), 1, fn=2, self=3).result()


@call
def submit_not_callable(m):
    with m.ThreadPoolExecutor(1) as pool:
        return pool.submit(5).result()


@call
def submit_after_shutdown(m):
    pool = m.ThreadPoolExecutor(1)
    pool.shutdown()
    return outcome(pool.submit, int), outcome(pool.map, int, [1]), list(pool.map(int, []))


@call
def wait_for_one(m):
    return m.wait(finished(m))


@call
def wait_for_nothing(m):
    return [m.wait([], return_when=mode) for mode in ("ALL_COMPLETED", "FIRST_COMPLETED", "?")]


@call
def wait_for_no_future(m):
    return m.wait([5])


@call
def wait_in_an_unknown_mode(m):
    return outcome(m.wait, [pending(m)], 0, "?"), outcome(m.wait, [finished(m)], 0, "?")


@call
def wait_with_odd_timeouts(m):
    return [outcome(m.wait, [pending(m)], t) for t in (-1, "x", float("inf"))]


@call
def wait_partition(m):
    done, not_done = m.wait([make(m) for make in MAKERS], timeout=0)
    return sorted(map(repr_of_state, done)), sorted(map(repr_of_state, not_done))


def repr_of_state(future):
    return future._state


@call
def wait_first_exception(m):
    done, not_done = m.wait([failed(m), pending(m)], return_when=m.FIRST_EXCEPTION)
    return len(done), len(not_done)


@call
def as_completed_time_out(m):
    return list(m.as_completed([pending(m), running(m), finished(m)], timeout=0))


@call
def as_completed_duplicates(m):
    future = finished(m)
    return len(list(m.as_completed([future, future])))


@call
def as_completed_no_future(m):
    return list(m.as_completed([5]))


@call
def map_time_out(m):
    gate = threading.Event()
    with m.ThreadPoolExecutor(1) as pool:
        answer = outcome(list, pool.map(gate.wait, [WAIT], timeout=0))
        gate.set()
        return answer


@call
def map_errors(m):
    with m.ThreadPoolExecutor(2) as pool:
        results = pool.map(divmod, [1, 1, 1], [1, 0, 1])
        return next(results), outcome(next, results), outcome(next, results)


@call
def map_stop_iteration(m):
    def stop(_):
        raise StopIteration(1)

    with m.ThreadPoolExecutor(2) as pool:
        return outcome(list, pool.map(stop, [1])), outcome(pool.submit(stop, 1).result)


@call
def map_of_a_failing_input(m):
    def inputs():
        yield 1
        raise LookupError("input")

    with m.ThreadPoolExecutor(2) as pool:
        return outcome(pool.map, int, inputs())


@call
def exceptions_of_all_kinds(m):
    import asyncio

    def fail(error):
        raise error

    kinds = [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), asyncio.CancelledError(),
             m.CancelledError(), TimeoutError("mine")]
    with m.ThreadPoolExecutor(1) as pool:
        futures = [pool.submit(fail, kind) for kind in kinds]
        return [(outcome(f.result), f.cancelled(), f.exception() is k) for f, k in zip(futures, kinds)]


@call
def context_of_an_exception(m):
    try:
        try:
            raise LookupError("first")
        except LookupError:
            failed(m).result()
    except KeyError as error:
        return repr(error.__context__), repr(error.__cause__)


@call
def falsy_exception(m):
    class Falsy(Exception):
        def __len__(self):
            return 0

    future = failed(m, Falsy())
    return outcome(future.result), re.sub(" at 0x[0-9a-f]+", "", repr(future))


@call
def subscripts(m):
    return str(m.Future[int]).endswith("Future[int]"), outcome(lambda: m.ThreadPoolExecutor[int])[:12]


@call
def a_subclass_shows_its_name(m):
    class Special(m.Future):
        pass

    return re.sub(" at 0x[0-9a-f]+", "", repr(Special()))


@call
def equality(m):
    future = finished(m)
    return future == finished(m), future == future, len({future, future})


@call
def a_result_is_the_same_object(m):
    value = object()
    future = finished(m, value)
    return future.result() is value, future.result("whatever") is value


@call
def names_and_attributes(m):
    pool = m.ThreadPoolExecutor(3, "name")
    names = ["_max_workers", "_broken", "_shutdown", "_thread_name_prefix"]
    kinds = ["_threads", "_shutdown_lock", "_idle_semaphore"]
    return [getattr(pool, n) for n in names], [type(getattr(pool, k)).__name__ for k in kinds]


class Roomy:
    """Ours, by keywords that should make no difference to these programs."""

    class ThreadPoolExecutor(ours.ThreadPoolExecutor):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, queue_capacity=10**6, keep_alive=60, **kwargs)

    ThreadPoolExecutor.__qualname__ = "ThreadPoolExecutor"
    ThreadPoolExecutor.__module__ = ours.ThreadPoolExecutor.__module__

    def __getattr__(self, name):
        return getattr(ours, name)


@pytest.mark.parametrize("module", [ours, Roomy()], ids=["plain", "roomy"])
@pytest.mark.parametrize("name", CALLS)
def test_a_call_answers_as_the_original(name, module):
    answers = [outcome(CALLS[name], module) for module in (standard, module)]
    if name == "unknown_keyword":
        answers = [answer[:12] for answer in answers]
    assert answers[1] == answers[0]


@pytest.mark.parametrize("name", standard.__all__ + ("ThreadPoolExecutor",) if isinstance(standard.__all__, tuple) else standard.__all__)
def test_the_names_are_there(name):
    if "Process" in name or "Interpreter" in name:
        pytest.skip("pools of other kinds stay where they are")
    assert hasattr(ours, name)


def test_the_classes_are_subclasses():
    assert issubclass(ours.ThreadPoolExecutor, standard.ThreadPoolExecutor)
    assert issubclass(ours.Future, standard.Future)
    assert ours.CancelledError is standard.CancelledError
    with ours.ThreadPoolExecutor(1) as pool:
        assert type(pool.submit(int)) is ours.Future


@pytest.mark.skipif(sys.version_info < (3, 14), reason="the original has it from 3.14 on")
def test_buffersize_as_the_original():
    for size in (0, -1, False, 1.5, "1"):
        def run(module):
            with module.ThreadPoolExecutor(1) as pool:
                return list(pool.map(int, range(3), buffersize=size))
        assert outcome(run, ours) == outcome(run, standard)
