"""What is wrong with a setting is one line that names it, before the first request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from interchange import wiring
from interchange.catalog.load import BUILT_IN, CatalogError
from interchange.operator import main
from interchange.wiring.setting import SettingError, read_url
from interchange.wiring.vendors import providers

PRICE = {"input": "1", "output": "2"}
ROUTE = {"provider": "openai", "model": "x"}
MODEL = {"id": "m", "routes": [ROUTE], "price": PRICE}
OTHERS = {"here": {"base_url": "https://a.example", "key": "HERE_KEY", "protocol": "anthropic_messages"}}

WRONG: list[tuple[Any, str]] = [
    ([{**MODEL, "routes": [{"provider": "nobody", "model": "x"}]}],
     "models[0].routes[0].provider: 'nobody' is not known"),
    ([MODEL, {**MODEL, "id": "n", "routes": [ROUTE, {**ROUTE, "protocol": "gemini"}]}],
     "models[1].routes[1].protocol: openai does not speak 'gemini' (openai_chat, openai_responses)"),
    ({"models": [{**MODEL, "routes": [{"provider": "here", "model": "x", "protocol": "openai_chat"}]}],
      "providers": OTHERS}, "models[0].routes[0].protocol: here does not speak 'openai_chat' (anthropic_messages)"),
    ([{**MODEL, "price": {}}], "models[0].price: `input` is required"),
    ([{**MODEL, "price": {"output": "2"}}], "models[0].price: `input` is required"),
    ([{**MODEL, "kind": "image", "price": {}}], "models[0].price: at least one rate is required"),
    ([{**MODEL, "id": ""}], "models[0].id: "),
    ([{**MODEL, "routes": [{**ROUTE, "model": ""}]}], "models[0].routes[0].model: "),
]  # fmt: skip


@pytest.mark.parametrize("listed, said", WRONG, ids=[said for _, said in WRONG])
def test_a_wrong_catalog_is_one_line_at_start_and_in_the_check(
    listed: Any, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.json"
    file.write_text(json.dumps(listed))
    with pytest.raises(CatalogError) as raised:
        wiring.catalog({"INTERCHANGE_CATALOG": str(file)})
    line = str(raised.value)
    assert line.startswith(f"INTERCHANGE_CATALOG: own.json: {said}") and "\n" not in line
    assert main.main(["catalog", "check", str(file)]) != 0
    assert f"own.json: {said}" in capsys.readouterr().err


def test_a_catalog_that_is_not_there_names_the_variable() -> None:
    with pytest.raises(CatalogError, match=r"^INTERCHANGE_CATALOG: /nowhere\.yaml: cannot be read"):
        wiring.catalog({"INTERCHANGE_CATALOG": "/nowhere.yaml"})


def test_the_built_in_catalog_is_held_to_the_same() -> None:
    assert wiring.checked(BUILT_IN).models == wiring.catalog({}).models


@pytest.mark.parametrize("value", ["nonsense", "ftp://a", "http://", "https:///v1", "http://a b/v1", "http://?x"])
def test_an_address_that_is_none_names_its_variable(value: str) -> None:
    with pytest.raises(SettingError, match=r"^OPENAI_BASE_URL: .* is not an http\(s\) URL$"):
        read_url("OPENAI_BASE_URL", value)


@pytest.mark.parametrize("value", ["http://127.0.0.1:9/v1", "https://a.example", "http://[::1]:8/v1/"])
def test_an_address_is_taken_without_its_last_slash(value: str) -> None:
    assert read_url("OPENAI_BASE_URL", value) == value.rstrip("/")


@pytest.mark.parametrize(("name", "path"), [("ANTHROPIC", "/v1"), ("GEMINI", "/v1beta/")])
def test_an_address_that_holds_the_path_of_each_call_is_told(name: str, path: str) -> None:
    env = {f"{name}_API_KEY": "k", f"{name}_BASE_URL": f"https://proxy.example{path}"}
    with pytest.raises(SettingError, match=f"{name}_BASE_URL: leave {path.rstrip('/')} out"):
        providers(env, {})
    assert providers({**env, f"{name}_BASE_URL": "https://proxy.example"}, {})[name.lower()]
