"""Reads what the environment asks of a gateway on this machine, and puts it right before anything else looks."""

from __future__ import annotations

import argparse
import errno
import re
import socket
import sys
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".local"
"""What lasts on this machine: the table, the uploads, the key."""
SWEEP = "INTERCHANGE_LOCAL_SWEEP"
"""Names the file that the one process which sweeps has locked."""
SQLITE = "sqlite:"
MEMORY = ":memory:"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERY_ADDRESS = ("0.0.0.0", "::", "")
LOCAL_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "us-east-1"}


@dataclass(frozen=True)
class Laptop:
    """`table` is what INTERCHANGE_TABLE names."""

    host: str
    port: int
    workers: int
    fresh: bool
    table: str

    @property
    def url(self) -> str:
        """Address by which a client on this machine reaches it."""
        host = LOOPBACK[0] if self.host in EVERY_ADDRESS else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def file(self) -> Path | None:
        """The table's file; None where the table is DynamoDB's."""
        if not self.table.startswith(SQLITE):
            return None
        return Path(self.table.removeprefix(SQLITE).partition("?")[0])

    def beside(self, suffix: str) -> Path:
        """A file of this gateway's own, beside its table's."""
        file = self.file
        if file is None or file.name == MEMORY:
            file = FOLDER / re.sub(r"\W+", "-", self.table)
        return file.with_name(f"{file.name}.{suffix}")


def read(arguments: Sequence[str], env: MutableMapping[str, str]) -> Laptop:
    """Ends the program with one line for what cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m local", description="A whole gateway on this machine.")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes on one port")
    workers = parser.parse_args(arguments).workers
    if workers < 1:
        stop("--workers: at least 1")
    host = env.get("HOST", "").strip() or LOOPBACK[0]
    fresh = env.get("FRESH", "").strip().lower() not in ("", "0", "no", "false")
    laptop = Laptop(host, _port(host, env.get("PORT", "8080")), workers, fresh, _table(env))
    if workers > 1 and str(laptop.file) == MEMORY:
        stop("INTERCHANGE_TABLE: several workers cannot share a table in memory")
    return laptop


def _table(env: MutableMapping[str, str]) -> str:
    """Makes a file's path absolute, so that it names the same file for the command line, wherever that is run."""
    name = env.get("INTERCHANGE_TABLE", "").strip() or f"{SQLITE}{FOLDER / 'interchange.db'}"
    if not name.startswith(SQLITE):
        return name
    path, mark, query = name.removeprefix(SQLITE).partition("?")
    if not path:
        stop("INTERCHANGE_TABLE: sqlite: wants a path behind it, as in sqlite:.local/interchange.db")
    whole = path if path == MEMORY else str(Path(path).expanduser().absolute())
    return f"{SQLITE}{whole}{mark}{query}"


def _port(host: str, text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        stop(f"PORT: {text!r} is not a port number")
    try:
        bind(host, int(text)).close()
    except socket.gaierror:
        stop(f"HOST: {host!r} is not an address of this machine")
    except OSError as error:
        taken = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used on {host} ({error.strerror})"
        stop(f"PORT: {text} {taken}; set PORT to another one")
    return int(text)


def bind(host: str, port: int) -> socket.socket:
    """Raises OSError."""
    family, kind, _, _, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    made = socket.socket(family, kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


def put_right(laptop: Laptop, env: MutableMapping[str, str]) -> None:
    """Loopback never goes through a proxy, a table on this machine needs no AWS account, and only what can be served
    is listed."""
    for name in ("NO_PROXY", "no_proxy"):
        env[name] = ",".join(dict.fromkeys([*filter(None, env.get(name, "").split(",")), *LOOPBACK]))
    if laptop.file is not None or is_loopback(env.get("AWS_ENDPOINT_URL_DYNAMODB", "")):
        _without_profile(env)
    if is_loopback(env.get("AWS_ENDPOINT_URL_DYNAMODB", "")):
        for name, value in LOCAL_CREDENTIALS.items():
            env.setdefault(name, value)
    env["INTERCHANGE_TABLE"] = laptop.table
    env.setdefault("INTERCHANGE_AWS_CLIENT", "light")
    env.setdefault("INTERCHANGE_MODELS", "served")
    env.setdefault("INTERCHANGE_UPLOADS_BUCKET", f"file:{laptop.beside('uploads')}?url={laptop.url}/uploads")
    env[SWEEP] = str(laptop.beside("sweep"))
    env.setdefault("POWERTOOLS_LOG_LEVEL", "WARNING")
    env.setdefault("INTERCHANGE_LOG_LEVEL", "WARNING")


def is_loopback(url: str) -> bool:
    return any(url.startswith(f"http://{f'[{host}]' if ':' in host else host}") for host in LOOPBACK)


def _without_profile(env: MutableMapping[str, str]) -> None:
    """A profile that is set and not there stops every AWS client, though nothing here needs one."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        if not (profile := env.get(name)):
            continue
        import botocore.session

        if profile not in botocore.session.Session().available_profiles:
            print(f"{name}: there is no profile {profile!r}; it is passed over", flush=True)
            del env[name]


def stop(line: str) -> NoReturn:
    print(line, file=sys.stderr, flush=True)
    sys.exit(2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK[0], 0))
        return int(probe.getsockname()[1])
