"""Loaded at the start of each interpreter of a conformance run: puts our classes in the place of the
standard ones, and notes down at the end how many pools of ours this process made."""

import atexit
import os

import concurrent_futures
from concurrent_futures import _native

concurrent_futures.install()
_LOG = os.environ["CONFORMANCE_LOG"]


@atexit.register
def _note():
    pools, _ = _native.counts()
    with open(_LOG, "a") as log:
        log.write(f"{os.getpid()} {os.environ.get('CONFORMANCE_RUNNER', '-')} {pools}\n")
