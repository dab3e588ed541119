"""Each example of the guides that this package follows, run on the original and on ours: the same
program apart from its import, the same output, the same exit code."""

import pathlib
import re
import subprocess
import sys

import pytest

SEEDS = pathlib.Path(__file__).parent / "seeds"
PROGRAMS = sorted(
    (f"{path.stem}.{name}" for path in SEEDS.glob("seed_*.py")
     for name in re.findall(r"^def (E\d+)\(", path.read_text(), re.MULTILINE)),
    key=lambda program: int(program.split(".E")[1]),
)

ENDS_BY_EXCEPTION = {"seed_001_detail.E72"}


def run(program, pool):
    done = subprocess.run(
        [sys.executable, SEEDS / "run.py", program, pool],
        capture_output=True, text=True, timeout=60,
    )
    # Of a traceback, the last line is what is promised.
    return done.returncode, done.stdout, done.stderr.strip().rpartition("\n")[2]


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_output_is_that_of_the_original(program):
    ours = run(program, "concurrent_futures")
    assert ours == run(program, "concurrent.futures")
    assert ours[1] and ours[0] == (program in ENDS_BY_EXCEPTION)
