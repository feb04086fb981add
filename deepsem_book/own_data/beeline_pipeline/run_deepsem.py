"""DeepSEM under BEELINE's file contract: ExpressionData.csv in, ranked edges out.

In: genes x cells, gene names in the first column. Out: a tab-separated table with the columns
Gene1 (regulator), Gene2 (target), EdgeWeight, highest weight first, as BEELINE's evaluation reads.

    python run_deepsem.py --inFile ExpressionData.csv --outFile outFile.txt
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from deepsem_book.errors import BadInput
from deepsem_book.own_data import cli, destinations, health, options, read, training
from deepsem_minimal.ensemble import fit
from deepsem_minimal.networks import EDGE_COLUMNS
from deepsem_minimal.result import Result
from deepsem_minimal.storage import replace
from deepsem_minimal.train import TrainingError


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inFile", type=Path, required=True)
    parser.add_argument("--outFile", type=Path, required=True)
    parser.add_argument("--preset", choices=training.PRESETS, default="own")
    parser.add_argument("--seeds", type=options.positive, default=10)
    parser.add_argument("--epochs", type=options.positive)
    args = parser.parse_args(argv)
    try:
        paths = destinations.checked({"--outFile": (args.outFile, "")}, [args.inFile])
        adata = read.read(args.inFile, orientation="genes").adata  # BEELINE's X is log already
        config = training.configured(args.preset, *adata.shape, n_epochs=args.epochs)
        result = fit(adata, config, args.seeds, progress=False)
        edges = ranked(result, "centred" if args.preset == "own" else "paper")
        replace(paths["--outFile"], edges.to_csv(sep="\t", index=False).encode())
    except (BadInput, ValueError) as error:
        return cli.fail(str(error), 2)
    except (TrainingError, OSError) as error:
        return cli.fail(str(error), 1)
    return 0


def ranked(result: Result, score: Literal["centred", "paper"]) -> pd.DataFrame:
    """BEELINE's columns; the healthy members alone, and the paper's presets with its score."""
    judgement = health.judged(result)
    for line in health.lines(judgement):
        print(f"deepsem: {line}", file=sys.stderr)
    edges = health.without_sick(result, judgement).edges(score=score)
    return edges[EDGE_COLUMNS].set_axis(["Gene1", "Gene2", "EdgeWeight"], axis=1)


if __name__ == "__main__":
    sys.exit(main())
