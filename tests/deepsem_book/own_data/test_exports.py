"""What other programs make of the command's table: pySCENIC's rules, networkx, GraphML."""

import networkx as nx
import pandas as pd
import pytest
from command import run


@pytest.fixture
def table(folder) -> pd.DataFrame:
    """Edges as the command writes them, with a TF that a careless reader takes for missing."""
    assert run("infer", "x.csv", "--tfs", "tfs.txt", "--out", "edges.csv") == 0
    edges = pd.read_csv("edges.csv")
    edges.loc[edges["TF"] == "g1", "TF"] = "NA"
    edges.to_csv("edges.csv", index=False)
    return edges


def adjacencies(path: str) -> pd.DataFrame:
    """As pySCENIC 0.12 reads them: types by place, nothing taken for missing."""
    return pd.read_csv(path, sep=",", dtype={0: str, 1: str, 2: float}, keep_default_na=False)


def modules(edges: pd.DataFrame, n: int) -> dict[tuple[str, str], dict[str, float]]:
    """As pySCENIC makes them, by the names TF, target, importance; it adds its own column."""
    edges = edges.copy().assign(correlation=1)
    made = {}
    for by in ("TF", "target"):
        for name, rows in edges.groupby(by=by):
            best = rows.nlargest(n, "importance")
            made[by, name] = dict(zip(best["target"], best["importance"]))
    return made


def test_pyscenic_finds_the_same_modules_with_the_sign_and_without(table):
    with_sign = adjacencies("edges.csv")
    table[["TF", "target", "importance"]].to_csv("three.csv", index=False)
    assert list(with_sign) == ["TF", "target", "importance", "sign"]
    assert "NA" in set(with_sign["TF"]) and with_sign["importance"].dtype == float
    assert modules(with_sign, 5) == modules(adjacencies("three.csv"), 5)
    above = with_sign[with_sign["importance"] > 0.001]
    assert len(above) == (table["importance"] > 0.001).sum()


def test_networkx_and_cytoscape_keep_the_sign(table):
    edges = adjacencies("edges.csv")
    graph = nx.from_pandas_edgelist(
        edges, "TF", "target", ["importance", "sign"], create_using=nx.DiGraph
    )
    nx.write_graphml(graph, "network.graphml")
    again = nx.read_graphml("network.graphml")
    assert again.is_directed() and again.number_of_edges() == len(table)
    for tf, target, importance, sign in edges.itertuples(index=False):
        assert again[tf][target] == {"importance": importance, "sign": sign}
