"""The ledger's items in DynamoDB: the only file of metering that knows boto3.

ACCOUNT#<id>  BALANCE#<shard>   available, held, charged, credited (N, nano-dollars), holds (M), allowances (M),
                                revoked (SS), status (S), shards (N, on shard 0), name (S)
ACCOUNT#<id>  CREDIT#<id>       one top-up or adjustment; its id is what makes it happen once
REQUEST#<id>  USAGE             the usage row; gsi1: ACCOUNT#<id>#<day> / time
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

Item = dict[str, Any]
_WRITE = TypeSerializer()
_READ = TypeDeserializer()


class ConditionFailed(Exception):
    """The item was not as the condition demands. `item` is how it was; empty where there is none."""

    def __init__(self, item: Item) -> None:
        super().__init__("the condition does not hold")
        self.item = item


@dataclass(frozen=True, slots=True)
class Change:
    """One conditional update. Names and values as DynamoDB's expressions want them, values as plain Python."""

    update: str
    condition: str
    names: Mapping[str, str]
    values: Mapping[str, Any]


class Store:
    """`client` is boto3's DynamoDB client; thread-safe, and so is this."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def change(self, pk: str, sk: str, change: Change) -> Item:
        """Applies it and returns the new item. Raises ConditionFailed."""
        wanted: dict[str, Any] = {
            "TableName": self._table,
            "Key": _write({"pk": pk, "sk": sk}),
            "UpdateExpression": change.update,
            "ConditionExpression": change.condition,
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if change.names:
            wanted["ExpressionAttributeNames"] = dict(change.names)
        if change.values:
            wanted["ExpressionAttributeValues"] = _write(change.values)
        try:
            answer = self._client.update_item(**wanted)
        except ClientError as error:
            raise _translated(error) from error
        return _read(answer["Attributes"])

    def insert(self, item: Item) -> None:
        """Raises ConditionFailed where the key is taken."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_write(item),
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            raise _translated(error) from error

    def get(self, pk: str, sk: str) -> Item | None:
        answer = self._client.get_item(TableName=self._table, Key=_write({"pk": pk, "sk": sk}), ConsistentRead=True)
        return _read(answer["Item"]) if "Item" in answer else None

    def query(self, pk: str, prefix: str = "") -> Iterator[Item]:
        """The items of one partition whose sort key begins with `prefix`, strongly consistent."""
        yield from self._pages(
            "query",
            KeyConditionExpression="pk = :p AND begins_with(sk, :s)" if prefix else "pk = :p",
            ExpressionAttributeValues=_write({":p": pk, ":s": prefix} if prefix else {":p": pk}),
            ConsistentRead=True,
        )

    def query_index(self, pk: str, *, newest_first: bool = False, limit: int | None = None) -> Iterator[Item]:
        """The items of one partition of gsi1, by time."""
        wanted: dict[str, Any] = {"Limit": limit} if limit else {}
        found = self._pages(
            "query",
            IndexName="gsi1",
            KeyConditionExpression="gsi1pk = :p",
            ExpressionAttributeValues=_write({":p": pk}),
            ScanIndexForward=not newest_first,
            **wanted,
        )
        for number, item in enumerate(found):
            if limit is not None and number >= limit:
                return
            yield item

    def scan(self, sk_prefix: str) -> Iterator[Item]:
        """Every item whose sort key begins with the prefix: for sweeps and audits, never for a request."""
        yield from self._pages(
            "scan",
            FilterExpression="begins_with(sk, :s)",
            ExpressionAttributeValues=_write({":s": sk_prefix}),
            ConsistentRead=True,
        )

    def _pages(self, verb: str, **wanted: Any) -> Iterator[Item]:
        start: dict[str, Any] = {}
        while True:
            answer = getattr(self._client, verb)(TableName=self._table, **wanted, **start)
            yield from (_read(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def create_table(client: Any, name: str) -> None:
    """The table as the template declares it; for the laptop and the tests."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"} for attribute in ("pk", "sk", "gsi1pk", "gsi1sk")
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "gsi1",
                "KeySchema": [
                    {"AttributeName": "gsi1pk", "KeyType": "HASH"},
                    {"AttributeName": "gsi1sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def day_of(now_ms: int) -> str:
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%d")


def row_item(row: Mapping[str, Any]) -> Item:
    """A usage row as an item: its JSON whole, beside what the index needs."""
    return {
        "pk": f"REQUEST#{row['request_id']}",
        "sk": "USAGE",
        "gsi1pk": f"ACCOUNT#{row['account_id']}#{day_of(row['created_ms'])}",
        "gsi1sk": f"{row['created_ms']:015d}#{row['request_id']}",
        "row": json.dumps(row, separators=(",", ":"), sort_keys=True),
    }


def _write(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _WRITE.serialize(value) for name, value in values.items()}


def _read(item: Mapping[str, Any]) -> Item:
    return {name: _READ.deserialize(value) for name, value in item.items()}


def _translated(error: ClientError) -> Exception:
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        return error
    item: Any = error.response.get("Item") or {}
    return ConditionFailed(_read(item))
