"""W with a column for each regulator and nuisance group: the same numbers as the network W S."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData
from torch import Tensor

import deepsem_minimal as ds
from deepsem_minimal import engine
from deepsem_minimal.model import DeepSEM
from deepsem_minimal.preprocess import Expression, columns_of
from deepsem_minimal.train import initial_W

M = 30
GROUPS = {1: [3], 2: [7], 3: [20], 4: [9], 5: [0, 1, 2, 11, 12], 6: [4, 5, 6]}  # column: genes


def part() -> Tensor:
    columns = torch.zeros(M, dtype=torch.long)
    for column, genes in GROUPS.items():
        columns[genes] = column
    return columns


def written_down() -> Tensor:
    """S (columns x genes), from its definition."""
    S = torch.zeros(len(GROUPS), M, dtype=torch.double)
    for column, genes in GROUPS.items():
        S[column - 1, genes] = 1
    return S


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.double)


def cells(n_genes: int = 25) -> AnnData:
    X = np.random.default_rng(0).gamma(1.0, 1.0, (80, n_genes)).astype(np.float32)
    names = [f"g{i}" for i in range(n_genes)]
    return AnnData(X, var=pd.DataFrame(index=names))


def test_solve_and_its_gradients_are_those_of_the_dense_inverse() -> None:
    W, b, weight = 0.2 * draw(M, 6), draw(8, M, seed=1), draw(8, M, seed=2)
    W.requires_grad_(), b.requires_grad_()
    ours = engine.Solve.apply(W, b, engine.Factor(), part())
    dense = b @ torch.linalg.inv(torch.eye(M, dtype=torch.double) - (W @ written_down()).T)
    torch.testing.assert_close(ours, dense, rtol=0, atol=1e-12)
    for a, e in zip(*(torch.autograd.grad((u * weight).sum(), [W, b]) for u in (ours, dense))):
        torch.testing.assert_close(a, e, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kl", ["sample", "closed"])
def test_loss_and_gradients_are_those_of_the_full_model_with_W_S(kl: str) -> None:
    config, x, noise = ds.Config(n_knots=0), draw(8, M, seed=1), draw(8, M, seed=2)
    W = 0.1 * draw(M, 6)
    models = []
    for weights, columns in ((W, part()), (W @ written_down(), None)):
        generator = torch.Generator().manual_seed(0)
        model = DeepSEM(config, weights.clone(), generator).double()
        model.grn.part = columns
        loss = model.loss(model.scan(x, x.new_ones(1, 1)), x, None, noise, 1.0, kl)
        loss.elbo.backward()
        models.append((model, loss))
    (few, loss), (full, expected) = models
    torch.testing.assert_close(loss.elbo, expected.elbo, rtol=1e-12, atol=0)
    assert few.grn.W.grad is not None and full.grn.W.grad is not None
    torch.testing.assert_close(few.grn.W.grad, full.grn.W.grad @ written_down().T)
    for ours, theirs in zip(few.f2.parameters(), full.f2.parameters()):
        torch.testing.assert_close(ours.grad, theirs.grad)


@pytest.mark.parametrize("columns", [None, part()], ids=["all", "few"])
def test_layers_add_to_a_gradient_that_is_there_and_return_it_otherwise(
    columns: torch.Tensor | None,
) -> None:
    W, h = 0.2 * draw(M, 6 if columns is not None else M), draw(8, M, seed=1).requires_grad_()
    grads = []
    for start in (None, torch.ones_like(W)):
        weights, factor = W.clone().requires_grad_(), engine.Factor()
        weights.grad = start
        z = engine.Unmix.apply(weights, h, columns)
        (engine.Solve.apply(weights, z.square(), factor, columns).sin().sum()).backward()
        grads.append(weights.grad)
    assert grads[1] is start  # no second array of the size of W
    torch.testing.assert_close(grads[1] - 1, grads[0])


def test_unmix_and_its_gradients_are_those_of_the_product() -> None:
    W, h, weight = draw(M, 6).requires_grad_(), draw(8, M).requires_grad_(), draw(8, M, seed=2)
    ours = engine.Unmix.apply(W, h, part())
    dense = h @ (torch.eye(M, dtype=torch.double) - (W @ written_down()).T)
    torch.testing.assert_close(ours, dense, rtol=0, atol=1e-12)
    for a, e in zip(*(torch.autograd.grad((u * weight).sum(), [W, h]) for u in (ours, dense))):
        torch.testing.assert_close(a, e, rtol=0, atol=1e-12)


def test_all_genes_as_regulators_are_the_paper_model() -> None:
    adata, config = cells(), ds.Config(n_epochs=6, W_init="safe")
    full = ds.fit(adata, config, seeds=[3], progress=False)
    few = ds.fit(adata, config, seeds=[3], regulators=adata.var_names, progress=False)
    np.testing.assert_allclose(few.W, full.W, rtol=1e-5, atol=1e-8)


def test_the_start_and_a_step_leave_no_gene_to_itself() -> None:
    W = initial_W(M, "authors", torch.Generator().manual_seed(0), part())
    assert W.shape == (M, 6)
    engine.rmsprop_l1_(W, torch.ones_like(W), torch.zeros_like(W), 1e-3, 1.0, part())
    itself = [(gene, column - 1) for column, genes in GROUPS.items() for gene in genes]
    zero = {at for at in itself if W[at] == 0}
    assert zero == {(genes[0], c - 1) for c, genes in GROUPS.items() if len(genes) == 1}
    assert int((W == 0).sum()) == len(zero)


def test_the_penalty_counts_a_group_as_often_as_it_has_genes() -> None:
    W = draw(M, 6)
    whole = (W @ written_down()).abs().mean()
    torch.testing.assert_close(engine.mean_abs(W, part()), whole)
    step = W.clone()
    engine.rmsprop_l1_(
        step, gradient := torch.zeros_like(W), torch.zeros_like(W), 1e-9, 7.0, part()
    )
    W.requires_grad_()
    (7.0 * (W @ written_down()).abs().mean()).backward()
    torch.testing.assert_close(gradient, W.grad)


def test_groups_hold_the_genes_that_move_together() -> None:
    rng = np.random.default_rng(0)
    programs = rng.gamma(2.0, 1.0, (200, 3))
    X = np.repeat(programs, 10, axis=1) + rng.gamma(1.0, 0.05, (200, 30))
    is_regulator = np.arange(30) % 10 == 0
    columns = columns_of(Expression.of(X, ds.Config()), is_regulator, 3).numpy()
    assert sorted(columns[is_regulator]) == [1, 2, 3]
    together = [set(columns[i : i + 10]) - {1, 2, 3} for i in (0, 10, 20)]
    assert [len(group) for group in together] == [1, 1, 1]
    assert set.union(*together) == {4, 5, 6}
    alone = columns_of(Expression.of(X, ds.Config()), is_regulator).numpy()
    assert set(alone[~is_regulator]) == {0}


def test_more_groups_than_genes_are_refused() -> None:
    with pytest.raises(ValueError, match="22 genes are no regulators"):
        ds.fit(cells(), regulators=["g1", "g2", "G3"], nuisance=23, progress=False)


def test_a_result_with_few_regulators_is_kept_and_used_like_another(tmp_path: Path) -> None:
    adata, names = cells(), ["G7", "g2", "unknown"]
    config = ds.Config(n_epochs=6, W_init="safe")
    result = ds.fit(adata, config, seeds=2, regulators=names, nuisance=4, progress=False)
    assert result.regulators == ["g2", "g7"]
    assert result.W.shape == (25, 2) and result.Ws.shape == (2, 25, 2)
    edges = result.edges(score="paper")
    assert len(edges) == 2 * 24 and set(edges["TF"]) == {"g2", "g7"}
    strongest = edges.iloc[0]
    at = adata.var_names.get_loc(strongest["target"]), result.regulators.index(strongest["TF"])
    assert strongest["importance"] == result.W.max() == result.W[at]
    np.testing.assert_array_equal(adata.varm["deepsem_W"], result.W)
    result.save(tmp_path / "few.h5ad")
    loaded = ds.Result.load(tmp_path / "few.h5ad")
    pd.testing.assert_frame_equal(loaded.edges(score="paper"), edges)
    signed = result.edges()
    pd.testing.assert_frame_equal(loaded.edges(), signed)
    pairs = set(zip(edges["TF"], edges["target"], strict=True))
    assert set(zip(signed["TF"], signed["target"], strict=True)) == pairs
    assert len(result.agreement(10)) == 1
    np.testing.assert_array_equal(loaded.embed(adata), result.embed(adata))
    np.testing.assert_array_equal(loaded.simulate(adata, 5).X, result.simulate(adata, 5).X)
