"""A key that is known for a while: what it saves, and what it never hides."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from interchange.identity.keys import Identity, digest
from interchange.identity.store import KeyStore
from tests.exchange.test_key_limits import ANSWER, CHAT, ask
from tests.exchange.world import KEY, Says, World, world

KEPT_MS = 10_000


class Counted(KeyStore):
    looked_up = 0

    def find(self, digest: str) -> Mapping[str, Any] | None:
        self.looked_up += 1
        return super().find(digest)


def knowing(here: World) -> Counted:
    keys = Counted(here.keys._table)
    here.services = replace(here.services, identity=Identity(keys, KEPT_MS))
    return keys


def test_a_good_key_is_looked_up_once_in_a_while() -> None:
    with world() as here:
        keys = knowing(here)
        here.script.answers = [Says(chunks=[ANSWER]) for _ in range(4)]
        assert [ask(here)[0] for _ in range(3)] == [200] * 3
        assert keys.looked_up == 1
        here.now[0] += KEPT_MS
        assert ask(here)[0] == 200
        assert keys.looked_up == 2


def test_a_revoked_key_is_refused_at_once_by_its_hold() -> None:
    with world() as here:
        knowing(here)
        here.script.answers = [Says(chunks=[ANSWER])]
        ask(here)
        found = here.keys.find(digest(KEY))
        assert found is not None
        here.accounts.revoke("acc", found["key_id"])
        status, error, _ = ask(here)
        assert (status, error["error"]["code"]) == (401, "invalid_api_key")
        assert len(here.script.sent) == 1


def test_an_unknown_key_is_good_as_soon_as_it_is_made() -> None:
    with world() as here:
        knowing(here)
        other = KEY[:-1] + "x"
        assert asyncio.run(here.whole("chat", CHAT, key=other))[0] == 401
        found = dict(here.keys.find(digest(KEY)) or {})
        kept = {name: found[name] for name in ("account_id", "status", "limits", "markup", "shards")}
        here.keys.add(digest(other), {**kept, "key_id": "key_other", "name": "other", "created_ms": 1})
        here.script.answers = [Says(chunks=[ANSWER])]
        assert asyncio.run(here.whole("chat", CHAT, key=other))[0] == 200
