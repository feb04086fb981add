"""Checks of chapter 4. A check runs in the student's notebook and holds no answer."""

HANDED_IN = {
    5: """
    their_ends = [
        training.sides(pd.DataFrame({"row sum": [m.W.sum(1).mean()]}, ["authors"])).item()
        for m in more_seeds
    ]
    in_common = [
        [len(training.top(m.W, n_top) & training.top(page.W, n_top)) / n_top for page in members]
        for m in more_seeds
    ]
    """,
}


def check_1(drawn, members, config):
    """Leave the trained member in `drawn`."""
    import numpy as np
    import torch

    from deepsem_book import training

    start = training.untrained(len(drawn.W), config, 0)
    page, mine = members[0].model.grn.W, drawn.model.grn.W
    assert drawn.seed == 0 and mine.shape == page.shape, "drawn: seed 0 and the cells of this page"
    assert len({row["epoch"] for row in drawn.history}) == 9, "drawn: 9 epochs"
    for part in ("f2", "f1"):
        pairs = zip(
            getattr(start.model, part).parameters(), getattr(drawn.model, part).parameters()
        )
        assert all(torch.equal(a, b) for a, b in pairs), f"drawn: {part} was trained"
    moved = np.abs(drawn.W - start.W).max()
    assert moved > 1e-4, "drawn: W has not moved; what learns when K1 is 0?"


def check_2(by_rank, members):
    """Leave the mean of the ranks in `by_rank`, genes by genes, diagonal 0; rank 1 is the smallest |W|."""
    import numpy as np

    m = len(members[0].W)
    assert np.shape(by_rank) == (m, m), f"by_rank: {np.shape(by_rank)}, not genes by genes"
    assert not np.diag(by_rank).any(), "by_rank: the diagonal is no pair and has no rank"
    off = ~np.eye(m, dtype=bool)
    n = off.sum()
    assert np.isclose(np.mean(by_rank[off]), (n + 1) / 2), (
        f"by_rank: the mean of the ranks 1 to {n:,} is another one; is the diagonal ranked?"
    )
    rng = np.random.default_rng(0)
    for target, regulator in rng.integers(m, size=(30, 2)):
        if target == regulator:
            continue
        places = []
        for member in members:
            size = np.abs(member.W[off])
            own = abs(member.W[target, regulator])
            places.append((size < own).sum() + ((size == own).sum() + 1) / 2)
        assert np.isclose(by_rank[target, regulator], np.mean(places)), (
            f"by_rank[{target}, {regulator}]: look up the place of this pair in each member"
        )


def check_5(more_seeds, their_ends, in_common, members, n_top):
    """Leave the two members in `more_seeds`, trained as those of the page; their ends in `their_ends`, each "above",
    "below" or "stuck" as in the table; and in `in_common`, two rows of one number for each of `members`, the share
    of the best `n_top` pairs that the two have in common."""
    import numpy as np

    known = {member.seed for member in members}
    seeds = [member.seed for member in more_seeds]
    assert len(set(seeds)) == 2 and not known & set(seeds), (
        f"more_seeds: two new seeds, not {seeds}"
    )
    n_epochs = len(members[0].history)
    for member, end, row in zip(more_seeds, their_ends, in_common, strict=True):
        assert len(member.history) == n_epochs, (
            f"seed {member.seed}: train as long as the page does"
        )
        total = member.W.sum(axis=1).mean()
        stuck = 0.5 <= total <= 1.1
        wanted = "stuck" if stuck else "above" if total > 1 else "below"
        assert end == wanted, f"seed {member.seed} ends at a row sum of {total:.2f}: not {end!r}"
        assert len(row) == len(members), f"in_common: a number for each of {len(members)} members"
        for share, page in zip(row, members, strict=True):
            bars = [np.sort(np.abs(W).ravel())[-n_top] for W in (member.W, page.W)]
            both = (np.abs(member.W) >= bars[0]) & (np.abs(page.W) >= bars[1])
            assert abs(share - both.sum() / n_top) < 0.005, (
                f"seeds {member.seed} and {page.seed}: not {share:.3f} of their best {n_top}"
            )
