"""DeepSEM's points without its network, with another, and before training."""

import numpy as np
import pytest
from anndata import AnnData

from deepsem_book.embedding import ablations
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit


@pytest.fixture(scope="module")
def trained():
    rng = np.random.default_rng(0)
    X = rng.poisson(2.0, (60, 20)).astype(np.float32)
    cells = AnnData(np.log1p(X))
    config = Config.embedding(n_epochs=3, W_init="safe")
    return fit(cells, config, seeds=1, device="cpu", progress=False), cells


def test_before_grn_and_w_make_the_embedding(trained):
    result, cells = trained
    h, W = ablations.before_grn(result, cells.X), result.members[0].W
    np.testing.assert_allclose(h @ (np.eye(20) - W.T), cells.obsm["X_deepsem"], atol=1e-5)


def test_untrained_encoder_is_the_one_that_training_starts_from(trained):
    _, cells = trained
    config = Config.embedding(n_epochs=1, W_init="safe", lr=1e-12, lr_W=1e-12)
    result = fit(cells.copy(), config, seeds=[5], device="cpu", progress=False)
    start = ablations.untrained(cells.X, config, seed=5)
    np.testing.assert_allclose(start, ablations.before_grn(result, cells.X), atol=1e-5)


def test_ablations_are_what_they_are_called(trained):
    result, cells = trained
    h, W = ablations.before_grn(result, cells.X), result.members[0].W
    other = np.zeros_like(W)
    other[3, 7] = 2.0  # gene 7 regulates gene 3
    embeddings = ablations.with_other_networks(h, W, other)
    np.testing.assert_array_equal(embeddings["no GRN"], h)
    np.testing.assert_allclose(embeddings["other seed"][:, 3], h[:, 3] - 2 * h[:, 7], rtol=1e-6)
    np.testing.assert_array_equal(embeddings["other seed"][:, 4], h[:, 4])
    # I recover the networks from what they did to the unit vectors.
    networks = ablations.with_other_networks(np.eye(20), W, seed=1)
    permuted, renamed = (np.eye(20) - networks[n].T for n in ("permuted W", "renamed genes"))
    for V in (permuted, renamed):
        np.testing.assert_allclose(np.sort(V.ravel()), np.sort(W.ravel()), atol=1e-7)
        np.testing.assert_allclose(np.diag(V), 0, atol=1e-7)
    np.testing.assert_allclose(  # renaming keeps what the network has, apart from the names
        np.sort(np.linalg.norm(renamed, axis=1)), np.sort(np.linalg.norm(W, axis=1)), atol=1e-6
    )
    assert not np.allclose(np.sort(permuted.sum(1)), np.sort(W.sum(1)), atol=1e-6)
    start = ablations.with_other_networks(h, W)["start W"]
    others = (h.sum(1, keepdims=True) - h) / 19
    np.testing.assert_allclose(start, h - others, atol=1e-2)
    np.testing.assert_allclose(h - others, ablations.centred(h) * 20 / 19, atol=1e-6)
