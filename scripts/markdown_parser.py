"""The book's own Markdown parser, and what it finds in a text: roles, links, directives."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from docutils.parsers.rst.directives.misc import TestDirective  # takes any option
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.link import link
from markdown_it.token import Token
from mdit_py_plugins.myst_role.index import myst_role
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

from toc import config

FENCES = ("fence", "colon_fence")


class Found(NamedTuple):
    """A role or a link's target in a text: characters `start` to `end`, and what it says."""

    start: int
    end: int
    role: str  # "" for a link
    content: str  # a role's content, a link's target
    empty: bool = False  # a link without words


class Directive(NamedTuple):
    """A directive as its author wrote it."""

    name: str
    argument: str
    options: dict[str, Any]
    body: str


def _role(state: StateInline, silent: bool) -> bool:
    start, before = state.pos, len(state.tokens)
    if not myst_role(state, silent):
        return False
    if not silent and "found" in state.env:
        token = next(t for t in state.tokens[before:] if t.type == "myst_role")
        state.env["found"].append(Found(start, state.pos, token.meta["name"], token.content))
    return True


def _link(state: StateInline, silent: bool) -> bool:
    start, before = state.pos, len(state.tokens)
    if not link(state, silent):
        return False
    if not silent and "found" in state.env:
        words_end = state.md.helpers.parseLinkLabel(state, start)
        opened = next(t for t in state.tokens[before:] if t.type == "link_open")
        target = str(opened.attrs["href"])
        empty = words_end == start + 1
        begin = words_end if empty else words_end + 1  # words are put before the bracket
        state.env["found"].append(Found(begin, state.pos, "", target, empty))
    return True


@functools.cache
def parser() -> MarkdownIt:
    """The parser that the book is built with, which also notes where roles and links stand."""
    extensions = set(config()["parse"]["myst_enable_extensions"])
    markdown = create_md_parser(MdParserConfig(enable_extensions=extensions), RendererHTML)
    markdown.inline.ruler.at("myst_role", _role)
    markdown.inline.ruler.at("link", _link)
    return markdown


def blocks(text: str) -> list[Token]:
    """Block tokens of a text, with the lines they stand on in `map`."""
    return parser().parse(text)


def roles_and_links(inline: str) -> list[Found]:
    """Roles and targets of links in the content of an inline token, in the order of the text."""
    env: dict[str, list[Found]] = {"found": []}
    parser().inline.parse(inline, parser(), env, [])
    return sorted(env["found"])


def replaced(inline: str, replace: Callable[[Found], str]) -> str:
    """The content of an inline token with each role and each link's target replaced."""
    for found in reversed(roles_and_links(inline)):
        inline = inline[: found.start] + replace(found) + inline[found.end :]
    return inline


def directive(token: Token) -> Directive | None:
    """The directive that a fence holds; None for code."""
    head, _, argument = token.info.strip().partition("}")
    if token.type not in FENCES or not head.startswith("{"):
        return None
    parsed = parse_directive_text(TestDirective, argument.strip(), token.content)
    body = "\n".join(parsed.body)
    return Directive(head[1:], " ".join(parsed.arguments), parsed.options, body)
