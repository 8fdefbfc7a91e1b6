"""The functions that call Stripe hold as much of its library as they use."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from scripts.build import PAYING
from tests.business.stripe_server import DECLINED, stripe_server
from tests.replay.built import ASKED, built

PURCHASES = """
import json, sys
from interchange.operator.checkout import Checkout, Declined
from interchange.operator.checkout_settings import CheckoutSettings

desk = Checkout(CheckoutSettings("sk_test_1", sys.argv[1]))
page = desk.begin("acct_1", 20 * 10**9, "https://x.example/", keep=True)
paid = desk.charge("acct_1", 20 * 10**9, "cus_1", "once")
try:
    desk.charge("acct_1", 20 * 10**9, "cus_1", "again")
except Declined as error:
    print(json.dumps([page.url, paid.payment_id, str(error), sys.modules["stripe"].__file__]))
"""

pytestmark = pytest.mark.skipif(not ASKED, reason="the artefacts are tested by `make test-lambda`")


@pytest.mark.parametrize("family", PAYING)
def test_a_built_function_sells_charges_and_is_declined(family: str) -> None:
    python, path, _ = built(family)
    environment = {"PYTHONPATH": os.pathsep.join(map(str, path)), "PATH": os.environ["PATH"]}
    with stripe_server() as stripe:
        declined = {"error": {**DECLINED["error"], "payment_intent": {"id": "pi_2", "object": "payment_intent"}}}
        stripe.refused = {"again": (402, declined)}
        done = subprocess.run(
            [python, "-c", PURCHASES, stripe.url], capture_output=True, text=True, env=environment, check=False
        )
    assert done.returncode == 0, done.stderr
    url, payment, words, file = json.loads(done.stdout)
    assert url.startswith("https://checkout.stripe.com/") and payment.startswith("pi_auto_")
    assert words == "the card was declined" or "insufficient funds" in words
    assert file.startswith(str(path[0]))
