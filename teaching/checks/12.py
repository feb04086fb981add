"""Checks of chapter 12. A check runs in the student's notebook and holds no answer."""

HANDED_IN = {
    1: """
    cheat = cheats["sd 0.05"]
    """,
}


def check_1(cheat, study, drawn):
    """Leave in `cheat` as many cells as there are test cells (cells x genes, log expression of the study's library
    size), drawn by your simulator without a look at the test cells."""
    import numpy as np
    from scipy.spatial.distance import cdist

    from deepsem_book import simulation

    assert np.shape(cheat) == study.test.shape, (
        f"cheat: {np.shape(cheat)}, not the {study.test.shape} of the test cells"
    )
    assert np.min(cheat) >= 0, "cheat: log expression is not negative"
    library = np.expm1(np.asarray(cheat, dtype=float)).sum(axis=1)
    assert np.allclose(library, study.library, rtol=0.01), (
        f"cheat: cells of {library.min():.0f} to {library.max():.0f}, not {study.library:.0f}"
    )
    for name, real in (("training", study.train), ("test", study.test)):
        n_same = int((cdist(cheat, real).min(axis=1) < 0.01).sum())
        assert not n_same, f"cheat: {n_same} of its cells are {name} cells as they stand"
    auc, own = (
        simulation.realism.forest_auc(study.test, cells, 50)[0].mean()
        for cells in (cheat, drawn["DeepSEM, posterior"])
    )
    assert auc < own, f"cheat: the forest tells your cells with AUC {auc:.2f}, DeepSEM's {own:.2f}"
