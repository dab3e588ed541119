"""Puts this package's names in the place of the standard ones, for programs that import those."""

import concurrent.futures
from concurrent.futures import _base, thread

from . import _native
from ._executor import ThreadPoolExecutor
from ._future import Future

_REPLACEMENTS = {
    "ThreadPoolExecutor": (ThreadPoolExecutor, (concurrent.futures, thread)),
    "Future": (Future, (concurrent.futures, _base)),
    "wait": (_native.wait, (concurrent.futures, _base)),
    "as_completed": (_native.as_completed, (concurrent.futures, _base)),
}
_originals: list[tuple[object, str, object]] = []


def install() -> None:
    """Replaces ThreadPoolExecutor, Future, wait and as_completed in ``concurrent.futures``.

    Whoever imports or looks them up there from now on gets those of this package. What was imported
    before stays as it is. A second call does nothing.
    """
    if _originals:
        return
    for name, (replacement, modules) in _REPLACEMENTS.items():
        for module in modules:
            _originals.append((module, name, getattr(module, name)))
            setattr(module, name, replacement)


def uninstall() -> None:
    """Takes ``install`` back."""
    while _originals:
        module, name, original = _originals.pop()
        setattr(module, name, original)
