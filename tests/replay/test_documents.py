"""The documents that are made when a deployment is built, through the console's handler as API Gateway asks it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from local.recorded import EVENTS
from scripts.openapi import customers, operators
from scripts.pages.contents import PAGES
from scripts.pages.site import build
from tests.replay.built import ASKED
from tests.replay.environment import ROOT, Lambda, Surroundings
from tests.replay.outcomes import body_of

Ask = Callable[[str], Any]


@pytest.fixture(scope="module")
def ask(around: Surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Answers of the built artefact; where none is asked for, of the function with its pages in a folder of their
    own."""
    recorded = json.loads((EVENTS / "console" / "rest-docs.json").read_text())

    def event(path: str) -> Any:
        context = {**recorded["requestContext"], "path": f"/prod{path}", "resourcePath": path}
        return {**recorded, "path": path, "resource": path, "requestContext": context}

    if ASKED:
        yield lambda path: around.function("console").invoke(event(path))
        return
    folder = tmp_path_factory.mktemp("console")
    shutil.copytree(ROOT / "functions" / "console", folder, dirs_exist_ok=True)
    build(folder / "pages")
    function = Lambda(sys.executable, (folder, ROOT / "shared", ROOT), "app", around.env)
    yield lambda path: function.invoke(event(path))
    function.close()


@pytest.mark.parametrize(("name", "made"), [("openapi.json", customers), ("openapi-admin.json", operators)])
def test_a_deployment_serves_the_openapi_documents(ask: Ask, name: str, made: Callable[[], Any]) -> None:
    answer = ask(f"/{name}")
    many = answer.get("multiValueHeaders") or {}
    headers = answer.get("headers") or {key: ", ".join(values) for key, values in many.items()}
    assert (answer["statusCode"], headers["content-type"]) == (200, "application/json")
    assert headers["etag"] and not answer.get("isBase64Encoded")
    served = json.loads(body_of(answer))
    assert served == made()
    OpenAPIV31SpecValidator(served).validate()


def test_a_deployment_serves_every_page_and_what_language_models_read(ask: Ask) -> None:
    for name in PAGES:
        page, source = ask(f"/docs/{name}"), ask(f"/docs/{name}.md")
        assert (page["statusCode"], source["statusCode"]) == (200, 200), name
        assert body_of(source) == (Path(ROOT) / "docs" / f"{name}.md").read_text("utf-8")
    for name in ("llms.txt", "llms-full.txt"):
        assert body_of(ask(f"/{name}")).startswith("# Interchange\n"), name
