"""Keys and accounts in DynamoDB: the only file of identity that knows the table.

KEY#<sha256>  KEY      key_id, account_id, status, limits, markup, shards; gsi1: KEYS#<account> / key_id
KEYID#<id>    KEY      digest: from the id, which may be shown, to the item, whose key may not
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.aws.attributes import read_attributes, write_attributes


class KeyStore:
    """`client` is boto3's DynamoDB client."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def find(self, digest: str) -> Mapping[str, Any] | None:
        return self._get(f"KEY#{digest}")

    def add(self, digest: str, key: Mapping[str, Any]) -> None:
        """`key` holds `key_id`, `account_id`, `status`, `name`, `limits`, `markup`, `shards`, `created_ms`."""
        index = {"gsi1pk": f"KEYS#{key['account_id']}", "gsi1sk": str(key["key_id"])}
        self._put({"pk": f"KEY#{digest}", "sk": "KEY", **index, **key})
        self._put({"pk": f"KEYID#{key['key_id']}", "sk": "KEY", "digest": digest, "account_id": key["account_id"]})

    def by_id(self, key_id: str) -> Mapping[str, Any] | None:
        pointer = self._get(f"KEYID#{key_id}")
        return None if pointer is None else self.find(pointer["digest"])

    def of_account(self, account_id: str) -> list[Mapping[str, Any]]:
        answer = self._client.query(
            TableName=self._table,
            IndexName="gsi1",
            KeyConditionExpression="gsi1pk = :p",
            ExpressionAttributeValues={":p": {"S": f"KEYS#{account_id}"}},
        )
        return [read_attributes(item) for item in answer["Items"]]

    def change(self, key_id: str, **values: Any) -> bool:
        """Sets attributes of a key; False where there is no such key."""
        pointer = self._get(f"KEYID#{key_id}")
        if pointer is None:
            return False
        names = {f"#{name}": name for name in values}
        self._client.update_item(
            TableName=self._table,
            Key={"pk": {"S": f"KEY#{pointer['digest']}"}, "sk": {"S": "KEY"}},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=write_attributes({f":{name}": value for name, value in values.items()}),
        )
        return True

    def _get(self, pk: str) -> dict[str, Any] | None:
        key = {"pk": {"S": pk}, "sk": {"S": "KEY"}}
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return read_attributes(answer["Item"]) if "Item" in answer else None

    def _put(self, item: Mapping[str, Any]) -> None:
        self._client.put_item(
            TableName=self._table, Item=write_attributes(item),
            ConditionExpression="attribute_not_exists(pk)",
        )  # fmt: skip
