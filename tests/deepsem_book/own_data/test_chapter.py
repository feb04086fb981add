"""Chapter 13: what changes a list of edges, the example's data, and the recorded runs."""

import numpy as np
import pandas as pd
from anndata import AnnData

from deepsem_book import datasets, own_data
from deepsem_book.own_data import compare, example, measure_pairs, measure_scale
from deepsem_book.results_table import ResultsTable
from deepsem_minimal import Config, fit


def result_of(*Ws: np.ndarray):
    """A result whose members have these W."""
    n = len(Ws[0])
    X = np.random.default_rng(0).random((8, n)).astype(np.float32)
    config = Config.nonspecific(n_epochs=1, W_init="safe")
    result = fit(AnnData(X), config, seeds=len(Ws), progress=False)
    for member, W in zip(result.members, Ws, strict=True):
        member.model.grn.W.data.copy_(member.model.grn.W.new_tensor(W))
    return result


def with_edges(*edges: tuple[int, int]) -> np.ndarray:
    """Twelve genes: the edges, the first one strongest, among weights of both signs."""
    W = np.where(np.indices((12, 12)).sum(axis=0) % 2, 0.5, -0.5)
    for weight, edge in enumerate(reversed(edges), start=5):
        W[edge] = weight
    return W


def test_halves_of_the_cells_are_compared_pair_by_pair():
    first = result_of(with_edges((0, 1), (0, 2)), with_edges((0, 1), (2, 3)))
    second = result_of(with_edges((0, 1), (0, 2)), with_edges((3, 1), (3, 2)))
    table = own_data.compare.shared_by_halves([first, second], 2)
    assert table.loc["same cells, other seed"].tolist() == [0.5, 0]
    assert table.loc["other cells, same seed"].tolist() == [1, 0]
    assert table.loc["other cells, other seed"].tolist() == [0, 0.5]
    assert compare.heavier(table) == "undecided"
    groups = compare.shared_by_groups({"a": first, "b": second}, 2, 0.25)
    assert groups.to_list() == [1, 0, 0.5, 0.5]
    assert compare.differ(groups).startswith("unknown")
    assert compare.differ(groups.add([50, 60, 20, 0])) == "more than seeds do"
    assert compare.differ(groups.add([50, 60, 70, 0])) == "no more than seeds do"


def test_the_heavier_of_seed_and_cells_needs_both_pairs():
    rows = ["same cells, other seed", "other cells, same seed", "other cells, other seed"]
    table = pd.DataFrame([[0.1, 0.2], [0.3, 0.4], [0, 0]], rows)
    assert compare.heavier(table) == "the start of the training"
    assert compare.heavier(table.iloc[[1, 0, 2]]) == "the sample of cells"


def test_groups_are_cut_to_the_smaller_one():
    labels = ["a"] * 5 + ["b"] * 3 + ["c"] * 2
    adata = AnnData(
        np.arange(20.0).reshape(10, 2), pd.DataFrame({"t": labels}, map(str, range(10)))
    )
    cells, sizes = compare.two_largest(adata, "t")
    assert sizes.to_dict() == {"a": 5, "b": 3}
    assert cells.obs["t"].value_counts().to_dict() == {"a": 3, "b": 3}
    assert cells.obs_names.is_unique
    cells, sizes = compare.two_largest(adata, "none")
    assert sizes.to_dict() == {"even": 5, "odd": 5} and "none" not in adata.obs


def test_edges_by_agreement_then_importance():
    edges = pd.DataFrame(
        {"TF": list("abcd"), "target": list("xyxz"), "importance": [4, 3, 2, 1.0],
         "in_top": [0.2, 1, 1, 0.8]}
    )  # fmt: skip
    assert compare.by_agreement(edges)["TF"].tolist() == ["b", "c", "d", "a"]
    assert compare.most_agreed_target(edges.iloc[[0, 1, 3]]) in ("y", "z")
    assert compare.most_agreed_target(edges.assign(in_top=0)) == "x"


def test_the_example_has_counts_even_without_the_real_data():
    simulated = datasets.load("sim/nonlinear-20")[:30]
    assert example.is_simulated(simulated)
    counts = example.raw_counts(simulated).X
    assert (counts == np.rint(counts)).all() and counts.max() > 30
    assert example.tfs_of(simulated) == (list(simulated.var_names[:4]), "")


def test_without_a_list_the_tfs_of_the_page_stand_for_it(monkeypatch):
    def away(*_, **__):
        raise datasets.DataUnavailable("no internet")

    monkeypatch.setattr(datasets, "transcription_factors", away)
    adata = AnnData(np.ones((2, 2)), layers={"counts": np.ones((2, 2))})
    tfs, notice = example.tfs_of(adata)
    assert tfs == example.KNOWN and f"that {len(tfs)} TFs written into this page" in notice


def test_the_command_in_a_notebook_says_what_it_says_in_a_shell(folder):
    """Its lines without progress bars, its summary, and the same selection as in Python."""
    words = "infer x.csv --out e.csv --epochs 2 --seeds 1 --jobs 1 --orientation cells"
    done = example.command(words, folder)
    assert done.code == 0 and done.summary["genes"] == 12 and (folder / "e.csv").exists()
    assert "no --tfs: every gene may be a regulator" in done.said
    assert not any("epoch" in line and "%|" in line for line in done.said)
    bad = example.command("infer none.csv --out e.csv", folder)
    assert bad.code == 2 and bad.summary == {} and bad.said[-1].startswith("deepsem: ")


def test_options_are_the_settings():
    real = AnnData(np.ones((2, 2)), layers={"counts": np.ones((2, 2))})
    assert example.options(real, "quick") == "--genes 150 --detected 0.2"
    assert example.options(real, "full") == ""
    assert example.options(AnnData(np.ones((2, 2))), "quick") == "--scale counts --detected 0.0"


def test_pairs_of_seeds_are_recorded_as_they_come(tmp_path, monkeypatch):
    """Three seeds have three pairs, by `Result.agreement` of all three together."""
    adata = datasets.load("sim/nonlinear-20")[:60].copy()
    monkeypatch.setattr(measure_pairs, "cells", lambda name: adata)
    small = Config(n_epochs=2, W_init="zero", n_hidden=8, n_knots=16)
    monkeypatch.setattr(measure_pairs.Config, "for_data", lambda *shape: small)
    table = ResultsTable(tmp_path / "pairs.csv", measure_pairs.TABLE.key,
                         measure_pairs.TABLE.columns, measure_pairs.TABLE.text,
                         measure_pairs.TABLE.whole)  # fmt: skip
    measure_pairs.measure("some", 3, table)
    rows = table.read()
    expected = fit(adata, small, 3, progress=False).agreement(200)
    assert list(zip(rows["seed"], rows["other"])) == [(0, 1), (0, 2), (1, 2)]
    np.testing.assert_allclose(rows["shared"], expected["shared"], atol=1e-6)
    assert set(rows["n_tfs"]) == {4} and set(rows["n_genes"]) == {20}


def test_the_recorded_runs_keep_their_rows_and_order(tmp_path):
    recorded = datasets.results("scale")
    table = measure_scale.table_at(tmp_path / "scale.csv")
    for row in recorded.to_dict("records"):
        assert not table.has(n_cells=row["n_cells"], cells_per_epoch=row["cells_per_epoch"])
        table.put([row])
    pd.testing.assert_frame_equal(pd.read_csv(table.path), recorded, check_dtype=False)
