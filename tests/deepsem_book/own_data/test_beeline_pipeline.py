"""BEELINE's contract without Docker: the runner's three steps, with the script for the container.

The stand-in for BLRun.runner has what BEELINE's base class gives: folders, params, `_run_docker`
and `_write_ranked_edges`.
"""

import importlib.util
import shlex
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deepsem_book import datasets
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit

FOLDER = Path(__file__).parents[3] / "deepsem_book" / "own_data" / "beeline_pipeline"


class Runner:
    def __init__(self, folder: Path, params: dict) -> None:
        self.input_dir, self.output_dir = folder / "inputs", folder / "outputs" / "DEEPSEM"
        self.working_dir = self.output_dir / "working_dir"
        for part in (self.input_dir, self.working_dir):
            part.mkdir(parents=True)
        self.exprData, self.params, self.commands = "ExpressionData.csv", params, []

    def _run_docker(self, cmd: str, append: bool = False) -> None:
        """What Docker would do: the image's script on the mounted folder."""
        self.commands.append(cmd)
        words = shlex.split(cmd)
        outside, inside = words[words.index("-v") + 1].rsplit(":", 1)
        assert words[:3] == ["docker", "run", "--rm"] and words[-4] == "deepsem:base"
        assert words[-3:-1] == ["/bin/sh", "-c"]
        program = [word.replace(inside, outside) for word in shlex.split(words[-1])]
        at = program.index("python")
        assert program[: at - 1] == ["/usr/bin/time", "-v", "-o"]
        assert program[at + 1] == "/deepsem/run_deepsem.py"
        script = [sys.executable, str(FOLDER / "run_deepsem.py"), *program[at + 2 :]]
        subprocess.run(script, check=True)

    def _write_ranked_edges(self, edges: pd.DataFrame) -> None:
        edges.to_csv(self.output_dir / "rankedEdges.csv", sep="\t", index=False)


def module(name: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def runner_class(monkeypatch):
    stand_in = types.ModuleType("BLRun.runner")
    stand_in.Runner = Runner
    monkeypatch.setitem(sys.modules, "BLRun", types.ModuleType("BLRun"))
    monkeypatch.setitem(sys.modules, "BLRun.runner", stand_in)
    return module("deepsemRunner").DEEPSEMRunner


def test_inputs_run_and_ranked_edges(runner_class, tmp_path):
    adata = datasets.load("sim/linear-10")[:100].copy()
    adata.X -= adata.X.min()
    runner = runner_class(tmp_path / "with space", {"seeds": 2, "epochs": 3, "should_run": True})
    adata.to_df().T.to_csv(runner.input_dir / "ExpressionData.csv")
    runner.generateInputs()
    runner.run()
    runner.parseOutput()
    ranked = pd.read_csv(runner.output_dir / "rankedEdges.csv", sep="\t")
    assert list(ranked) == ["Gene1", "Gene2", "EdgeWeight"] and len(ranked) == 10 * 9
    assert ranked["EdgeWeight"].is_monotonic_decreasing
    config = Config.for_data(100, 10, n_epochs=3)
    expected = fit(adata, config, 2, progress=False).edges(tfs=adata.var_names)
    ranked, expected = ranked.set_index(["Gene1", "Gene2"]), expected.set_index(["TF", "target"])
    weights = expected["importance"].reindex(ranked.index)
    np.testing.assert_allclose(ranked["EdgeWeight"], weights, rtol=1e-3)


def test_no_output_is_skipped(runner_class, tmp_path, capsys):
    runner = runner_class(tmp_path, {})
    runner.parseOutput()
    assert "skipping" in capsys.readouterr().out
    assert not (runner.output_dir / "rankedEdges.csv").exists()


def test_script_says_what_is_wrong(tmp_path, capsys):
    main, out = module("run_deepsem").main, tmp_path / "out.csv"
    assert main(["--inFile", str(tmp_path / "none.csv"), "--outFile", str(out)]) == 2
    assert "does not exist" in capsys.readouterr().err and not out.exists()
    assert main(["--inFile", "none.csv", "--outFile", str(tmp_path / "no" / "out.csv")]) == 2
