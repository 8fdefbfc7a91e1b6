"""The table that the environment names: DynamoDB's by its name, a file on this machine as `sqlite:PATH`."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from interchange.aws.aws_json import AwsJson, Post
from interchange.dataclass import dataclass
from interchange.tables.port import Table

from .aws import dynamodb
from .setting import SettingError, read_table

SQLITE = "sqlite:"
SETTINGS = {"durable": ("normal", "full")}
"""What may follow a file's path, as in `sqlite:PATH?durable=full`: a setting -> its words, the default first."""


@dataclass(frozen=True, slots=True)
class File:
    """`durable`: each write waits for the disk, so that power loss takes nothing that was answered."""

    path: str
    durable: bool = False


def open_table(env: Mapping[str, str], *, create: bool = False, post: Post | None = None) -> Table:
    """`create` makes the file where there is none; `post` is the event loop's way to a table that is far. Raises
    SettingError, OSError."""
    name = read_table(env)
    if name.startswith(SQLITE):
        # Imported here, as is the other: a function needs one of them.
        from interchange.tables.sqlite import SqliteTable

        file = read_file(name)
        return SqliteTable(file.path, create=create, durable=file.durable)
    from interchange.tables.dynamodb import DynamoTable

    client = dynamodb(env, post)
    return DynamoTable(client, name, on_loop=post is not None and isinstance(client, AwsJson))


def read_file(address: str) -> File:
    """Reads `sqlite:PATH?setting=word`. Raises SettingError."""
    path, _, query = address.removeprefix(SQLITE).partition("?")
    if not path:
        raise SettingError("INTERCHANGE_TABLE: sqlite: wants a path behind it, as in sqlite:.local/interchange.db")
    given = dict(parse_qsl(query, keep_blank_values=True))
    for name, word in given.items():
        if word not in SETTINGS.get(name, ()):
            known = ", ".join(f"{one}={'|'.join(words)}" for one, words in SETTINGS.items())
            raise SettingError(f"INTERCHANGE_TABLE: {name}={word} is no setting of a table's file ({known})")
    return File(path, durable=given.get("durable") == "full")
