"""A server that stands in for Stripe's: takes the calls that the gateway makes, in Stripe's forms, and keeps them.

Shapes: https://docs.stripe.com/api/checkout/sessions/object, /payment_intents/object, /errors.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

DECLINED = {
    "error": {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
              "message": "Your card has insufficient funds."}
}  # fmt: skip


@dataclass
class Stripe:
    """`fails` is answered, once, in the place of the next call's answer."""

    url: str = ""
    calls: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)
    fails: list[tuple[int, Any]] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    """Answers by idempotency key."""
    refused: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """What is answered to a key, always."""
    cards: list[str] = field(default_factory=lambda: ["pm_1"])

    def answer(self, method: str, path: str, form: dict[str, str], once: str) -> tuple[int, Any]:
        self.calls.append((method, path, form, once))
        if once and once in self.kept:
            return 200, self.kept[once]
        if once in self.refused:
            return self.refused[once]
        if self.fails:
            return self.fails.pop(0)
        made = self._made(path, form, len(self.calls))
        if once:
            self.kept[once] = made
        return 200, made

    def _made(self, path: str, form: dict[str, str], number: int) -> Any:
        if path.endswith("/payment_methods"):
            cards = [{"id": one, "object": "payment_method", "type": "card"} for one in self.cards]
            return {"object": "list", "data": cards, "has_more": False, "url": path}
        if path.endswith("/payment_intents"):
            return {"id": f"pi_auto_{number}", "object": "payment_intent", "status": "succeeded",
                    "amount": int(form["amount"]), "amount_received": int(form["amount"]), "currency": form["currency"],
                    "customer": form["customer"], "metadata": _nested(form, "metadata")}  # fmt: skip
        return {"id": f"cs_{number}", "object": "checkout.session", "url": f"https://checkout.stripe.com/c/pay/cs_{number}",
                "expires_at": 1_795_900_000, "mode": "payment", "metadata": _nested(form, "metadata")}  # fmt: skip


def _nested(form: dict[str, str], name: str) -> dict[str, str]:
    return {key[len(name) + 1 : -1]: value for key, value in form.items() if key.startswith(f"{name}[")}


@contextmanager
def stripe_server() -> Iterator[Stripe]:
    stripe = Stripe()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            form = dict(parse_qsl(body, keep_blank_values=True))
            once = self.headers.get("idempotency-key", "") if self.command == "POST" else ""
            status, told = stripe.answer(self.command, urlsplit(self.path).path, form, once)
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _answer

        def log_message(self, *_words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stripe.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stripe
    finally:
        server.shutdown()
        server.server_close()
