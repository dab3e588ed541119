"""``python -m concurrent_futures script.py args…``: runs a program on this package's pool.

``python -m concurrent_futures -m module args…`` does the same for a module. With ``--profile FILE``
before the script or module, what the program's executors did is written to that file when it ends.
"""

import argparse
import atexit
import os
import runpy
import sys

from . import install
from ._profile import profile, writer_for

USAGE = "usage: python -m concurrent_futures [--profile FILE] (script.py | -m module) [args ...]"


def main() -> None:
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help"):
        print(USAGE, file=sys.stdout if words else sys.stderr)
        sys.exit(0 if words else 2)
    if words[0] == "--profile":
        if len(words) < 3:
            refuse("")
        profile_to(words[1])
        words = words[2:]
    install()
    if words[0] == "-m":
        if len(words) < 2:
            refuse("")
        sys.argv = words[1:]
        # As `python -m` does: modules of the current directory come first.
        sys.path[0] = os.getcwd()
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        sys.path[0] = os.path.dirname(os.path.abspath(words[0]))
        runpy.run_path(words[0], run_name="__main__")


def refuse(why: str) -> None:
    print(*filter(None, [why, USAGE]), sep="\n", file=sys.stderr)
    sys.exit(2)


def profile_to(path: str) -> None:
    """What is asked for at exit comes after the workers have been joined."""
    try:
        write = writer_for(path)
    except ValueError as error:
        refuse(f"{error}")
    recording = profile()
    report = recording.__enter__()

    def finish() -> None:
        recording.__exit__(None, None, None)
        write(report, path)
        print(f"profile written to {path}", file=sys.stderr)

    atexit.register(finish)


if __name__ == "__main__":
    main()
