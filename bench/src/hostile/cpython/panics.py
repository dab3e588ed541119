"""Code that raises where nobody expects it."""

from concurrent.futures import ThreadPoolExecutor

from support import case, meet, right_if, told, verdict


class Bomb:
    def __del__(self):
        raise ValueError("a bomb")


def others_run(evil, expect_told):
    pool = ThreadPoolExecutor(2)
    futures = []
    for n in range(100):
        futures.append((pool.submit(evil()), pool.submit(lambda n=n: n)))
    for n, (bad, good) in enumerate(futures):
        if expect_told and bad.exception() is None:
            return verdict("lost", "an exception")
        bad = None
        if told(good) != n:
            return verdict("lost", "the result of another task")
    right_if(meet(pool, 2), "a worker")


@case("task panics")
def of_tasks():
    def evil():
        raise SystemExit

    others_run(lambda: evil, True)


@case("closure's drop panics")
def in_drop_of_capture():
    def evil():
        bomb = Bomb()
        return lambda: bomb and None

    others_run(evil, False)


@case("result's drop panics")
def in_drop_of_result():
    others_run(lambda: Bomb, False)


@case("payload's drop panics")
def in_drop_of_payload():
    class Evil(Exception, Bomb):
        pass

    def evil():
        raise Evil

    others_run(lambda: evil, True)


@case("panic while panicking")
def while_panicking():
    class Careful:
        def __del__(self):
            try:
                raise ValueError("while unwinding")
            except ValueError:
                pass

    def evil():
        careful = Careful()
        raise ValueError(careful is None)

    others_run(lambda: evil, True)
