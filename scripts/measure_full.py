"""Executes notebooks with the profile `full` and records seconds, CPU seconds and peak memory.

    python scripts/measure_full.py [--pages notebooks/04_... ...] [--limit 7200]

Each goes into data/results/full_runs.csv as soon as it is done; what stands there is not run again.
One that takes longer than the limit is stopped, and its row says how many of its code cells ran.
The set-up page prints the table.
"""

import argparse
import multiprocessing
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil

from deepsem_book.provenance import versions
from execute import ANSI, SCRATCH, own_kernel, run
from full_runs import TABLE
from toc import notebooks

MEGABYTE = 2**20


def used(process: psutil.Process) -> tuple[int, float]:
    """Bytes that a process and its descendants hold for themselves alone, and their CPU seconds."""
    memory, seconds = 0, 0.0
    for member in [process, *process.children(recursive=True)]:
        try:
            memory += member.memory_full_info().uss
            times = member.cpu_times()
            seconds += times.user + times.system
        except psutil.Error:  # it ended between the two calls
            pass
    return memory, seconds


def of_ended() -> float:
    """CPU seconds of all children that have ended, and of theirs."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def stop(process: psutil.Process) -> None:
    for member in [*process.children(recursive=True), process]:
        member.kill()


def code_cells(file: Path) -> tuple[int, int]:
    """How many code cells of a notebook were executed to their end, and how many it has."""
    cells = [c for c in nbformat.read(file, as_version=4).cells if c.cell_type == "code"]
    status = [cell.metadata.get("papermill", {}).get("status") for cell in cells]
    return status.count("completed"), len(cells)


def attempt(page: str, target: Path, errors: Any) -> None:
    """The child process: execute, and say what went wrong."""
    try:
        run(page, "full", target)
    except Exception as error:  # whatever papermill raises is the result
        errors.put(ANSI.sub("", str(error)).strip().splitlines()[-1])


def measured(page: str, limit: float) -> dict[str, Any]:
    """The row of one notebook."""
    target = SCRATCH / f"{Path(page).name}.full.done.ipynb"
    errors: Any = multiprocessing.Queue()
    child = multiprocessing.Process(target=attempt, args=(page, target, errors))
    start, before, peak, busy, error = time.perf_counter(), of_ended(), 0, 0.0, ""
    child.start()
    process = psutil.Process(child.pid)
    while child.is_alive():
        memory, seconds = used(process)
        peak, busy = max(peak, memory), max(busy, seconds)
        if time.perf_counter() - start > limit:
            stop(process)
            error = f"stopped after {limit:.0f} s"
        child.join(timeout=1)
    seconds = time.perf_counter() - start
    if not errors.empty():
        error = errors.get()
    done = target if target.exists() else SCRATCH / f"{target.stem}.ipynb"
    cells_run, cells = code_cells(done)
    row = {"page": page, "seconds": seconds, "cpu_seconds": max(busy, of_ended() - before)}
    row |= {"peak_mb": peak / MEGABYTE, "cells_run": cells_run, "cells": cells, "error": error}
    return row | {"threads": int(os.environ["OMP_NUM_THREADS"]), "versions": versions()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    pages = notebooks()
    parser.add_argument("--pages", nargs="+", default=pages, choices=pages, metavar="PAGE")
    parser.add_argument("--limit", type=float, default=7200, help="seconds for one notebook")
    options = parser.parse_args()
    TABLE.check_writable()
    SCRATCH.mkdir(parents=True, exist_ok=True)
    for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("TQDM_DISABLE", "1")
    own_kernel()
    for page in options.pages:
        if TABLE.has(page=page):
            continue
        row = measured(page, options.limit)
        TABLE.put([row])
        print(f"{page}: {row['seconds']:.0f} s, {row['peak_mb']:.0f} MB {row['error']}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
