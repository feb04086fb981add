"""The control in closed form and the count of seeds, on tables small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest

from deepsem_book import datasets
from deepsem_book.baselines import METHODS
from deepsem_book.beeline import comparison, control, measure_apc, measure_rewired, seeds
from deepsem_book.beeline.grid import Method, Run
from deepsem_book.beeline.run import write_weights
from deepsem_book.benchmark_table import COLUMNS
from deepsem_book.datasets.problem import Problem
from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import candidates, edge_table


def row(method, epr, network="STRING", seed=0, **other):
    made = {"data": "beeline/mDC-500", "network": network, "method": method, "preset": ""}
    made |= {"seed": seed, "n_members": 1, "epr": epr, "auprc_ratio": epr, "error": ""}
    return dict.fromkeys(COLUMNS, 0) | made | other


def test_the_toy_hub_is_first_by_correlation_and_last_after_the_correction():
    edges = control.toy_edges(control.toy_cells())
    assert edges["true"].sum() == 8 and len(edges) == 30
    assert (edges.index.get_level_values("TF")[:10] == "A").all()  # which regulates nothing
    assert control.true_at_top(edges).to_dict() == {"|r|": 0, "APC": 8}
    # |r| less what is expected is the baseline, up to its shift
    cells = control.toy_cells()
    W = METHODS["Pearson-APC"](cells.to_numpy(), list(cells.columns), ["A", "B", "C"])
    B, d1 = cells.columns.get_indexer(["B", "d1"])
    C, f1 = cells.columns.get_indexer(["C", "f1"])
    gap = edges.loc[("B", "d1"), "APC"] - edges.loc[("C", "f1"), "APC"]
    assert W[d1, B] - W[f1, C] == pytest.approx(gap)


def test_the_ensemble_over_the_control_by_number_of_cells():
    sampled = pd.DataFrame(
        [
            row("DeepSEM", 4.0, data="beeline/m@50", preset="nonspecific", n_members=5),
            row("DeepSEM", 9.0, data="beeline/m@50", preset="specific", n_members=5),
            row("DeepSEM", 3.0, data="beeline/m@50", preset="nonspecific"),
            row("DeepSEM", 1.0, "Specific", data="beeline/m@50", preset="specific", n_members=5),
            row("Pearson-APC", 2.0, data="beeline/m@50"),
            row("Pearson-APC", 2.0, "Specific", data="beeline/m@50"),
            row("Pearson", 50.0, data="beeline/m@50"),
        ]
    )
    table = control.ensemble_over_control(comparison.by_cells(sampled), control.by_cells(sampled))
    assert table.loc[50, "DeepSEM / Pearson-APC"] == "1.00"  # of 4 / 2 and 1 / 2
    assert table.loc[50, "above Pearson-APC on"] == "1 of 2"
    assert list(table) == ["DeepSEM / Pearson-APC", "above Pearson-APC on"]


def test_settings_above_the_control_are_counted_with_the_preset():
    preset = [row("DeepSEM", epr, seed=i, preset="nonspecific") for i, epr in enumerate([2, 4])]
    changed = [
        row("DeepSEM/alpha=10", 5.5, seed=1, preset="nonspecific"),  # 1.5 above the same seed
        row("DeepSEM/beta=10", 1.0, seed=0, preset="nonspecific"),  # 1 below
    ]
    recorded = pd.DataFrame([*preset, row("Pearson-APC", 2.5), row("Pearson2-APC", 2.0)])
    switches = pd.DataFrame([*preset, *changed])
    table = control.beside_settings(switches, recorded, ["beeline/mDC-500"])
    beside = table.loc[("mDC-500", "STRING")]
    assert beside["preset"] == "3.00" and beside["settings above Pearson-APC"] == "2 of 3"
    assert beside["lowest change"] == "2.00 (beta=10)"
    assert beside["highest change"] == "4.50 (alpha=10)"


def test_the_correction_after_methods_is_a_ratio_of_the_preset_of_the_network():
    columns = {"epr_after": [2.0, 8.0, 1.0], "epr": [1.0, 1.0, 1.0]}
    columns |= {"auprc_ratio_after": [1.0] * 3, "auprc_ratio": [1.0] * 3}
    rows = pd.DataFrame(columns).assign(
        data=["a-500", "b-500", "a-500"], network=["STRING", "STRING", "Specific"], seed=0,
        method=["PIDC", "PIDC", "DeepSEM"], preset=["", "", "nonspecific"], n_members=1,
    )  # fmt: skip
    table = control.after_methods(rows)
    assert list(table.index) == [("EPR", "PIDC"), ("AUPRC ratio", "PIDC")]  # other preset
    first = table.loc[("EPR", "PIDC")]
    assert first.iloc[0].startswith("4.00 [") and first.iloc[1] == "2 of 2"


def test_what_is_known_beyond_the_control_is_a_mean_over_benchmarks():
    rows = pd.DataFrame(
        [("a-500", "STRING", 0.1), ("b-500", "STRING", 0.3), ("a-500", "Specific", 0.2)],
        columns=["data", "network", "partial"],
    ).assign(method="PIDC", preset="", seed=0, n_members=1)
    rows = pd.concat([rows, rows.assign(method="DeepSEM", preset="specific", n_members=10)])
    table = control.beyond(rows)
    assert table.loc["PIDC", "STRING"].startswith("0.200 [")
    assert table.loc["DeepSEM"].isna().tolist() == [True, False]  # the preset of the network


def test_scores_before_and_after_are_those_of_the_two_matrices():
    rng = np.random.default_rng(0)
    genes = [f"g{i}" for i in range(12)]
    network = pd.DataFrame({"Gene1": ["g0", "g0", "g1"], "Gene2": ["g3", "g4", "g5"]})
    problem = Problem("toy", rng.normal(size=(50, 12)), genes, genes[:2], {"STRING": network})
    [method] = Method.parse("Pearson")
    [scored] = measure_apc.before_and_after(
        Run(problem, method, 0), METHODS["Pearson"](problem.X, genes, genes[:2])
    )
    plain = METHODS["Pearson"](problem.X, genes, genes[:2])
    wanted = evaluate(edge_table(plain, genes, genes[:2]), network, genes)
    assert scored["epr"] == wanted["epr"] and scored["auprc_ratio"] == wanted["auprc_ratio"]
    assert scored["auprc_ratio_after"] != scored["auprc_ratio"]


def partial_by_residuals(own, control, truth):
    """The same from what is left of both after a regression on the control's ranks."""
    own, control = (pd.Series(values).rank().to_numpy() for values in (own, control))
    left = [v - np.polyval(np.polyfit(control, v, 1), control) for v in (own, truth.astype(float))]
    return np.corrcoef(*left)[0, 1]


def test_what_a_ranking_knows_beyond_the_control():
    rng, genes = np.random.default_rng(1), [f"g{i}" for i in range(30)]
    truth = rng.random((30, 3)) < 0.2  # [target, TF]
    truth[:3, :3][np.eye(3, dtype=bool)] = False
    targets, tfs = np.nonzero(truth)
    network = pd.DataFrame({"Gene1": [genes[i] for i in tfs], "Gene2": [genes[i] for i in targets]})
    noise, other = rng.random((2, 30, 30))
    known = other.copy()
    known[:, :3] += truth  # what the control ranks, and the truth
    tables = {
        name: edge_table(W, genes, genes[:3])
        for name, W in {"noise": noise, "other": other, "known": known}.items()
    }
    beyond = {
        name: measure_apc.beyond_control(table, tables["other"], network, genes)
        for name, table in tables.items()
        if name != "other"
    }
    aligned = [candidates(tables[name], network, genes) for name in ("known", "other")]
    (is_true, own), (_, control) = (table.flat for table in aligned)
    wanted = partial_by_residuals(own, control, is_true)
    assert beyond["known"]["partial"] == pytest.approx(wanted) and wanted > 0.8
    assert abs(beyond["noise"]["partial"]) < 0.25
    both = pd.Series(own).rank() + pd.Series(control).rank()
    first = both.sort_values(ascending=False).index[: is_true.sum()]
    wanted = is_true[first].mean() / is_true.mean()
    assert beyond["known"]["epr_average"] == pytest.approx(wanted)
    assert wanted > beyond["noise"]["epr_average"]


def test_w_without_a_tfs_column_is_neither_corrected_nor_rewired(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPSEM_CACHE", str(tmp_path))
    genes = [f"g{i}" for i in range(6)]
    network = pd.DataFrame({"Gene1": ["g0"], "Gene2": ["g3"]})
    problem = Problem("toy", np.eye(6), genes, genes[:2], {"STRING": network})
    [method] = Method.parse("RegDiffusion")
    fresh = np.full((6, 6), 2.0, dtype=np.float32)
    for module in (measure_apc, measure_rewired):
        monkeypatch.setattr(module, "infer", lambda run: fresh)
    whole = np.ones((6, 6), dtype=np.float32)
    of_one_tf = whole.copy()
    of_one_tf[:, 1] = 0  # as of a run with a shorter list of TFs
    for kept, wanted in ((of_one_tf, fresh), (whole, whole)):
        write_weights(Run(problem, method, 0), kept)
        np.testing.assert_array_equal(measure_apc.weights(Run(problem, method, 0)), wanted)
        W, seed = measure_rewired.single(problem, "RegDiffusion")
        np.testing.assert_array_equal(W, wanted)
        assert seed == 0


def test_missing_seeds_are_listed_by_matrix_and_preset():
    recorded = pd.DataFrame(
        [
            *(row("DeepSEM", 1.0, seed=i, preset="nonspecific") for i in range(10)),
            *(row("DeepSEM", 1.0, seed=i, preset="specific") for i in range(3)),
            row("PIDC", 1.0),
            row("GRNBoost2", 1.0, error="MemoryError"),
        ]
    )
    table = seeds.incomplete(recorded, ["DeepSEM", "PIDC", "GRNBoost2", "ppcor"])
    assert table.loc["mDC-500", "seeds recorded"].to_dict() == {
        "DeepSEM specific": "3 of 10", "GRNBoost2": "0 of 10", "ppcor": "0 of 1",
    }  # fmt: skip
    assert seeds.incomplete(recorded, ["PIDC"]).empty


def test_the_authors_demo_stands_beside_single_trainings_of_its_preset():
    printed = datasets.published()["demo_epr"]
    demo = {"data": "beeline/hESC-500", "preset": "nonspecific"}
    ours = [row("DeepSEM", printed + d, seed=i, **demo) for i, d in enumerate([-1, 0.5, 2])]
    others = [
        row("DeepSEM", 0.1, **demo | {"preset": "specific"}),
        row("DeepSEM", 0.1, **demo, n_members=10),
        row("DeepSEM", 0.1, "Specific", **demo),
    ]
    table = seeds.beside_demo(pd.DataFrame([*ours, *others]))
    assert table.loc["EPR", ["seeds", "seeds at or above it"]].tolist() == [3, 2]
    assert table.loc["EPR", "printed value"] == "inside our range"
    assert table.loc["AUPRC ratio", "printed value"] == "outside our range"
    assert seeds.beside_demo(pd.DataFrame(others[:1])).empty
