"""An open hold as the balance item keeps it: few bytes, since each update of the item costs by its whole size.

`holds.<name>` is {"n": nano-dollars, "v": the rest}. The name is the request's id: 32 hexadecimal digits as 22
characters of base64, any other after a tilde. `v` is packed:

    flags 1 | opened (ms) 6 | life (ms) 6 | where it is counted: minute 4, day 3, month 3, tokens 5 |
    of an end user with counters 8 | of models with counters 8 | key

The key's id is the text itself; `key_` and 16 hexadecimal digits are 8 bytes. A hold of an earlier release is a map of
plain words under the id itself; both are read.
"""

from __future__ import annotations

import functools
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from . import key_uses
from .hold import Hold
from .key_limits import Windows

HEX_ID = re.compile(r"[0-9a-f]{32}")
HEX_KEY = re.compile(r"key_[0-9a-f]{16}")
CAPPED, COUNTED, SHORT_KEY, OF_ACCOUNT = 1, 2, 4, 8
DIGESTS = ((key_uses.USER, 16), (key_uses.MODEL, 32))
"""Beginnings of counters' names, whose rest is 8 bytes in hexadecimal digits, and their flags."""
OPENED, LIFE, MINUTE, DAY, MONTH, TOKENS = 6, 6, 4, 3, 3, 5
"""Bytes of each number."""


@functools.lru_cache(4096)
def record_name(request_id: str) -> str:
    """A hold's name on its item; asked for when it is made and when it is settled."""
    if HEX_ID.fullmatch(request_id):
        return urlsafe_b64encode(bytes.fromhex(request_id)).decode().rstrip("=")
    return f"~{request_id}"


def _request_id(name: str) -> str:
    return name[1:] if name.startswith("~") else urlsafe_b64decode(f"{name}==").hex()


def write_record(hold: Hold) -> dict[str, Any]:
    """Numbers that no clock or request has are written as the largest that there is room for."""
    key = hold.key_id.encode()
    flags = (CAPPED if hold.capped else 0) | (COUNTED if hold.counted else 0)
    if HEX_KEY.fullmatch(hold.key_id):
        key, flags = bytes.fromhex(hold.key_id[4:]), flags | SHORT_KEY
    numbers = [(hold.opened_ms, OPENED), (hold.expires_ms - hold.opened_ms, LIFE)]
    if hold.counted is not None:
        counted = hold.counted
        numbers += [(counted.minute, MINUTE), (counted.day, DAY), (counted.month, MONTH), (hold.tokens, TOKENS)]
    packed = b"".join(min(max(0, number), 256**size - 1).to_bytes(size, "big") for number, size in numbers)
    beside = b""
    for start, flag in DIGESTS:
        for name in hold.beside:
            if name.startswith(start):
                beside, flags = beside + bytes.fromhex(name.removeprefix(start)), flags | flag
    flags |= OF_ACCOUNT if key_uses.ACCOUNT in hold.beside else 0
    return {"n": hold.nano, "v": bytes([flags]) + packed + beside + key}


def read_holds(item: Mapping[str, Any]) -> Iterator[Hold]:
    """The open holds of one balance item."""
    account_id = str(item["pk"]).removeprefix("ACCOUNT#")
    shard = int(str(item["sk"]).removeprefix("BALANCE#"))
    for name, record in (item.get("holds") or {}).items():
        read = _read_plain if "nano" in record else _read_packed
        yield read(name, record, account_id, shard)


def find_hold(item: Mapping[str, Any], request_id: str) -> Hold | None:
    held = item.get("holds") or {}
    for name in (record_name(request_id), request_id):
        if name in held:
            return next(read_holds({**item, "holds": {name: held[name]}}))
    return None


def _read_packed(name: str, record: Mapping[str, Any], account_id: str, shard: int) -> Hold:
    packed = bytes(record["v"])
    flags, opened, at = packed[0], _number(packed, 1, OPENED), 1 + OPENED
    expires, at = opened + _number(packed, at, LIFE), at + LIFE
    counted, tokens = None, 0
    if flags & COUNTED:
        numbers = []
        for size in (MINUTE, DAY, MONTH, TOKENS):
            numbers.append(_number(packed, at, size))
            at += size
        counted, tokens = Windows(*numbers[:3]), numbers[3]
    beside = [key_uses.ACCOUNT] if flags & OF_ACCOUNT else []
    for start, flag in DIGESTS:
        if flags & flag:
            beside.append(start + packed[at : at + 8].hex())
            at += 8
    key = f"key_{packed[at:].hex()}" if flags & SHORT_KEY else packed[at:].decode()
    return Hold(
        _request_id(name), account_id, key, shard, int(record["n"]), opened, expires, capped=bool(flags & CAPPED),
        counted=counted, tokens=tokens, beside=tuple(beside),
    )  # fmt: skip


def _number(packed: bytes, at: int, size: int) -> int:
    return int.from_bytes(packed[at : at + size], "big")


def _read_plain(name: str, record: Mapping[str, Any], account_id: str, shard: int) -> Hold:
    return Hold(
        name, account_id, record["key"], shard, int(record["nano"]), int(record["opened"]), int(record["expires"]),
        capped=bool(record.get("capped")),
        counted=Windows(*(int(one) for one in record["counted"])) if record.get("counted") else None,
        tokens=int(record.get("tokens") or 0),
        name=name,
    )  # fmt: skip
