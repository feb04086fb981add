"""BEELINE's contract without Docker: the runner's three steps, with the script for the container.

The stand-in for BLRun.runner has what the base class of BEELINE 1.1 gives: folders, image, params,
`_run_docker` and `_write_ranked_edges`; the YAML and the two lines of code are the README's.
"""

import importlib.util
import re
import shlex
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from deepsem_book import datasets
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit

FOLDER = Path(__file__).parents[3] / "deepsem_book" / "own_data" / "beeline_pipeline"


class Runner:
    """What BEELINE 1.1's base class sets of a configuration and gives to its algorithms."""

    def __init__(self, root: Path, config: dict) -> None:
        data, results = config["dataset"], config["output_settings"]
        self.input_dir = root / config["input"]["input_dir"] / data["dataset_id"]
        self.output_dir = root / results["output_dir"] / data["dataset_id"] / config["algo_name"]
        self.working_dir = self.output_dir / "working_dir"
        for part in (self.input_dir, self.working_dir):
            part.mkdir(parents=True, exist_ok=True)
        self.image, self.exprData = config["image"], data["exprData"]
        params = config.get("params", {})
        self.params = {k: v[0] if isinstance(v, list) and len(v) == 1 else v
                       for k, v in params.items()}  # fmt: skip
        self.commands = []

    def _run_docker(self, cmd: str, append: bool = False) -> None:
        """What Docker would do: the image's script on the mounted folder."""
        self.commands.append(cmd)
        words = shlex.split(cmd)
        outside, inside = words[words.index("-v") + 1].rsplit(":", 1)
        assert words[:3] == ["docker", "run", "--rm"] and words[-4] == self.image
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


README = (FOLDER / "README.md").read_text()


def runners(root: Path, text: str, known: dict) -> list:
    """The runners that BEELINE 1.1 makes of a configuration: none of an algorithm without
    should_run at its top."""
    settings = yaml.safe_load(text)["input_settings"]
    dataset = {"dataset_id": "GSD", "exprData": "ExpressionData.csv"}
    common = {"input": {"input_dir": "inputs"}, "dataset": dataset,
              "output_settings": {"output_dir": "outputs"}}  # fmt: skip
    return [
        known[algorithm["algorithm_id"]](root, common | {
            "algo_name": algorithm["algorithm_id"], "image": algorithm["image"],
            "params": algorithm.get("params", {}),
        })
        for algorithm in settings["algorithms"]
        if algorithm.get("should_run", [False])[0]
    ]  # fmt: skip


@pytest.fixture
def known(monkeypatch):
    """BLRunner.RUNNERS with the two lines that the README asks for."""
    stand_in = types.ModuleType("BLRun.runner")
    stand_in.Runner = Runner
    package = types.ModuleType("BLRun")
    monkeypatch.setitem(sys.modules, "BLRun", package)
    monkeypatch.setitem(sys.modules, "BLRun.runner", stand_in)
    monkeypatch.setitem(sys.modules, "BLRun.deepsemRunner", module("deepsemRunner"))
    line, entry = re.findall(r"`(from BLRun[^`]+|'DEEPSEM':[^`]+)`", README)
    scope: dict = {}
    exec(f"{line}\nRUNNERS = {{{entry}}}", scope)
    return scope["RUNNERS"]


def example(**params) -> str:
    """The YAML of the README with other params and another image."""
    [block] = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    settings = yaml.safe_load(block)
    [algorithm] = settings["input_settings"]["algorithms"]
    algorithm["params"] |= params
    algorithm["image"] = "registry/deepsem:mine"
    return yaml.safe_dump(settings)


def test_inputs_run_and_ranked_edges(known, tmp_path):
    adata = datasets.load("sim/linear-10")[:100].copy()
    adata.X -= adata.X.min()
    [runner] = runners(tmp_path / "with space", example(seeds=[2], epochs=[3]), known)
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


@pytest.mark.parametrize("params", [{"seeds": [1, 2]}, {"seed": [1]}])
def test_params_that_the_script_cannot_take_are_refused(known, tmp_path, params):
    [runner] = runners(tmp_path, example(**params), known)
    with pytest.raises(ValueError, match="params are preset, seeds, epochs"):
        runner.generateInputs()


def test_no_output_is_skipped(known, tmp_path, capsys):
    [runner] = runners(tmp_path, example(), known)
    runner.parseOutput()
    assert "skipping" in capsys.readouterr().out
    assert not (runner.output_dir / "rankedEdges.csv").exists()


def test_script_says_what_is_wrong(tmp_path, capsys):
    main, out = module("run_deepsem").main, tmp_path / "out.csv"
    assert main(["--inFile", str(tmp_path / "none.csv"), "--outFile", str(out)]) == 2
    assert "does not exist" in capsys.readouterr().err and not out.exists()
    assert main(["--inFile", "none.csv", "--outFile", str(tmp_path / "no" / "out.csv")]) == 2
    (tmp_path / "in.csv").write_text("x")
    same = str(tmp_path / "in.csv")
    assert main(["--inFile", same, "--outFile", same]) == 2
    assert "would be overwritten" in capsys.readouterr().err
    assert (tmp_path / "in.csv").read_text() == "x"
