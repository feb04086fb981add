"""Citations and reference lists in plain Markdown, from the book's bibliography."""

import functools
import re
from collections.abc import Iterable

from pybtex.backends.markdown import Backend
from pybtex.database import BibliographyData, Entry, Person, parse_file
from pybtex.style.formatting.plain import Style

from toc import ROOT, config


@functools.cache
def bibliography() -> BibliographyData:
    """The entries of the files that _config.yml names."""
    entries: dict[str, Entry] = {}
    for file in config()["bibtex_bibfiles"]:
        entries |= parse_file(ROOT / file).entries
    return BibliographyData(entries)


def entry_of(key: str) -> Entry:
    """Raises:
    ValueError: the bibliography has no such key.
    """
    if key not in bibliography().entries:
        raise ValueError(f"{key} is cited and not in {config()['bibtex_bibfiles']}")
    return bibliography().entries[key]


def last_name(person: Person) -> str:
    return " ".join([*person.prelast_names, *person.last_names]).replace("{", "").replace("}", "")


def authors(entry: Entry) -> str:
    """Shu et al.; two authors are both named."""
    names = [last_name(person) for person in entry.persons["author"]]
    return " and ".join(names) if len(names) < 3 else f"{names[0]} et al."


def address(entry: Entry) -> str:
    """Where the work can be read; empty if the bibliography does not say."""
    fields = entry.fields
    if "doi" in fields:
        return f"https://doi.org/{fields['doi']}"
    if "eprint" in fields:
        return f"https://arxiv.org/abs/{fields['eprint']}"
    return str(fields.get("url", ""))


def linked(words: str, entry: Entry) -> str:
    target = address(entry)
    return f"[{words}]({target})" if target else words


def cite(role: str, keys: str) -> str:
    """`{cite:p}` is (Shu et al., 2021), `{cite:t}` is Shu et al. (2021), each linked to its DOI.

    Args:
        role: "cite:p" or "cite:t".
        keys: keys of the bibliography, with commas between them.
    """
    entries = [entry_of(key.strip()) for key in keys.split(",")]
    if role == "cite:t":
        return ", ".join(linked(f"{authors(e)} ({e.fields['year']})", e) for e in entries)
    works = "; ".join(linked(f"{authors(e)}, {e.fields['year']}", e) for e in entries)
    return f"({works})"


def reference_list(keys: Iterable[str]) -> str:
    """A bullet for each work, by first author and year."""
    entries = {key: entry_of(key) for key in keys}
    order = sorted(entries.values(), key=lambda e: (authors(e).lower(), e.fields["year"]))
    texts = [item.text.render(Backend()) for item in Style().format_entries(order)]
    plain = [re.sub(r"\\([-.():])", r"\1", " ".join(text.split())) for text in texts]
    return "\n".join(f"- {text}" for text in plain)
