"""`deepsem`: right edges, embeddings, cells and summaries out. What goes wrong: test_bad_input."""

import gzip
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from command import counts, run

from deepsem_book.own_data import advice, cli, training
from deepsem_minimal.config import Config
from deepsem_minimal.result import Result


def test_infer_writes_edges_and_json(folder, capsys):
    assert run("infer", "x.csv", "--tfs", "tfs.txt", "--out", "e.csv", "--json") == 0
    edges = pd.read_csv("e.csv")
    assert list(edges) == ["TF", "target", "importance", "sign"] and len(edges) == 2 * 11
    assert set(edges["sign"]) <= {-1, 0, 1}
    assert set(edges["TF"]) == {"g1", "g2"} and edges["importance"].is_monotonic_decreasing
    out = capsys.readouterr().out
    summary = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert summary["cells"] == 40 and summary["genes"] == 12 and summary["seeds"] == [0]
    assert summary["stability"]["shared"] is None and summary["expected"]["seconds"] > 0
    assert sorted(os.listdir()) == ["e.csv", "tfs.txt", "x.csv"]  # no temporary file is left


def test_what_it_says_before_and_after(folder, capsys):
    words = ["infer", "x.csv", "--out", "e.csv", "--epochs", "2", "--seeds", "2", "--jobs", "1"]
    assert cli.main([*words, "--tfs", "tfs.txt"]) == 0
    said = capsys.readouterr()
    assert said.out == ""  # results only
    for line in (
        "rows read as cells: 2 known gene names in the first line; --orientation tells otherwise",
        "read as raw counts: ln(1 + count / total * 10^4) used",
        "warning: 40 cells: the tests had 383 to 889",
        "40 cells x 12 genes, 2 seed(s): expect about",
        "2 TFs and 10 other genes used",
        "e.csv: 22 edges; two seeds share",
        "control: a correlation with its hubs corrected has",
    ):
        assert line in said.err, line


def test_suffixes_of_the_edge_table(folder):
    for name in ("e.csv", "e.tsv", "e.csv.gz"):
        assert run("infer", "x.csv", "--out", name) == 0
    plain = Path("e.csv").read_bytes()
    assert Path("e.tsv").read_bytes() == plain.replace(b",", b"\t")
    assert gzip.decompress(Path("e.csv.gz").read_bytes()) == plain


def test_scale_and_duplicates_are_told(folder):
    rounded = np.rint(np.log1p(counts())).astype(int)
    rounded.to_csv("small.csv")
    assert run("infer", "small.csv", "--scale", "log", "--out", "log.csv") == 0
    assert run("infer", "small.csv", "--scale", "counts", "--out", "counts.csv") == 0
    assert Path("log.csv").read_text() != Path("counts.csv").read_text()
    twins = pd.concat([counts() // 2, (counts() + 1) // 2], axis=1)  # every gene twice
    twins.to_csv("twins.csv")
    assert run("infer", "twins.csv", "--sum-duplicates", "--out", "twins-e.csv") == 0
    assert run("infer", "x.csv", "--out", "e.csv") == 0
    edges, expected = (pd.read_csv(name) for name in ("twins-e.csv", "e.csv"))
    pd.testing.assert_frame_equal(edges, expected)


def test_embed_and_simulate(folder):
    assert run("embed", "x.csv", "--out", "e.h5ad") == 0
    embedded = anndata.read_h5ad("e.h5ad")
    assert embedded.obsm["X_deepsem"].shape == (40, 12) and list(embedded.obs_names) == list(
        counts().index
    )
    assert embedded.varp["deepsem_W"].shape == (12, 12)
    assert json.loads(embedded.uns["deepsem"]["config"])["n_epochs"] == 2
    assert run("simulate", "x.csv", "-n", "7", "--out", "s.h5ad") == 0
    cells = anndata.read_h5ad("s.h5ad")
    assert cells.shape == (7, 12) and set(cells.obs["from_cell"]) <= set(counts().index)


def test_a_network_for_each_group(folder, capsys):
    adata = AnnData(np.log1p(counts().to_numpy(np.float32)), var=counts().iloc[:0].T)
    adata = anndata.concat([adata] * 3, index_unique="_")
    adata.obs["kind"] = ["a b/c"] * 60 + ["d"] * 55 + ["rare"] * 5
    adata.write_h5ad("x.h5ad")
    words = ["infer", "x.h5ad", "--groupby", "kind", "--out", "e.csv", "--save", "r.h5ad", "--json"]
    assert run(*words) == 0
    said = capsys.readouterr()
    assert "rare left out: 5 cells, below 50" in said.err
    assert set(json.loads(said.out)["groups"]) == {"a b/c", "d"}
    adata[:60].write_h5ad("part.h5ad")
    assert run("infer", "part.h5ad", "--out", "alone.csv") == 0
    assert Path("e-a_b_c.csv").read_text() == Path("alone.csv").read_text()
    edges = Result.load("r-d.h5ad").edges()
    np.testing.assert_allclose(edges["importance"], pd.read_csv("e-d.csv")["importance"], rtol=1e-6)
    assert run("infer", "x.h5ad", "--groupby", "sex", "--out", "e.csv") == 2
    assert "no column 'sex'" in capsys.readouterr().err


def test_seeds_on_a_cluster_are_those_of_this_machine(folder):
    """Two real worker processes; the ensemble, and groups with their members side by side."""
    distributed = pytest.importorskip("distributed")
    adata = AnnData(np.log1p(counts().to_numpy(np.float32)), var=counts().iloc[:0].T)
    adata = anndata.concat([adata] * 3, index_unique="_")
    adata.obs["kind"] = ["a"] * 60 + ["b"] * 60
    adata.write_h5ad("x.h5ad")
    words = ["infer", "x.h5ad", "--epochs", "3", "--seeds", "2", "--quiet", "--jobs", "1"]
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        cluster_words = ["--dask", cluster.scheduler_address]
        assert cli.main([*words, "--out", "there.csv", *cluster_words]) == 0
        assert cli.main([*words, "--out", "there.csv", *cluster_words, "--groupby", "kind"]) == 0
    assert cli.main([*words, "--out", "here.csv"]) == 0
    assert cli.main([*words, "--out", "here.csv", "--groupby", "kind"]) == 0
    for part in ("", "-a", "-b"):
        on_machine, on_cluster = (
            pd.read_csv(f"{name}{part}.csv").set_index(["TF", "target"]).sort_index()
            for name in ("here", "there")
        )
        pd.testing.assert_frame_equal(on_machine, on_cluster, rtol=1e-4)


def test_evaluate_and_data(folder, capsys):
    edges = pd.DataFrame(
        {"TF": ["A", "A", "B", "NA"], "target": ["B", "C", "C", "C"], "importance": [3.0, 2, 1, 0]}
    )
    edges.to_csv("e.tsv", sep="\t", index=False)
    pd.DataFrame({"Gene1": ["A", "NA"], "Gene2": ["B", "C"]}).to_csv("known.csv", index=False)
    assert cli.main(["evaluate", "e.tsv", "known.csv", "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert scores["n_tfs"] == 2 and scores["n_edges"] == 2  # a gene may be named NA
    assert cli.main(["evaluate", "e.tsv", "e.tsv"]) == 2
    assert "is a ranking" in capsys.readouterr().err
    pd.DataFrame({"a": ["A"], "b": ["B"]}).to_csv("other.csv", index=False)
    assert cli.main(["evaluate", "e.tsv", "other.csv"]) == 2
    assert "lacks the column(s) ['Gene1', 'Gene2']" in capsys.readouterr().err
    assert cli.main(["evaluate", "e.tsv", "none.csv"]) == 2
    assert "none.csv does not exist" in capsys.readouterr().err
    assert cli.main(["data", "list", "beeline/mDC-500"]) == 0
    assert "beeline/mDC-500/STRING" in capsys.readouterr().out.splitlines()
    assert cli.main(["data", "list", "nothing"]) == 2
    assert cli.main(["data", "fetch", "beeline/mDC-5"]) == 2
    assert "beeline/mDC-500" in capsys.readouterr().err


def test_a_pipe_that_closes_early_is_no_error():
    command = f"{sys.executable} -m deepsem_book data list | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stdout.count("\n") == 1 and done.stderr == ""


@pytest.mark.parametrize("command", ["", "infer", "embed", "simulate", "evaluate", "data"])
def test_help_has_examples_and_exit_codes(command, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main([*command.split(), "--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0 and f"  deepsem {command}" in text and "130 interrupted" in text
    options = cli.parser()
    for line in text.split("examples:\n")[1].split("\n\n")[0].splitlines():
        options.parse_args(line.split()[1:])  # what is shown can be run


def test_settings_reach_the_training(folder):
    words = ["--preset", "specific", "--cells-per-epoch", "20", "--save", "r.h5ad"]
    assert run("infer", "x.csv", "--out", "e.csv", *words) == 3  # W stays next to singular
    expected = Config.cell_type_specific(n_epochs=2, cells_per_epoch=20)
    assert Result.load("r.h5ad").config == expected
    assert run("infer", "x.csv", "--out", "e.csv", "--save", "own.h5ad") == 0
    assert Result.load("own.h5ad").config == Config.for_data(40, 12, n_epochs=2)


def test_sick_seeds_are_left_out_and_named(folder, capsys, monkeypatch):
    """One of three members is emptied after training; then two of three are."""
    words = ["infer", "x.csv", "--tfs", "tfs.txt", "--out", "e.csv", "--json"]
    words += ["--epochs", "2", "--seeds", "3", "--jobs", "1", "--save", "r.h5ad"]
    fitted = training.fit
    for emptied, code in (([1], 0), ([0, 2], 3)):

        def fit(*args, emptied=emptied, **options):
            result = fitted(*args, **options)
            for place in emptied:
                result.members[place].model.grn.W.data *= 1e-9
            return result

        monkeypatch.setattr(training, "fit", fit)
        assert cli.main(words) == code
        said = capsys.readouterr()
        summary = json.loads(said.out)
        healthy = [seed for seed in range(3) if seed not in emptied]
        assert summary["seeds"] == healthy
        assert [bool(member["complaints"]) for member in summary["health"]] == [
            seed in emptied for seed in range(3)
        ]
        for seed in emptied:
            assert f"warning: seed {seed} left out: " in said.err and "W is empty" in said.err
        assert ("do not use this network" in said.err) == (code == 3)
        saved = Result.load("r.h5ad")  # with the sick ones
        members = [member for member in saved.members if member.seed in healthy]
        alone = replace(saved, members=members)
        written = pd.read_csv("e.csv")["importance"]
        np.testing.assert_allclose(written, alone.edges()["importance"], rtol=1e-5)


def test_each_group_has_the_preset_of_its_size(folder):
    adata = AnnData(np.log1p(counts().to_numpy(np.float32)), var=counts().iloc[:0].T)
    adata = anndata.concat([adata] * 4, index_unique="_")
    adata.obs["kind"] = ["a"] * 60 + ["b"] * 100
    adata.write_h5ad("x.h5ad")
    words = ["infer", "x.h5ad", "--groupby", "kind", "--out", "e.csv", "--save", "r.h5ad"]
    assert run(*words) == 0
    for name, n_cells in (("a", 60), ("b", 100)):
        expected = Config.for_data(n_cells, 12, n_epochs=2)
        assert Result.load(f"r-{name}.h5ad").config == expected


def test_verdict_grows_with_stability():
    sure = {"top": 100.0, "shared": 0.9, "chance": 0.01}
    assert advice.stability_verdict(sure).endswith("(chance 1.0%)")
    assert "change with the seed" in advice.stability_verdict(sure | {"shared": 0.3})
    assert "believe no single edge" in advice.stability_verdict(sure | {"shared": 0.015})
    assert "unknown with one seed" in advice.stability_verdict(sure | {"shared": float("nan")})
