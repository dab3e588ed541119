"""What is there after each round of the storms in one process; after the first few it is no more than before."""

import gc
import threading
import time

from concurrent_futures import Future, _native
from helpers import WAIT
from storms.hammer import memory

# After so many rounds all is there that is made once: modules, arenas of memory, the signals of this thread.
WARM = 3
MOST_MORE = 8 << 20


class Slope:
    def __init__(self):
        self.counts, self.sizes = [], []

    def note(self):
        """A round is over. Waits for threads that are just ending, and prints what there is."""
        deadline = time.monotonic() + WAIT
        while True:
            now = counted()
            if len(self.counts) < WARM or not more(self.counts[WARM - 1], now):
                break
            assert time.monotonic() < deadline, (self.counts[WARM - 1], now)
            time.sleep(0.01)
        self.counts.append(now)
        self.sizes.append(memory())
        text = ", ".join(f"{number} {name}" for name, number in now.items())
        print(f"after round {len(self.counts)}: {text}, {self.sizes[-1] >> 10} KiB", flush=True)

    def check(self):
        """Memory, too: the least of the last half is about the least of the half before that."""
        sizes = self.sizes[WARM:]
        half = len(sizes) // 2
        if half:
            grown = min(sizes[half:]) - min(sizes[:half])
            assert grown < MOST_MORE, sizes
            print(f"{grown >> 10:+} KiB from rounds {WARM + 1} to {WARM + half} to the others", flush=True)


def counted():
    gc.collect()
    try:
        # From here on this thread has the signal that it keeps for its next sleep.
        Future().result(0)
    except TimeoutError:
        pass
    return {**_native.census(), "threads": threading.active_count()}


def more(before, now):
    return {name for name, number in now.items() if number > before[name]}
