"""For programs that say ``from pool import …``: a ThreadPoolExecutor whose threads are those of a Dask
worker in this process."""

from concurrent.futures import *  # noqa: F403

import dask_cluster
from concurrent_futures import as_completed, wait  # noqa: F401
from concurrent_futures.scaleout import dask


class ThreadPoolExecutor:
    def __new__(cls, max_workers=6):
        return dask(dask_cluster.in_process(workers=1, threads=max_workers))
