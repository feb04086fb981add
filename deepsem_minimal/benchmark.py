"""Matrix x method x seed: one CSV of scores that a kill at any moment leaves whole and resumable.

    python -m deepsem_minimal.benchmark --data beeline/mDC-500 --methods deepsem pearson --seeds 10

A finished cell (`grid.Cell`) is one row per network of its matrix. The table is replaced as a
whole, under a lock, when a cell ends; a cell counts as done once all of its rows are there.
"""

import argparse
import contextlib
import logging
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from joblib.externals.loky.process_executor import BrokenProcessPool
from tqdm.auto import tqdm

from deepsem_minimal import data
from deepsem_minimal.baselines import METHODS, SEEDED, SLOW
from deepsem_minimal.grid import DEEPSEM, ORACLE, RANDOM, TRUTHS, Cell, Grid, choices
from deepsem_minimal.inference import Outcome, combine, failed, has_weights, run_cell, write_weights
from deepsem_minimal.records import KEY, TABLE, BadInput, Records, keys

QUICK = (DEEPSEM, f"{DEEPSEM}/no-decay", *sorted(set(METHODS) - SEEDED - SLOW), RANDOM, ORACLE)
DASK_TIMEOUT = 15.0  # seconds until a scheduler counts as not there


def run(grid: Grid, out: Path | str, n_jobs: int = 1, dask: str | None = None,
        retry: bool = False) -> pd.DataFrame:  # fmt: skip
    """Run what is missing of the grid and return the table at `out`/beeline.csv.

    `n_jobs` processes of one thread each; `dask`: the address of a Dask scheduler, or "local" for
    a cluster of n_jobs processes here. `retry` runs the cells again whose rows hold an error.
    Raises BadInput (nothing was trained) for a grid or folder that cannot be used.
    """
    grid.check()
    records = Records(Path(out))
    todo = missing(grid, records.read(), retry)
    runner = partial(on_dask, address=dask) if dask else on_processes
    with tqdm(total=len(todo), unit="cell", desc="benchmark", smoothing=0.1) as bar:
        for cell, (rows, W) in runner(todo, n_jobs):
            if W is not None:
                write_weights(cell, W)
            records.put(rows)
            bar.set_postfix_str(f"{cell.method.name} {cell.problem.name} seed {cell.seed}")
            bar.update()
    for cell in grid.ensembles():
        table = records.read()
        if not is_done(cell, table, retry):
            members = [rows_of(member, table) for member in cell.members()]
            records.put(combine(cell, pd.concat(members)))
    return records.read()


def on_processes(cells: Sequence[Cell], n_jobs: int) -> Iterator[tuple[Cell, Outcome]]:
    """Cells through joblib as they finish. A killed worker costs its cell only, not the grid."""
    left = dict(enumerate(cells))
    while left:
        try:
            for number, outcome in parallel(left, n_jobs):
                yield left.pop(number), outcome
        except BrokenProcessPool:
            # Which cell killed its worker is not known: run them one by one until it is found.
            for number in list(left):
                try:
                    [(_, outcome)] = parallel({number: left[number]}, 2)
                    yield left.pop(number), outcome
                except BrokenProcessPool:
                    cell = left.pop(number)
                    error = MemoryError("the worker process was killed, most likely out of memory")
                    yield cell, (failed(cell, error), None)
                    break


def parallel(cells: dict[int, Cell], n_jobs: int) -> Iterator[tuple[int, Outcome]]:
    with joblib.parallel_config("loky", inner_max_num_threads=1):
        tasks = [joblib.delayed(numbered)(number, cell) for number, cell in cells.items()]
        yield from joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered")(tasks)


def numbered(number: int, cell: Cell) -> tuple[int, Outcome]:
    return number, run_cell(cell)


def on_dask(cells: Sequence[Cell], n_jobs: int, address: str) -> Iterator[tuple[Cell, Outcome]]:
    """Cells through a Dask cluster as they finish; workers need the package, not the data."""
    try:
        from dask.distributed import Client, LocalCluster, as_completed
    except ImportError:
        raise BadInput("--dask needs the package distributed: pip install distributed") from None
    with contextlib.ExitStack() as stack:
        if address == "local":
            options: dict[str, Any] = {
                "n_workers": n_jobs,
                "threads_per_worker": 1,
                "dashboard_address": None,
            }
            options["silence_logs"] = logging.ERROR
            address = stack.enter_context(LocalCluster(processes=True, **options))
        try:
            client = stack.enter_context(Client(address, timeout=DASK_TIMEOUT))
        except (OSError, TimeoutError) as error:
            raise BadInput(f"no Dask scheduler answers at {address}: {error}") from None
        futures = {client.submit(run_cell, cell, pure=False): cell for cell in cells}
        for future in as_completed(list(futures)):
            cell, reason = futures.pop(future), future.exception()
            yield cell, (failed(cell, reason), None) if reason else future.result()


# --- What is done already -------------------------------------------------------------------------


def rows_of(cell: Cell, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a cell that were made with its settings, matrix and networks."""
    rows = table[keys(table) == cell.key]
    same = (rows["config"] == cell.config) & (rows["input"] == cell.problem.input)
    return rows[same & (rows["truth"] == rows["network"].map(cell.problem.truths))]


def is_done(cell: Cell, table: pd.DataFrame, retry: bool) -> bool:
    """Whether every network has its row (and, with `retry`, none holds an error)."""
    rows = rows_of(cell, table)
    complete = sorted(rows["network"]) == sorted(cell.problem.networks)
    return complete and not (retry and has_error(rows))


def has_error(rows: pd.DataFrame) -> bool:
    return bool((rows["error"] != "").any())


def missing(grid: Grid, table: pd.DataFrame, retry: bool) -> list[Cell]:
    """Members without rows, and members whose W an ensemble still needs; the largest last."""
    unfinished = {cell.key[:3] for cell in grid.ensembles() if not is_done(cell, table, retry)}

    def is_missing(cell: Cell) -> bool:
        if not is_done(cell, table, retry):
            return True
        wanted = cell.key[:3] in unfinished and not has_error(rows_of(cell, table))
        return wanted and not has_weights(cell)

    return sorted(filter(is_missing, grid.members()), key=lambda cell: len(cell.problem.genes))


# --- Command line ---------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 2 with one line on stderr for bad input, 0 otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m deepsem_minimal.benchmark", description="Run what is missing of a grid."
    )
    parser.add_argument("--data", nargs="+", help="data sets (default: every BEELINE matrix here)")
    parser.add_argument(
        "--methods", nargs="+", default=QUICK, help="NAME or NAME/setting=value,..."
    )
    parser.add_argument("--seeds", type=int, default=10, help="how many seeds (default: 10)")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the first of them")
    parser.add_argument(
        "--truths", choices=TRUTHS, default="benchmarks", help="networks to score by"
    )
    parser.add_argument("--out", type=Path, default=data.DATA_DIR / "results")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one thread each")
    parser.add_argument("--dask", metavar="ADDRESS|local", help="run on a Dask cluster")
    parser.add_argument("--retry", action="store_true", help="run recorded errors again")
    options = parser.parse_args(arguments)
    try:
        names = options.data or reachable(options.truths)
        grid = Grid.of(names, options.methods, options.seeds, options.first, options.truths)
        table = run(grid, options.out, options.jobs, options.dask, options.retry)
    except (BadInput, data.DataUnavailable) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 2
    errors = table[table["error"] != ""].drop_duplicates(KEY)
    print(f"{options.out / TABLE}: {len(table)} rows, {len(errors)} cells with an error")
    return 0


def reachable(truths: str) -> list[str]:
    """The BEELINE matrices whose files can be had; says which cannot."""
    found = {name: data.is_available(name) for name in choices(truths)}
    if absent := [name for name, there in found.items() if not there]:
        print(f"not run here, files cannot be had: {', '.join(absent)}", file=sys.stderr)
    return [name for name, there in found.items() if there]


if __name__ == "__main__":
    # Workers must find the classes under the module's own name, not under "__main__".
    from deepsem_minimal.benchmark import main as run_main

    sys.exit(run_main())
