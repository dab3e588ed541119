import concurrent.futures
from collections.abc import Callable
from typing import Any, TypeVar

from . import _native

_T = TypeVar("_T")

class Future(_native.Future[_T], concurrent.futures.Future[_T]):
    """The result of a call that runs elsewhere. Executors make it."""
