"""`deepsem`: right edges out, and one clear message with an exit code for whatever goes wrong."""

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from deepsem_minimal import cli, explorer, guidance
from deepsem_minimal.ensemble import Interrupted, Result, fit, fit_groups
from deepsem_minimal.simulation import simulate
from deepsem_minimal.train import Config

CONFIG = Config(n_epochs=3, n_hidden=8, n_knots=32)
OPTIONS = ["--epochs", "2", "--seeds", "1", "--jobs", "1", "--quiet", "--orientation", "cells"]


def counts() -> pd.DataFrame:
    values = np.random.default_rng(0).poisson(4.0, (40, 12)) * 3
    return pd.DataFrame(values, [f"c{i}" for i in range(40)], [f"g{i}" for i in range(12)])


def log_adata() -> AnnData:
    table = counts()
    adata = AnnData(np.log1p(table.to_numpy(np.float32)), table.iloc[:, :0], table.iloc[:0].T)
    adata.obs["kind"] = ["a"] * 20 + ["b"] * 17 + ["c"] * 3
    return adata


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    counts().to_csv("x.csv")
    Path("tfs.txt").write_text("G1\ng2\n")
    return tmp_path


def run(*words: str) -> int:
    return cli.main([*words, *OPTIONS])


def test_infer_writes_edges_and_json(folder, capsys):
    assert run("infer", "x.csv", "--tfs", "tfs.txt", "--out", "e.csv", "--json") == 0
    edges = pd.read_csv("e.csv")
    assert list(edges) == ["TF", "target", "importance"] and len(edges) == 2 * 11
    assert set(edges["TF"]) == {"g1", "g2"} and edges["importance"].is_monotonic_decreasing
    summary = json.loads(capsys.readouterr().out)
    assert summary["cells"] == 40 and summary["seeds"] == [0]
    assert sorted(os.listdir()) == ["e.csv", "tfs.txt", "x.csv"]  # no temporary file is left


def test_embed_and_simulate(folder):
    assert run("embed", "x.csv", "--out", "e.h5ad") == 0
    assert anndata.read_h5ad("e.h5ad").obsm["X_deepsem"].shape == (40, 12)
    assert run("simulate", "x.csv", "-n", "7", "--out", "s.h5ad") == 0
    assert anndata.read_h5ad("s.h5ad").shape == (7, 12)


BAD = {
    "no such file": (lambda t: None, "no.csv", "does not exist"),
    "NaN": (lambda t: put(t, "nan"), "x.csv", "line 4, column 'g1'|NaN or infinite"),
    "inf": (lambda t: put(t, "inf"), "x.csv", "NaN or infinite"),
    "negative": (lambda t: put(t, -1), "x.csv", "negative values.*--layer"),
    "text": (lambda t: put(t, "n.d."), "x.csv", "line 4, column 'g1': 'n.d.' is no number"),
    "all zero": (lambda t: t * 0, "x.csv", "All values are zero"),
    "no cells": (lambda t: t.iloc[:0], "x.csv", "empty"),
    "one gene": (lambda t: t.iloc[:, 1:2], "x.csv", "at least 2 cells and 3 genes"),
    "one cell": (lambda t: t.iloc[:1], "x.csv", "at least 2 cells and 3 genes"),
    "twin genes": (lambda t: t.rename(columns={"g3": "g2"}), "x.csv", "gene names occur more"),
    "twin cells": (lambda t: t.rename(index={"c3": "c2"}), "x.csv", "cell names occur more"),
    "other species": (
        lambda t: t.rename(columns=lambda g: f"ENSG{g}"), "x.csv", "None of the TFs"),
}  # fmt: skip


def put(table: pd.DataFrame, value) -> pd.DataFrame:
    table = table.astype(object)
    table.iat[2, 1] = value
    return table


@pytest.mark.parametrize("case", BAD)
def test_bad_input_has_one_message_and_code_2(folder, capsys, case):
    spoil, name, message = BAD[case]
    if (table := spoil(counts())) is not None:
        table.to_csv("x.csv")
    assert run("infer", name, "--tfs", "tfs.txt", "--out", "e.csv") == 2
    error = capsys.readouterr().err
    assert re.search(message, error) and error.count("deepsem:") == 1
    assert "Traceback" not in error and not Path("e.csv").exists()


@pytest.mark.parametrize("name", ["x.h5ad", "x.loom", "x.h5"])
def test_truncated_file(folder, capsys, name):
    log_adata().write_h5ad("whole.h5ad")
    Path(name).write_bytes(Path("whole.h5ad").read_bytes()[:2000])
    assert run("infer", name, "--out", "e.csv") == 2
    assert "cannot be read" in capsys.readouterr().err


def test_bad_line_and_bad_lists(folder, capsys):
    with open("x.csv", "a") as file:
        file.write("c99,1,2,3,4,5,6,7,8,9,10,11,12,13,14\n")
    assert run("infer", "x.csv", "--out", "e.csv") == 2
    assert "line 42" in capsys.readouterr().err
    counts().to_csv("x.csv")
    assert run("infer", "x.csv", "--tfs", "none.txt", "--out", "e.csv") == 2
    Path("empty.txt").write_text("\n")
    assert run("infer", "x.csv", "--tfs", "empty.txt", "--out", "e.csv") == 2
    assert run("infer", "x.csv", "--out", "no/such/e.csv") == 2


def test_no_space_left_leaves_no_half_file(folder, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("deepsem_minimal.records.os.fsync", full)
    assert run("infer", "x.csv", "--out", "e.csv") == 1
    assert "No space left" in capsys.readouterr().err and not Path("e.csv").exists()


def test_no_permission_is_said_before_training(folder, capsys, monkeypatch):
    monkeypatch.setattr(
        "deepsem_minimal.cli.os.access", lambda *_: False
    )  # root may write anywhere
    monkeypatch.setattr("deepsem_minimal.cli.fit", lambda *_: pytest.fail("trained in vain"))
    assert run("infer", "x.csv", "--out", "e.csv") == 2
    assert "no permission to write" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_ctrl_c_in_a_real_process_keeps_the_finished_seeds(folder):
    """Exit code 130; the table of edges is whole and no temporary file is left."""
    words = [
        "infer",
        "x.csv",
        "--out",
        "e.csv",
        "--json",
        "--epochs",
        "20",
        "--seeds",
        "100000",
        "--jobs",
        "1",
    ]
    command = [sys.executable, "-m", "deepsem_minimal.cli", *words, "--orientation", "cells"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in process.stderr:  # wait until it trains
        if "expect about" in line:
            break
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    done = json.loads(out)["seeds"]
    assert done == list(range(len(done))) and 0 < len(done) < 100000
    assert len(pd.read_csv("e.csv")) == 12 * 11
    assert sorted(os.listdir()) == ["e.csv", "tfs.txt", "x.csv"] and "Traceback" not in error


def test_seeds_on_a_cluster_are_those_of_this_machine(folder):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        words = ["infer", "x.csv", "--epochs", "3", "--seeds", "3", "--quiet", "--jobs", "1"]
        words += ["--orientation", "cells"]
        assert cli.main([*words, "--out", "there.csv", "--dask", cluster.scheduler_address]) == 0
        assert cli.main([*words, "--out", "here.csv"]) == 0
    here, there = (
        pd.read_csv(name).set_index(["TF", "target"]) for name in ("here.csv", "there.csv")
    )
    pd.testing.assert_frame_equal(here.sort_index(), there.sort_index(), rtol=1e-4)


def test_no_cluster_at_the_address_is_one_message(folder, capsys, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("deepsem_minimal.cluster.TIMEOUT", 1.0)
    assert run("infer", "x.csv", "--out", "e.csv", "--dask", "tcp://127.0.0.1:9") == 2
    assert "no Dask scheduler answers" in capsys.readouterr().err


def test_few_cells_and_small_whole_numbers_are_said(folder, capsys):
    (counts() % 7).to_csv("x.csv")
    words = [word for word in OPTIONS if word != "--quiet"]
    assert cli.main(["infer", "x.csv", "--out", "e.csv", *words]) == 0
    error = capsys.readouterr().err
    assert "fewer than a batch of 64" in error and "rounded log values" in error


def test_interrupt_keeps_the_seeds_that_are_done():
    main = threading.main_thread().ident
    settings = {"seeds": 200, "n_jobs": 1, "progress": False, "device": "cpu"}
    timer = threading.Timer(1.0, lambda: signal.pthread_kill(main, signal.SIGINT))
    timer.start()
    start = time.perf_counter()
    with pytest.raises(Interrupted) as stopped:
        fit(log_adata(), Config(n_epochs=30, n_hidden=8, n_knots=32), **settings)
    done = stopped.value.result
    assert time.perf_counter() - start < 30 and done is not None
    assert done.seeds == list(range(len(done.seeds))) and len(done.seeds) < 200
    assert all(len(member.history) == 30 for member in done.members)


def test_save_and_load_lose_nothing(tmp_path):
    adata = log_adata()
    adata.var["tf"] = np.arange(12) < 4
    result = fit(adata, CONFIG, [3, 1], progress=False, n_jobs=1)
    result.save(tmp_path / "r.h5ad")
    again = Result.load(tmp_path / "r.h5ad")
    np.testing.assert_array_equal(again.Ws, result.Ws)
    np.testing.assert_array_equal(again.embed(adata.X), result.embed(adata.X))
    assert again.config == CONFIG and again.seeds == [3, 1] and again.tfs == result.tfs
    pd.testing.assert_frame_equal(again.history, result.history, check_dtype=False)
    pd.testing.assert_frame_equal(again.edges(), result.edges())
    adata.write_h5ad(tmp_path / "other.h5ad")
    with pytest.raises(ValueError, match="no saved result"):
        Result.load(tmp_path / "other.h5ad")


def test_groups_are_fitted_on_their_own_cells():
    adata = log_adata()
    settings = {"seeds": 1, "progress": False, "n_jobs": 1}
    with pytest.warns(UserWarning, match="c: 3 cells"):
        found = fit_groups(adata, "kind", CONFIG, min_cells=10, **settings)
    alone = fit(adata[:20].copy(), CONFIG, **settings)
    assert set(found) == {"a", "b"}
    np.testing.assert_array_equal(found["a"].W, alone.W)
    with pytest.raises(ValueError, match="no column"):
        fit_groups(adata, "nothing", CONFIG)


def test_simulated_cells_keep_the_zeros_of_their_cell():
    adata = log_adata()
    adata.X[::3, ::2] = 0
    result = fit(adata, CONFIG, 1, progress=False, n_jobs=1)
    X, rows = simulate(result, adata.X, 25, seed=1)
    assert not X[adata.X[rows] == 0].any() and X.shape == (25, 12) and (X >= 0).all()
    np.testing.assert_array_equal(X, simulate(result, adata.X, 25, seed=1)[0])
    assert not np.array_equal(X, simulate(result, adata.X, 25, seed=2)[0])
    with pytest.raises(ValueError, match="at least 1"):
        simulate(result, adata.X, 0)


def test_stability_of_identical_and_of_different_members():
    result = fit(log_adata(), CONFIG, 2, progress=False, n_jobs=1)
    result.members[1] = result.members[0]
    assert guidance.stability(result, 10)["shared"] == 1
    edges = guidance.edge_stability(result, 10)
    assert (edges["in_top"] == 1).all() and list(edges["rank_low"]) == list(range(1, 11))
    result.members = result.members[:1]
    assert np.isnan(guidance.stability(result, 10)["shared"])


def test_explorer_page_stands_alone_and_survives_odd_names():
    edges = pd.DataFrame({"TF": ["</script>x"], "target": ["b"], "importance": [1.0]})
    html = explorer.page(edges, "a < b")
    text = html.split('type="application/json">')[1].split("</script>")[0]
    assert json.loads(text) == [["</script>x", "b", 1.0]]
    assert "a &lt; b" in html and 'src="' not in html and "<link" not in html
    assert html.replace("http://www.w3.org/2000/svg", "").count("http") == 0


def test_sparse_10x_folder_is_read_the_same(folder):
    import scipy.io

    Path("mtx").mkdir()
    scipy.io.mmwrite("mtx/matrix.mtx", sparse.coo_matrix(counts().T))
    pd.Series([f"c{i}" for i in range(40)]).to_csv("mtx/barcodes.tsv", header=False, index=False)
    names = pd.DataFrame({"id": "ENS", "name": counts().columns})
    names.to_csv("mtx/genes.tsv", sep="\t", header=False, index=False)
    assert (
        run("infer", "mtx", "--out", "a.csv") == 0 and run("infer", "x.csv", "--out", "b.csv") == 0
    )
    merged = [pd.read_csv(f).set_index(["TF", "target"])["importance"] for f in ("a.csv", "b.csv")]
    np.testing.assert_allclose(merged[0].sort_index(), merged[1].sort_index(), rtol=1e-3)


def test_beeline_runner_keeps_the_file_contract(folder, capsys):
    path = Path(__file__).parent.parent / "beeline_runner" / "run_deepsem.py"
    spec = importlib.util.spec_from_file_location("run_deepsem", path)
    runner = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(runner)
    adata = log_adata()
    adata.to_df().T.to_csv("ExpressionData.csv")
    words = [
        "--inFile",
        "ExpressionData.csv",
        "--outFile",
        "rankedEdges.csv",
        "--seeds",
        "1",
        "--epochs",
        "2",
    ]
    assert runner.main(words) == 0
    ranked = pd.read_csv("rankedEdges.csv", sep="\t")
    assert list(ranked) == ["Gene1", "Gene2", "EdgeWeight"] and len(ranked) == 12 * 11
    expected = fit(adata, Config(n_epochs=2), 1, progress=False).edges()
    assert list(ranked["Gene1"]) == list(expected["TF"])
    np.testing.assert_allclose(ranked["EdgeWeight"], expected["importance"], rtol=1e-5)
    assert runner.main(["--inFile", "none.csv", "--outFile", "out.csv"]) == 2
