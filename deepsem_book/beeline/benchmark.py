"""Matrix x method x seed: one CSV of scores that a kill at any moment leaves whole and resumable.

    python -m deepsem_book.beeline.benchmark --data beeline/mDC-500 --methods deepsem pearson

A finished run (`grid.Run`) is one row per network of its matrix. The table is replaced as a
whole, under a lock, when a run ends; a run counts as done once all of its rows are there.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import joblib
import pandas as pd
from joblib.externals.loky.process_executor import BrokenProcessPool
from tqdm.auto import tqdm

from .. import datasets
from ..baselines import METHODS, SEEDED, SLOW
from ..benchmark_table import KEY, table_in
from ..cluster import connect
from ..datasets.problem import TRUTHS, choices
from ..errors import BadInput
from .grid import DEEPSEM, ORACLE, RANDOM, Grid, Run
from .run import Outcome, combine, failed, has_weights, perform, write_weights

QUICK = (DEEPSEM, f"{DEEPSEM}/no-decay", *sorted(set(METHODS) - SEEDED - SLOW), RANDOM, ORACLE)


def run_grid(grid: Grid, out: Path | str, n_jobs: int = 1, dask: str | None = None,
        retry: bool = False) -> pd.DataFrame:  # fmt: skip
    """Run what is missing of the grid and return the table at `out`/beeline.csv.

    `n_jobs` processes of one thread each; `dask`: the address of a Dask scheduler, or "local" for
    a cluster of n_jobs processes here. `retry` runs the runs again whose rows hold an error.
    Raises BadInput (nothing was trained) for a grid or folder that cannot be used.
    """
    grid.check()
    table = table_in(Path(out))
    table.check_writable()
    todo = missing(grid, table.read(), retry)
    runner = partial(on_dask, address=dask) if dask else on_processes
    with tqdm(total=len(todo), unit="run", desc="benchmark", smoothing=0.1) as bar:
        for run, (rows, W) in runner(todo, n_jobs):
            if W is not None:
                write_weights(run, W)
            table.put(rows)
            bar.set_postfix_str(f"{run.method.name} {run.problem.name} seed {run.seed}")
            bar.update()
    for run in grid.ensembles():
        rows = table.read()
        if not is_done(run, rows, retry):
            members = [rows_of(member, rows) for member in run.members()]
            table.put(combine(run, pd.concat(members)))
    return table.read()


def on_processes(runs: Sequence[Run], n_jobs: int) -> Iterator[tuple[Run, Outcome]]:
    """Runs through joblib as they finish. A killed worker costs its run only, not the grid."""
    left = dict(enumerate(runs))
    while left:
        try:
            for number, outcome in parallel(left, n_jobs):
                yield left.pop(number), outcome
        except BrokenProcessPool:
            # Which run killed its worker is not known: run them one by one until it is found.
            for number in list(left):
                try:
                    [(_, outcome)] = parallel({number: left[number]}, 2)
                    yield left.pop(number), outcome
                except BrokenProcessPool:
                    run = left.pop(number)
                    error = MemoryError("the worker process was killed, most likely out of memory")
                    yield run, (failed(run, error), None)
                    break


def parallel(runs: dict[int, Run], n_jobs: int) -> Iterator[tuple[int, Outcome]]:
    with joblib.parallel_config("loky", inner_max_num_threads=1):
        tasks = [joblib.delayed(numbered)(number, run) for number, run in runs.items()]
        yield from joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered")(tasks)


def numbered(number: int, run: Run) -> tuple[int, Outcome]:
    return number, perform(run)


def on_dask(runs: Sequence[Run], n_jobs: int, address: str) -> Iterator[tuple[Run, Outcome]]:
    """Runs through a Dask cluster as they finish; workers need the package, not the data."""
    with connect(address, n_jobs) as client:
        from dask.distributed import as_completed

        futures = {client.submit(perform, run, pure=False): run for run in runs}
        for future in as_completed(list(futures)):
            run, reason = futures.pop(future), future.exception()
            yield run, (failed(run, reason), None) if reason else future.result()


# --- What is done already -------------------------------------------------------------------------


def rows_of(run: Run, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a run that were made with its settings, matrix and networks."""
    rows = table[(table[KEY] == list(run.key)).all(axis=1)]
    same = (rows["config"] == run.config) & (rows["input"] == run.problem.input)
    return rows[same & (rows["truth"] == rows["network"].map(run.problem.truths))]


def is_done(run: Run, table: pd.DataFrame, retry: bool) -> bool:
    """Whether every network has its row (and, with `retry`, none holds an error)."""
    rows = rows_of(run, table)
    complete = sorted(rows["network"]) == sorted(run.problem.networks)
    return complete and not (retry and has_error(rows))


def has_error(rows: pd.DataFrame) -> bool:
    return bool((rows["error"] != "").any())


def missing(grid: Grid, table: pd.DataFrame, retry: bool) -> list[Run]:
    """Members without rows, and members whose W an ensemble still needs; the largest last."""
    unfinished = {run.key[:3] for run in grid.ensembles() if not is_done(run, table, retry)}

    def is_missing(run: Run) -> bool:
        if not is_done(run, table, retry):
            return True
        wanted = run.key[:3] in unfinished and not has_error(rows_of(run, table))
        return wanted and not has_weights(run)

    return sorted(filter(is_missing, grid.members()), key=lambda run: len(run.problem.genes))


# --- Command line ---------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 2 with one line on stderr for bad input, 0 otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m deepsem_book.beeline.benchmark",
        description="Run what is missing of a grid.",
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
    parser.add_argument("--out", type=Path, default=datasets.DATA_DIR / "results")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one thread each")
    parser.add_argument("--dask", metavar="ADDRESS|local", help="run on a Dask cluster")
    parser.add_argument("--retry", action="store_true", help="run recorded errors again")
    options = parser.parse_args(arguments)
    try:
        names = options.data or reachable(options.truths)
        grid = Grid.of(names, options.methods, options.seeds, options.first, options.truths)
        table = run_grid(grid, options.out, options.jobs, options.dask, options.retry)
    except (BadInput, datasets.DataUnavailable) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 2
    errors = table[table["error"] != ""].drop_duplicates(KEY)
    print(f"{options.out}/beeline.csv: {len(table)} rows, {len(errors)} runs with an error")
    return 0


def reachable(truths: str) -> list[str]:
    """The BEELINE matrices whose files are available; says which are not."""
    available = {name: datasets.is_available(name) for name in choices(truths)}
    if absent := [name for name, is_there in available.items() if not is_there]:
        print(f"not run here, files are not available: {', '.join(absent)}", file=sys.stderr)
    return [name for name, is_there in available.items() if is_there]


if __name__ == "__main__":
    # Workers must find the classes under the module's own name, not under "__main__".
    from deepsem_book.beeline.benchmark import main as run_main

    sys.exit(run_main())
