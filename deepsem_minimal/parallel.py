"""Many members side by side: threads, Ctrl-C, and what another pool has to do in their place."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple

import torch

from .config import Config
from .preprocess import Expression
from .train import Member, TrainingError, train


class Task(NamedTuple):
    """One member to train."""

    expression: Expression
    config: Config
    seed: int
    device: str = "cpu"


# A pool trains tasks. It gives the number of a task and its member, or the TrainingError in place
# of one, as they finish, and calls its second argument for every epoch.
Outcome = tuple[int, Member | TrainingError]
Pool = Callable[[Sequence[Task], Callable[[], object]], Iterator[Outcome]]


def threads(n_jobs: int | None = None) -> Pool:
    """A pool of `n_jobs` threads, each with its share of torch's threads (`members_at_once`).

    On a CPU many small products run better as one thread per member than as one member over many
    threads; on a GPU the members take turns. Ctrl-C ends all members at their next epoch.
    """

    def pool(tasks: Sequence[Task], on_epoch: Callable[[], object]) -> Iterator[Outcome]:
        at_once = members_at_once(len(tasks), tasks[0].device, n_jobs)
        share = max(1, torch.get_num_threads() // at_once)
        with kept_threads(), stoppable() as stop, ThreadPoolExecutor(at_once) as executor:

            def check() -> None:
                if stop.is_set():
                    raise KeyboardInterrupt
                on_epoch()

            def member(task: Task) -> Member | TrainingError:
                torch.set_num_threads(share)
                return attempt(task, check)

            futures = {executor.submit(member, task): i for i, task in enumerate(tasks)}
            waiting = set(futures)
            try:
                for future in as_completed(futures):
                    if isinstance(future.exception(), KeyboardInterrupt):
                        break
                    waiting.remove(future)
                    yield futures[future], future.result()
                executor.shutdown(cancel_futures=True)
                for future in (f for f in waiting if not f.cancelled() and not f.exception()):
                    yield futures[future], future.result()  # done before the others were stopped
                if stop.is_set():
                    raise KeyboardInterrupt
            finally:
                stop.set()  # for members that still train when the caller needs no more
                executor.shutdown(cancel_futures=True)

    return pool


def attempt(task: Task, on_epoch: Callable[[], object] = lambda: None) -> Member | TrainingError:
    """The member of a task, or why there is none."""
    try:
        return train(task.expression, task.config, task.seed, task.device, on_epoch)
    except TrainingError as error:
        return error
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        return TrainingError(f"not enough memory for seed {task.seed}: use fewer genes or jobs")


def out_of_memory(error: Exception) -> bool:
    """Whether numpy, or torch on a CPU (`DefaultCPUAllocator`) or a GPU, ran out of memory."""
    said = ("out of memory", "not enough memory", "allocate memory", "alloc_failed")
    return isinstance(error, MemoryError) or any(part in str(error).lower() for part in said)


def train_ensemble(
    expression: Expression, config: Config, seeds: Sequence[int], device: str = "cpu",
    n_jobs: int | None = None,
) -> list[Member]:  # fmt: skip
    """One member per seed, in the order of the seeds, by `threads`. Raises TrainingError."""
    tasks = [Task(expression, config, seed, device) for seed in seeds]
    members: dict[int, Member] = {}
    for i, outcome in threads(n_jobs)(tasks, lambda: None):
        if isinstance(outcome, TrainingError):
            raise outcome
        members[i] = outcome
    return [members[i] for i in range(len(tasks))]


def chosen_device(device: str) -> str:
    """ "cpu" or "cuda" for "auto" and for what was asked; ValueError if there is no such GPU."""
    available = torch.cuda.is_available()
    if device.startswith("cuda") and not available:
        raise ValueError(f"device {device}: torch finds no such GPU here; use cpu.")
    return device if device != "auto" else "cuda" if available else "cpu"


def members_at_once(n_members: int, device: str, n_jobs: int | None) -> int:
    """How many members are trained side by side: one per core, and one on a GPU."""
    return min(n_members, n_jobs or (1 if device != "cpu" else torch.get_num_threads()))


@contextlib.contextmanager
def kept_threads() -> Iterator[None]:
    """Leave torch's number of threads as it was, whatever happens to it inside.

    numba's first parallel loop (scanpy has several) sets OpenMP's number, which is torch's too, to
    all cores; where these are busy, a training then takes many times as long.
    """
    before = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def stoppable() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets; otherwise the main thread would wait for unaware members."""
    stop, is_main = threading.Event(), threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set()) if is_main else None
    try:
        yield stop
    finally:
        if is_main:
            signal.signal(signal.SIGINT, before)
