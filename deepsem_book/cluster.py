"""A Dask cluster by one option: the address of a scheduler, or "local" for processes here."""

import contextlib
import logging
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import torch

from deepsem_minimal.train import Member, TrainingError, train

from .errors import BadInput

if TYPE_CHECKING:
    from tqdm import tqdm

    from deepsem_minimal.ensemble import Job


TIMEOUT = 15.0  # seconds until a scheduler counts as not there


@contextlib.contextmanager
def connect(address: Any, n_workers: int | None = None) -> Iterator[Any]:
    """A Dask client of `address`; a client that is given is used and left open.

    "local" starts `n_workers` processes of one thread (default: one a core). Raises BadInput if
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


def train_on(
    jobs: Sequence["Job"], n_jobs: int | None, bar: "tqdm", dask: Any
) -> Iterator[tuple[int, Member | TrainingError]]:
    """Train the members of all jobs on a cluster at the same time; each matrix is sent once.

    A member is put into `job.members` and given with the number of its job as soon as it is
    finished; in its place the TrainingError of a member that failed.
    """
    with connect(dask, n_jobs) as client:
        from dask.distributed import as_completed

        futures = {}
        for i, job in enumerate(jobs):
            [data] = client.scatter([(job.Z, job.keep)], broadcast=True)
            for seed in job.seeds:
                future = client.submit(one, data, job.config, seed, job.device, pure=False)
                futures[future] = i
        try:
            for future in as_completed(futures):
                i, outcome = futures[future], future.result()
                bar.update(jobs[i].config.n_epochs)
                if isinstance(outcome, Member):
                    jobs[i].members.append(outcome)
                yield i, outcome
        finally:
            client.cancel(list(futures))  # what still waits when one failed or Ctrl-C was pressed


def one(data: tuple[Any, Any], config: Any, seed: int, device: str) -> Member | TrainingError:
    """One member on a worker, with one thread as everywhere, so that the numbers are the same."""
    torch.set_num_threads(1)
    try:
        return train(*data, config, seed, device)
    except TrainingError as error:
        return error
