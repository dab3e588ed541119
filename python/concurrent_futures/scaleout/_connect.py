"""From an address to an executor; and what becomes of executors at exit and in a fork."""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING, Any

from distributed import Client, get_client

from . import _cluster, _ending, _place
from ._errors import BrokenCluster
from ._executor import DaskExecutor
from ._link import Link

if TYPE_CHECKING:
    from distributed.deploy.cluster import Cluster

_links: weakref.WeakSet[Link] = weakref.WeakSet()


def connect(
    cluster: str | Client | Cluster, timeout: float, options: dict[str, Any]
) -> DaskExecutor:
    """To a cluster that answers and has this package."""
    if isinstance(cluster, Client):
        if cluster.asynchronous:
            raise ValueError("the client is asynchronous, and waiting here would stop its event loop")
        return _probed(cluster, timeout, options, owns_client=False)
    try:
        client = Client(cluster, timeout=timeout, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise BrokenCluster(f"no Dask scheduler answers at {cluster}") from error
    try:
        return _probed(client, timeout, options, owns_client=True)
    except BaseException:
        client.close()
        raise


def _probed(
    client: Client, timeout: float, options: dict[str, Any], owns_client: bool
) -> DaskExecutor:
    try:
        client.run_on_scheduler(_cluster.probe, callback_timeout=timeout, asynchronous=False)
    except ImportError as error:
        raise BrokenCluster("the Dask scheduler must have concurrent_futures installed") from error
    except Exception as error:
        raise BrokenCluster(f"the Dask scheduler does not answer: {error!r}") from error
    return _executor(client, options, owns_client)


def on_worker(address: str, options: dict[str, Any]) -> DaskExecutor:
    """What an executor becomes that travels: one of the worker's own client, or of one for the address."""
    return _executor(get_client(address), options, owns_client=False)


def _executor(client: Client, options: dict[str, Any], owns_client: bool) -> DaskExecutor:
    link = Link(client, options, owns_client)
    # A task may leave something behind when it ends, but a worker does not wait for that.
    if not _place.in_task():
        _links.add(link)
    return DaskExecutor(link, (on_worker, (_address(client), options)))


def _address(client: Client) -> str:
    scheduler: Any = client.scheduler
    return str(scheduler.address)


def _at_exit() -> None:
    """What was submitted runs, as with threads."""
    exiting = RuntimeError("cannot schedule new futures after interpreter shutdown")
    for link in list(_links):
        link.close(exiting)
    for link in list(_links):
        link.finish()


def _in_child_of_fork() -> None:
    _ending.forget_threads()
    for link in list(_links):
        link.break_in_child()


# Called before the hooks that were registered earlier: the pool that ends futures still works.
threading._register_atexit(_at_exit)  # type: ignore[attr-defined]
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child_of_fork)
