"""Storms on the package: what random programs, collections of garbage, signals, forks and exits do to it.

``python -m storms --seconds 600 --seed 1`` goes through all of them; ``--only accounts`` through one. The
seed decides what is called, not how threads interleave. With ``--count 1000`` there are so many programs that
exit, forks in each state, and signals, however long that takes. With ``--rounds 10`` all is done so many times in
this process, each time for its part of the seconds, and native objects, threads and memory stay as many.
"""

import argparse
import faulthandler
import importlib
import logging
import random
import signal
import sys
import threading
import time
import warnings

from helpers import WAIT
from storms.slope import Slope

# By name, the module; the last ones have something to count.
STORMS = {
    "chaos": "storm",
    "accounts": "storms.accounts",
    "garbage": "storms.garbage",
    "hammer": "storms.hammer",
    "interrupts": "storms.interrupts",
    "exits": "storms.exits",
    "forks": "storms.forks",
}
COUNTED = ("interrupts", "exits", "forks")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--only", choices=STORMS, action="append")
    parser.add_argument("--count", type=int)
    parser.add_argument("--rounds", type=int)
    options = parser.parse_args()
    names = options.only or [*STORMS]
    quiet()
    # A shell lets what runs in its background ignore interrupts, and so would the programs of a storm.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # A watchdog that is no thread: the child of a fork would miss that, and wait for it at its end.
    faulthandler.register(signal.SIGALRM, all_threads=True, chain=True)
    if not options.rounds:
        for name in names:
            one(name, options.seconds / len(names), options.seed, options.count)
        return
    slope = Slope()
    for number in range(options.rounds):
        for name in names:
            seconds = options.seconds / len(names) / options.rounds
            one(name, seconds, options.seed + 1000 * number, options.count)
        slope.note()
    slope.check()


def one(name, seconds, seed, count):
    print(f"{name}: --only {name} --seed {seed}", flush=True)
    more = (count,) if count and name in COUNTED else ()
    signal.alarm(int(seconds) + 4 * WAIT + 10 * (count or 0))
    begin = time.monotonic()
    counts = importlib.import_module(STORMS[name]).storm(seconds, seed, *more)
    signal.alarm(0)
    text = ", ".join(f"{count} {what}" for what, count in counts.items())
    print(f"{name}: {text} in {time.monotonic() - begin:.1f} s", flush=True)


def quiet():
    """No word of what callbacks raise on purpose, and of forks beside threads."""
    warnings.simplefilter("ignore")
    logging.getLogger("concurrent.futures").disabled = True
    sys.unraisablehook = threading.excepthook = lambda _: None
    sys.setswitchinterval(1e-5)


if __name__ == "__main__":
    main()
