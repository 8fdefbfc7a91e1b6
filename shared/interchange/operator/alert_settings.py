"""Settings of the operator's notices: where they go, and from when on a day's spending is told of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from urllib.parse import urlsplit

from interchange import wiring
from interchange.dataclass import dataclass
from interchange.metering.money import NANO
from interchange.wiring.setting import FACTOR, read_usd

from .notify import Call, Channel, Letter, Publish, Sender, Topic, publisher

TOPIC, EMAIL, WEBHOOK = "INTERCHANGE_ALERT_TOPIC", "INTERCHANGE_ALERT_EMAIL", "INTERCHANGE_ALERT_WEBHOOK"
SECRET, FROM = "ALERT_WEBHOOK_SECRET", "INTERCHANGE_MAIL_FROM"
SPIKE_FACTOR, SPIKE_USD = "INTERCHANGE_SPIKE_FACTOR", "INTERCHANGE_SPIKE_USD"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\"]{2,}")
ARN = re.compile(r"arn:[a-z-]+:sns:[a-z0-9-]+:\d*:[^\s:]+")


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """`channels` are the operator's; `sender` writes to customers, None where no sender's address is set. A day is a
    spike when an account spends `spike_factor` times what its days usually cost, and `spike_nano` at least."""

    channels: tuple[Channel, ...] = ()
    sender: Sender | None = None
    spike_factor: Decimal = Decimal(5)
    spike_nano: int = 10 * NANO


def read_alerts(env: Mapping[str, str]) -> AlertSettings:
    """Raises wiring.SettingError naming the variable."""
    given = {name: env.get(name, "").strip() for name in (TOPIC, EMAIL, WEBHOOK, SECRET, FROM)}
    sender = _sender(env, given[FROM])
    channels: list[Channel] = []
    if given[TOPIC]:
        channels.append(Topic(_topic(given[TOPIC])))
    if given[EMAIL]:
        if sender is None:
            raise wiring.SettingError(f"{EMAIL}: {FROM} must be set too, an address that SES has verified")
        channels.append(Letter(sender, _setting(EMAIL, given[EMAIL], read_address)))
    if given[WEBHOOK]:
        if not given[SECRET]:
            raise wiring.SettingError(f"{SECRET}: not set; it signs what {WEBHOOK} is told")
        channels.append(Call(_setting(WEBHOOK, given[WEBHOOK], read_endpoint), given[SECRET]))
    factor = env.get(SPIKE_FACTOR, "").strip() or "5"
    if not FACTOR.fullmatch(factor) or Decimal(factor) < 1:
        raise wiring.SettingError(f"{SPIKE_FACTOR}: {factor!r} is no factor from 1 to 99")
    return AlertSettings(tuple(channels), sender, Decimal(factor), read_usd(env, SPIKE_USD, 10 * NANO))


def read_address(text: str) -> str:
    """Reads an e-mail address. Raises ValueError."""
    if not ADDRESS.fullmatch(text) or not text.isascii():
        raise ValueError(f"{text[:80]!r} is no e-mail address")
    return text


def read_endpoint(text: str) -> str:
    """An https address; plain http goes to this machine alone. Raises ValueError."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    plain = parts.scheme == "http" and host in LOOPBACK
    if not host or parts.username is not None or (parts.scheme != "https" and not plain) or not text.isascii():
        raise ValueError(f"{text[:80]!r} is no https:// address")
    return text


def read_public_endpoint(text: str) -> str:
    """An https address of the open internet, as far as it shows by itself: each connection is judged besides. Raises
    ValueError."""
    from yarl import URL  # loaded by the few who set one, and the rules with it

    from interchange.upstream.public import refused

    read_endpoint(text)
    host = urlsplit(text).hostname or ""
    said = refused(URL(text)) or (None if "." in host.strip(".") or ":" in host else f"{host} is not a public address")
    if said:
        raise ValueError(said)
    return text


def _sender(env: Mapping[str, str], address: str) -> Sender | None:
    return wiring.mail(env, _setting(FROM, address, read_address)) if address else None


def _topic(arn: str) -> Publish:
    if not ARN.fullmatch(arn):
        raise wiring.SettingError(f"{TOPIC}: {arn!r} is not an SNS topic's ARN")
    return publisher(arn)


def _setting(name: str, text: str, read: Callable[[str], str]) -> str:
    try:
        return read(text)
    except ValueError as error:
        raise wiring.SettingError(f"{name}: {error}") from error
