"""What the client asks the scheduler and the workers beside Dask's own messages.

Each function runs in the event loop of the one that is asked, in one go, so that nothing moves
meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ._claims import claims

if TYPE_CHECKING:
    from distributed import Scheduler, Worker
    from distributed.scheduler import TaskState

# Where a task is, as the scheduler sees it: on the worker of that address, or
UNSENT, BEGUN, ENDED, UNKNOWN = "unsent", "begun", "ended", "unknown"
NOT_ON_A_WORKER = (UNSENT, BEGUN, ENDED, UNKNOWN)


def probe() -> None:
    """On the scheduler: that it can import this is the answer."""


def locate(keys: Iterable[str], *, dask_scheduler: Scheduler | None = None) -> dict[str, str]:
    """On the scheduler: where each task is."""
    assert dask_scheduler is not None
    return {key: _place(dask_scheduler.tasks.get(key)) for key in keys}


def _place(task: TaskState | None) -> str:
    if task is None:
        return UNKNOWN
    if task.processing_on is not None:
        return str(task.processing_on.address)
    if task.state in ("memory", "erred", "forgotten"):
        return ENDED
    # It may have begun on a worker that died.
    return BEGUN if task.suspicious else UNSENT


def release(
    places: Mapping[str, str], client: str, *, dask_scheduler: Scheduler | None = None
) -> list[str]:
    """On the scheduler: forgets those tasks that are still where they were; which ones."""
    assert dask_scheduler is not None
    still = [
        key for key, place in places.items() if _place(dask_scheduler.tasks.get(key)) == place
    ]
    dask_scheduler.client_releases_keys(keys=still, client=client, stimulus_id="revoke")
    return still


def revoke(
    keys: Mapping[str, Iterable[str]], *, dask_worker: Worker | None = None
) -> dict[str, bool]:
    """On a worker: forbids its share of the tasks to begin; True for those that had not."""
    assert dask_worker is not None
    return claims.revoke(keys[dask_worker.address])


def begun(
    keys: Mapping[str, Iterable[str]], *, dask_worker: Worker | None = None
) -> dict[str, bool]:
    """On a worker: whether the tasks of its share have begun."""
    assert dask_worker is not None
    return claims.begun(keys[dask_worker.address])
