"""Matrix x method x seed: one CSV of scores that a kill at any moment leaves whole and resumable.

    python -m deepsem_minimal.benchmark --data beeline/mDC-500 --methods deepsem pearson --seeds 10

A cell is (expression matrix, method with its settings, seed). One inference serves all networks of
its matrix, so a finished cell is one row per network. The table is replaced as a whole, under a
lock, when a cell ends; a cell counts as done once all of its rows are there. DeepSEM's ensembles
(mean |W| over the seeds, ledger 14) are scored from the members' W, kept as .npz in the cache.
"""

import argparse
import ast
import contextlib
import hashlib
import inspect
import io
import json
import logging
import os
import platform
import sys
import threading
import time
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import psutil
import threadpoolctl
import torch
from anndata import AnnData
from joblib.externals.loky.process_executor import BrokenProcessPool
from numpy.typing import NDArray
from tqdm.auto import tqdm

from deepsem_minimal import __version__, data
from deepsem_minimal.baselines import METHODS, SEEDED
from deepsem_minimal.download import cache_dir
from deepsem_minimal.ensemble import fit
from deepsem_minimal.networks import (
    candidates,
    degree_oracle,
    edge_table,
    evaluate,
    known_edges,
)
from deepsem_minimal.records import (
    KEY,
    METRICS,
    TABLE,
    BadInput,
    Records,
    keys,
    replace,
    some,
)
from deepsem_minimal.train import Config, mean_weight

Array = NDArray[np.floating]

ABBREVIATIONS = {"no-decay": "lr_decay=1.0"}  # ledger 12
DEEPSEM = "DeepSEM"
PRESETS = ("nonspecific", "specific")
RANDOM, ORACLE = "random", "TF-degree"  # a ranking by chance; one by the TFs' targets in the truth
QUICK = (DEEPSEM, f"{DEEPSEM}/no-decay", *sorted(set(METHODS) - SEEDED), RANDOM, ORACLE)
MIN_CELLS = 3  # what the baselines ask for
DASK_TIMEOUT = 15.0  # seconds until a scheduler counts as not there
VERSIONED = ("torch", "numpy", "scipy", "scikit-learn", "grn-dazzle", "regdiffusion")


# --- What is run ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """One expression matrix and every network that it is scored against.

    X: log expression (cells x genes); tfs: the regulators that methods may use; networks: by kind,
    columns Gene1 (TF) and Gene2; pseudotime: cells x lineages, NaN = cell not in the lineage.
    """

    name: str
    X: Array
    genes: Sequence[str]
    tfs: Sequence[str]
    networks: dict[str, pd.DataFrame]
    pseudotime: Array | None = None

    @classmethod
    def load(cls, name: str) -> "Problem":
        """A data set of `data.names()` that has networks: "beeline/<data set>-<N>" or "sim/...".

        With "@n" behind the name, n of its cells: the first n of one random order of all, so that
        a smaller sample is part of a larger one.
        The regulators are the TFs of the species and those of the networks: up to seven
        regulators of a cell-type-specific network are missing from BEELINE's list of TFs.
        """
        full, name = name, name.partition("@")[0]
        if name.startswith("sim/"):
            kinds = ["truth"]
        else:
            known = data.benchmarks()
            kinds = known.loc[known["expression"] == name, "kind"].tolist()
        if not kinds:
            raise BadInput(f"{name!r} has no known network; choose from {', '.join(choices())}")
        try:
            adata = data.load(name, quiet=True)
        except ValueError as error:
            raise BadInput(str(error)) from None
        adata = subsample(adata, full)
        networks = {kind: data.load_network(f"{name}/{kind}", quiet=True) for kind in kinds}
        upper = adata.var_names.str.upper()
        regulators = {gene.upper() for network in networks.values() for gene in network["Gene1"]}
        is_tf = adata.var["tf"].to_numpy(dtype=bool) | upper.isin(regulators)
        times = [column for column in adata.obs if column.startswith("pseudotime")]
        return cls(
            full,
            np.asarray(adata.X),
            list(adata.var_names),
            list(adata.var_names[is_tf]),
            networks,
            adata.obs[times].to_numpy(dtype=float) if times else None,
        )

    def check(self) -> None:
        """Raise BadInput when a method could not use the matrix or a network cannot be scored."""
        genes = pd.Index(self.genes).astype(str)
        if self.X.ndim != 2 or self.X.shape[1] != len(genes):
            raise BadInput(f"{self.name}: X is {self.X.shape}, but {len(genes)} genes are named")
        if len(self.X) < MIN_CELLS:
            raise BadInput(f"{self.name}: {len(self.X)} cells; a network needs {MIN_CELLS} or more")
        if not np.isfinite(self.X).all():
            bad = genes[~np.isfinite(self.X).all(axis=0)]
            raise BadInput(f"{self.name}: NaN or infinite expression of {some(bad)}: drop or fill")
        if len(twice := genes[genes.str.upper().duplicated()]):
            raise BadInput(f"{self.name}: gene names repeat (up to case): {some(twice)}: rename")
        if len(flat := genes[np.ptp(self.X, axis=0) == 0]):
            raise BadInput(f"{self.name}: genes are constant over the cells: {some(flat)}: drop")
        try:
            table = edge_table(np.zeros((len(genes),) * 2), list(genes), self.tfs)
        except ValueError as error:
            raise BadInput(f"{self.name}: {error}") from None
        for kind, network in self.networks.items():
            try:
                candidates(table, network, self.genes)
            except ValueError as error:
                raise BadInput(f"{self.name}, network {kind}: {error}") from None

    @cached_property
    def input(self) -> str:
        """Hash of expression and gene names."""
        return digest(np.ascontiguousarray(self.X, dtype=np.float32).tobytes(), *self.genes)

    @cached_property
    def truths(self) -> dict[str, str]:
        """Hash of each network."""
        edges = {kind: known_edges(network) for kind, network in self.networks.items()}
        return {kind: digest(*sorted(e["Gene1"] + "\t" + e["Gene2"])) for kind, e in edges.items()}


def subsample(adata: AnnData, name: str) -> AnnData:
    """The cells that "@n" in the name asks for; all of them without it."""
    _, asked, n = name.partition("@")
    if not asked:
        return adata
    if not n.isdecimal() or not MIN_CELLS <= int(n) <= adata.n_obs:
        span = f"{MIN_CELLS} to {adata.n_obs}"
        raise BadInput(f"{name!r}: write a number of cells from {span} behind the @")
    return adata[np.random.default_rng(0).permutation(adata.n_obs)[: int(n)]]


@dataclass(frozen=True)
class Method:
    """A method as the table names it; only DeepSEM has presets; `settings` are not the default."""

    name: str
    base: str
    preset: str = ""
    settings: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def parse(cls, text: str) -> list["Method"]:
        """`DeepSEM`, `DeepSEM-specific`, `DeepSEM/no-decay`, `GENIE3/n_trees=100`, in any case.

        `DeepSEM` alone means both presets. Raises BadInput for an unknown method or setting.
        """
        start, slash, rest = text.partition("/")
        named = {name.lower(): [(name, "")] for name in (*METHODS, RANDOM, ORACLE)}
        named |= {f"deepsem-{preset}": [(DEEPSEM, preset)] for preset in PRESETS}
        named["deepsem"] = [(DEEPSEM, preset) for preset in PRESETS]
        if start.lower() not in named:
            raise BadInput(f"unknown method {start!r}; choose from {', '.join(known_methods())}")
        spelled = ABBREVIATIONS.get(rest, rest)
        settings = tuple(map(setting, spelled.split(","))) if slash else ()
        methods = [cls(base + slash + rest, base, p, settings) for base, p in named[start.lower()]]
        for method in methods:
            method.config("")
        return methods

    def config(self, dataset: str) -> dict[str, Any]:
        """All settings with their values; BadInput for one that the method does not have."""
        if self.base == DEEPSEM:
            defaults: dict[str, Any] = {field.name: field.default for field in fields(Config)}
        else:
            defaults = parameters(METHODS[self.base]) if self.base in METHODS else {}
        given = dict(self.settings)
        if unknown := set(given) - set(defaults):
            raise BadInput(f"{self.base} has no setting {some(unknown)}; it has {some(defaults)}")
        if self.base != DEEPSEM:
            return defaults | given
        try:
            if self.preset == "nonspecific":
                config = asdict(Config.nonspecific(**given))
            else:
                config = asdict(Config.cell_type_specific(dataset, **given))
        except (TypeError, ValueError) as error:
            raise BadInput(f"{self.name}: {error}") from None
        # A setting that came after the first recorded rows: unused, it leaves them as they are.
        return {k: v for k, v in config.items() if k != "cells_per_epoch" or v is not None}

    @property
    def deterministic(self) -> bool:
        return self.base not in (DEEPSEM, RANDOM, *SEEDED)


def setting(text: str) -> tuple[str, Any]:
    """`name=value`, the value read as a Python literal or else as text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"{text!r} is no setting: write name=value or {', '.join(ABBREVIATIONS)}")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def parameters(infer: Callable[..., Any]) -> dict[str, Any]:
    """A baseline's own settings and their defaults."""
    common = ("X", "genes", "tfs", "seed", "pseudotime", "n_jobs")
    known = inspect.signature(infer).parameters.items()
    return {name: p.default for name, p in known if name not in common}


def known_methods() -> list[str]:
    return [DEEPSEM, f"{DEEPSEM}/no-decay", *METHODS, RANDOM, ORACLE]


def choices() -> list[str]:
    """The data sets that have networks."""
    return data.benchmarks()["expression"].unique().tolist()


@dataclass(frozen=True)
class Grid:
    """problems x methods x seeds 0 .. n - 1; deterministic methods run with seed 0 only."""

    problems: Sequence[Problem]
    methods: Sequence[Method]
    seeds: int = 10

    @classmethod
    def of(cls, names: Iterable[str], methods: Iterable[str], seeds: int = 10) -> "Grid":
        """From names of data sets and methods. Raises BadInput or data.DataUnavailable."""
        parsed = [method for text in methods for method in Method.parse(text)]
        return cls([Problem.load(name) for name in names], parsed, seeds)

    def check(self) -> None:
        """Raise BadInput before anything is trained."""
        if self.seeds < 1 or not self.problems or not self.methods:
            raise BadInput("a grid needs at least one data set, one method and one seed")
        for names in (
            [problem.name for problem in self.problems],
            [f"{method.name} ({method.preset})" for method in self.methods],
        ):
            if twice := {name for name in names if names.count(name) > 1}:
                raise BadInput(f"listed twice: {some(twice)}")
        for problem in self.problems:
            problem.check()

    def members(self) -> Iterator["Cell"]:
        for problem in self.problems:
            for method in self.methods:
                for seed in range(1 if method.deterministic else self.seeds):
                    yield Cell(problem, method, seed)

    def ensembles(self) -> Iterator["Cell"]:
        for problem in self.problems:
            for method in self.methods:
                if method.base == DEEPSEM and self.seeds > 1:
                    yield Cell(problem, method, 0, self.seeds)


@dataclass(frozen=True)
class Cell:
    """One inference, or the ensemble of n_members inferences with the seeds seed, seed + 1, ..."""

    problem: Problem
    method: Method
    seed: int
    n_members: int = 1

    def members(self) -> list["Cell"]:
        seeds = range(self.seed, self.seed + self.n_members)
        return [Cell(self.problem, self.method, seed) for seed in seeds]

    @property
    def key(self) -> tuple[str, str, str, int, int]:
        method = self.method
        return self.problem.name, method.name, method.preset, self.seed, self.n_members

    @property
    def config(self) -> str:
        return json.dumps(self.method.config(self.problem.name), sort_keys=True)

    @property
    def weights(self) -> Path:
        """Where the cache keeps W of this member."""
        made_by = (self.config, self.problem.input, __version__, torch.__version__)
        folder = cache_dir() / "benchmark" / self.problem.name / self.method.preset
        return folder / f"{digest(*made_by)}-{self.seed}.npz"


# --- One cell -------------------------------------------------------------------------------------


def infer(cell: Cell) -> Array:
    """W[target, regulator] (genes x genes, float32) of one member."""
    problem, method = cell.problem, cell.method
    if method.base == RANDOM:
        return np.random.default_rng(cell.seed).random((len(problem.genes),) * 2, dtype=np.float32)
    config = method.config(problem.name)
    if method.base == DEEPSEM:
        adata = AnnData(problem.X, var=pd.DataFrame(index=pd.Index(problem.genes, dtype=str)))
        options: dict[str, Any] = {"device": "cpu", "n_jobs": 1, "progress": False}
        return fit(adata, Config(**config), seeds=[cell.seed], **options).Ws[0]
    baseline = METHODS[method.base]
    if "pseudotime" in inspect.signature(baseline).parameters:
        config["pseudotime"] = problem.pseudotime
    W = baseline(problem.X, problem.genes, problem.tfs, seed=cell.seed, **config)
    return np.asarray(W, dtype=np.float32)


def score(cell: Cell, W: Array | None) -> list[dict[str, Any]]:
    """Metrics of W against each network of the matrix; W is None for the oracle of TF degrees."""
    problem, rows = cell.problem, []
    edges = None if W is None else edge_table(W, problem.genes, problem.tfs)
    for kind, network in problem.networks.items():
        scored = degree_oracle(network) if edges is None else edges
        found = evaluate(scored, network, problem.genes)
        rows.append({"network": kind} | {name: found[name] for name in METRICS})
    return rows


Outcome = tuple[list[dict[str, Any]], Array | None]


def run_cell(cell: Cell) -> Outcome:
    """The rows of a cell, error or not, and its W (None unless an ensemble needs it)."""
    # CPU seconds: with one thread, what an idle machine would need; the clock also counts waiting.
    torch_threads, start = torch.get_num_threads(), time.process_time()
    torch.set_num_threads(1)
    W = None
    try:
        with threadpoolctl.threadpool_limits(1), PeakMemory() as memory, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            W = None if cell.method.base == ORACLE else infer(cell)
            seconds = time.process_time() - start
            rows = score(cell, W)
    except Exception as error:  # whatever it is, it belongs into the table
        return failed(cell, error), None
    finally:
        torch.set_num_threads(torch_threads)
    cost = {"seconds": seconds, "peak_mb": memory.peak / 1e6}
    kept = W if cell.method.base == DEEPSEM else None
    return described(cell, [row | cost for row in rows]), kept


def combine(cell: Cell, rows_of_members: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of an ensemble, from W of its members in the cache."""
    try:
        if broken := [member.seed for member in cell.members() if not has_weights(member)]:
            raise RuntimeError(f"no W of the seeds {some(broken)}: see their rows")
        W = mean_weight(map(read_weights, cell.members()))
        rows = score(cell, W)
    except Exception as error:
        return failed(cell, error)
    once = rows_of_members.drop_duplicates("seed")
    cost = {"seconds": once["seconds"].sum(), "peak_mb": once["peak_mb"].max()}
    return described(cell, [row | cost for row in rows])


def described(cell: Cell, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with all columns: what was run, on what, where."""
    name, method, preset, seed, n_members = cell.key
    common = {
        "data": name, "method": method, "preset": preset, "seed": seed, "n_members": n_members,
        "config": cell.config, "versions": versions(), "input": cell.problem.input,
        "machine": machine(), "error": "",
    }  # fmt: skip
    return [common | {"truth": cell.problem.truths[row["network"]]} | row for row in rows]


def failed(cell: Cell, error: BaseException) -> list[dict[str, Any]]:
    """One row per network with the error in place of the scores."""
    text = " ".join(f"{type(error).__name__}: {error}".split())[:500]
    return described(cell, [{"network": kind, "error": text} for kind in cell.problem.networks])


class PeakMemory:
    """Largest resident memory (bytes) of this process in a block, looked up every 20 ms."""

    def __enter__(self) -> "PeakMemory":
        self.process, self.done = psutil.Process(), threading.Event()
        self.peak = self.process.memory_info().rss
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()
        return self

    def watch(self) -> None:
        while not self.done.wait(0.02):
            self.peak = max(self.peak, self.process.memory_info().rss)

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


# --- Where it runs --------------------------------------------------------------------------------


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


# --- W of the members -----------------------------------------------------------------------------


def write_weights(cell: Cell, W: Array) -> None:
    cell.weights.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    np.savez(content, W=np.asarray(W, dtype=np.float32))
    replace(cell.weights, content.getvalue())


def read_weights(cell: Cell) -> Array:
    """Signed W (genes x genes, float32) of a member; OSError or ValueError when it is not there."""
    try:
        with np.load(cell.weights) as file:
            W = file["W"]
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise ValueError(f"{cell.weights.name} is damaged: {error}") from None
    if W.shape != (len(cell.problem.genes),) * 2:
        raise ValueError(f"{cell.weights.name} is of {len(W)} genes")
    return W


def has_weights(cell: Cell) -> bool:
    try:
        return bool(len(read_weights(cell)))
    except (OSError, ValueError):
        return False


# --- Provenance -----------------------------------------------------------------------------------


def digest(*parts: bytes | str) -> str:
    """First 16 hex digits of the SHA-256 of the parts."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part if isinstance(part, bytes) else part.encode() + b"\n")
    return sha.hexdigest()[:16]


def versions() -> str:
    found = [f"python {platform.python_version()}", f"deepsem_minimal {__version__}"]
    for package in VERSIONED:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{package} {version(package)}")
    return "; ".join(found)


def machine() -> str:
    """System, processor and cores; never a host name."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    return f"{platform.system()} {platform.machine()}; {model}; {os.cpu_count()} cores"


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
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--out", type=Path, default=data.DATA_DIR / "results")
    parser.add_argument("--jobs", type=int, default=1, help="processes, one thread each")
    parser.add_argument("--dask", metavar="ADDRESS|local", help="run on a Dask cluster")
    parser.add_argument("--retry", action="store_true", help="run recorded errors again")
    options = parser.parse_args(arguments)
    try:
        grid = Grid.of(options.data or reachable(), options.methods, options.seeds)
        table = run(grid, options.out, options.jobs, options.dask, options.retry)
    except (BadInput, data.DataUnavailable) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 2
    errors = table[table["error"] != ""].drop_duplicates(KEY)
    print(f"{options.out / TABLE}: {len(table)} rows, {len(errors)} cells with an error")
    return 0


def reachable() -> list[str]:
    """The BEELINE matrices whose files can be had; says which cannot."""
    found = {name: data.is_available(name) for name in choices()}
    if absent := [name for name, there in found.items() if not there]:
        print(f"not run here, files cannot be had: {', '.join(absent)}", file=sys.stderr)
    return [name for name, there in found.items() if there]


if __name__ == "__main__":
    # Workers must find the classes under the module's own name, not under "__main__".
    from deepsem_minimal.benchmark import main as run_main

    sys.exit(run_main())
