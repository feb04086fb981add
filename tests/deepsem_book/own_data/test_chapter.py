"""Chapter 13: what changes a list of edges, the example's data, and the recorded runs."""

import numpy as np
import pandas as pd
from anndata import AnnData

from deepsem_book import datasets, own_data
from deepsem_book.own_data import compare, example, measure_scale, said
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
    assert said.heavier(table) == ""
    groups = compare.shared_by_groups({"a": first, "b": second}, 2, 0.25)
    assert groups.to_list() == [1, 0, 0.5, 0.5]
    assert "cannot be compared" in said.groups(groups, 9, 3)
    assert "differ by more than seeds do" in said.groups(groups.add([50, 60, 20, 0]), 9, 3)


def test_the_heavier_of_seed_and_cells_needs_both_pairs():
    rows = ["same cells, other seed", "other cells, same seed", "other cells, other seed"]
    table = pd.DataFrame([[0.1, 0.2], [0.3, 0.4], [0, 0]], rows)
    assert said.heavier(table) == "start" and "start of the training weighs" in said.what_weighs(
        table
    )
    assert said.heavier(table.iloc[[1, 0, 2]]) == "cells"


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


def test_options_of_the_command_become_code():
    assert example.bullets(["use --tfs, not `--raw`"]) == "- use `--tfs`, not `--raw`"
    assert example.bullets([]) == "- nothing to note"


def test_samples_of_cells_have_the_preset_of_their_network():
    table = compare.samples_of_cells()
    assert set(table["n_members"]) == {1} and table["cells"].min() < table["cells"].max()
    presets = table.groupby("network")["preset"].unique().map(list).to_dict()
    assert presets["STRING"] == ["nonspecific"] and presets["Specific"] == ["specific"]
    text = said.few_cells(table)
    assert text.count("- **") == len(presets)


def test_the_recorded_runs_keep_their_rows_and_order(tmp_path):
    recorded = datasets.results("scale")
    table = measure_scale.table_at(tmp_path / "scale.csv")
    for row in recorded.to_dict("records"):
        assert not table.has(n_cells=row["n_cells"], cells_per_epoch=row["cells_per_epoch"])
        table.put([row])
    pd.testing.assert_frame_equal(pd.read_csv(table.path), recorded, check_dtype=False)
