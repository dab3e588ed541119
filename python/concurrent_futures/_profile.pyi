import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from . import _native

class Crew:
    """What a profile knows of an executor."""

    name: str
    max_workers: int
    def __init__(self, name: str, max_workers: int) -> None: ...

class Profile:
    """What became of the tasks of one executor or of several, and where their time went.

    ``str()`` gives it as a table. From ``ThreadPoolExecutor.profile`` it is of one moment; from
    ``with profile()`` it tells of the present as long as the block runs, and of its end afterwards.

    The processor time of a task is that of its thread. On an interpreter with a global lock, shares and
    advice reckon with what tasks wait for that lock, by how many run at a time and how much they compute:
    it counts as waiting for a processor. Of a single task it is not known, and is in its blocked time.
    """

    def __init__(self) -> None: ...
    def to_json(self) -> str:
        """All of it, as JSON."""

    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries and lists."""

    def write_html(self, path: str | os.PathLike[str]) -> None:
        """One page that shows it, for any browser, without a network."""

    def write_json(self, path: str | os.PathLike[str]) -> None:
        """What ``to_json`` gives."""

    def write_csv(self, path: str | os.PathLike[str]) -> None:
        """One line for each task."""

    def write_trace(self, path: str | os.PathLike[str]) -> None:
        """In the trace format of Chrome, for ``ui.perfetto.dev`` and the like."""

def profile() -> AbstractContextManager[Profile]:
    """Profiles all executors that are made inside of the ``with`` block, on any thread.

    Tasks that they run after the block are not in it; leave them by ``shutdown``, or their own ``with``,
    first.
    """

def writer_for(path: str | os.PathLike[str]) -> Callable[[Profile, str], None]: ...
def enlist(crew: Crew, own: Profile | None) -> list[_native.Recording]: ...
