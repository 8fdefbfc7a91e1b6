"""What is stored beside the events, and how an answer is held against it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.recorded import EVENTS, signed

SHAPES: Mapping[str, type | tuple[type, ...]] = {"<str>": str, "<int>": int, "<list>": list, "<object>": dict}


@dataclass(frozen=True)
class Recorded:
    """An event, and what its function answers. `outcome`: `status`; `headers` and `body`, of which all that is named
    must be there ("<str>" is any text that is not empty); `contains`, in that order; `lacks`; `result` for a function
    that is not asked over HTTP."""

    family: str
    name: str
    as_written: dict[str, Any]
    outcome: Mapping[str, Any]

    @property
    def event(self) -> dict[str, Any]:
        """Signed at the moment it is asked for."""
        return signed(self.as_written)


def recorded() -> Iterator[Recorded]:
    """Every event with its outcome. Raises where one of the two is missing."""
    for file in sorted(EVENTS.glob("*/outcomes.json")):
        outcomes: dict[str, Any] = json.loads(file.read_text())
        events = {path.stem: path for path in file.parent.glob("*.json") if path != file}
        assert events.keys() == outcomes.keys(), f"{file.parent.name}: {events.keys() ^ outcomes.keys()}"
        for name, outcome in outcomes.items():
            yield Recorded(file.parent.name, name, json.loads(events[name].read_text()), outcome)


def check(response: Any, outcome: Mapping[str, Any]) -> None:
    if "result" in outcome:
        _within(outcome["result"], response, "result")
        return
    text = body_of(response)
    assert response["statusCode"] == outcome["status"], text[:500]
    many = response.get("multiValueHeaders") or {}
    headers = response.get("headers") or {name: ", ".join(values) for name, values in many.items()}
    _within(outcome.get("headers", {}), headers, "headers")
    if "body" in outcome:
        _within(outcome["body"], json.loads(text), "body")
    at = 0
    for part in outcome.get("contains", ()):
        found = text.find(part, at)
        assert found >= 0, f"{part!r} is not in {text[at:][:500]!r}"
        at = found + len(part)
    for part in outcome.get("lacks", ()):
        assert part not in text


def body_of(response: Mapping[str, Any]) -> str:
    body: str = response.get("body") or ""
    if response.get("isBase64Encoded"):
        return base64.b64decode(body).decode(errors="replace")
    return body


def _within(wanted: Any, found: Any, where: str) -> None:
    match wanted:
        case dict():
            assert isinstance(found, dict), f"{where}: {found!r}"
            for name, inner in wanted.items():
                assert name in found, f"{where}: no {name} in {list(found)}"
                _within(inner, found[name], f"{where}.{name}")
        case list():
            assert isinstance(found, list) and len(found) >= len(wanted), f"{where}: {found!r}"
            for number, inner in enumerate(wanted):
                _within(inner, found[number], f"{where}[{number}]")
        case str() if wanted in SHAPES:
            assert isinstance(found, SHAPES[wanted]) and found != "", f"{where}: {found!r} is not {wanted}"
        case _:
            assert found == wanted, f"{where}: {found!r} is not {wanted!r}"
