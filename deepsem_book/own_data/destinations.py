"""Where results go, checked before any work: names, suffixes, permission, space, and that nothing
is overwritten which is an input, another result or no plain file."""

import errno
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..errors import BadInput

STDOUT = Path("-")
TABLE = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", ".parquet")
KINDS = {"edges": TABLE, "h5ad": (".h5ad",), "html": (".html", ".htm")}
LONGEST = 80  # bytes of a label in a file name


def checked(outputs: Mapping[str, tuple[Path, str]], inputs: Iterable[Path]) -> dict[str, Path]:
    """The path of each output, option: (path, kind), links followed.

    Raises BadInput for a path that cannot be written, is no plain file, has another suffix than
    what is written (kind "" takes any), or is also an input or another output.
    """
    read = [path for path in inputs if path.exists()]
    final: dict[str, Path] = {}
    for option, (path, kind) in outputs.items():
        if path == STDOUT:
            if kind != "edges":
                raise BadInput(f"{option} -: only edges can go to standard output; name a file.")
            final[option] = path
            continue
        path = writable(path)
        suffixes = KINDS.get(kind, ())
        if suffixes and not path.name.lower().endswith(suffixes):
            raise BadInput(
                f"{option} {path}: {path.suffix or 'a name without a suffix'} is not written; use "
                f"{' or '.join(dict.fromkeys(suffixes))}."
            )
        for other in read:
            if same(path, other) or (other.is_dir() and other.suffix == ".zarr"
                                     and other.resolve() in path.resolve().parents):  # fmt: skip
                raise BadInput(f"{option} {path} is an input: it would be overwritten; choose "
                               "another name.")  # fmt: skip
        for name, taken in final.items():
            if same(path, taken):
                raise BadInput(f"{option} and {name} name the same file, {path}: choose another.")
        final[option] = path
    return final


def same(a: Path, b: Path) -> bool:
    """Whether two paths are one file, also where case makes no difference."""
    if a.exists() and b.exists():
        return a.samefile(b)
    return str(a.resolve()).casefold() == str(b.resolve()).casefold()


def writable(path: Path) -> Path:
    """`path`, links followed; BadInput unless a file of this name can be made, by whoever runs."""
    given = path
    try:
        path = path.resolve() if path.is_symlink() else path
        if path.is_symlink():  # a circle, of which Python 3.13 says nothing
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if path.is_dir() or not path.parent.is_dir():
            raise BadInput(f"{given}: give a file name in a folder that exists.")
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise BadInput(f"{given} is a device or a pipe, not a file: use --out - for standard "
                           "output, or name a file.")  # fmt: skip
        if path.exists() and not os.access(path, os.W_OK):
            raise BadInput(f"{given} is write-protected: choose another name.")
        trial = path.with_name(f".{path.name}.{os.getpid()}.part")  # as storage.part_of names it
        with open(trial, "xb"):
            pass
        trial.unlink()
    except PermissionError:
        raise BadInput(f"{given}: no permission to write there; choose another folder.") from None
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, BadInput):
            raise
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"{given}: no file of this name can be made ({reason}).") from None
    return path


def room(path: Path, megabytes: float) -> None:
    """BadInput if the disk of `path` has less than `megabytes` left."""
    if path == STDOUT:
        return
    free = shutil.disk_usage(path.parent).free / 1e6
    if free < megabytes:
        raise BadInput(f"{path}: about {megabytes:.0f} MB will be written, but {free:.0f} MB are "
                       "free: make room, or choose another disk.")  # fmt: skip


# --- Names of files from labels -------------------------------------------------------------------


def file_parts(labels: Iterable[str]) -> dict[str, str]:
    """A part of a file name for each label; different labels never get the same, whatever their
    case, and none is longer than a name may be.

    A label that must be changed for it and then equals another gets a digest behind it.
    """
    labels = list(labels)
    parts = {label: safe(label) for label in labels}
    taken = [part.casefold() for part in parts.values()]
    plain = {label for label in labels if parts[label] == label}
    return {
        label: part
        if taken.count(part.casefold()) == 1
        or (label in plain and [p for p in plain if p.casefold() == part.casefold()] == [label])
        else f"{part}-{hashlib.sha256(label.encode()).hexdigest()[:8]}"
        for label, part in parts.items()
    }  # fmt: skip


def safe(label: str) -> str:
    """A label without what file systems refuse: blanks, separators, control signs, length."""
    part = re.sub(r'[\s/\\:*?"<>|\x00-\x1f\x7f]+', "_", label).strip(".") or "_"
    if len(part.encode()) <= LONGEST:
        return part
    short = part.encode()[: LONGEST - 9].decode(errors="ignore")
    return f"{short}-{hashlib.sha256(label.encode()).hexdigest()[:8]}"


def of_group(path: Path, part: str) -> Path:
    """edges.csv.gz -> edges-PART.csv.gz"""
    known = (suffix for kinds in KINDS.values() for suffix in kinds)
    suffix = max((s for s in known if path.name.lower().endswith(s)), key=len, default=path.suffix)
    stem = path.name[: len(path.name) - len(suffix)]
    return path.with_name(f"{stem}-{part}{path.name[len(stem) :]}") if part else path
