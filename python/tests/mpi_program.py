"""Run by mpiexec: futures of mpi4py together with those of a local pool. Prints one line for each check."""

import asyncio
import concurrent.futures
import os
import threading

from mpi4py.futures import MPIPoolExecutor

import concurrent_futures

WAIT = 60


def square(n):
    return n * n


def failing():
    raise LookupError("over there")


def main():
    gate = threading.Event()
    with MPIPoolExecutor(2) as mpi, concurrent_futures.ThreadPoolExecutor(2) as local:
        print(mpi.submit(os.getpid).result(WAIT) != os.getpid())
        for module in (concurrent_futures, concurrent.futures):
            gate.clear()
            futures = [pool.submit(square, n) for n, pool in enumerate([mpi, local] * 5)]
            held = local.submit(gate.wait, WAIT)
            stream = module.as_completed([held, *futures], WAIT)
            print(sorted(next(stream).result() for _ in futures))
            done, rest = module.wait([held, *futures], 0)
            print(done == set(futures), rest == {held})
            bad = mpi.submit(failing)
            done = module.wait([bad, held], WAIT, return_when="FIRST_EXCEPTION").done
            print(done == {bad}, repr(bad.exception()))
            gate.set()
            print(module.wait([held], WAIT).not_done)

        async def both():
            calls = [asyncio.wrap_future(pool.submit(square, 3)) for pool in (mpi, local)]
            return await asyncio.gather(*calls)

        print(asyncio.run(both()))
        print(list(mpi.map(square, range(5))) == list(local.map(square, range(5))))


if __name__ == "__main__":
    main()
