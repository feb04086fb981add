"""What the benchmark runs: matrices with their networks, methods with their settings, the grid.

A run is one (expression matrix, method with its settings, seed). Nothing is trained here;
`Grid.check` finds bad input before anything is.
"""

import ast
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch

from deepsem_minimal import __version__
from deepsem_minimal.config import Config

from ..baselines import METHODS, OPTIONAL, SEEDED, parameters
from ..datasets.download import cache_dir
from ..datasets.problem import Problem, digest
from ..errors import BadInput, first_few

ABBREVIATIONS = {"no-decay": "lr_decay=1.0"}  # ledger 12
DEEPSEM = "DeepSEM"
PRESETS = ("nonspecific", "specific")


RANDOM, ORACLE = "random", "TF-degree"  # a ranking by chance; one by the TFs' targets in the truth


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
            raise BadInput(
                f"{self.base} has no setting {first_few(unknown)}; it has {first_few(defaults)}"
            )
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
        raise BadInput(f"{text!r} is not a setting: write name=value or {', '.join(ABBREVIATIONS)}")
    try:
        return name, ast.literal_eval(value.title() if value in ("true", "false") else value)
    except (ValueError, SyntaxError):
        return name, value


def known_methods() -> list[str]:
    return [DEEPSEM, f"{DEEPSEM}/no-decay", *METHODS, RANDOM, ORACLE]


@dataclass(frozen=True)
class Grid:
    """Problems x methods x seeds, counted from `first`; deterministic methods have seed 0 only."""

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
        """From names of data sets and methods. Raises BadInput or datasets.DataUnavailable."""
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
                raise BadInput(f"listed twice: {first_few(twice)}")
        for problem in self.problems:
            problem.check()

    def members(self) -> Iterator["Run"]:
        for problem in self.problems:
            for method in self.methods:
                seeds = range(self.first, self.first + self.seeds)
                for seed in [0] if method.deterministic else seeds:
                    yield Run(problem, method, seed)

    def ensembles(self) -> Iterator["Run"]:
        for problem in self.problems:
            for method in self.methods:
                if method.base == DEEPSEM and self.seeds > 1:
                    yield Run(problem, method, self.first, self.seeds)


@dataclass(frozen=True)
class Run:
    """One inference, or the ensemble of n_members inferences with the seeds seed, seed + 1, ..."""

    problem: Problem
    method: Method
    seed: int
    n_members: int = 1

    def members(self) -> list["Run"]:
        seeds = range(self.seed, self.seed + self.n_members)
        return [Run(self.problem, self.method, seed) for seed in seeds]

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
        made_by = [self.config, self.problem.input, __version__, torch.__version__]
        if self.method.base not in (DEEPSEM, *OPTIONAL):  # the others use the listed TFs only
            made_by += self.problem.tfs
        folder = cache_dir() / "benchmark" / self.problem.name / self.method.preset
        return folder / f"{digest(*made_by)}-{self.seed}.npz"
