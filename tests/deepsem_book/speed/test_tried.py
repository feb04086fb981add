"""The ideas of chapter 6 that did not pay still compute what they should."""

import pytest
import torch

from deepsem_book.speed.tried import Refined
from deepsem_minimal.engine import Factor


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("moved, renewed", [(1e-3, False), (2.0, True)])
def test_refined_factors_solve_like_new_ones(moved, renewed, transposed):
    """Near the old W the old factors are refined, far from it they are renewed."""
    generator = torch.Generator().manual_seed(0)
    W = 0.1 * torch.randn(12, 12, generator=generator)
    b = torch.randn(5, 12, generator=generator)
    refined, exact = Refined(), Factor()
    refined.factorise(W)
    old = refined.lu
    W = W + moved * torch.randn(12, 12, generator=generator) / 12
    refined.stale = exact.stale = True
    torch.testing.assert_close(
        refined.solve(W, b, transposed), exact.solve(W, b, transposed), rtol=1e-4, atol=1e-5
    )
    assert (refined.lu is not old) == renewed
