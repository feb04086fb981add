"""Checks of chapter 15. A check runs in the student's notebook and holds no answer."""


def check_2(by_threshold, screen):
    """Leave a table in `by_threshold`: rows (least, method), with 0.1 and 0.3 and the methods "Pearson" and "DeepSEM,
    own data" at least; columns n_moved, auroc, null_other and null_level, means over the removals, and `removals`,
    the number of those that have an AUROC."""
    import numpy as np
    from scipy import stats

    from deepsem_book import removal

    columns = ["n_moved", "auroc", "null_other", "null_level", "removals"]
    missing = [name for name in columns if name not in by_threshold]
    assert not missing, f"by_threshold: no column {', '.join(missing)}"
    [pearson] = removal.predictions(screen, "Pearson", range(1))
    own, sd = np.abs(pearson.changes), screen.control.std(axis=0)
    for least in (0.1, 0.3):
        areas, sizes = [], []
        for k in range(len(screen.removed)):
            q, change = screen.q[:, k], np.abs(screen.change[:, k])
            others = np.isfinite(q)
            moves = (q[others] <= 0.05) & (change[others] >= least * sd[others])
            sizes.append(moves.sum())
            if 3 <= moves.sum() <= len(moves) - 3:
                size = own[others, k]
                U = stats.mannwhitneyu(size[moves], size[~moves]).statistic
                areas.append(U / moves.sum() / (~moves).sum())
        for method in ("Pearson", "DeepSEM, own data"):
            row = by_threshold.loc[(least, method)]
            assert np.isclose(row["n_moved"], np.mean(sizes), atol=0.01), (
                f"{least}, {method}: {row['n_moved']:.1f} genes moved on average; 0.1 of what unit?"
            )
            assert row["removals"] == len(areas), (
                f"{least}, {method}: {row['removals']:.0f} removals; those without an AUROC are none"
            )
        got = by_threshold.loc[(least, "Pearson"), "auroc"]
        assert np.isclose(got, np.mean(areas), atol=0.002), (
            f"{least}, Pearson: a mean AUROC of {got:.3f} is not that of the sizes of the changes"
        )
