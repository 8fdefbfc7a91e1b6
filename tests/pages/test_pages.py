"""The documentation as it is rendered and served."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.testclient import TestClient

from interchange.edge.app import Endpoint
from interchange.edge.base_path import EndsWithSlash
from interchange.edge.family import family
from interchange.exchange.console import Console
from interchange.protocols.openai_chat.server import Server
from scripts.pages.contents import PAGES
from scripts.pages.render import render
from scripts.pages.site import build
from tests.exchange.world import SEAL, world

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "functions" / "console" / "static"
FILES = ("llms.txt", "llms-full.txt", "openapi.json", "openapi-admin.json")
CODE = re.compile(r'code="([a-z_]+)"')
HTML = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def site(built: Path) -> Iterator[TestClient]:
    with world() as here:
        console = Console(here.services, Server(SEAL), STATIC, built)
        endpoints = [
            Endpoint("GET", "/", console.home),
            Endpoint("GET", "/console", console.enter),
            Endpoint("GET", "/console/{file:path}", console.page),
            Endpoint("GET", "/docs", console.start),
            Endpoint("GET", "/docs/{page:path}", console.guide),
            *(Endpoint("GET", f"/{name}", console.text) for name in FILES),
        ]
        app, _ = family("console", endpoints, console.server, here.services, any_origin=False)
        app.add_middleware(EndsWithSlash)
        yield TestClient(app, follow_redirects=False)


class Read(HTMLParser):
    """Addresses and anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src"):
                self.links.append(value or "")
            if name == "id":
                self.anchors.add(value or "")
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")


def test_every_page_is_rendered_and_served(site: TestClient) -> None:
    for name in PAGES:
        answer = site.get(f"/docs/{name}", headers=HTML)
        assert answer.status_code == 200 and answer.headers["content-type"] == "text/html; charset=utf-8", name
        assert answer.text.count("<h1") == 1, name
        raw = site.get(f"/docs/{name}.md")
        assert raw.headers["content-type"].startswith("text/markdown"), name
        assert raw.text == (ROOT / "docs" / f"{name}.md").read_text(), name


def test_every_link_of_every_page_leads_somewhere(site: TestClient) -> None:
    starts = ["/", *(f"/docs/{name}" for name in PAGES)]
    pages = {start: Read(site.get(start, headers=HTML).text) for start in starts}
    for start, page in pages.items():
        assert not page.inline, (start, page.inline)
        for link in page.links:
            target = urlsplit(urljoin(f"http://host{start}", link))
            if target.netloc != "host":
                continue
            assert site.get(target.path, headers=HTML).status_code == 200, (start, link)
            if target.path in pages and target.fragment:
                assert target.fragment in pages[target.path].anchors, (start, link)


def test_links_work_below_a_stage(site: TestClient) -> None:
    """No address begins at the host's root: what stands before ours is not known when the pages are made."""
    for start in ("/", *(f"/docs/{name}" for name in PAGES)):
        assert not [link for link in Read(site.get(start, headers=HTML).text).links if link.startswith("/")], start


def test_an_unknown_page_is_a_page_for_a_browser_and_an_error_for_a_program(site: TestClient) -> None:
    for path in (
        "/docs/nowhere",
        "/docs/clients/nothing",
        "/console/nothing.js",
        "/docs/..%2f..%2fapp.py",
        "/docs/%00",
    ):
        answer = site.get(path, headers=HTML)
        assert answer.status_code == 404 and "There is no such page" in answer.text
        for link in Read(answer.text).links:
            assert site.get(urlsplit(urljoin(f"http://host{path}", link)).path).status_code == 200, link
        assert site.get(path).json()["error"]["code"] == "unknown_url"


def test_a_file_is_kept_by_what_is_in_it(site: TestClient) -> None:
    first = site.get("/console/site.css")
    again = site.get("/console/site.css", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/docs/quickstart", "/docs/quickstart.md", *(f"/{name}" for name in FILES)])
def test_what_is_built_is_packed_told_apart_and_asked_by_head(site: TestClient, path: str) -> None:
    whole = site.get(path, headers={"accept-encoding": "identity"})
    packed = site.get(path, headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip" and packed.text == whole.text
    assert int(packed.headers["content-length"]) < len(whole.content) * 0.6
    assert "accept-encoding" in packed.headers["vary"] and packed.headers["cache-control"] == "no-cache"
    for answer in (whole, packed):
        encoding = answer.headers.get("content-encoding", "identity")
        head = site.head(path, headers={"accept-encoding": encoding})
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == answer.headers["content-length"]
        again = {"accept-encoding": encoding, "if-none-match": f"W/{answer.headers['etag']}"}
        assert site.get(path, headers=again).status_code == 304


def test_pages_may_load_nothing_from_elsewhere(site: TestClient) -> None:
    for path in ("/", "/docs/quickstart", "/console/index.html", "/docs/nowhere"):
        policy = site.get(path, headers=HTML).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy


def test_language_models_find_every_page(site: TestClient) -> None:
    index = site.get("/llms.txt")
    assert index.headers["content-type"].startswith("text/plain") and index.text.startswith("# Interchange\n\n> ")
    links = re.findall(r"\]\(([^)]+)\)", index.text)
    assert set(links) == {*(f"docs/{name}.md" for name in PAGES), "openapi.json", "llms-full.txt"}
    assert all(site.get(f"/{link}").status_code == 200 for link in links)
    whole = site.get("/llms-full.txt").text
    assert all((ROOT / "docs" / f"{name}.md").read_text().strip() in whole for name in PAGES)


def test_every_link_of_the_pages_as_markdown_leads_to_a_page_that_is_served() -> None:
    for name in PAGES:
        for link in re.findall(r"\]\(([^)\s]+\.md)[)#]", (ROOT / "docs" / f"{name}.md").read_text("utf-8")):
            target = urljoin(f"{name}.md", link)
            assert urlsplit(target).scheme or target.removesuffix(".md") in PAGES, f"{name} links to {link}"


def test_a_link_to_a_page_that_is_not_served_is_words_only() -> None:
    made = render("billing", "# T\n\n[catalog](catalog.md) [faults](faults.md#a) [curl](clients/curl.md)\n")
    assert made.body.count("href") == 2 and "<a>catalog</a>" in made.body
    assert 'href="faults#a"' in made.body and 'href="clients/curl"' in made.body
    assert 'href="../billing"' in render("clients/curl", "# T\n\n[billing](../billing.md)\n").body


def test_the_page_of_errors_has_every_status_and_every_code() -> None:
    page = (ROOT / "docs" / "errors.md").read_text()
    codes = {code for file in (ROOT / "shared").rglob("*.py") for code in CODE.findall(file.read_text())}
    assert not {code for code in codes if f"`{code}`" not in page and code not in GENERAL}
    anchors = {words for _, words in render("errors", page).headings}
    assert anchors >= {"400", "401", "402", "403", "404", "405", "409", "413", "415", "429", "500", "502", "503", "504"}


GENERAL = {"invalid_value", "method_not_supported"}
"""Codes of a 400 that say no more than its message."""


@pytest.mark.parametrize(("path", "root"), [("/v1/chat/completions", "../../"), ("/v1/messages", "../"), ("/x", "./")])
def test_an_error_has_a_link_to_its_page(site: TestClient, path: str, root: str) -> None:
    from interchange.edge.app import create_app
    from interchange.exchange.answers import refuse

    app = create_app([], lambda failure: refuse(Server(SEAL), failure, {}))
    link = TestClient(app).get(path).headers["link"]
    assert link == f'<{root}docs/errors#404>; rel="help"'
    target = urlsplit(urljoin(f"http://host/stage{path}", link[1 : link.index(">")]))
    assert (target.path, target.fragment) == ("/stage/docs/errors", "404")
    assert "404" in Read(site.get("/docs/errors").text).anchors
