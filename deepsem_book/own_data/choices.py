"""How a reader wants a file to be read: the options that settle what the file leaves open."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Choices:
    """Defaults guess nothing: where a file may be read in two ways, reading it is refused.

    `layer` picks a layer of an .h5ad, .zarr or .loom, `raw` .raw of an .h5ad or .zarr;
    `gene_names` is the column of var (row attribute of a loom, column of a table) that names the
    genes. `orientation` of a text table: "cells" (rows are cells), "genes" or "auto" (by the
    names); `hints` are names of genes that help. `header` and `row_names`: whether its first line
    and column are names. `drop`: columns (or rows) that are no expression; what else looks like
    metadata is refused, unless "none" is among the names. `genome`, `feature_type`: of files
    that hold several.
    """

    layer: str | None = None
    raw: bool = False
    orientation: str = "auto"
    gene_names: str | None = None
    hints: Iterable[str] = ()
    header: bool = True
    row_names: bool = True
    drop: tuple[str, ...] = ()
    genome: str | None = None
    feature_type: str | None = None

    @property
    def unwanted(self) -> set[str]:
        return set(self.drop) - {"none"}

    @property
    def keeps_all(self) -> bool:
        """Whether what looks like metadata is kept."""
        return "none" in self.drop
