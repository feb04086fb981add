"""Checks of chapter 6. A check runs in the student's notebook and holds no answer."""


def check_3(by_knots, agreement, cells):
    """Leave in `by_knots` a dictionary from 16 and 256 to the member trained with so many knots (30 epochs or more),
    and in `agreement` the correlation of their two W."""
    import numpy as np

    assert set(by_knots) == {16, 256}, f"by_knots: 16 and 256 are asked, not {list(by_knots)}"
    for n, member in by_knots.items():
        used = member.model.n_knots
        assert used == n, f"by_knots[{n}]: trained with {used} knots"
        assert len(member.W) == cells.X.shape[1], f"by_knots[{n}]: the genes of this page"
        assert len(member.history) >= 30, f"by_knots[{n}]: {len(member.history)} epochs only"
    few, many = (by_knots[n] for n in (16, 256))
    assert few.seed == many.seed, "by_knots: another seed changes W too; keep it the same"
    assert len(few.history) == len(many.history), "by_knots: train both equally long"
    Z = [(member.W - member.W.mean()) / member.W.std() for member in (few, many)]
    assert np.isclose(agreement, (Z[0] * Z[1]).mean(), atol=1e-4), (
        f"agreement: {agreement:.4f} is not the correlation of all entries of the two W"
    )
