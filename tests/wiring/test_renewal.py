"""The vendors' keys as Secrets Manager holds them now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from interchange import wiring
from interchange.catalog.load import read
from interchange.wiring.renewal import Renewable
from tests.moto_server import CREDENTIALS, client

LISTED = read(
    {
        "models": [{"id": "m", "routes": [{"provider": "own", "model": "x"}], "price": {"input": "1", "output": "2"}}],
        "providers": {"own": {"base_url": "https://a.example", "key": "OWN_KEY", "protocol": "openai_chat"}},
    }
)


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


def shown(reached: Renewable, name: str) -> str:
    return reached[name].authorized(0, "POST", "https://a.example", b"")["authorization"]


@pytest.mark.parametrize("on_lambda", [True, False])
def test_a_key_put_into_the_secret_is_found(endpoint: str, on_lambda: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By both clients of AWS. Another secret is not read again."""
    manager = client(endpoint, "secretsmanager")
    arn = manager.create_secret(Name=f"vendors-{on_lambda}")["ARN"]
    seal = manager.create_secret(Name=f"seal-{on_lambda}", SecretString=json.dumps({"INTERCHANGE_SEAL_KEY": "k" * 32}))[
        "ARN"
    ]
    environ: dict[str, Any] = {
        **CREDENTIALS, "AWS_ENDPOINT_URL_SECRETS_MANAGER": endpoint,
        "INTERCHANGE_SECRET_ARN": arn, "INTERCHANGE_SEAL_SECRET_ARN": seal,
        **({"AWS_LAMBDA_FUNCTION_NAME": "chat"} if on_lambda else {}),
    }  # fmt: skip
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    env = wiring.settings(environ)
    reached = Renewable(env, environ, LISTED)
    assert (env["INTERCHANGE_SEAL_KEY"], set(reached), reached.renew()) == ("k" * 32, set(), False)
    assert reached.missing == ("OWN_KEY: not set; provider own cannot be called, and its routes are passed over",)
    manager.delete_secret(SecretId=seal, ForceDeleteWithoutRecovery=True)
    manager.put_secret_value(SecretId=arn, SecretString=json.dumps({"OPENAI_API_KEY": "k1", "OWN_KEY": "o1"}))
    assert reached.renew() and (set(reached), shown(reached, "own")) == ({"openai", "own"}, "Bearer o1")
    before = reached["openai"]
    assert not reached.renew() and reached["openai"] is before
    manager.put_secret_value(SecretId=arn, SecretString=json.dumps({"OPENAI_API_KEY": ["k2", "k3"]}))
    assert reached.renew() and (set(reached), shown(reached, "openai")) == ({"openai"}, "Bearer k2")
    assert reached["openai"].credential_count == 2
