"""The table in DynamoDB. Its client is boto3's, or the light one with the same methods."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from botocore.exceptions import ClientError

from interchange.aws.attributes import read_attributes, write_attributes
from interchange.waiting import pause

from .port import DUE, LAST, ROWS, Change, ConditionFailed, Insert, Item, Update

CONFLICT_TRIES = 8
FIRST = "\x00"
CONFLICT_WAIT_S = 0.02
PROJECTED: Mapping[str, Any] = {ROWS: "ALL", DUE: "KEYS_ONLY"}
NEW: Mapping[str, str] = {
    "ConditionExpression": "attribute_not_exists(pk)",
    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
}


class DynamoTable:
    """`client` is thread-safe, and so is this. `on_loop` says that it waits within `waiting.on_loop`."""

    near = False

    def __init__(self, client: Any, table: str, *, on_loop: bool = False) -> None:
        self.on_loop = on_loop
        self._client = client
        self._table = table

    def insert(self, item: Item) -> None:
        self._checked(lambda: self._client.put_item(**self._place(item), **NEW))

    def put(self, item: Item) -> None:
        _patiently(lambda: self._client.put_item(**self._place(item)))

    def change(self, pk: str, sk: str, change: Change) -> Item:
        wanted = {**self._update(Update(pk, sk, change)), "ReturnValues": "ALL_NEW"}
        return read_attributes(self._checked(lambda: self._client.update_item(**wanted))["Attributes"])

    def transact(self, steps: Sequence[Insert | Update]) -> None:
        items = [
            {"Put": {**self._place(step.item), **NEW}} if isinstance(step, Insert) else {"Update": self._update(step)}
            for step in steps
        ]
        token = os.urandom(16).hex()  # by which the table knows a try whose answer was lost on the way
        self._checked(lambda: self._client.transact_write_items(TransactItems=items, ClientRequestToken=token))

    def get(self, pk: str, sk: str) -> Item | None:
        answer = self._client.get_item(TableName=self._table, Key=_key(pk, sk), ConsistentRead=True)
        return read_attributes(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[Item]:
        wanted = {"Keys": [_key(pk, sk) for pk, sk in keys], "ConsistentRead": True}
        answer = self._client.batch_get_item(RequestItems={self._table: wanted})
        return [read_attributes(item) for item in answer["Responses"].get(self._table, [])]

    def together(self) -> AbstractContextManager[None]:
        """Each by itself: a transaction takes twice the write units, and refuses others who write the item."""
        return nullcontext()

    def query(self, pk: str, prefix: str = "") -> Iterator[Item]:
        """Strongly consistent."""
        yield from self._pages(
            KeyConditionExpression="pk = :p AND begins_with(sk, :s)" if prefix else "pk = :p",
            ExpressionAttributeValues=write_attributes({":p": pk, ":s": prefix} if prefix else {":p": pk}),
            ConsistentRead=True,
        )

    def query_index(
        self,
        pk: str,
        *,
        newest_first: bool = False,
        limit: int | None = None,
        after: str = "",
        before: str = LAST,
        index: str = ROWS,
    ) -> Iterator[Item]:
        """May lag behind by a moment."""
        if after >= before:  # which the service refuses
            return
        bound = {":a": after or FIRST, ":b": before} if after or before != LAST else {}  # no key is ""
        wanted: dict[str, Any] = {"Limit": limit} if limit else {}
        found = self._pages(
            IndexName=index,
            KeyConditionExpression=f"{index}pk = :p" + (f" AND {index}sk BETWEEN :a AND :b" if bound else ""),
            ExpressionAttributeValues=write_attributes({":p": pk, **bound}),
            ScanIndexForward=not newest_first,
            **wanted,
        )
        inside = (item for item in found if after < item[f"{index}sk"] < before)
        yield from itertools.islice(inside, limit)

    def _pages(self, **wanted: Any) -> Iterator[Item]:
        start: dict[str, Any] = {}
        while True:
            answer = self._client.query(TableName=self._table, **wanted, **start)
            yield from (read_attributes(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _update(self, step: Update) -> dict[str, Any]:
        wanted: dict[str, Any] = {
            "TableName": self._table,
            "Key": _key(step.pk, step.sk),
            "UpdateExpression": step.change.update,
            "ConditionExpression": step.change.condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if step.change.names:
            wanted["ExpressionAttributeNames"] = dict(step.change.names)
        if step.change.values:
            wanted["ExpressionAttributeValues"] = write_attributes(step.change.values)
        return wanted

    def _place(self, item: Item) -> dict[str, Any]:
        return {"TableName": self._table, "Item": write_attributes(item)}

    def _checked(self, call: Callable[[], Any]) -> Any:
        try:
            return _patiently(call)
        except ClientError as error:
            raise _translated(error) from error


def create_table(client: Any, name: str) -> None:
    """The table as the template declares it; for the laptop and the tests."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"}
            for attribute in ("pk", "sk", *(f"{index}{key}" for index in PROJECTED for key in ("pk", "sk")))
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": f"{index}pk", "KeyType": "HASH"},
                    {"AttributeName": f"{index}sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": projected},
            }
            for index, projected in PROJECTED.items()
        ],
    )


def _key(pk: str, sk: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


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
        pause(CONFLICT_WAIT_S * 2**number)
    return None


def _in_conflict(error: ClientError) -> bool:
    answer: Any = error.response
    codes = {reason.get("Code") for reason in answer.get("CancellationReasons") or ()}
    return answer["Error"]["Code"] == "TransactionConflictException" or (
        "TransactionConflict" in codes and "ConditionalCheckFailed" not in codes
    )
