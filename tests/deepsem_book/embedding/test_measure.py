"""The recorded table: what is measured, and what is not measured again."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from deepsem_book.embedding import measure, methods
from deepsem_minimal.config import Config


def some_cells(X, types):
    cells = AnnData(np.asarray(X, dtype=np.float32))
    cells.obs["cell_type"] = types
    return cells


def test_rows_of_a_stopped_run_are_kept_and_not_measured_again(tmp_path, monkeypatch):
    path, calls = tmp_path / "embedding.csv", []
    rng = np.random.default_rng(0)
    cells = some_cells(rng.poisson(2.0, (30, 12)), ["a", "b"] * 15)
    monkeypatch.setattr(measure.datasets, "load", lambda name, quiet: cells)

    def embed(name):
        def work(seed):
            calls.append((name, seed))
            if name == "broken" and len(calls) < 3:
                raise KeyboardInterrupt
            return cells.X[:, :3]

        return work

    monkeypatch.setattr(
        methods, "simple", lambda adata, config: {n: embed(n) for n in ("good", "broken")}
    )
    with pytest.raises(KeyboardInterrupt):
        measure.measure("toy", "sd", "others", range(1), measure.Table(path))
    assert list(pd.read_csv(path)["method"]) == ["good"]
    measure.measure("toy", "sd", "others", range(1), measure.Table(path))
    assert calls == [("good", 0), ("broken", 0), ("broken", 0)]
    table = pd.read_csv(path)
    assert list(table.columns) == measure.COLUMNS
    assert list(table["method"]) == ["broken", "good"]
    assert table["n_types"].eq(2).all() and table["ari"].abs().le(1).all()


def test_every_training_is_seen_through_the_network_of_another():
    rng = np.random.default_rng(0)
    cells = some_cells(np.log1p(rng.poisson(2.0, (60, 12))), ["a", "b"] * 30)
    config = Config.embedding(n_epochs=3, W_init="safe")
    made = methods.deepsem(cells, config, range(3), lambda method, seed: False)
    embeddings = {(method, seed): E for method, seed, E, *_ in made}
    assert {seed for method, seed in embeddings if method == "other seed"} == {0, 1, 2}
    for seed, other in [(0, 1), (1, 0), (2, 1)]:
        mixed = np.linalg.pinv(embeddings["no GRN", other]) @ embeddings["DeepSEM", other]  # I - Wᵀ
        expected = embeddings["no GRN", seed] @ mixed
        np.testing.assert_allclose(embeddings["other seed", seed], expected, atol=1e-4)


def test_a_row_without_a_score_is_measured_again_on_demand(tmp_path):
    path = tmp_path / "embedding.csv"
    row = {"data": "x", "genes": "sd", "labels": "cell_type", "method": "FA", "ari": 0.5}
    rows = [row | {"seed": 0, "knn": 0.1, "unweighted_ari": 0.4}, row | {"seed": 1, "knn": 0.1}]
    pd.DataFrame(rows).to_csv(path, index=False)
    for complete, wanted in [(False, [True, True, False]), (True, [True, False, False])]:
        table = measure.Table(path, complete)
        assert [table.done("x", "sd", "FA", seed) for seed in range(3)] == wanted


def test_both_levels_of_labels_are_scored():
    rng = np.random.default_rng(0)
    stages = np.repeat(measure.scores.OLIGODENDROCYTES, 30)
    time = np.repeat([0.0, 6, 20, 26], 30)  # two coarse types of two stages each
    E = np.column_stack([time, time**2 / 20]) + rng.normal(0, 0.6, (120, 2))
    cells = some_cells(E - E.min(), np.where(time < 10, "a", "b"))
    cells.obs["cell_type_level2"] = stages
    coarse, fine = measure.measured(cells, ("FA", 0, E, 0.0, {}))
    assert (coarse["labels"], coarse["n_types"]) == ("cell_type", 2)
    assert (fine["labels"], fine["n_types"]) == ("cell_type_level2", 4)
    assert fine["ari"] == fine["nested"] == pytest.approx(1.0)
    assert 0.5 < fine["path"] < 0.9 and "path" not in coarse and coarse["knn"] > 0.5
