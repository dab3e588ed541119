"""``run.py PROGRAM POOL``: runs one program of this folder on the pool of the module named POOL. Of
several, with commas between them, each is announced.

The programs say ``from pool import …``; that is the line which a migration changes.
"""

import importlib
import logging
import pathlib
import sys
import traceback

# Also where the interpreter does not look beside the script (PYTHONSAFEPATH).
sys.path.insert(0, str(pathlib.Path(__file__).parent))
programs = [program.split(".") for program in sys.argv[1].split(",")]
sys.modules["pool"] = importlib.import_module(sys.argv[2])


class LastLine(logging.Formatter):
    """Frames differ: ours has fewer. The exception must not."""

    def formatException(self, info):
        return "".join(traceback.format_exception_only(*info[:2])).rstrip()


logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(name)s")
logging.getLogger().handlers[0].setFormatter(LastLine("%(levelname)s %(name)s"))
for module, name in programs:
    if len(programs) > 1:
        print("#", name, flush=True)
    getattr(importlib.import_module(module), name)()
