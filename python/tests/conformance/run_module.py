"""Runs the test cases of one module of the interpreter's own test package, unmodified.

``run_module.py MODULE PATTERN``: the cases whose id matches the pattern. Prints a line per test that
does not pass, then ``RESULT passed failed skipped``.
"""

import faulthandler
import os
import re
import sys
import unittest

# Children of this process are other interpreters, and say so.
os.environ["CONFORMANCE_RUNNER"] = str(os.getpid())


class Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def cases(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from cases(item)
        else:
            yield item


def main():
    module, pattern = sys.argv[1], re.compile(sys.argv[2])
    from test import support

    support.use_resources = {"walltime": None, "cpu": None}
    faulthandler.dump_traceback_later(540, exit=True)
    loaded = unittest.defaultTestLoader.loadTestsFromName(module)
    chosen = unittest.TestSuite(case for case in cases(loaded) if pattern.search(case.id()))
    # A suite sets its modules up and tears them down; a bare list of cases would not.
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=0, resultclass=Result)
    result = runner.run(chosen)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    print(f"RESULT {result.passed} {failed} {len(result.skipped)}", flush=True)


if __name__ == "__main__":
    main()
