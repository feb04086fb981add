"""Files that are there as a whole or not at all, whatever ends the program."""

import contextlib
import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Any

import h5py
from anndata import AnnData
from anndata.io import write_elem


@contextlib.contextmanager
def part_of(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; what stands there is moved to `path` if all went well.

    Otherwise (a disk that is full, Ctrl-C) it is removed, and an OSError names `path`.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with open(part, "r+b") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise


def replace(path: Path, content: bytes) -> None:
    """Write `content` to `path`. Raises OSError."""
    with part_of(path) as part, open(part, "wb") as file:
        file.write(content)


class Kept(FileIO):
    """A file that keeps the first error of the system instead of raising it.

    HDF5 prints tracebacks and may crash the process when the disk is full.
    """

    error: OSError | None = None

    def write(self, content: Any, /) -> int:
        try:
            written = super().write(content)
            if written < len(content):  # the next byte is the one that does not fit
                super().write(memoryview(content)[written:])
        except OSError as error:
            self.error = self.error or error
        return len(content)

    def truncate(self, size: int | None = None, /) -> int:
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = self.error or error
            return size or 0


def write_h5ad(adata: AnnData, path: Path) -> None:
    """Write `adata` to `path`. Raises OSError."""
    adata.strings_to_categoricals()
    with part_of(path) as part, Kept(part, "w+") as file:
        with h5py.File(file, "w") as h5:
            write_elem(h5, "/", adata)
        if file.error:
            raise file.error
