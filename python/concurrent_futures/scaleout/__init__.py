"""Executors whose tasks run on other machines, carried by an engine that exists.

``dask`` makes one whose tasks run on a Dask cluster. Its futures are this package's, so ``wait``,
``as_completed``, callbacks and asyncio take them together with those of a local pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ._errors import BrokenCluster, BrokenWorker

if TYPE_CHECKING:
    from distributed import Client
    from distributed.deploy.cluster import Cluster

    from ._executor import DaskExecutor

__all__ = ("BrokenCluster", "BrokenWorker", "dask")

_MISSING = (
    "concurrent_futures.scaleout.dask needs Dask's scheduler and client: "
    "pip install 'concurrent-futures[dask]'"
)


def dask(
    cluster: str | Client | Cluster,
    /,
    *,
    timeout: float = 10.0,
    workers: str | Iterable[str] | None = None,
    allow_other_workers: bool = False,
    resources: Mapping[str, float] | None = None,
    priority: int = 0,
) -> DaskExecutor:
    """An executor whose tasks run on a Dask cluster.

    ``cluster`` is a scheduler's address (``"tcp://host:8786"``), a Dask cluster object, or a client. A
    client that is passed stays open; any other one is closed by ``shutdown``. Blocks until the
    scheduler has answered, at most ``timeout`` seconds for each of two round trips.

    The scheduler and the workers must have this package in the same version, as Dask asks for all
    packages.

    ``workers``, ``allow_other_workers``, ``resources`` and ``priority`` go to Dask with each task. No
    keyword of ``submit`` does: those all belong to the task.

    Raises ``ImportError`` if Dask is not installed, ``BrokenCluster`` if no scheduler answers or it has
    not this package, ``ValueError`` for a client of this thread's own event loop, which could not be
    waited for.

    >>> from concurrent_futures.scaleout import dask
    >>> with dask("tcp://127.0.0.1:8786") as executor:  # doctest: +SKIP
    ...     print(executor.submit(pow, 2, 10).result())
    1024
    """
    try:
        import distributed  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name not in ("dask", "distributed"):
            raise
        raise ImportError(_MISSING, name=error.name) from error
    from ._connect import connect

    options: dict[str, Any] = {
        "workers": [workers] if isinstance(workers, str) else workers and list(workers),
        "allow_other_workers": allow_other_workers,
        "resources": resources and dict(resources),
        "priority": priority,
    }
    return connect(cluster, timeout, options)
