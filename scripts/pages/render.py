"""Markdown -> HTML: CommonMark with tables, an anchor on each heading, code in colours by class (the pages' policy
allows no style inside them), and links that lead to pages."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from .contents import PAGES

ACCESSIBLE = (
    ("<table>", '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>'),
    ("</table>", "</table></div>"),
    ("<th></th>", "<td></td>"),
    ("<pre>", '<pre tabindex="0">'),
)
"""What can be scrolled is reached by keys, and a heading has words."""
OUTSIDE = re.compile(r"[a-z]+:")
"""An address with a scheme."""


@dataclass(frozen=True)
class Page:
    """`headings` are (anchor, words) of the second level."""

    name: str
    title: str
    body: str
    headings: tuple[tuple[str, str], ...]


def render(name: str, source: str) -> Page:
    """`name` is the page's path below docs/, without its ending."""
    made = MarkdownIt("commonmark", {"highlight": _coloured}).enable("table")
    made.use(anchors_plugin, max_level=4, slug_func=slug)
    tokens = made.parse(source)
    for token in _links(tokens):
        target = _target(name, str(token.attrGet("href") or ""))
        if target is None:  # a page for operators, which is not served: its words stay
            token.attrs.pop("href")
        else:
            token.attrSet("href", target)
    headings = tuple(_headings(tokens))
    title = next(words for level, _, words in headings if level == "h1")
    body = made.renderer.render(tokens, made.options, {})
    for written, wanted in ACCESSIBLE:
        body = body.replace(written, wanted)
    return Page(name, title, body, tuple((anchor, words) for level, anchor, words in headings if level == "h2"))


def slug(words: str) -> str:
    """An anchor, as GitHub makes them."""
    return re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")


def to_root(name: str) -> str:
    """From the page to the gateway's own root, whatever stage or prefix that has."""
    return "../" * (name.count("/") + 1)


def _coloured(code: str, language: str, _attributes: str) -> str:
    """The block's inside. A page's blocks may say more behind the language, for the tests that run them."""
    try:
        lexer = get_lexer_by_name(language or "text")
    except ClassNotFound:
        return html.escape(code)
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))


def _links(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from (child for child in token.children or () if child.type == "link_open")


def _target(page: str, href: str) -> str | None:
    """A link to docs/NAME.md leads to the page NAME; one to any other file of the repository leads nowhere."""
    if OUTSIDE.match(href) or href.startswith("#"):
        return href
    path, _, anchor = href.partition("#")
    here = posixpath.dirname(page)
    name = posixpath.normpath(posixpath.join(here, path)).removesuffix(".md")
    if name not in PAGES:
        return None
    found = posixpath.relpath(name, here or ".")
    return f"{found}#{anchor}" if anchor else found


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[str, str, str]]:
    """(tag, anchor, words)"""
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            inline: Any = tokens[at + 1]
            words = "".join(child.content for child in inline.children or ())
            yield token.tag, str(token.attrGet("id") or ""), words
