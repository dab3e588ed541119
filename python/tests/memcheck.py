"""A short walk through the native module, for valgrind: each way into unsafe code, few times.

Run by `cargo xtask valgrind`. A program of its own, since pytest under valgrind takes minutes.
"""

import gc
import threading
import weakref

import concurrent_futures as cf

ROUNDS = 20


class Payload:
    """Can be referred to weakly, so that its end can be seen."""


def failing(_):
    raise ValueError("on purpose")


def results_and_errors(pool):
    assert list(pool.map(str, range(ROUNDS))) == [str(i) for i in range(ROUNDS)]
    future = pool.submit(failing, 1)
    assert isinstance(future.exception(), ValueError)
    futures = [pool.submit(pow, i, 2) for i in range(ROUNDS)]
    assert sorted(f.result() for f in cf.as_completed(futures)) == [i * i for i in range(ROUNDS)]
    done, pending = cf.wait([pool.submit(int) for _ in range(ROUNDS)])
    assert len(done) == ROUNDS and not pending


def callbacks_and_cancels(pool):
    gate = threading.Event()
    blocked = [pool.submit(gate.wait) for _ in range(2)]
    told = []
    queued = [pool.submit(int) for _ in range(ROUNDS)]
    for future in queued:
        future.add_done_callback(told.append)
    cancelled = sum(future.cancel() for future in queued)
    gate.set()
    assert all(future.result() for future in blocked)
    assert cancelled == ROUNDS and len(told) == ROUNDS


def readers_from_several_threads(pool):
    gate = threading.Event()
    future = pool.submit(gate.wait)
    readers = [threading.Thread(target=future.result) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        future.result(timeout=0.001)
    except cf.TimeoutError:
        pass
    gate.set()
    for reader in readers:
        reader.join()


def cycles_are_collected(pool):
    ends = []
    for _ in range(ROUNDS):
        payload = Payload()
        payload.future = pool.submit(lambda kept: kept, payload)
        payload.future.result()
        ends.append(weakref.ref(payload))
        del payload
    gc.collect()
    assert not any(end() for end in ends)


def main():
    with cf.ThreadPoolExecutor(2) as pool:
        results_and_errors(pool)
        callbacks_and_cancels(pool)
        readers_from_several_threads(pool)
        cycles_are_collected(pool)

    class Own(cf.ThreadPoolExecutor):
        pass

    with Own(1, initializer=int) as pool:
        assert pool.submit(lambda: pool.submit(int).result()).result() == 0
    print("all ways were gone")


if __name__ == "__main__":
    main()
