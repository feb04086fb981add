"""The data of a class in one zip: unpacked, it is a folder for DEEPSEM_MIRROR."""

import zipfile
from pathlib import Path

from deepsem_book import datasets
from deepsem_book.datasets.access import dataset_named, network_file

README = """\
Data for a class with "DeepSEM, step by step"

Unpack this file and let DEEPSEM_MIRROR name the folder, before the first import of deepsem_book:

    import os
    os.environ["DEEPSEM_MIRROR"] = "/path/to/this/folder"

https://HOST/PATH lies at HOST/PATH. Each file is verified against its checksum when it is read.
The data keep their own licences; you hand this file to your class, please do not publish it.

"""


def matrices() -> list[str]:
    """The 500-gene matrices of the benchmark whose files belong to the reference mirror."""
    return [name for name in datasets.mirrored_matrices() if name.endswith("-500")]


def files() -> list[str]:
    """Registry entries that the class notebooks, chapters 1 to 5 and the hand-ins read."""
    known = datasets.benchmarks().query("available_in_mirror")
    networks = known.loc[known["expression"].isin(matrices()), "network"]
    names = [file for name in matrices() for file in dataset_named(name).files]
    return [*dict.fromkeys([*names, *map(network_file, networks)])]


def write_zip(target: Path) -> tuple[int, int]:
    """Fetch, verify and pack; returns the number of files and the size of the zip in bytes.

    Raises DataUnavailable when a file is nowhere: not in the cache, a mirror or the internet.
    """
    entries = datasets.registry()
    paths = {name: datasets.fetch(name) for name in files()}  # all, before anything is written
    part = target.with_name(target.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
        licences = {name: entries[name].licence or "licence not stated" for name in paths}
        rows = [f"{entries[name].path}\n    {licence}" for name, licence in licences.items()]
        packed.writestr("README.txt", README + "\n".join(rows) + "\n")
        for name, path in paths.items():
            packed.write(path, entries[name].path)
    part.replace(target)
    return len(paths), target.stat().st_size
