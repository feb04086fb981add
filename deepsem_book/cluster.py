"""A Dask cluster by one option: the address of a scheduler, or "local" for processes here."""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from deepsem_minimal.parallel import Outcome, Pool, Task, attempt

from .errors import BadInput

TIMEOUT = 15.0  # seconds until a scheduler counts as not there


@contextlib.contextmanager
def connect(address: Any, n_workers: int | None = None) -> Iterator[Any]:
    """A Dask client of `address`; a client that is given is used and left open.

    "local" starts `n_workers` processes of one thread (default: one per core). Raises BadInput if
    `distributed` is not installed or no scheduler answers.
    """
    try:
        from dask.distributed import Client, LocalCluster
    except ImportError:
        raise BadInput("--dask needs the package distributed: pip install distributed") from None
    if isinstance(address, Client):
        yield address
        return
    with contextlib.ExitStack() as stack:
        if address == "local":
            address = stack.enter_context(
                LocalCluster(
                    n_workers=n_workers or os.cpu_count() or 1, threads_per_worker=1,
                    processes=True, dashboard_address=None, silence_logs=logging.ERROR,
                )
            )  # fmt: skip
        try:
            client = stack.enter_context(Client(address, timeout=TIMEOUT))
        except (OSError, TimeoutError, ValueError) as error:
            raise BadInput(f"no Dask scheduler answers at {address}: {error}") from None
        yield client


def dask_pool(address: Any, n_workers: int | None = None) -> Pool:
    """A pool for `fit` and `fit_groups` whose members are trained by the workers of a cluster.

    The members of all groups are trained at the same time; each matrix is sent once. Arguments and
    errors are those of `connect`.
    """

    def pool(tasks: Sequence[Task], on_epoch: Callable[[], object]) -> Iterator[Outcome]:
        with connect(address, n_workers) as client:
            from dask.distributed import as_completed

            distinct = {id(task.expression): task.expression for task in tasks}
            sent = {key: client.scatter(value, broadcast=True) for key, value in distinct.items()}
            futures = {
                client.submit(on_worker, sent[id(task.expression)], *task[1:], pure=False): i
                for i, task in enumerate(tasks)
            }
            try:
                for future in as_completed(futures):
                    i = futures[future]
                    outcome = future.result()
                    for _ in range(tasks[i].config.n_epochs):
                        on_epoch()
                    yield i, outcome
            finally:
                client.cancel(list(futures))  # what still waits when no more is wanted

    return pool


def on_worker(expression: Any, config: Any, seed: int, device: str) -> Any:
    """One member, with one thread as everywhere, so that the numbers are the same."""
    torch.set_num_threads(1)
    return attempt(Task(expression, config, seed, device))
