"""CPython's own tests of thread pools, futures and their users, unmodified, on our classes.

``python run.py``: with an interpreter that has the package installed and brings its ``test`` package.
The last line is ``N passed, N failed``. Exit code 3: this interpreter has no such tests.
"""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import venv

import concurrent_futures

HERE = pathlib.Path(__file__).parent
NO_TESTS = 3

# Module, and which of its cases: those of processes are none of ours.
THREADS = r"^(?!.*Process).*$"
EXECUTOR_USERS = r"(?i)executor|threadsafe|wrap_future|to_thread|in_thread"
MODULES = [
    ("test.test_concurrent_futures.test_thread_pool", THREADS),
    ("test.test_concurrent_futures.test_shutdown", THREADS),
    ("test.test_concurrent_futures.test_init", THREADS),
    ("test.test_concurrent_futures.test_wait", THREADS),
    ("test.test_concurrent_futures.test_as_completed", THREADS),
    ("test.test_concurrent_futures.test_future", THREADS),
    ("test.test_asyncio.test_threads", ""),
    ("test.test_asyncio.test_futures", ""),
    ("test.test_asyncio.test_base_events", EXECUTOR_USERS),
    ("test.test_asyncio.test_events", EXECUTOR_USERS),
    ("test.test_asyncio.test_tasks", EXECUTOR_USERS),
    ("test.test_asyncio.test_runners", ""),
]
# Up to 3.11 all lies in one module.
ONE_MODULE = ("test.test_concurrent_futures", THREADS)
# Modules whose tests start other interpreters, which must use our classes too.
STARTS_OTHERS = "test_shutdown"


def exists(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def chosen():
    found = [entry for entry in MODULES if exists(entry[0])]
    if not any("test_concurrent_futures" in name for name, _ in found) and exists(ONE_MODULE[0]):
        found.insert(0, ONE_MODULE)
    return found


def prepare(folder):
    """An environment whose interpreters load the hook, also when they are started isolated."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    packages = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    ).strip()
    ours = pathlib.Path(concurrent_futures.__file__).parent.parent
    lines = [str(ours), str(HERE), "import conformance_hook"]
    pathlib.Path(packages, "conformance.pth").write_text("\n".join(lines) + "\n")
    return python


def run(python, module, pattern, log):
    environment = {**os.environ, "CONFORMANCE_LOG": str(log)}
    command = [python, str(HERE / "run_module.py"), module, pattern]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=600
        )
    except subprocess.TimeoutExpired as late:
        return 0, 1, 0, f"{module} did not come to an end\n{late.stdout}"
    found = re.search(r"^RESULT (\d+) (\d+) (\d+)$", done.stdout, re.MULTILINE)
    if not found:
        return 0, 1, 0, f"{module} ended with code {done.returncode}\n{done.stdout}{done.stderr}"
    passed, failed, skipped = map(int, found.groups())
    return passed, failed, skipped, done.stdout + done.stderr if failed else ""


def pools_of(log):
    """Pools of ours: in the processes that ran tests, and in interpreters that tests started."""
    own = others = 0
    for line in log.read_text().splitlines() if log.exists() else ():
        pid, runner, pools = line.split()
        if runner == pid:
            own += int(pools)
        elif int(pools):
            others += 1
    return own, others


def main():
    modules = chosen()
    if not any("test_concurrent_futures" in name for name, _ in modules):
        print(f"Python {sys.version.split()[0]} has no test package; nothing to run")
        return NO_TESTS
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        python = prepare(pathlib.Path(folder, "venv"))
        for module, pattern in modules:
            log = pathlib.Path(folder, module)
            *counts, text = run(python, module, pattern, log)
            own, others = pools_of(log)
            passed, failed = passed + counts[0], failed + counts[1]
            print(
                f"{module}: {counts[0]} passed, {counts[1]} failed, {counts[2]} skipped; "
                f"pools of ours: {own}, other interpreters with them: {others}"
            )
            if text:
                print(text)
            if module.endswith((STARTS_OTHERS, ONE_MODULE[0])) and others == 0:
                print(f"{module}: the interpreters that it started did not use our classes")
                failed += 1
    print(f"Python {sys.version.split()[0]}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
