"""The folder of pages: HTML, the Markdown that it was made from, and what language models read."""

from __future__ import annotations

import gzip
import html
import shutil
from pathlib import Path

from scripts.openapi.document import write as write_openapi

from .contents import CONTENTS, PAGES
from .render import Page, render, to_root

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ABOUT = (
    "One key and one balance for GPT, Claude, Gemini and Grok, through the OpenAI or the Anthropic protocol: keep the "
    "SDK, change the base URL."
)


def build(folder: Path, *, signed: bool = True) -> None:
    """Writes docs/NAME.html and docs/NAME.md, llms.txt, llms-full.txt, openapi.json and openapi-admin.json, each
    with what it is compressed beside it. `signed`: the admin API asks for AWS signatures."""
    shutil.rmtree(folder, ignore_errors=True)
    sources = {name: (DOCS / f"{name}.md").read_text("utf-8") for name in PAGES}
    pages = {name: render(name, source) for name, source in sources.items()}
    for name, page in pages.items():
        target = folder / "docs" / f"{name}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_whole(page, pages), "utf-8")
        target.with_suffix(".md").write_text(sources[name], "utf-8")
    (folder / "llms.txt").write_text(_index(pages), "utf-8")
    texts = (f"<!-- docs/{name}.md -->\n\n{source.strip()}\n" for name, source in sources.items())
    (folder / "llms-full.txt").write_text("\n".join((f"# Interchange\n\n> {ABOUT}\n", *texts)), "utf-8")
    write_openapi(folder, signed=signed)
    for file in [one for one in folder.rglob("*") if one.is_file()]:
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))


def _index(pages: dict[str, Page]) -> str:
    """https://llmstxt.org: a title, what this is, and links with what they lead to."""
    parts = [f"# Interchange\n\n> {ABOUT}\n"]
    for section, entries in CONTENTS.items():
        lines = (f"- [{pages[name].title}](docs/{name}.md): {words}" for name, words in entries.items())
        parts.append("\n".join((f"## {section}\n", *lines, "")))
    parts.append("## Optional\n\n- [OpenAPI 3.1](openapi.json): every endpoint that a customer's key can call\n")
    parts.append("- [All of it in one file](llms-full.txt): the pages above, one behind the other\n")
    return "\n".join(parts)


def _whole(page: Page, pages: dict[str, Page]) -> str:
    root = to_root(page.name)
    contents = "".join(f'<li><a href="#{anchor}">{html.escape(words)}</a></li>' for anchor, words in page.headings)
    aside = f'<nav class="on-page" aria-label="On this page"><ul>{contents}</ul></nav>' if contents else ""
    return _SHELL.format(
        title=html.escape(page.title), root=root, menu=_menu(page.name, pages), body=page.body, aside=aside,
        source=f"{page.name.rpartition('/')[2]}.md",
    )  # fmt: skip


def _menu(here: str, pages: dict[str, Page]) -> str:
    root = to_root(here)
    parts = []
    for section, entries in CONTENTS.items():
        links = "".join(
            f'<li><a href="{root}docs/{name}"{_CURRENT if name == here else ""}>{html.escape(pages[name].title)}</a>'
            for name in entries
        )
        parts.append(f"<h2>{section}</h2><ul>{links}</ul>")
    return "".join(parts)


_CURRENT = ' aria-current="page"'
_SHELL = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Interchange</title>
<link rel="icon" href="{root}console/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{root}console/site.css">
<link rel="alternate" type="text/markdown" href="{source}">
</head>
<body class="docs">
<a class="skip" href="#content">Skip to the page</a>
<header class="top">
<a class="brand" href="{root}"><img src="{root}console/favicon.svg" alt="" width="28" height="28">Interchange</a>
<nav aria-label="Site"><a href="{root}docs/quickstart" aria-current="true">Docs</a>
<a href="{root}console/index.html#/models">Models</a> <a class="call" href="{root}console/index.html">Console</a></nav>
</header>
<div class="columns">
<details class="menu-fold"><summary>All pages</summary><nav class="menu" aria-label="All pages">{menu}</nav></details>
<nav class="menu menu-side" aria-label="Documentation">{menu}</nav>
<main id="content" tabindex="-1">
{body}
<p class="source"><a href="{source}">This page as Markdown</a></p>
</main>
{aside}
</div>
</body>
</html>
"""
