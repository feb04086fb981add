"""Measures what one changed setting does: the table behind the chapter "Does it hold?".

    python -m deepsem_book.beeline.measure_ablations --seeds 3

Runs the benchmark's own runner one change at a time, the most telling changes first, so that a
stopped run leaves complete comparisons. What is in the table already is not run again; a larger
--seeds adds seeds. One thread of one core; a training takes 10 to 20 s.
"""

import argparse
from pathlib import Path

from ..datasets import DATA_DIR
from . import benchmark
from .ablations import SWITCHES, method_name
from .grid import PRESETS, Grid

OUT = DATA_DIR / "results" / "switches"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the effect of single settings.")
    parser.add_argument("--data", default="beeline/mDC-500")
    parser.add_argument("--presets", nargs="+", default=list(PRESETS))
    parser.add_argument("--first", type=int, help="only this many changes of each preset")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    for preset in options.presets:
        changes = ["", *(s.change for s in SWITCHES if preset in s.presets)]
        for change in changes[: options.first]:
            grid = Grid.of([options.data], [method_name(preset, change)], options.seeds)
            table = benchmark.run_grid(grid, options.out)
            print(f"{preset} {change or 'as is'}: {len(table)} rows in the table", flush=True)


if __name__ == "__main__":
    main()
