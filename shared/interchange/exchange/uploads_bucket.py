"""The uploads' bucket. The only file of the exchange that knows S3."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote

from botocore.exceptions import ClientError

from interchange.exchange.services import Presigned, Stored
from interchange.hub.media import Upload

GONE = ("NoSuchKey", "404", "AccessDenied")
"""Without the right to list a bucket, S3 says AccessDenied of an object that is not there."""


class Bucket:
    """`region` is the bucket's. The client is made when it is first asked for: most requests need none."""

    def __init__(self, name: str, region: str) -> None:
        self._name, self._region = name, region

    def presign(self, key: str, name: str, content_type: str, size: int, seconds: int) -> Presigned:
        """The length is signed: the URL takes a file of exactly that many bytes."""
        title = quote(name, safe="")
        params = {"Bucket": self._name, "Key": key, "ContentType": content_type, "ContentLength": size,
                  "Metadata": {"name": title}}  # fmt: skip
        url = self._client.generate_presigned_url("put_object", Params=params, ExpiresIn=seconds, HttpMethod="PUT")
        headers = {"content-type": content_type, "content-length": str(size), "x-amz-meta-name": title}
        return Presigned(url, "PUT", headers)

    def get(self, key: str, most: int) -> Stored | None:
        try:
            found = self._client.get_object(Bucket=self._name, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE:
                return None
            raise
        if found["ContentLength"] > most:
            found["Body"].close()
            raise ValueError(f"{found['ContentLength']} bytes; at most {most} are taken")
        age = datetime.datetime.now(datetime.UTC) - found["LastModified"]
        name = unquote(found["Metadata"].get("name", ""))
        return Stored(Upload(name, found["ContentType"], found["Body"].read()), age.total_seconds())

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(
            signature_version="s3v4",
            connect_timeout=2,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 3},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return boto3.client("s3", region_name=self._region, config=config)
