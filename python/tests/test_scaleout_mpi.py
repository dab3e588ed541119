"""mpi4py's executor gives standard futures; ours are waited for together with them.

Needs mpi4py and MPICH: ``pip install mpi4py mpich``. Its ``mpiexec.gforker`` starts the processes of one
machine by a fork, and they meet in shared memory, so that nothing listens. Without it the test is
skipped, and fails with REQUIRE_MPI=1.
"""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent


def find_mpiexec():
    beside = shutil.which("mpiexec.gforker", path=str(pathlib.Path(sys.executable).parent))
    found = beside or shutil.which("mpiexec.gforker")
    return found if importlib.util.find_spec("mpi4py") else None


def test_futures_of_mpi4py_together_with_ours():
    mpiexec = find_mpiexec()
    if mpiexec is None:
        reason = "mpi4py or MPICH is not installed: pip install mpi4py mpich"
        assert os.environ.get("REQUIRE_MPI") != "1", reason
        pytest.skip(reason)
    done = subprocess.run(
        [mpiexec, "-n", "3", sys.executable, "-m", "mpi4py.futures", HERE / "mpi_program.py"],
        capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL,
        env={**os.environ, "UCX_TLS": "self,sm"},
    )
    assert done.returncode == 0, done.stderr
    mixed = [str([n * n for n in range(10)]), "True True", "True LookupError('over there')", "set()"]
    assert done.stdout.split("\n")[:-1] == ["True", *mixed, *mixed, "[9, 9]", "True"]
