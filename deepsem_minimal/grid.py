"""What the benchmark runs: matrices with their networks, methods with their settings, the grid.

A cell is (expression matrix, method with its settings, seed). Nothing is trained here; `Grid.check`
finds bad input before anything is.
"""

import ast
import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from numpy.typing import NDArray

from deepsem_minimal import __version__, data
from deepsem_minimal.baselines import METHODS, SEEDED
from deepsem_minimal.download import cache_dir
from deepsem_minimal.networks import candidates, edge_table, known_edges
from deepsem_minimal.records import BadInput, some
from deepsem_minimal.train import Config

Array = NDArray[np.floating]
ABBREVIATIONS = {"no-decay": "lr_decay=1.0"}  # ledger 12
DEEPSEM = "DeepSEM"
PRESETS = ("nonspecific", "specific")
RANDOM, ORACLE = "random", "TF-degree"  # a ranking by chance; one by the TFs' targets in the truth
MIN_CELLS = 3  # what the baselines ask for
# Which networks a matrix is scored against. Each has a table of its own: a cell is done when all
# networks of its matrix have a row, so a further network makes every recorded cell incomplete.
TRUTHS = {"benchmarks": data.benchmarks, "knockouts": data.knockouts}


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
    def load(cls, name: str, truths: str = "benchmarks") -> "Problem":
        """A data set of `data.names()` that has networks: "beeline/<data set>-<N>" or "sim/...".

        `truths`: a name in TRUTHS, whose networks are the problem's (not for "sim/...").

        With "@n" behind the name, n of its cells: the first n of one random order of all, so that
        a smaller sample is part of a larger one.
        The regulators are the TFs of the species and those of the networks: up to seven
        regulators of a cell-type-specific network are missing from BEELINE's list of TFs.
        """
        full, name = name, name.partition("@")[0]
        if name.startswith("sim/"):
            kinds = ["truth"]
        else:
            known = TRUTHS[truths]()
            kinds = known.loc[known["expression"] == name, "kind"].tolist()
        if not kinds:
            raise BadInput(
                f"{name!r} has no known network; choose from {', '.join(choices(truths))}"
            )
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
    """`name=value`, the value read as a Python literal (true and false too) or else as text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"{text!r} is no setting: write name=value or {', '.join(ABBREVIATIONS)}")
    try:
        return name, ast.literal_eval(value.title() if value in ("true", "false") else value)
    except (ValueError, SyntaxError):
        return name, value


def parameters(infer: Callable[..., Any]) -> dict[str, Any]:
    """A baseline's own settings and their defaults."""
    common = ("X", "genes", "tfs", "seed", "pseudotime", "n_jobs")
    known = inspect.signature(infer).parameters.items()
    return {name: p.default for name, p in known if name not in common}


def known_methods() -> list[str]:
    return [DEEPSEM, f"{DEEPSEM}/no-decay", *METHODS, RANDOM, ORACLE]


def choices(truths: str = "benchmarks") -> list[str]:
    """The data sets that have networks."""
    return TRUTHS[truths]()["expression"].unique().tolist()


@dataclass(frozen=True)
class Grid:
    """problems x methods x so many seeds from `first`; deterministic methods have seed 0 only."""

    problems: Sequence[Problem]
    methods: Sequence[Method]
    seeds: int = 10
    first: int = 0

    @classmethod
    def of(
        cls,
        names: Iterable[str],
        methods: Iterable[str],
        seeds: int = 10,
        first: int = 0,
        truths: str = "benchmarks",
    ) -> "Grid":
        """From names of data sets and methods. Raises BadInput or data.DataUnavailable."""
        parsed = [method for text in methods for method in Method.parse(text)]
        return cls([Problem.load(name, truths) for name in names], parsed, seeds, first)

    def check(self) -> None:
        """Raise BadInput before anything is trained."""
        if self.seeds < 1 or not self.problems or not self.methods:
            raise BadInput("a grid needs at least one data set, one method and one seed")
        if self.first < 0:
            raise BadInput(f"the first seed is 0 or more, not {self.first}")
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
                seeds = range(self.first, self.first + self.seeds)
                for seed in [0] if method.deterministic else seeds:
                    yield Cell(problem, method, seed)

    def ensembles(self) -> Iterator["Cell"]:
        for problem in self.problems:
            for method in self.methods:
                if method.base == DEEPSEM and self.seeds > 1:
                    yield Cell(problem, method, self.first, self.seeds)


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


def digest(*parts: bytes | str) -> str:
    """First 16 hex digits of the SHA-256 of the parts."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part if isinstance(part, bytes) else part.encode() + b"\n")
    return sha.hexdigest()[:16]
