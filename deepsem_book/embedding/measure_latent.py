"""scVI's points for the cells of Zeisel, recorded for readers without its package.

    python -m deepsem_book.embedding.measure_latent     # after requirements-embedding.txt

writes data/results/scvi_zeisel.csv: one row per cell, its latent means of seed 0.
"""

import pandas as pd
import torch

from .. import datasets
from . import embedders, selection

PATH = datasets.DATA_DIR / "results" / "scvi_zeisel.csv"


def main() -> None:
    torch.set_num_threads(1)
    cells = selection.prepared(datasets.load("zeisel", quiet=True))
    points = embedders.scvi(cells.layers["counts"].toarray(), seed=0)
    columns = [f"z{i}" for i in range(points.shape[1])]
    table = pd.DataFrame(points, cells.obs_names.rename("cell"), columns)
    table.to_csv(PATH, float_format="%.3f")
    print(f"{PATH}: {len(table)} cells")


if __name__ == "__main__":
    main()
