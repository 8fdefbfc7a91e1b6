"""A vendor's key that the operator has changed is used without a restart."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.exchange.key_renewal import EVERY_MS, SOONEST_MS
from interchange.exchange.keys import Keys
from interchange.wiring.renewal import Renewable
from interchange.wiring.setting import SettingError
from tests.exchange import world as w

ASKED: dict[str, Any] = {"model": "gpt", "max_tokens": 10, "messages": w.user()}


class Kept:
    """A file of keys that the gateway was started with; the vendor takes `good` alone."""

    def __init__(self, here: w.World, file: Path, **keys: str) -> None:
        self.here, self.file, self.reads = here, file, 0
        self.good = {"k1"}
        self.write(OPENAI_API_KEY="k1", ANTHROPIC_API_KEY="k1", **keys)
        environ = {"INTERCHANGE_KEYS_FILE": str(file)}
        self.reached = Renewable(self.settings(environ), environ, read(w.CATALOG))
        here.services = replace(
            here.services, providers=self.reached, keys=Keys(self.read, here.now[0]), shared=self.reached.shared
        )
        here.script.default = self.answer

    def settings(self, environ: Mapping[str, str]) -> dict[str, str]:
        from interchange import wiring

        return wiring.settings(environ)

    def write(self, **keys: str) -> None:
        self.file.write_text(json.dumps(keys))

    def read(self) -> bool:
        self.reads += 1
        return self.reached.renew()

    def answer(self, outgoing: Any) -> w.Says:
        shown = outgoing.headers.get("authorization", "").removeprefix("Bearer ") or outgoing.headers.get("x-api-key")
        if shown in self.good:
            return w.Says(chunks=[w.chat_answer("ok")])
        return w.Says(401, {}, [b'{"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}'])

    def asked(self, times: int = 1) -> list[int]:
        async def all_of_them() -> list[int]:
            found = [(await self.here.whole("chat", ASKED))[0] for _ in range(times)]
            await asyncio.sleep(0.05)  # what was started behind the request
            return found

        return asyncio.run(all_of_them())

    def shown(self) -> list[str]:
        return [one.headers["authorization"].removeprefix("Bearer ") for one in self.here.script.sent]


def test_the_request_that_meets_an_ended_key_is_served_with_the_new_one(tmp_path: Path) -> None:
    with w.world() as here:
        kept = Kept(here, tmp_path / "keys.json")
        assert kept.asked() == [200]
        kept.good = {"k2"}
        kept.write(OPENAI_API_KEY="k2")
        here.now[0] += SOONEST_MS + 1
        assert kept.asked(2) == [200, 200]
        assert kept.shown() == ["k1", "k1", "k2", "k2"]
        assert (kept.reads, [name for name, _ in here.reports if name == "keys_renewed"]) == (1, ["keys_renewed"])
        assert here.balance().held_nano == 0 and len(here.rows()) == 3
        assert not here.services.health.routes


def test_a_key_that_stays_refused_is_read_once_in_a_while(tmp_path: Path) -> None:
    with w.world() as here:
        kept = Kept(here, tmp_path / "keys.json")
        kept.good = set()
        assert kept.asked(3) == [503] * 3 and kept.reads == 0
        here.now[0] += SOONEST_MS + 1
        assert kept.asked(3) == [503] * 3 and kept.reads == 1
        assert here.balance().held_nano == 0 and here.balance().charged_nano == 0


def test_requests_that_are_refused_together_wait_for_one_reading(tmp_path: Path) -> None:
    with w.world() as here:
        kept = Kept(here, tmp_path / "keys.json")
        kept.good = {"k2"}
        kept.write(OPENAI_API_KEY="k2")
        here.now[0] += SOONEST_MS + 1
        gate, renew = threading.Event(), kept.reached.renew

        def slow() -> bool:
            kept.reads += 1
            gate.wait(5)
            return renew()

        async def together() -> list[int]:
            assert here.services.keys is not None
            here.services.keys.read = slow
            running = [asyncio.create_task(here.whole("chat", ASKED)) for _ in range(5)]
            asyncio.get_running_loop().call_later(0.2, gate.set)
            return [(await one)[0] for one in running]

        assert asyncio.run(together()) == [200] * 5
        assert kept.reads == 1


def test_keys_are_read_every_few_minutes_behind_a_request(tmp_path: Path) -> None:
    with w.world() as here:
        kept = Kept(here, tmp_path / "keys.json")
        kept.good = {"k1", "k2"}
        kept.write(OPENAI_API_KEY="k2")
        here.now[0] += EVERY_MS + 1
        assert kept.asked(2) == [200, 200]
        kept.asked()
        assert kept.shown()[0] in ("k1", "k2") and kept.shown()[-1] == "k2"
        assert kept.reads == 1


def test_a_vendor_whose_key_is_added_is_served_from_then_on(tmp_path: Path) -> None:
    with w.world() as here:
        kept = Kept(here, tmp_path / "keys.json")
        grok = {**ASKED, "model": "grok"}
        assert asyncio.run(here.whole("chat", grok))[0] == 503
        assert "openai_chat" not in here.services.shared
        kept.write(OPENAI_API_KEY="k1", XAI_API_KEY="k1")
        here.now[0] += EVERY_MS + 1
        kept.asked()
        assert asyncio.run(here.whole("chat", grok))[0] == 200
        assert "openai_chat" in here.services.shared and len(here.services.shared) == 2


def test_a_second_key_joins_the_first(tmp_path: Path) -> None:
    with w.world() as here:
        kept = Kept(here, tmp_path / "keys.json")
        kept.good = {"k2", "k3"}
        kept.write(OPENAI_API_KEY="k2,k3")
        here.now[0] += SOONEST_MS + 1
        assert kept.asked(4) == [200] * 4
        assert sorted(set(kept.shown())) == ["k1", "k2", "k3"]


@pytest.mark.parametrize("broken", ["{", "[]", None])
def test_a_source_that_cannot_be_read_leaves_the_keys_as_they_are(broken: str | None, tmp_path: Path) -> None:
    with w.world() as here:
        kept = Kept(here, tmp_path / "keys.json")
        if broken is None:
            kept.file.unlink()
        else:
            kept.file.write_text(broken)
        here.now[0] += EVERY_MS + 1
        assert kept.asked(2) == [200, 200]
        assert [fields["error"] for name, fields in here.reports if name == "keys_failed"]
        with pytest.raises(SettingError, match="INTERCHANGE_KEYS_FILE"):
            kept.settings({"INTERCHANGE_KEYS_FILE": str(kept.file)})


def test_a_variable_that_is_set_wins_over_the_file(tmp_path: Path) -> None:
    with w.world() as here:
        kept = Kept(here, tmp_path / "keys.json")
        environ = {"INTERCHANGE_KEYS_FILE": str(kept.file), "OPENAI_API_KEY": "set"}
        assert kept.settings(environ)["OPENAI_API_KEY"] == "set"


def test_a_streams_key_is_renewed_before_its_first_byte(tmp_path: Path) -> None:
    with w.world() as here:
        kept = Kept(here, tmp_path / "keys.json")
        kept.good = {"k2"}
        kept.write(OPENAI_API_KEY="k2")
        here.now[0] += SOONEST_MS + 1
        here.script.answers = [w.Says(401, {}, [b'{"error": {"message": "no"}}']), w.Says(chunks=w.chat_stream("ok"))]
        answer, _ = asyncio.run(here.streamed("chat", {**ASKED, "stream": True}))
        assert answer.status == 200 and kept.shown() == ["k1", "k2"]
