"""No request that our side accepts is refused by the vendor: over all samples, recordings and content types."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interchange.exchange.conversation.inline import spelled
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.protocols.faces import Profile
from interchange.rewrites import rewrite
from scripts import compatibility
from tests.laws import strict
from tests.laws.every import every
from tests.laws.test_caller_paths import bodies
from tests.laws.test_content import CASES

Json = dict[str, Any]


def asked(caller: compatibility.Caller) -> Iterator[Json]:
    yield from bodies(caller)
    for _, owner, kind, body in CASES:
        if owner is caller:
            yield from (body(part) for part in every(kind))


def limited(request: Request, profile: Profile) -> Request:
    """As the lane does it (docs/decisions/0021)."""
    most = profile.max_output
    over = request.max_tokens is not None and most is not None and request.max_tokens > most
    return replace(request, max_tokens=most) if over else request


@pytest.mark.parametrize("target", compatibility.TARGETS, ids=lambda target: target.title)
@pytest.mark.parametrize("caller", compatibility.CALLERS, ids=lambda caller: caller.title)
def test_what_is_sent_is_taken(caller: compatibility.Caller, target: compatibility.Target) -> None:
    face = compatibility.face_of(target)
    client, profile = face.client, face.profile
    traits = {**profile.traits, "max_output": profile.max_output}
    if caller.server.protocol == client.protocol:
        pytest.skip("goes through as it came: the vendor judges it")
    refused: dict[str, str] = {}
    count = 0
    for body in asked(caller):
        try:
            request = limited(spelled(caller.server.read_request(copy.deepcopy(body))), profile)
            taken, _ = rewrite(request, client.rules(profile), Losses())
            written = client.write_request(taken, profile, Losses())
        except RequestError:
            continue
        count += 1
        for said in strict.refusals(client.protocol, written, traits, caller.server.protocol):
            refused.setdefault(re.sub(r"\d+", "N", said)[:90], f"{said}\n  of {str(written)[:600]}")
    assert count
    assert not refused, f"{len(refused)}:\n" + "\n".join(refused.values())
