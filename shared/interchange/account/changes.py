"""Changes by a management key: keys and credit of its own account. Each change leaves an entry that names the key which
made it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.identity.keys import Principal, digest
from interchange.metering.money import nano, usd
from interchange.metering.store import ConditionFailed, Store
from interchange.operator import account_actions, owners_addresses
from interchange.operator.alert_settings import read_public_endpoint
from interchange.operator.books import Books, Unmet
from interchange.operator.checkout import Checkout
from interchange.operator.dates import moment, written
from interchange.operator.patterns import unmatched

from . import models
from .overview import show_key
from .refusals import NotSetUp

NO_PAYMENTS = "no payment provider is set up: ask the operator for credit or a code"
MOST_KEYS = 500
"""Of one account, revoked ones included: each is an item that a list reads."""
LONGEST_OVERLAP_MS = 90 * 86_400_000


@contextmanager
def _naming(start: str) -> Iterator[None]:
    """Puts the place of what is wrong before the words about it."""
    try:
        yield
    except (ValueError, Unmet) as error:
        raise type(error)(f"{start}{error}") from error


@dataclass(frozen=True, slots=True)
class Changes:
    books: Books
    store: Store

    def create(self, who: Principal, body: models.NewKey, operation: str | None = None) -> models.MadeKey:
        if len(self.books.keys.of_account(who.account_id)) >= MOST_KEYS:
            raise RequestError(
                Failure(ErrorKind.CONFLICT, f"an account has at most {MOST_KEYS} keys", code="keys_full")
            )
        form = body.limits.model_dump(exclude_unset=True)
        self._check_models(form)
        with _naming("limits."):
            made = account_actions.create_key(
                self.books, who.account_id, body.name, form, manages=body.kind == "management",
                operation=_of(who, operation),
            )  # fmt: skip
        told = {"name": body.name, "kind": body.kind, "limits": form}
        self._note(who, "key.create", made["key_id"], told, int(self._own(who, made["key_id"])["created_ms"]))
        return models.MadeKey(**self.key(who, made["key_id"]).model_dump(), key=made["key"])

    def key(self, who: Principal, key_id: str) -> models.Key:
        """Raises RequestError: 404."""
        return show_key(self.store, self._own(who, key_id), self.books.now_ms)

    def good_key(self, who: Principal, key_id: str) -> models.Key:
        """Raises RequestError: 404, also for a revoked one."""
        found = self.key(who, key_id)
        if found.status != "active":
            said = "this key is revoked, for good: GET /v1/keys lists it"
            raise RequestError(Failure(ErrorKind.NOT_FOUND, said, param="id", code="key_revoked"))
        return found

    def change(self, who: Principal, key_id: str, body: models.KeyChange) -> models.Key:
        found = self._active(who, key_id)
        form = body.limits.model_dump(exclude_unset=True)
        if not form and not body.name:
            raise invalid("name: name what to change, `name` or one of `limits`", "name")
        self._check_models(form)
        if form:
            with _naming("limits."):
                account_actions.limit_key(self.books, key_id, form)
        if body.name:
            self.books.keys.change(key_id, name=body.name)
        told = {**({"name": body.name, "was": found["name"]} if body.name else {}), "limits": form}
        self._note(who, "key.change", key_id, told)
        return self.key(who, key_id)

    def revoke(self, who: Principal, key_id: str) -> models.Key:
        """Refused from the next request on. Revoking twice is revoking once."""
        if self._own(who, key_id)["status"] == "active":
            account_actions.revoke_key(self.books, key_id)
            self._note(who, "key.revoke", key_id, {})
        return self.key(who, key_id)

    def rotate(self, who: Principal, key_id: str, body: models.Rotation) -> models.RotatedKey:
        self._active(who, key_id)
        now = self.books.now_ms
        with _naming("old_until: "):
            until = moment(body.old_until, now)
        if not now <= until <= now + LONGEST_OVERLAP_MS:
            raise Unmet("old_until: must be a moment of the next 90 days; `0m` is at once")
        secret = f"sk-{secrets.token_urlsafe(36)}"
        if not self.books.keys.rotate(key_id, digest(secret), until):
            raise RequestError(Failure(ErrorKind.CONFLICT, "the key was changed meanwhile: try again", code="conflict"))
        self.books.keys.change(key_id, last=secret[-4:])
        self._note(who, "key.rotate", key_id, {"old_until": written(until)})
        shown = self.key(who, key_id).model_dump()
        return models.RotatedKey(**shown, key=secret, old_until=str(written(until)))

    def redeem(self, who: Principal, code: str) -> models.Redeemed:
        redeemed = self.books.codes.redeem(code, who.account_id, self.books.now_ms)
        figures = account_actions.figures(self.books, who.account_id)
        if redeemed.fresh:
            self._note(who, "code.redeem", who.account_id, {"nano": redeemed.nano})
        return models.Redeemed(
            credit_usd=usd(redeemed.nano), credited_now=redeemed.fresh, available_usd=figures["available_usd"]
        )

    def begin_checkout(self, who: Principal, body: models.NewCheckout, operation: str | None) -> models.Checkout:
        """Raises NotSetUp, PaymentsAway, ValueError naming the field."""
        checkout = self._checkout()
        with _naming("usd: "):
            bought = nano(body.usd)
        payer = self.books.top_ups.get(who.account_id).payer if body.keep_card else ""
        page = checkout.begin(
            who.account_id, bought, body.return_url, keep=body.keep_card, payer=payer,
            operation=_of(who, operation),
        )  # fmt: skip
        self._note(who, "checkout.begin", page.session_id, {"usd": body.usd, "keep_card": body.keep_card})
        return models.Checkout(id=page.session_id, url=page.url, expires=str(written(page.expires * 1000)))

    def change_account(self, who: Principal, body: models.AccountChange) -> str | None:
        """Returns the secret of a new webhook. Raises NotSetUp, RequestError, ValueError naming the field."""
        named = body.model_fields_set
        if not named:
            raise invalid("auto_topup: name what to change, `auto_topup` or `notices`", "auto_topup")
        notices = body.notices or models.NoticesChange(email=None, webhook=None)
        if "notices" in named:
            self._check_notices(who, notices)
        if "auto_topup" in named:
            self.set_top_up(who, body.auto_topup)
        return self._set_notices(who, notices) if "notices" in named else None

    def _check_notices(self, who: Principal, body: models.NoticesChange) -> None:
        if body.email is not None:
            if self.books.alerts.sender is None:
                raise NotSetUp("notices.email: this gateway sends no letters; name a webhook")
            with _naming("notices.email: "):
                owners_addresses.check_email(self.books, who.account_id, body.email)
        if body.webhook is not None:
            with _naming("notices.webhook: "):
                read_public_endpoint(body.webhook)

    def _set_notices(self, who: Principal, body: models.NoticesChange) -> str | None:
        named = body.model_fields_set
        if body.email_code is not None:
            with _naming("notices.email_code: "):
                owners_addresses.confirm_email(self.books, who.account_id, body.email_code)
        if "email" in named:
            owners_addresses.set_email(self.books, who.account_id, body.email)
        secret: str | None = None
        if "webhook" in named:
            secret = owners_addresses.set_webhook(self.books, who.account_id, body.webhook)
        self._note(who, "account.notices", who.account_id, {"set": sorted(named)})
        return secret

    def set_top_up(self, who: Principal, rule: models.TopUpRule | None) -> None:
        self._checkout()
        form = {} if rule is None else rule.model_dump()
        with _naming("auto_topup."):
            account_actions.change_account(self.books, who.account_id, top_up=form)
        self._note(who, "account.auto_topup", who.account_id, form)

    def _checkout(self) -> Checkout:
        if self.books.checkout is None:
            raise NotSetUp(NO_PAYMENTS)
        return self.books.checkout

    def _check_models(self, form: Mapping[str, Any]) -> None:
        """Raises Unmet for a pattern that no model is meant by: the key would be dead."""
        for said in unmatched(self.books, form.get("allowed_models") or ()):
            raise Unmet(f"limits.{said}")

    def _own(self, who: Principal, key_id: str) -> Mapping[str, Any]:
        found = self.books.keys.by_id(key_id)
        if found is None or found["account_id"] != who.account_id:
            said = f"this account has no key {key_id[:80]!r}"
            raise RequestError(Failure(ErrorKind.NOT_FOUND, said, param="id", code="key_not_found"))
        return found

    def _active(self, who: Principal, key_id: str) -> Mapping[str, Any]:
        found = self._own(who, key_id)
        if found["status"] != "active":
            said = "this key is revoked, for good: make another one"
            raise RequestError(Failure(ErrorKind.CONFLICT, said, param="id", code="key_revoked"))
        return found

    def _note(
        self, who: Principal, action: str, target: str, told: Mapping[str, Any], once_ms: int | None = None
    ) -> None:
        """`once_ms` is when it happened, of what happens to `target` once: a repeat leaves no second entry."""
        now = self.books.now_ms if once_ms is None else once_ms
        token = secrets.token_hex(4) if once_ms is None else target
        with nullcontext() if once_ms is None else suppress(ConditionFailed):
            self.store.insert(
                {
                    "pk": f"ACCOUNT#{who.account_id}",
                    "sk": f"CHANGE#{now:015d}#{token}",
                    "by": who.key_id,
                    "action": action,
                    "target": target,
                    "told": dict(told),
                    "created_ms": now,
                }
            )


def _of(who: Principal, operation: str | None) -> str | None:
    """The name of a caller's operation, for this account alone: another's same `Idempotency-Key` names another one."""
    return None if operation is None else digest(f"{who.account_id} {operation}")
