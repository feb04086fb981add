"""Plain Markdown of a page's MyST: roles, labels, directives and links that lead somewhere else."""

import re
from pathlib import PurePosixPath

from docutils.nodes import make_id
from markdown_it.token import Token

import citations
import labels
from markdown_parser import FENCES, Directive, Found, blocks, directive, replaced, roles_and_links
from toc import site_url

ADMONITIONS = ("admonition", "note", "tip", "hint", "important", "warning", "caution", "seealso")
WITH_NAME = re.compile(r"^(?P<words>.*?)\s*<(?P<name>[^<>]+)>$", re.S)  # {ref}`words <name>`
BLOCKS = ("myst_target", "math_block_label", "colon_fence", "myst_line_comment")  # MyST's own


class Writer:
    """Turns the MyST of one page into plain Markdown."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.cited: set[str] = set()
        self.labels, self.titles = labels.book()

    def markdown(self, text: str) -> str:
        """The text without roles, directives and labels."""
        lines, edits = text.split("\n"), []
        cursor: dict[int, int] = {}
        for token in blocks(text):
            if token.type == "inline" and roles_and_links(token.content):
                self.rewrite(token, lines, cursor)
            elif (new := self.block(token)) is not None and token.map:
                edits.append((*token.map, new))
        for start, end, new in reversed(edits):
            indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
            lines[start:end] = [f"{indent}{line}".rstrip() for line in new.split("\n")]
        return "\n".join(lines)

    def rewrite(self, token: Token, lines: list[str], cursor: dict[int, int]) -> None:
        """Put an inline token's new content where the old one stands in `lines`.

        `cursor` holds how far each line was rewritten: a table's row has several tokens.
        """
        new = replaced(token.content, self.role_or_link).split("\n")
        for number, (old_line, new_line) in enumerate(
            zip(token.content.split("\n"), new, strict=True), token.map[0]
        ):
            start = lines[number].find(old_line, cursor.get(number, 0))
            if start < 0:
                raise ValueError(f"{self.page}: cannot place {old_line!r}")
            lines[number] = (
                f"{lines[number][:start]}{new_line}{lines[number][start + len(old_line) :]}"
            )
            cursor[number] = start + len(new_line)

    def block(self, token: Token) -> str | None:
        """What stands in place of a block; None leaves it as it is."""
        if token.type == "myst_target":
            return f"{anchor(token.content)}\n"
        if token.type == "math_block_label":
            return f"$${token.content}\\tag{{{self.label(token.info).text[1:-1]}}}$$"
        if token.type == "myst_line_comment":
            return ""
        found = directive(token)
        return self.directive(found) if found else None

    def directive(self, found: Directive) -> str:
        if found.name in ADMONITIONS:
            title = found.argument or found.name.capitalize()
            opened = "" if "dropdown" in found.options.get("class", "") else " open"
            title = replaced(title, self.role_or_link)
            body = self.markdown(found.body).strip()
            return f"<details{opened}><summary>{title}</summary>\n\n{body}\n\n</details>"
        if found.name == "table":
            name, caption = found.options["name"], replaced(found.argument, self.role_or_link)
            body = self.markdown(found.body).strip()
            return f"{anchor(name)}**{self.label(name).text}.** {caption}\n\n{body}\n"
        if found.name == "bibliography":
            return citations.reference_list(self.cited)
        if found.name == "math":
            label = found.options.get("label")
            tag = f"\n\\tag{{{self.label(label).text[1:-1]}}}" if label else ""
            return f"$$\n{found.body}{tag}\n$$"
        if found.name in ("code", "code-block"):
            return f"```{found.argument}\n{found.body}\n```"
        raise ValueError(f"{self.page}: scripts/colab.py does not know the directive {found.name}")

    def role_or_link(self, found: Found) -> str:
        if not found.role:
            target = self.target(found.content)
            return f"{self.words_for(found.content)}]({target})" if found.empty else f"({target})"
        match = WITH_NAME.match(found.content)
        words, name = match.group("words", "name") if match else ("", found.content)
        if found.role in ("cite:p", "cite:t"):
            self.cited.update(key.strip() for key in found.content.split(","))
            return citations.cite(found.role, found.content)
        if found.role == "term":
            return words or name
        if found.role == "doc":
            page = self.page_of(name)
            return f"[{words or self.titles.get(page, page)}]({self.hosted(page)})"
        if found.role in ("numref", "ref", "eq"):
            label = self.label(name)
            number = label.text.removeprefix("Fig. ").removeprefix("Table ")
            words = words.replace("%s", number).replace("{number}", number)
            return f"[{words or label.text}]({self.target('#' + name)})"
        raise ValueError(f"{self.page}: scripts/colab.py does not know the role {found.role}")

    def label(self, name: str) -> labels.Label:
        if name not in self.labels:
            raise ValueError(f"{self.page}: no page has the label {name}")
        return self.labels[name]

    def words_for(self, target: str) -> str:
        """The words of a link that has none: the title of what it leads to."""
        name = target.removeprefix("#")
        return self.label(name).text if name != target else self.titles[self.page_of(target)]

    def target(self, address: str) -> str:
        """A link's target outside the book's source: an anchor here, or the hosted page."""
        if "://" in address or address.startswith("mailto:"):
            return address
        path, _, name = address.partition("#")
        if not path:
            label = self.labels.get(name)
            at = label.anchor if label else name
            if label is None or label.page == self.page:
                return f"#{at}"
            return f"{self.hosted(label.page)}#{at}"
        return self.hosted(self.page_of(path)) + (f"#{name}" if name else "")

    def page_of(self, path: str) -> str:
        """The page that a path leads to, seen from this page or, with a slash, from the root."""
        parts: list[str] = [] if path.startswith("/") else list(PurePosixPath(self.page).parts[:-1])
        for part in PurePosixPath(path.lstrip("/")).parts:
            if part == "..":
                parts.pop()
            elif part != ".":
                parts.append(part)
        return re.sub(r"\.(md|ipynb|py)$", "", "/".join(parts))

    def hosted(self, page: str) -> str:
        return f"{site_url()}/{page}.html"


def anchor(name: str) -> str:
    """A place to jump to; Colab keeps `name` and drops `id`."""
    return f'<a name="{make_id(name)}"></a>'


def leftovers(text: str) -> list[str]:
    """MyST that is still there: roles, directives and labels, as its parser sees them."""
    faults = []
    for token in blocks(text):
        if token.type in BLOCKS:
            faults.append(f"{token.type}: {token.content[:60]}")
        elif token.type in FENCES and directive(token):
            faults.append(f"directive: {token.info}")
        elif token.type == "inline":
            roles = [found.role for found in roles_and_links(token.content) if found.role]
            faults += [f"role: {role}" for role in roles]
    return faults
