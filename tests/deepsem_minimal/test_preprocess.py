"""Standardisation against hand-worked numbers, and a large matrix that passes in pieces."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from deepsem_minimal import preprocess
from deepsem_minimal.config import Config
from deepsem_minimal.preprocess import Expression, standardise

# Genes in columns: with zeros, without, constant, constant but for zeros, all zero.
X = np.array(
    [
        [0.0, 1.0, 2.0, 0.0, 0.0],
        [2.0, 2.0, 2.0, 3.0, 0.0],
        [4.0, 6.0, 2.0, 3.0, 0.0],
        [0.0, 3.0, 2.0, 0.0, 0.0],
    ]
)


def test_over_all_cells():
    result = standardise(X, "cells")
    np.testing.assert_allclose(result.mean, [1.5, 3.0, 2.0, 1.5, 0.0])
    sd0, sd1 = np.sqrt(2.75), np.sqrt(3.5)  # divided by n, not n - 1
    np.testing.assert_allclose(result.sd, [sd0, sd1, 0.0, 1.5, 0.0])
    np.testing.assert_allclose(result.X[:, 0], np.array([-1.5, 0.5, 2.5, -1.5]) / sd0, rtol=1e-6)
    np.testing.assert_allclose(result.X[:, 1], np.array([-2.0, -1.0, 3.0, 0.0]) / sd1, rtol=1e-6)
    np.testing.assert_allclose(result.X[:, 3], [-1, 1, 1, -1])
    assert not result.X[:, [2, 4]].any()  # constant genes


def test_over_non_zero_entries():
    """Zeros do not enter mean and sd, but become -mean/sd (ledger 8)."""
    result = standardise(X, "nonzero")
    np.testing.assert_allclose(result.mean, [3.0, 3.0, 2.0, 3.0, 0.0])
    np.testing.assert_allclose(result.sd, [1.0, np.sqrt(3.5), 0.0, 0.0, 0.0])
    np.testing.assert_allclose(result.X[:, 0], [-3, -1, 1, -3])
    np.testing.assert_allclose(result.X[:, 1], standardise(X, "cells").X[:, 1])  # no zeros, same
    assert not result.X[:, 2:].any()  # sd 0: neither nan nor -inf


def test_clip_bounds_both_sides():
    np.testing.assert_allclose(standardise(X, "nonzero", clip=2.0).X[:, 0], [-2, -1, 1, -2])
    wide = standardise(X, "nonzero", clip=10.0).X
    np.testing.assert_array_equal(wide, standardise(X, "nonzero").X)
    high = standardise(np.repeat([0.0, 1.0], [399, 1])[:, None], clip=15.0).X
    assert high.max() == 15.0  # 399 zeros and a one: (1 - 1/400) / sd = 19.97


def test_result_is_float32_and_the_input_unchanged():
    x = X.astype(np.float32)
    before = x.copy()
    result = standardise(x, "nonzero", 1.0)
    assert result.X.dtype == np.float32 and not np.isnan(result.X).any()
    np.testing.assert_array_equal(x, before)


@pytest.mark.filterwarnings("error")
def test_arrays_that_cannot_be_written_are_read_without_a_word() -> None:
    """What another process sends may be read-only."""
    X, mean, sd = np.eye(3), np.full(3, 1 / 3), np.ones(3)
    for array in (X, mean, sd):
        array.flags.writeable = False
    np.testing.assert_allclose(preprocess.scale(X, mean, sd), np.eye(3) - 1 / 3, rtol=1e-6)


def test_rounding_does_not_turn_a_constant_gene_into_noise():
    x = np.full((1000, 1), 0.1, dtype=np.float32)
    for how in ("cells", "nonzero"):
        assert not standardise(x, how).X.any()


def test_unknown_way_is_refused():
    with pytest.raises(ValueError, match='"cells" or "nonzero"'):
        standardise(X, "genes")


# --- BEELINE's gene selection ---------------------------------------------------------------------


@pytest.mark.parametrize("reconstruct", ["all", "nonzero"])
@pytest.mark.parametrize("sparse", [False, True])
def test_a_large_matrix_in_pieces_is_the_matrix_standardised_at_once(
    monkeypatch: pytest.MonkeyPatch, reconstruct: str, sparse: bool
) -> None:
    X = np.random.default_rng(0).poisson(0.7, (50, 9)).astype(np.float32)
    config = Config(reconstruct=reconstruct, standardise="nonzero", clip=1.5, batch_size=4)
    whole = Expression.of(X, config)
    monkeypatch.setattr(preprocess, "CHUNK", 100)
    monkeypatch.setattr(preprocess, "PIECE", 9 * 12)  # three batches
    large = Expression.of(csr_matrix(X) if sparse else X, config)
    assert large.large and not whole.large
    pieces = list(large.to("cpu").pieces(config, torch.Generator().manual_seed(3), "cpu"))
    assert [len(x) for x, _ in pieces] == [12, 12, 12, 12, 2]
    order = torch.randperm(50, generator=torch.Generator().manual_seed(3)).numpy()
    np.testing.assert_allclose(np.concatenate([x for x, _ in pieces]), whole.X[order], atol=1e-6)
    if reconstruct == "all":
        assert whole.nonzero is None and all(mask is None for _, mask in pieces)
    else:
        np.testing.assert_array_equal(np.concatenate([m for _, m in pieces]), whole.nonzero[order])


def test_a_sample_of_the_cells_is_another_one_in_each_epoch() -> None:
    X = np.arange(40.0).reshape(20, 2) + 1
    config = Config(cells_per_epoch=6)
    expression, generator = Expression.of(X, config).to("cpu"), torch.Generator().manual_seed(0)
    first, second = (
        {tuple(row) for x, _ in expression.pieces(config, generator, "cpu") for row in x.tolist()}
        for _ in range(2)
    )
    assert len(first) == len(second) == 6 and first != second
