"""Every test has a watchdog: a hang ends the run with the stacks of all threads."""

import faulthandler
import signal
import subprocess
import sys
import textwrap

import pytest

LIMIT = 120

# A shell lets what runs in its background ignore interrupts, and so would every program of a test.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def watchdog():
    faulthandler.dump_traceback_later(LIMIT, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def program():
    """Runs a program in an interpreter of its own."""

    def run(text, timeout=60, **options):
        return subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(text)],
            capture_output=True, text=True, timeout=timeout, **options,
        )

    return run
