"""The future: native, and yet a standard one."""

import concurrent.futures

from . import _native


class Future(_native.Future, concurrent.futures.Future):
    """The result of a call that runs elsewhere. Executors make it; see the standard Future."""


# What a user sees is where a user finds it.
Future.__module__ = "concurrent_futures"
_native.future_class(Future)
