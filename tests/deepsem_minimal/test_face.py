"""`import deepsem_minimal as ds`: the example of its docstring, and what it may not import."""

import subprocess
import sys

import numpy as np
import pytest
from anndata import AnnData

import deepsem_minimal as ds

FORBIDDEN = ("scanpy", "sklearn", "matplotlib", "seaborn", "numba", "distributed", "dask", "igraph")


@pytest.fixture(scope="module")
def cells() -> AnnData:
    adata = AnnData(ds.sem.simulate_nonlinear(ds.sem.random_network(15, seed=2), 90, seed=2))
    adata.var_names = [f"g{i}" for i in range(15)]
    adata.obs_names = [f"c{i}" for i in range(90)]
    return adata.copy()


def test_the_example_of_the_docstring(cells: AnnData) -> None:
    config = ds.Config.nonspecific(n_epochs=4, W_init="safe")
    result = ds.fit(cells, config, seeds=2, progress=False)
    edges = result.edges()
    assert list(edges.columns) == ["TF", "target", "importance", "sign"] and len(edges) == 15 * 14
    shuffled = cells[:, ::-1].copy()  # genes are found by name
    np.testing.assert_array_equal(result.embed(shuffled), result.embed(cells.X))
    new = result.simulate(shuffled, n=7)
    assert new.shape == (7, 15) and list(new.var_names) == result.genes
    assert set(new.obs["from_cell"]) <= set(cells.obs_names)
    with pytest.raises(ValueError, match="lacks 1 genes of the result: g3"):
        result.embed(cells[:, cells.var_names != "g3"])


def test_a_perfect_edge_table_has_the_largest_epr() -> None:
    network = ds.edge_table(ds.sem.random_network(15, seed=2), [f"g{i}" for i in range(15)])
    network = network[network["importance"] > 0].rename(columns={"TF": "Gene1", "target": "Gene2"})
    table = network.rename(columns={"Gene1": "TF", "Gene2": "target"})
    scores = ds.evaluate(table, network)
    assert scores["epr"] == pytest.approx(scores["max_epr"]) and scores["auroc"] == 1


def test_the_core_runs_without_the_libraries_of_the_chapters() -> None:
    lines = (
        "import sys",
        f"sys.modules |= dict.fromkeys({(*FORBIDDEN, 'deepsem_book')!r})",  # import fails
        "import deepsem_minimal as ds",
        "from anndata import AnnData",
        "X = ds.sem.simulate_nonlinear(ds.sem.random_network(10, seed=1), 50, seed=1)",
        "config = ds.Config(n_epochs=2, W_init='safe', n_hidden=8)",
        "print(len(ds.fit(AnnData(X), config, seeds=2, progress=False).edges()))",
    )
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True)
    assert done.stdout.strip() == "90", done.stderr
