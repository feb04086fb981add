"""A Dask cluster by one option: the address of a scheduler, or "local" for processes here."""

import contextlib
import logging
import os
from collections.abc import Iterator
from typing import Any

from .records import BadInput

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
