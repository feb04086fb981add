"""Many members side by side: threads, Ctrl-C, and which device."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .config import Config
from .preprocess import Cells
from .train import Member, train

# --- Threads --------------------------------------------------------------------------------------


@contextlib.contextmanager
def kept_threads() -> Iterator[None]:
    """Leave torch's number of threads as it was, whatever happens to it inside.

    numba's first parallel loop (scanpy has several) sets OpenMP's number, which is torch's too, to
    all cores; where these are busy, a training then takes many times as long.
    """
    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)


Array = NDArray[np.floating]


def train_ensemble(
    X: Array | Cells,
    keep: Array | None,
    config: Config,
    seeds: Sequence[int],
    device: str = "cpu",
    n_jobs: int | None = None,
    on_epoch: Callable[[], None] = lambda: None,
) -> list[Member]:
    """Train one member a seed, `n_jobs` at a time, each in a thread with its share of the cores.

    On a CPU many small products run better as one thread a member than as one member over many
    threads; on a GPU the members take turns (n_jobs = 1).
    """
    cores = os.cpu_count() or 1
    n_jobs = n_jobs or (1 if device != "cpu" else min(len(seeds), torch.get_num_threads()))
    before = torch.get_num_threads()

    def one(seed: int) -> Member:
        torch.set_num_threads(max(1, min(before, cores) // n_jobs))
        return train(X, keep, config, seed, device, on_epoch)

    with kept_threads(), ThreadPoolExecutor(n_jobs) as pool:
        return list(pool.map(one, seeds))


def chosen_device(device: str) -> str:
    """ "cpu" or "cuda" for "auto" and for what was asked; ValueError if there is no such GPU."""
    here = torch.cuda.is_available()
    if device.startswith("cuda") and not here:
        raise ValueError(f"device {device}: torch finds no such GPU here; use cpu.")
    return device if device != "auto" else "cuda" if here else "cpu"


def members_at_once(n_seeds: int, device: str, n_jobs: int | None) -> int:
    """How many members are trained side by side: one a core, and one on a GPU."""
    return min(n_seeds, n_jobs or (1 if device != "cpu" else torch.get_num_threads()))


@contextlib.contextmanager
def interruptible(on_epoch: Callable[[], Any]) -> Iterator[Callable[[], None]]:
    """`on_epoch` that raises KeyboardInterrupt in the training thread once Ctrl-C was pressed.

    Without it the main thread would wait for members that know nothing of the interrupt.
    """
    stop = threading.Event()

    def check() -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        on_epoch()

    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set()) if main else None
    try:
        yield check
    finally:
        if main:
            signal.signal(signal.SIGINT, before)
