"""The certificate authorities as OpenSSL reads them one by one: a folder of files named after their subjects.

A bundle is parsed whole whenever a TLS context is made (some 150 authorities, tens of milliseconds on a laptop and more
in a small function), and a chain ends in one of them. From a folder (`SSL_CERT_DIR`) only that one is ever read.

File names are `HHHHHHHH.N`: the subject's hash and a number for subjects that share it. Source:
https://docs.openssl.org/3.0/man3/SSL_CTX_load_verify_locations/ and, for the hash, `x509_name_canon` of OpenSSL's
crypto/x509/x_name.c: SHA-1 over the subject's sets with each text as UTF-8 in lower case and single spaces.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SEQUENCE, SET, UTF8 = 0x30, 0x31, 0x0C
VERSION = 0xA0
"""The tag of the optional version, before the serial number."""
SUBJECT = 4
"""Its place behind the version: serial number, algorithm, issuer, validity, subject (RFC 5280, 4.1)."""
TEXTS = {
    0x0C: "utf-8",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1A: "ascii",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
"""UTF8, Printable, T61, IA5, Visible, Universal and BMP strings; other values stay as they are."""
SPACES = " \t\n\v\f\r"
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class Element(NamedTuple):
    """One DER element: `raw` is the content without tag and length."""

    tag: int
    raw: bytes


def write(bundle: Path, folder: Path) -> None:
    """`bundle` is PEM with any text between the certificates. A certificate that stands there twice is written once."""
    folder.mkdir(parents=True, exist_ok=True)
    taken: Counter[str] = Counter()
    for der in dict.fromkeys(authorities(bundle.read_text(encoding="utf-8"))):
        name = subject_hash(der)
        (folder / f"{name}.{taken[name]}").write_text(ssl.DER_cert_to_PEM_cert(der))
        taken[name] += 1


def authorities(pem: str) -> Iterator[bytes]:
    for part in pem.split(_BEGIN)[1:]:
        yield ssl.PEM_cert_to_DER_cert(_BEGIN + part.partition(_END)[0] + _END)


def subject_hash(der: bytes) -> str:
    """Hash of a subject, as `openssl x509 -subject_hash` prints it."""
    (certificate,) = elements(der)
    to_be_signed = next(elements(certificate.raw))
    fields = [one for one in elements(to_be_signed.raw) if one.tag != VERSION]
    canonical = b"".join(encoded(SET, _canonical_set(one)) for one in elements(fields[SUBJECT].raw))
    return hashlib.sha1(canonical, usedforsecurity=False).digest()[3::-1].hex()


def _canonical_set(name: Element) -> bytes:
    """In DER a set is sorted, which matters where one holds more than one attribute."""
    return b"".join(sorted(encoded(SEQUENCE, _canonical_attribute(one)) for one in elements(name.raw)))


def _canonical_attribute(attribute: Element) -> bytes:
    kind, value = elements(attribute.raw)
    if value.tag not in TEXTS:
        return encoded(kind.tag, kind.raw) + encoded(value.tag, value.raw)
    words = re.split(f"[{re.escape(SPACES)}]+", value.raw.decode(TEXTS[value.tag]).strip(SPACES))
    lowered = "".join(letter.lower() if letter.isascii() else letter for letter in " ".join(words))
    return encoded(kind.tag, kind.raw) + encoded(UTF8, lowered.encode())


def elements(raw: bytes) -> Iterator[Element]:
    at = 0
    while at < len(raw):
        tag, length, at = raw[at], raw[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(raw[at : at + size]), at + size
        yield Element(tag, raw[at : at + length])
        at += length


def encoded(tag: int, raw: bytes) -> bytes:
    size = len(raw)
    if size < 0x80:
        return bytes([tag, size]) + raw
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + raw
