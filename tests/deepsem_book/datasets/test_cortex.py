"""Zeisel's cells with gene names: joined to their labels by cell id, pyramidal neurons by layer."""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray

from deepsem_book.datasets import cortex, readers


def test_pyramidal_neurons_get_their_layer_by_cell_id(monkeypatch) -> None:
    ids, genes = ["c3", "c1", "c2", "c4"], ["Rorb", "Actb"]
    counts = np.array([[3, 0, 2, 1], [7, 5, 8, 9]])
    table = xarray.DataArray(counts, coords={"dim_0": genes, "dim_1": ids}, dims=["dim_0", "dim_1"])
    kinds = {"c0": "S1PyrL4", "c1": "S1PyrL6b", "c2": "Int1", "c3": "S1PyrL4", "c4": "S1PyrDL"}
    annot = pd.DataFrame({"cell_id": list(kinds), "level2class": list(kinds.values())})
    files = {"counts": table, "labels": {"annot": annot}}
    monkeypatch.setattr(readers, "rda", lambda path, *names: files[str(path)])
    adata = cortex.zeisel_layers(Path("counts"), Path("labels"))
    assert list(adata.obs_names) == ["c3", "c1", "c4"] and list(adata.var_names) == genes
    assert list(adata.obs["cell_type"]) == ["L4", "L5/6", "L5/6"]
    assert adata.layers["counts"].toarray().tolist() == [[3, 7], [0, 5], [1, 9]]
    np.testing.assert_allclose(adata.X[0], np.log1p([3e3, 7e3]), rtol=1e-6)
