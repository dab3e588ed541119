"""The keywords that the standard executor does not have, looked at before they are used."""

import math
import operator

POLICIES = ("block", "reject", "caller_runs", "discard_oldest")

# What an executor has that asks for none of them.
DEFAULTS = {
    "queue_capacity": None,
    "when_full": "block",
    "keep_alive": None,
    "min_workers": 0,
    "context": False,
    "profile": False,
}


def checked(options, max_workers):
    """The keywords, as the native half takes them."""
    return {
        "queue_capacity": _capacity(options["queue_capacity"]),
        "when_full": _policy(options["when_full"], options["queue_capacity"]),
        "keep_alive": _seconds(options["keep_alive"]),
        "min_workers": _min_workers(options["min_workers"], max_workers),
        "context": _flag("context", options["context"]),
        "profile": _flag("profile", options["profile"]),
    }


def whole(name, value, least):
    """An integer that is at least that, and no boolean."""
    if isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, not {value!r}")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, not {value!r}") from None
    if number < least:
        raise ValueError(f"{name} must be at least {least}, not {value!r}")
    return number


def _capacity(value):
    # Beyond this the memory ends before.
    return None if value is None else min(whole("queue_capacity", value, 1), 2**31)


def _policy(value, capacity):
    if value not in POLICIES:
        allowed = ", ".join(map(repr, POLICIES))
        raise ValueError(f"when_full must be one of {allowed}, not {value!r}")
    if capacity is None and value != DEFAULTS["when_full"]:
        raise ValueError(f"when_full={value!r} needs a queue_capacity")
    return value


def _seconds(value):
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"keep_alive must be a number of seconds or None, not {value!r}")
    if math.isnan(value) or value < 0:
        raise ValueError(f"keep_alive must be at least 0, not {value!r}")
    return min(value, 1e9)


def _min_workers(value, max_workers):
    number = whole("min_workers", value, 0)
    if number > max_workers:
        raise ValueError(f"min_workers must be at most max_workers, {max_workers}, not {value!r}")
    return number


def _flag(name, value):
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {value!r}")
    return value
