"""The ledger's items in DynamoDB: the only file of metering that knows boto3.

ACCOUNT#<id>  BALANCE#<shard>   available, held, charged, credited (N, nano-dollars), holds (M), allowances (M),
                                revoked (SS), status (S), shards (N, on shard 0), name (S)
ACCOUNT#<id>  ACCOUNT           name, markup, low-balance threshold; gsi1: ACCOUNTS / id, nothing scans the table
ACCOUNT#<id>  CREDIT#<id>       one top-up, adjustment or expiry; its id is what makes it happen once
ACCOUNT#<id>  DAY#<day>         a closed day: its sums by key and model
CODE#<digest> CODE              a redemption code; gsi1: CODES#<batch> / digest
REQUEST#<id>  USAGE             the usage row; gsi1: ACCOUNT#<id>#<day> / time
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from interchange.aws.attributes import read_attributes, write_attributes
from interchange.dataclass import dataclass

Item = dict[str, Any]
CONFLICT_TRIES = 8
CONFLICT_WAIT_S = 0.02


class ConditionFailed(Exception):
    """The item was not as the condition demands. `item` is how it was; empty where there is none. `step` is the place
    of the failed one among a transaction's steps."""

    def __init__(self, item: Item, step: int = 0) -> None:
        super().__init__("the condition does not hold")
        self.item = item
        self.step = step


@dataclass(frozen=True, slots=True)
class Change:
    """One conditional update. Names and values as DynamoDB's expressions want them, values as plain Python."""

    update: str
    condition: str
    names: Mapping[str, str]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Insert:
    """A transaction's step: a new item, whose key must be free."""

    item: Item


@dataclass(frozen=True, slots=True)
class Update:
    """A transaction's step: one conditional update."""

    pk: str
    sk: str
    change: Change


class Store:
    """`client` is boto3's DynamoDB client; thread-safe, and so is this."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def change(self, pk: str, sk: str, change: Change) -> Item:
        """Applies it and returns the new item. Raises ConditionFailed."""
        wanted = {**self._update(Update(pk, sk, change)), "ReturnValues": "ALL_NEW"}
        try:
            answer = _patiently(lambda: self._client.update_item(**wanted))
        except ClientError as error:
            raise _translated(error) from error
        return read_attributes(answer["Attributes"])

    def transact(self, steps: Sequence[Insert | Update]) -> None:
        """All of the steps or none. Raises ConditionFailed for the first whose condition does not hold."""
        items = [
            {"Put": self._insertion(step.item)} if isinstance(step, Insert) else {"Update": self._update(step)}
            for step in steps
        ]
        token = os.urandom(16).hex()  # by which the table knows a try whose answer was lost on the way
        try:
            _patiently(lambda: self._client.transact_write_items(TransactItems=items, ClientRequestToken=token))
        except ClientError as error:
            raise _translated(error) from error

    def _update(self, step: Update) -> dict[str, Any]:
        wanted: dict[str, Any] = {
            "TableName": self._table,
            "Key": write_attributes({"pk": step.pk, "sk": step.sk}),
            "UpdateExpression": step.change.update,
            "ConditionExpression": step.change.condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if step.change.names:
            wanted["ExpressionAttributeNames"] = dict(step.change.names)
        if step.change.values:
            wanted["ExpressionAttributeValues"] = write_attributes(step.change.values)
        return wanted

    def _insertion(self, item: Item) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Item": write_attributes(item),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def insert(self, item: Item) -> None:
        """Raises ConditionFailed where the key is taken."""
        try:
            _patiently(lambda: self._client.put_item(**self._insertion(item)))
        except ClientError as error:
            raise _translated(error) from error

    def get(self, pk: str, sk: str) -> Item | None:
        answer = self._client.get_item(
            TableName=self._table, Key=write_attributes({"pk": pk, "sk": sk}), ConsistentRead=True
        )
        return read_attributes(answer["Item"]) if "Item" in answer else None

    def query(self, pk: str, prefix: str = "") -> Iterator[Item]:
        """The items of one partition whose sort key begins with `prefix`, strongly consistent."""
        yield from self._pages(
            "query",
            KeyConditionExpression="pk = :p AND begins_with(sk, :s)" if prefix else "pk = :p",
            ExpressionAttributeValues=write_attributes({":p": pk, ":s": prefix} if prefix else {":p": pk}),
            ConsistentRead=True,
        )

    def query_index(self, pk: str, *, newest_first: bool = False, limit: int | None = None) -> Iterator[Item]:
        """The items of one partition of gsi1, by time."""
        wanted: dict[str, Any] = {"Limit": limit} if limit else {}
        found = self._pages(
            "query",
            IndexName="gsi1",
            KeyConditionExpression="gsi1pk = :p",
            ExpressionAttributeValues=write_attributes({":p": pk}),
            ScanIndexForward=not newest_first,
            **wanted,
        )
        for number, item in enumerate(found):
            if limit is not None and number >= limit:
                return
            yield item

    def _pages(self, verb: str, **wanted: Any) -> Iterator[Item]:
        start: dict[str, Any] = {}
        while True:
            answer = getattr(self._client, verb)(TableName=self._table, **wanted, **start)
            yield from (read_attributes(item) for item in answer["Items"])
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


def _translated(error: ClientError) -> Exception:
    answer: Any = error.response
    code = answer["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(read_attributes(answer.get("Item") or {}))
    if code == "TransactionCanceledException":
        for step, reason in enumerate(answer.get("CancellationReasons") or ()):
            if reason.get("Code") == "ConditionalCheckFailed":
                return ConditionFailed(read_attributes(reason.get("Item") or {}), step)
    return error


def _patiently(call: Callable[[], Any]) -> Any:
    """An item that a transaction is writing refuses others for a moment; botocore does not try again by itself."""
    for number in range(CONFLICT_TRIES):
        try:
            return call()
        except ClientError as error:
            if not _in_conflict(error) or number == CONFLICT_TRIES - 1:
                raise
        time.sleep(CONFLICT_WAIT_S * 2**number)
    return None


def _in_conflict(error: ClientError) -> bool:
    answer: Any = error.response
    codes = {reason.get("Code") for reason in answer.get("CancellationReasons") or ()}
    return answer["Error"]["Code"] == "TransactionConflictException" or (
        "TransactionConflict" in codes and "ConditionalCheckFailed" not in codes
    )
