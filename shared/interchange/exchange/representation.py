"""The form of an answer that its caller has already, or can read (RFC 9110, 12.5.3 and 13.1.2)."""

from __future__ import annotations


def same(given: str, tag: str) -> bool:
    """True where one of the tags in `if-none-match` is `tag`; weak and strong ones are alike there."""
    tags = [one.strip().removeprefix("W/") for one in given.split(",")]
    return "*" in tags or tag.removeprefix("W/") in tags


def accepted(accept_encoding: str) -> set[str]:
    """Encodings that the caller reads; one with a weight of zero is none."""
    words = (part.partition(";") for part in accept_encoding.lower().split(","))
    return {name.strip() for name, _, weight in words if weight.replace(" ", "") not in NOTHING}


NOTHING = ("q=0", "q=0.0", "q=0.00", "q=0.000")
