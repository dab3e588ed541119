"""``python -m concurrent_futures script.py args…``: runs a program on this package's pool.

``python -m concurrent_futures -m module args…`` does the same for a module.
"""

import os
import runpy
import sys

from . import install

USAGE = "usage: python -m concurrent_futures (script.py | -m module) [args ...]"


def main() -> None:
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help"):
        print(USAGE, file=sys.stdout if words else sys.stderr)
        sys.exit(0 if words else 2)
    install()
    if words[0] == "-m":
        if len(words) < 2:
            print(USAGE, file=sys.stderr)
            sys.exit(2)
        sys.argv = words[1:]
        # As `python -m` does: modules of the current directory come first.
        sys.path[0] = os.getcwd()
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        sys.path[0] = os.path.dirname(os.path.abspath(words[0]))
        runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    main()
