"""What the cases need."""

import json
import threading
import time


CASES = {}
MIB = 1 << 20


def case(name):
    def named(run):
        CASES[name] = run
        return run

    return named


def verdict(word, why=""):
    print(json.dumps({"word": word, "why": why}), flush=True)


def right_if(right, why):
    verdict("right") if right else verdict("lost", why)


def soon(condition):
    patience = time.monotonic() + 2
    while not condition():
        if time.monotonic() > patience:
            return False
        time.sleep(0.001)
    return True


def told(future):
    """Its result, or None if it ends without one."""
    try:
        return future.result()
    except BaseException:
        return None


def meet(pool, workers):
    barrier = threading.Barrier(workers)
    meetings = [pool.submit(barrier.wait, 2) for _ in range(workers)]
    return all(told(meeting) is not None for meeting in meetings)
