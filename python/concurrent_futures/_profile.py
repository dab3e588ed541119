"""What an executor's time goes into."""

import contextlib
import json
import os
import sys
import threading

from . import _native

_lock = threading.Lock()
# The profiles of the blocks that are open, outermost first. Replaced, never changed.
_open: "tuple[Profile, ...]" = ()


class Crew:
    """What a profile knows of an executor."""

    def __init__(self, name, max_workers):
        self.name = name
        self.max_workers = max_workers


class Profile:
    def __init__(self):
        self._recording = _native.Recording()
        self._crews = []
        self._snapshot = None

    def _now(self):
        if self._snapshot is not None:
            return self._snapshot
        crews = tuple(self._crews)
        name = crews[0].name if len(crews) == 1 else f"{len(crews)} executors"
        # More workers than that nobody has.
        most = min(sum(crew.max_workers for crew in crews), 2**31)
        if _threads_take_turns():
            return self._recording.snapshot_in_turns(name, most)
        return self._recording.snapshot(name, most)

    def _at_this_moment(self):
        snapshot = Profile.__new__(Profile)
        snapshot._snapshot = self._now()
        return snapshot

    def __str__(self):
        return str(self._now())

    def to_json(self):
        return self._now().to_json()

    def to_dict(self):
        return json.loads(self.to_json())

    def write_html(self, path):
        self._now().write_html(path)

    def write_json(self, path):
        self._now().write_json(path)

    def write_csv(self, path):
        self._now().write_csv(path)

    def write_trace(self, path):
        self._now().write_trace(path)


@contextlib.contextmanager
def profile():
    global _open
    report = Profile()
    with _lock:
        _open = (*_open, report)
    try:
        yield report
    finally:
        with _lock:
            _open = tuple(it for it in _open if it is not report)
        report._snapshot = report._now()


def writer_for(path):
    """What writes a profile to a file of that name."""
    name = os.fspath(path).lower()
    for ending, write in _WRITERS.items():
        if name.endswith(ending):
            return write
    raise ValueError(f"a profile is written to a file in {', '.join(_WRITERS)}, not {path!r}")


# The longer ending first.
_WRITERS = {
    ".trace.json": Profile.write_trace,
    ".json": Profile.write_json,
    ".csv": Profile.write_csv,
    ".html": Profile.write_html,
}


def enlist(crew, own):
    """The recordings of an executor that is made now, which may have a profile of its own."""
    profiles = [*_open] if own is None else [own, *_open]
    for it in profiles:
        it._crews.append(crew)
    return [it._recording for it in profiles]


def _threads_take_turns():
    """Whether the interpreter has a global lock."""
    return getattr(sys, "_is_gil_enabled", lambda: True)()
