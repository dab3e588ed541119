"""The examples of the guides on Dask: on a worker's threads they print what the original prints."""

import subprocess
import sys

import pytest

import dask_cluster  # noqa: F401  Skips where Dask is not installed.
from test_seeds import PROGRAMS, SEEDS

LEFT_OUT = {
    "nothing for a cluster in them": "E25 E26 E27 E36 E52 E91 E116",
    "initializers, and the executor's threads and queue": "E2 E16 E17 E53 E54 E55 E56 E68 E74 E76 E88 E94 E114",
    "tasks that change what their caller has": "E21 E37 E43 E49 E50 E86 E89 E90 E93 E102 E113 E117 E118",
    "a future or a socket in a task": "E81 E111",
    "decided by the time that it takes": "E22 E29 E34",
    "ends by an exception": "E72",
}
PROGRAMS_ON_DASK = [
    program for program in PROGRAMS
    if program.split(".")[1] not in " ".join(LEFT_OUT.values()).split()
]


def printed(pool):
    done = subprocess.run(
        [sys.executable, SEEDS / "run.py", ",".join(PROGRAMS_ON_DASK), pool],
        capture_output=True, text=True, timeout=110,
    )
    assert done.returncode == 0, done.stderr
    sections = done.stdout.split("# E")[1:]
    return dict(zip(PROGRAMS_ON_DASK, sections, strict=True))


@pytest.fixture(scope="module")
def outputs():
    return printed("dask_pool"), printed("concurrent.futures")


@pytest.mark.parametrize("program", PROGRAMS_ON_DASK)
def test_the_output_is_that_of_the_original(outputs, program):
    ours, original = outputs
    assert ours[program] == original[program]
