"""DeepSEM on an AnnData: groups, saving, cells of other data, what the seeds share, Ctrl-C."""

import contextlib
import signal
import threading
from types import SimpleNamespace

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from deepsem_book import datasets, errors
from deepsem_book.datasets import tf_lists
from deepsem_book.own_data import advice, explorer, figures, prepare
from deepsem_minimal import ensemble, parallel
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import Interrupted, fit, fit_groups
from deepsem_minimal.result import Result
from deepsem_minimal.sampling import simulate
from deepsem_minimal.train import TrainingError

CONFIG = Config(n_epochs=3, n_hidden=8, n_knots=32)
QUIET = {"progress": False, "n_jobs": 1}


def log_adata() -> AnnData:
    X = np.log1p(np.random.default_rng(0).poisson(4.0, (40, 12)).astype(np.float32) * 3)
    genes, cells = [f"g{i}" for i in range(12)], [f"c{i}" for i in range(40)]
    adata = AnnData(X, pd.DataFrame(index=cells), pd.DataFrame(index=genes))
    adata.obs["kind"] = ["a"] * 20 + ["b"] * 17 + ["c"] * 3
    return adata


@contextlib.contextmanager
def ctrl_c_after(n_epochs: int):
    """SIGINT to the main thread as soon as so many epochs of all members are done."""
    main, done = threading.main_thread().ident, []

    def count(*_):
        done.append(1)
        if len(done) == n_epochs:
            signal.pthread_kill(main, signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Interrupted) as stopped:
        patch.setattr(ensemble.tqdm, "update", count)
        yield stopped
    assert n_epochs <= len(done)


def test_interrupt_keeps_the_seeds_that_are_done():
    with ctrl_c_after(75) as stopped:
        fit(log_adata(), Config(n_epochs=30, n_hidden=8, n_knots=32), seeds=100_000, **QUIET)
    done = stopped.value.result
    assert 2 <= len(done.seeds) < 100_000 and done.seeds == list(range(len(done.seeds)))
    assert all(len(member.history) == 30 for member in done.members)


def test_interrupt_keeps_the_groups_that_are_done():
    adata = log_adata()
    adata.obs["kind"] = ["a"] * 20 + ["b"] * 20
    config = Config(n_epochs=1000, n_hidden=8, n_knots=32)
    with ctrl_c_after(1010) as stopped:
        fit_groups(adata, "kind", config, min_cells=10, seeds=1, **QUIET)
    assert list(stopped.value.groups) == ["a"]
    assert len(stopped.value.groups["a"].history) == 1000


def short_of_memory(after: int, error: Exception):
    """A training that ends with `error` once `after` members of seeds 0, 1, ... were trained."""
    trained = parallel.train

    def train(expression, config, seed=0, *rest):
        if seed >= after:
            raise error
        return trained(expression, config, seed, *rest)

    return train


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA out of memory.")])
def test_seeds_that_are_done_are_kept_when_memory_ends(monkeypatch, error, n_jobs):
    monkeypatch.setattr(parallel, "train", short_of_memory(3, error))
    with pytest.raises(TrainingError, match="not enough memory for seed 3") as stopped:
        fit(log_adata(), CONFIG, [0, 1, 2, 3], progress=False, n_jobs=n_jobs)
    done = stopped.value.result.seeds
    assert set(done) <= {0, 1, 2} and len(done) >= 3 - (n_jobs > 1)
    monkeypatch.setattr(parallel, "train", short_of_memory(0, error))
    with pytest.raises(TrainingError) as stopped:
        fit(log_adata(), CONFIG, 2, **QUIET)
    assert stopped.value.result is None
    monkeypatch.setattr(parallel, "train", short_of_memory(0, RuntimeError("mat1 and mat2")))
    with pytest.raises(RuntimeError, match="mat1"):
        fit(log_adata(), CONFIG, 2, **QUIET)


def test_groups_keep_the_seeds_that_are_done(monkeypatch):
    adata = log_adata()
    monkeypatch.setattr(parallel, "train", short_of_memory(2, MemoryError()))
    with pytest.warns(UserWarning) as said:
        by_group = fit_groups(adata, "kind", CONFIG, min_cells=10, seeds=3, **QUIET)
    assert {name: result.seeds for name, result in by_group.items()} == {"a": [0, 1], "b": [0, 1]}
    assert any("a left out: not enough memory for seed 2" in str(w.message) for w in said)


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
    with pytest.raises(ValueError, match="not a saved result"):
        Result.load(tmp_path / "other.h5ad")


@pytest.mark.parametrize("preset", [Config.embedding, Config.cell_type_specific])
def test_other_settings_survive_saving(tmp_path, preset):
    """None, several components, and names that HDF5 could take for folders."""
    adata = log_adata()
    adata.var_names = [f"HLA/{i}" for i in range(12)]
    config = preset(n_epochs=2, n_components=3, cells_per_epoch=20, n_knots=0, n_hidden=8)
    result = fit(adata, config, [5], **QUIET)
    result.save(tmp_path / "r.h5ad")
    again = Result.load(tmp_path / "r.h5ad")
    assert again.config == config and again.genes == result.genes and again.tfs is None
    assert again.device == "cpu" and again.versions == result.versions
    np.testing.assert_array_equal(again.embed(adata.X), result.embed(adata.X))
    pd.testing.assert_frame_equal(again.history, result.history, check_dtype=False)


def test_a_fitted_anndata_can_be_written(tmp_path):
    adata = log_adata()
    result = fit(adata, CONFIG, 2, **QUIET)
    adata.write_h5ad(tmp_path / "a.h5ad")
    again = anndata.read_h5ad(tmp_path / "a.h5ad")
    np.testing.assert_array_equal(again.varp["deepsem_W"], result.W)
    np.testing.assert_array_equal(again.obsm["X_deepsem"], result.embed(adata.X))
    assert list(again.uns["deepsem"]["seeds"]) == [0, 1]


def test_groups_are_fitted_on_their_own_cells():
    adata = log_adata()
    settings = {"seeds": 1, "progress": False, "n_jobs": 1}
    with pytest.warns(UserWarning, match="c left out: 3 cells"):
        by_group = fit_groups(adata, "kind", CONFIG, min_cells=10, **settings)
    alone = fit(adata[:20].copy(), CONFIG, **settings)
    assert set(by_group) == {"a", "b"}
    np.testing.assert_array_equal(by_group["a"].W, alone.W)
    with pytest.raises(ValueError, match="no column"):
        fit_groups(adata, "nothing", CONFIG)


def test_sparse_and_dense_cells_give_the_same(tmp_path):
    dense, thin = log_adata(), log_adata()
    thin.X = sparse.csr_matrix(thin.X)
    results = [fit(adata, CONFIG, 1, **QUIET) for adata in (dense, thin)]
    np.testing.assert_array_equal(results[0].W, results[1].W)
    cells = [results[0].simulate(adata, 9).X for adata in (dense, thin)]
    np.testing.assert_array_equal(*cells)


def test_embed_and_simulate_find_genes_by_name():
    adata = log_adata()
    result = fit(adata, CONFIG, 1, **QUIET)
    other = anndata.concat(
        [adata[:15, ::-1], AnnData(np.ones((15, 1)), adata.obs[:15], pd.DataFrame(index=["x"]))],
        axis=1,
    )
    np.testing.assert_allclose(result.embed(other), result.embed(adata.X[:15]), rtol=1e-5)
    cells = result.simulate(other, 6, seed=2)
    assert list(cells.var_names) == result.genes and cells.n_obs == 6
    X, rows = simulate(result, adata.X[:15], 6, seed=2)
    np.testing.assert_array_equal(cells.X, X)
    assert list(cells.obs["from_cell"]) == [f"c{i}" for i in rows]
    with pytest.raises(ValueError, match="lacks 2 genes of the result: g0, g1"):
        result.embed(adata[:, 2:].copy())


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
    assert advice.stability(result, 10)["shared"] == 1
    edges = advice.edge_stability(result, 10)
    assert (edges["in_top"] == 1).all() and list(edges["rank_low"]) == list(range(1, 11))
    result.members = result.members[:1]
    assert np.isnan(advice.stability(result, 10)["shared"])


def test_stability_within_a_shorter_list_than_the_table():
    result = fit(log_adata(), CONFIG, 2, progress=False, n_jobs=1)
    n_pairs = len(result.edges())
    edges = advice.edge_stability(result, n_pairs, within=5)
    assert "among their first 5" in explorer.page(edges.head(3))
    assert edges["in_top"].sum() == 5  # each member's five, over two members
    assert ((edges["in_top"] == 1) == (edges["rank_high"] <= 5)).all()
    assert ((edges["in_top"] > 0) == (edges["rank_low"] <= 5)).all()


def test_figure_of_regulators_has_agreed_edges_first():
    edges = pd.DataFrame({
        "TF": list("abcde"), "target": ["t"] * 4 + ["u"], "importance": [5.0, 4, 3, 2, 9],
        "in_top": [0.3, 1, 0.3, 1, 1],
    })  # fmt: skip
    [ax] = figures.regulators(edges, "t", n=3).axes
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "d", "b"]  # from below
    assert [bar.get_width() for bar in ax.patches] == [5, 2, 4]


def test_genes_that_are_no_tfs_are_on_beelines_list_and_not_on_the_curated_one():
    try:
        broad, curated = map(prepare.transcription_factors, ("beeline-human", "human"))
    except errors.BadInput:
        pytest.skip("the list cannot be reached")
    assert set(tf_lists.NOT_TFS) <= set(broad)
    assert not {"MAPK1", "NEAT1", "SRSF2", "PTEN"} & set(curated)
    assert len(curated) == 1639 and {"GATA1", "PAX6", "SPI1"} <= set(curated)


def test_warnings_name_what_is_unlike_the_tests():
    X = np.zeros((500, 800))
    X[:, :600] = 1
    assert advice.warnings_for(X, Config()) == []
    assert advice.warnings_for(sparse.csr_matrix(X), Config()) == []
    warnings = advice.warnings_for(sparse.csr_matrix((50, 2000)), Config())
    for said in ("50 cells: the tests had", "2000 genes: the tests had", "100% zeros: the tests",
                 "fewer than a batch of 64", "40 genes for each cell"):  # fmt: skip
        assert any(said in line for line in warnings), said


def test_ranges_of_the_tests_are_those_of_the_recorded_matrices():
    in_both_sizes = [f"beeline/{n}" for n in ("hHEP", "mDC", "mHSC-L")]
    names = [*(f"{n}-{k}" for n in in_both_sizes for k in (500, 1000)), "beeline/mESC-500",
             "beeline/mHSC-GM-500"]  # fmt: skip
    if not all(map(datasets.is_available, names)):
        pytest.skip("the matrices cannot be reached")
    sizes = {"cells": [], "genes": [], "zeros": []}
    for adata in map(datasets.load, names):
        for key, value in zip(sizes, [*adata.shape, float((adata.X == 0).mean())]):
            sizes[key].append(value)
    for key, values in sizes.items():
        unit = 0.01 if key == "zeros" else 1
        limits = np.floor(min(values) / unit) * unit, np.ceil(max(values) / unit) * unit
        np.testing.assert_allclose(advice.TESTED[key], limits)


def test_expected_cost_counts_rounds_and_batches(monkeypatch):
    """By hand, with 0.5 s a batch in place of the clock."""

    def half_a_second_a_batch(cells, config, seeds, *_):
        n_batches = -(-cells.shape[0] // config.batch_size)
        history = [{"seconds": 0.5 * n_batches * (e + 1)} for e in range(config.n_epochs)]
        return [SimpleNamespace(history=history) for _ in seeds]

    X = np.random.default_rng(0).random((600, 60)).astype(np.float32)
    few, many = (advice.expected_cost(X[:, :n], Config(), 1)["megabytes"] for n in (10, 60))
    assert 50 < few < many
    monkeypatch.setattr(advice, "train_ensemble", half_a_second_a_batch)

    def seconds(n_seeds, **changes):
        config = Config(n_epochs=300, batch_size=64, **changes)
        return advice.expected_cost(X, config, n_seeds, n_jobs=1)["seconds"]

    assert seconds(4) == pytest.approx(0.5 * 10 * 300 * 4)  # 600 cells are ten batches
    assert seconds(8) == pytest.approx(2 * seconds(4))
    assert seconds(4, cells_per_epoch=300) == pytest.approx(0.5 * seconds(4))
    groups = [(100, Config(n_epochs=30)), (500, Config(n_epochs=10))]  # 2 and 8 batches an epoch
    cost = advice.expected_cost(X, Config(), 3, n_jobs=1, groups=groups)
    assert cost["seconds"] == pytest.approx(0.5 * (2 * 30 + 8 * 10) * 3)
