"""A little of each storm; ``cargo xtask storm`` has more."""

import os
import random
import subprocess
import sys

import pytest

SECONDS = {"accounts": 5, "garbage": 3, "hammer": 3, "interrupts": 3, "exits": 5, "forks": 5}


@pytest.mark.parametrize("storm", SECONDS)
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals and forks")
def test_storm(storm):
    seed = int(os.environ.get("STORM_SEED", random.randrange(1 << 30)))
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", "storms", "--only", storm,
         "--seconds", str(SECONDS[storm]), "--seed", str(seed)],
        capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-20000:]}"
