"""The cases on CPython's own pool: python3 cpython CASE LIMIT; the verdict is the last line of the output."""

import signal
import sys

import endings
import extremes
import panics
import places
import refusals
import support
import workers

__all__ = ["endings", "extremes", "panics", "places", "refusals", "workers"]

_, name, limit = sys.argv
signal.alarm(int(limit))
if name in support.CASES:
    support.CASES[name]()
else:
    support.verdict("not_applicable", "no such case")
