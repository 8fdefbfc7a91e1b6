"""The folder of certificate authorities: its names, and a handshake that finds its authority in it."""

from __future__ import annotations

import datetime
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import botocore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scripts import certificates

BUNDLE = Path(botocore.__file__).parent / "cacert.pem"
USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
CONNECT = """
import socket, ssl, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as plain:
    with ssl.create_default_context().wrap_socket(plain, server_hostname="localhost") as secure:
        print(secure.version())
"""


@dataclass
class Authority:
    """An authority of our own whose subject has all that is spelled differently in a hash: case, spaces, accents."""

    subject: x509.Name
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()


def name(common: str) -> x509.Name:
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "FR")
    return x509.Name([country, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def signed(subject: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, by: ec.EllipticCurvePrivateKey,
           *, authority: bool) -> x509.Certificate:  # fmt: skip
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    # Python 3.13 and newer verify strictly: an authority says that it signs certificates
    use = x509.KeyUsage(
        **(dict.fromkeys(USES, False) | {"key_cert_sign": authority, "digital_signature": not authority})
    )
    issuers = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(use, critical=True)
        .add_extension(names, critical=False).add_extension(own, critical=False).add_extension(issuers, critical=False)
        .sign(by, hashes.SHA256())
    )  # fmt: skip


def authority(common: str = "  ÉCOLE   Normale\tRoot  ") -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(name(common), key, signed(name(common), key, name(common), key, authority=True))


@contextmanager
def server(issuer: Authority, folder: Path) -> Iterator[int]:
    """A TLS server on this machine, with a certificate of that authority; its port."""
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = signed(name("localhost"), key, issuer.subject, issuer.key, authority=False)
    encoding, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no_password)
    file = folder / "server.pem"
    file.write_bytes(secret + leaf.public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_serve, args=(listening, context), daemon=True).start()
        yield listening.getsockname()[1]


def _serve(listening: socket.socket, context: ssl.SSLContext) -> None:
    plain, _ = listening.accept()
    try:
        context.wrap_socket(plain, server_side=True).recv(1)
    except OSError:
        plain.close()


def connect(port: int, folder: Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own, with the variables that template.yaml sets."""
    env = {**os.environ, "SSL_CERT_DIR": str(folder), "SSL_CERT_FILE": "/dev/null"}
    return subprocess.run(
        [sys.executable, "-c", CONNECT, str(port)], env=env, capture_output=True, text=True, check=False
    )


def test_a_server_whose_authority_is_in_the_folder_is_trusted(tmp_path: Path) -> None:
    ours, other = authority(), authority("Another Root")
    (tmp_path / "bundle.pem").write_text(f"# Comments\n{other.pem}\n# École\n{ours.pem}")
    certificates.write(tmp_path / "bundle.pem", tmp_path / "folder")
    with server(ours, tmp_path) as port:
        done = connect(port, tmp_path / "folder")
    assert done.stdout.startswith("TLS"), done.stderr


def test_a_server_whose_authority_is_not_there_is_not(tmp_path: Path) -> None:
    (tmp_path / "bundle.pem").write_text(authority("Another Root").pem)
    certificates.write(tmp_path / "bundle.pem", tmp_path / "folder")
    with server(authority(), tmp_path) as port:
        done = connect(port, tmp_path / "folder")
    assert "CERTIFICATE_VERIFY_FAILED" in done.stderr


def test_authorities_of_one_name_have_a_file_each(tmp_path: Path) -> None:
    first, second = authority(), authority()
    (tmp_path / "bundle.pem").write_text(first.pem + second.pem + first.pem)
    certificates.write(tmp_path / "bundle.pem", tmp_path / "folder")
    assert {path.suffix for path in (tmp_path / "folder").iterdir()} == {".0", ".1"}
    assert len({path.stem for path in (tmp_path / "folder").iterdir()}) == 1
    with server(second, tmp_path) as port:
        assert connect(port, tmp_path / "folder").stdout.startswith("TLS")


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl's own hashes are compared where there is an openssl")
def test_the_names_are_openssls() -> None:
    found = list(certificates.authorities(BUNDLE.read_text(encoding="utf-8")))
    assert len(found) > 100
    for der in found:
        command = ["openssl", "x509", "-inform", "DER", "-noout", "-subject_hash"]
        done = subprocess.run(command, input=der, capture_output=True, check=True)
        assert done.stdout.decode().strip() == certificates.subject_hash(der)
