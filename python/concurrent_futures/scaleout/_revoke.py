"""Cancelling tasks on the cluster, so that the answer is true.

A worker forbids the task to begin, unless it has begun; then the scheduler forgets it, if it is still
with that worker. If Dask has moved it meanwhile, the next worker is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from . import _cluster

if TYPE_CHECKING:
    from distributed import Client

    from ._future import RemoteFuture

# Seconds for the whole of it, and between two looks.
LIMIT = 10.0
PAUSE = 0.005
# So many at a time; workers remember more.
PORTION = 4096


def revoke(client: Client, futures: Iterable[RemoteFuture[Any]]) -> list[RemoteFuture[Any]]:
    """Cancels on the cluster what has not begun there, and says which these are."""
    revoked: list[RemoteFuture[Any]] = []
    left = {future._key: future for future in futures}
    deadline = time.monotonic() + LIMIT
    while left := {key: it for key, it in left.items() if not it.done() and not it._begun}:
        portion = dict(list(left.items())[:PORTION])
        try:
            gone, moving = _attempt(client, portion, deadline)
        except Exception:  # Out of reach, or too slow; nothing is known.
            break
        revoked += (left.pop(key) for key in gone)
        if len(moving) == len(portion):
            if time.monotonic() > deadline:
                break
            time.sleep(PAUSE)
    return revoked


def look_whether_begun(client: Client, future: RemoteFuture[Any]) -> None:
    """Notes it at the future if its task has begun."""
    key, deadline = future._key, time.monotonic() + LIMIT
    try:
        place = client.run_on_scheduler(_cluster.locate, [key], **_until(deadline))[key]
        if place == _cluster.BEGUN:
            future._begun = True
        elif place not in _cluster.NOT_ON_A_WORKER:
            future._begun = _ask(client, _cluster.begun, {key: place}, deadline).get(key, False)
    except Exception:  # Out of reach: then it is not known to run.
        return


def _attempt(
    client: Client, futures: Mapping[str, RemoteFuture[Any]], deadline: float
) -> tuple[list[str], list[str]]:
    """The keys of tasks that are now revoked, and of those whose place must be looked at again."""
    places = client.run_on_scheduler(_cluster.locate, list(futures), **_until(deadline))
    on_worker = {k: it for k, it in places.items() if it not in _cluster.NOT_ON_A_WORKER}
    free = _ask(client, _cluster.revoke, on_worker, deadline)
    for key, place in places.items():
        futures[key]._begun = place == _cluster.BEGUN or free.get(key) is False
    still = {k: it for k, it in places.items() if it == _cluster.UNSENT or free.get(k)}
    gone = client.run_on_scheduler(_cluster.release, still, client.id, **_until(deadline))
    return gone, [key for key, it in futures.items() if key not in gone and not it._begun]


def _ask(
    client: Client,
    question: Callable[..., dict[str, bool]],
    places: Mapping[str, str],
    deadline: float,
) -> dict[str, bool]:
    """The workers' answers; those that are gone give none."""
    shares: dict[str, list[str]] = {}
    for key, address in places.items():
        shares.setdefault(address, []).append(key)
    if not shares:
        return {}
    answers = client.run(
        question, shares, workers=list(shares), on_error="ignore", **_until(deadline)
    )
    return {key: it for share in answers.values() for key, it in share.items()}


def _until(deadline: float) -> dict[str, Any]:
    # Also where the calling thread is one of a worker: its own event loop is another thread.
    return {"callback_timeout": max(0.001, deadline - time.monotonic()), "asynchronous": False}
