"""What an executor of a cluster may end a future with, beside what the task raised."""

from concurrent.futures import BrokenExecutor


class BrokenCluster(BrokenExecutor):
    """The cluster is out of reach, or could not run the task; ``__cause__`` is what Dask said.

    The task may have run.
    """


class BrokenWorker(BrokenExecutor):
    """More workers died with the task than Dask allows; ``__cause__`` is what Dask said.

    Other tasks go on, and so does the executor.
    """


def translated(error: BaseException) -> BrokenExecutor:
    """What Dask itself raised, as an error of this package. Tasks' own errors come another way."""
    from distributed import KilledWorker

    if isinstance(error, BrokenExecutor):
        return error
    broken: BrokenExecutor
    if isinstance(error, KilledWorker):
        broken = BrokenWorker(str(error))
    else:
        said = f"{type(error).__name__}: {error}"
        broken = BrokenCluster(f"Dask did not bring the task to its end: {said}")
    broken.__cause__ = error
    return broken
