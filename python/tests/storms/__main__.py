"""Storms on the package: what random programs, collections of garbage, signals, forks and exits do to it.

``python storms --seconds 600 --seed 1`` goes through all of them; ``--only accounts`` through one. The
seed decides what is called, not how threads interleave.
"""

import argparse
import faulthandler
import importlib
import logging
import random
import sys
import threading
import time
import warnings

from helpers import WAIT

STORMS = ("accounts",)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--only", choices=STORMS, action="append")
    options = parser.parse_args()
    names = options.only or STORMS
    quiet()
    for name in names:
        seconds = options.seconds / len(names)
        print(f"{name}: --only {name} --seed {options.seed}", flush=True)
        faulthandler.dump_traceback_later(seconds + 4 * WAIT, exit=True)
        begin = time.monotonic()
        counts = importlib.import_module(f"storms.{name}").storm(seconds, options.seed)
        faulthandler.cancel_dump_traceback_later()
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
