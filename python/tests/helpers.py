"""What several tests need."""

import ctypes
import threading

WAIT = 30


class Killed(SystemExit):
    """Comes out of nowhere, into a thread that is in the middle of something."""


def strike(ident):
    """Whether there was such a thread."""
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    return raise_in(ctypes.c_ulong(ident), ctypes.py_object(Killed)) == 1


class Gated:
    """A task that has begun when this is made, and ends when `go` is set."""

    def __init__(self, executor):
        self.go = threading.Event()
        begun = threading.Event()

        def task():
            begun.set()
            return self.go.wait(WAIT)

        self.future = executor.submit(task)
        assert begun.wait(WAIT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.go.set()


def on_threads(count, function):
    """Runs a function on several threads that begin together; raises what the first one raised."""
    start = threading.Barrier(count)
    errors = []

    def run(number):
        start.wait(WAIT)
        try:
            function(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
        assert not thread.is_alive()
    if errors:
        raise errors[0]
