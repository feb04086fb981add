"""`fit` on an AnnData: what it writes, what it refuses, and that the file survives a round trip."""

import copy
import dataclasses
import json
from dataclasses import asdict, replace
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch
from anndata import AnnData

from deepsem_minimal import networks
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit
from deepsem_minimal.preprocess import Expression, standardise
from deepsem_minimal.result import Result
from deepsem_minimal.sem import random_network, simulate_nonlinear
from deepsem_minimal.train import train

CONFIG = Config(n_epochs=4, n_hidden=16, n_knots=64)
GENES = [f"g{i}" for i in range(30)]


def expression() -> AnnData:
    """90 cells x 30 genes of log expression with zeros; the first eight genes are TFs."""
    network = random_network(30, n_tfs=8, seed=2)
    X = simulate_nonlinear(network, 90, dropout=0.5, seed=2).astype(np.float32)
    adata = AnnData(X, var=pd.DataFrame({"tf": np.arange(30) < 8}, index=GENES))
    return adata


def run(adata: AnnData, **settings) -> Result:
    return fit(adata, **({"config": CONFIG, "seeds": 2, "progress": False, "n_jobs": 1} | settings))


@pytest.fixture(scope="module")
def fitted() -> tuple[AnnData, Result]:
    adata = expression()
    return adata, run(adata, seeds=[3, 1], device="cpu")


def test_W_is_the_mean_of_absolute_weights(fitted):
    adata, result = fitted
    given = Expression.of(adata.X, CONFIG)
    members = [train(given, CONFIG, seed).W for seed in (3, 1)]
    np.testing.assert_allclose(result.Ws, members, rtol=1e-6)
    np.testing.assert_allclose(result.W, (np.abs(members[0]) + np.abs(members[1])) / 2, rtol=1e-6)
    np.testing.assert_array_equal(adata.varp["deepsem_W"], result.W)
    assert result.W.dtype == np.float32 and not result.W.diagonal().any()
    assert result.genes == GENES and result.seeds == [3, 1]


@pytest.mark.parametrize("score", ["centred", "paper"])
def test_edges_are_sorted_and_oriented(fitted, score):
    _, result = fitted
    edges = result.edges(score=score)
    signs = ["sign"] if score == "centred" else []
    assert list(edges.columns) == ["TF", "target", "importance", *signs]
    assert edges["importance"].is_monotonic_decreasing
    assert len(edges) == 8 * 29 and set(edges["TF"]) == set(GENES[:8])  # var["tf"] by default
    assert (edges["TF"] != edges["target"]).all()
    weights = result.W if score == "paper" else networks.centred(result.Ws.mean(axis=0))
    for row in edges.iloc[[0, 50, -1]].itertuples():
        weight = weights[GENES.index(row.target), GENES.index(row.TF)]
        assert row.importance == abs(weight)
        assert score == "paper" or row.sign == np.sign(weight)
    assert set(result.edges(["g2", "G20"], score)["TF"]) == {"g2", "g20"}
    with pytest.raises(ValueError, match='score is "centred" or "paper"; got 1'):
        result.edges(score=1)


def test_agreement_of_pairs_by_hand(fitted):
    """Three members with four edges each; the first two have three in common, the third none."""
    _, result = fitted
    A, B, C = np.zeros((3, 30, 30), dtype=np.float32)
    A[[8, 9, 10, 11], [0, 0, 1, 2]] = B[[8, 9, 10, 12], [0, 0, 1, 2]] = 1
    C[[20, 21, 22, 23], [4, 5, 6, 7]] = -1
    C[:, 29] = 5  # g29 is no TF
    members = [copy.deepcopy(result.members[0]) for _ in range(3)]
    for seed, (member, W) in enumerate(zip(members, (A, B, C), strict=True)):
        member.seed, member.model.grn.W.data = seed, torch.as_tensor(W)
    pairs = replace(result, members=members).agreement(top=4)
    assert pairs[["seed", "other"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 2]]
    assert pairs["shared"].tolist() == [0.75, 0, 0]
    assert pairs["chance"].tolist() == [4 / (8 * 29)] * 3


def test_without_tf_column_every_gene_may_regulate():
    adata = expression()
    del adata.var["tf"]
    assert len(run(adata, seeds=1).edges()) == 30 * 29


def test_history_has_one_row_an_epoch_and_member(fitted):
    _, result = fitted
    history = result.history
    columns = ["seed", "epoch", "phase", "loss", "mse", "kl", "l1", "seconds"]
    assert set(history.columns) == set(columns)
    assert list(history["seed"]) == [3] * 4 + [1] * 4
    assert list(history["epoch"]) == list(range(4)) * 2
    assert (history.groupby("seed")["seconds"].diff().dropna() > 0).all()


def test_embedding_is_the_posterior_mean_of_the_first_member(fitted):
    adata, result = fitted
    model = result.members[0].model
    x = torch.from_numpy(standardise(adata.X).X)
    with torch.no_grad():
        h = model.f2(torch.stack([x, torch.ones_like(x)], dim=-1))[..., 0].double().numpy()
    mu = h @ (np.eye(30) - result.Ws[0].T)
    np.testing.assert_allclose(adata.obsm["X_deepsem"], mu, atol=1e-4)


def test_embedding_undoes_clipping_and_dead_genes_as_in_training():
    adata = expression()
    adata.X[:, 4] = 0  # a gene without expression
    config = Config.embedding(n_epochs=1, n_hidden=8, n_knots=0, clip=1.0)
    result = run(adata, config=config, seeds=1)
    x = torch.from_numpy(standardise(adata.X, "nonzero", 1.0).X)
    model = result.members[0].model
    with torch.no_grad():
        expected = model.posterior(model.scan(x, torch.ones(1, 1)))[0]
    np.testing.assert_allclose(adata.obsm["X_deepsem"], expected, atol=1e-5)


def test_uns_holds_what_is_needed_to_repeat_the_run(fitted):
    adata, result = fitted
    record = adata.uns["deepsem"]
    assert json.loads(record["config"]) == asdict(CONFIG)
    again = Config(**json.loads(record["config"]))
    repeated = run(expression(), config=again, seeds=record["seeds"], device=record["device"])
    np.testing.assert_array_equal(repeated.W, result.W)
    assert record["versions"]["torch"] == torch.__version__ and record["device"] == "cpu"


def test_what_fit_wrote_survives_h5ad(fitted, tmp_path: Path):
    adata, result = fitted
    adata.write_h5ad(tmp_path / "fitted.h5ad")
    read = anndata.read_h5ad(tmp_path / "fitted.h5ad")
    np.testing.assert_array_equal(read.varp["deepsem_W"], result.W)
    np.testing.assert_array_equal(read.obsm["X_deepsem"], adata.obsm["X_deepsem"])
    record = read.uns["deepsem"]
    assert Config(**json.loads(record["config"])) == CONFIG
    assert list(record["seeds"]) == [3, 1]
    pd.testing.assert_frame_equal(
        record["history"].reset_index(drop=True), result.history, check_dtype=False,
        check_index_type=False, check_categorical=False, check_column_type=False,
    )  # fmt: skip


def test_sparse_and_float64_input_give_the_same_network():
    on_cpu = {"seeds": 1, "device": "cpu"}  # on a GPU no two runs are equal to the last digit
    dense = run(expression(), **on_cpu).W
    adata = expression()
    adata.X = scipy.sparse.csr_matrix(adata.X)
    np.testing.assert_array_equal(run(adata, **on_cpu).W, dense)
    adata = expression()
    adata.X = adata.X.astype(np.float64)
    np.testing.assert_allclose(run(adata, **on_cpu).W, dense, atol=1e-6)


def test_masked_preset_differs_from_reconstructing_all():
    config = {"n_epochs": 4, "n_hidden": 16, "standardise": "nonzero", "alpha": 1.0}
    both = [
        run(expression(), config=Config(reconstruct=how, **config), seeds=1, device="cpu")
        for how in ("all", "nonzero")
    ]
    assert not np.allclose(both[0].W, both[1].W)
    X, config = expression().X, Config(reconstruct="nonzero", **config)
    given = dataclasses.replace(standardise(X, "nonzero"), nonzero=(X != 0).astype(np.float32))
    reference = train(given, config, 0)
    np.testing.assert_array_equal(both[1].Ws[0], reference.W)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda a: a[:1], "at least 2 cells and 3 genes.*1 x 30"),
        (lambda a: a[:, :2], "at least 2 cells and 3 genes.*90 x 2"),
        (lambda a: filled(a, np.nan), "NaN or infinite"),
        (lambda a: filled(a, np.inf), "NaN or infinite"),
        (lambda a: filled(a, -1.0), "negative values: give log expression"),
        (lambda a: renamed(a, {"g3": "g2"}), "must be unique; twice: .'g2'.*make_unique"),
        (lambda a: AnnData(np.ones((5, 4), dtype=np.float32)), "Every gene is constant"),
        (lambda a: AnnData(obs=a.obs, var=a.var), "adata.X is empty"),
    ],
    ids=["one cell", "two genes", "NaN", "inf", "negative", "twin names", "constant", "no X"],
)
def test_unusable_input_is_refused(spoil, message):
    with pytest.raises(ValueError, match=message):
        run(spoil(expression()))


def filled(adata: AnnData, value: float) -> AnnData:
    adata.X[7, 5] = value
    return adata


def renamed(adata: AnnData, names: dict[str, str]) -> AnnData:
    adata.var_names = [names.get(name, name) for name in adata.var_names]
    return adata


@pytest.mark.parametrize("seeds", [0, -1, [], [1, 2, 1]], ids=str)
def test_unusable_seeds_are_refused(seeds):
    with pytest.raises(ValueError, match="seeds must be"):
        run(expression(), seeds=seeds)


def test_unusable_tfs_are_refused(fitted):
    with pytest.raises(ValueError, match="none of the TFs"):
        fitted[1].edges(["nobody"])
