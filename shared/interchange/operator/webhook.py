"""Credits the account that a payment provider's event names, once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from interchange.dataclass import dataclass
from interchange.metering.accounts import Accounts
from interchange.metering.credits import CreditConflict
from interchange.metering.ledger import UnknownAccount
from interchange.metering.payments import BadSignature, UnusablePayment, read_payment, verify
from interchange.wiring import SettingError

Report = Callable[[str, Mapping[str, object]], None]
"""(event, fields) -> logged."""
SECRETS = "STRIPE_WEBHOOK_SECRET"


@dataclass(frozen=True, slots=True)
class Webhook:
    """`secrets` are the endpoint's signing secrets: two while one is rolled."""

    accounts: Accounts
    secrets: Sequence[str]
    clock: Callable[[], int]
    report: Report

    def receive(self, body: bytes, signature: str) -> tuple[int, bytes]:
        """(status, JSON). Anything but 2xx makes the provider try again for days, and show it: so money that cannot be
        credited is refused, and what is none of our business is not."""
        now_ms = self.clock()
        try:
            payment = read_payment(verify(body, signature, self.secrets, now_ms // 1000))
            if payment is None:
                return _answer(200, "ignored")
            fresh = self.accounts.credits.add(payment.account_id, payment.credit(now_ms))
        except BadSignature as error:
            return _answer(400, str(error))
        except (UnusablePayment, UnknownAccount, CreditConflict) as error:
            self.report("payment_refused", {"error": str(error)})
            return _answer(422, str(error))
        fields = {"payment": payment.payment_id, "account": payment.account_id, "nano": payment.nano, "fresh": fresh}
        self.report("payment", fields)
        return _answer(200, "credited" if fresh else "credited before")


def _answer(status: int, word: str) -> tuple[int, bytes]:
    return status, json.dumps({"result" if status == 200 else "error": word}).encode()


def read_secrets(env: Mapping[str, str]) -> list[str]:
    """Raises SettingError where there is none: an endpoint that cannot tell friend from foe must not start."""
    found = [secret.strip() for secret in env.get(SECRETS, "").split(",") if secret.strip()]
    if not found:
        raise SettingError(f"{SECRETS}: not set; it holds the webhook endpoint's signing secret (whsec_...)")
    return found
