"""Photos in an S3-compatible store (AWS, MinIO, Ceph, OSS, COS), for districts whose photos outgrow the database."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import SecretStr

from wish_service.store.photos.images import MEDIA_TYPE
from wish_service.store.photos.port import PhotoStoreAway

_PREFIX = "photos/"
_MISSING = frozenset({"NoSuchKey", "404"})


@dataclass(frozen=True)
class S3Account:
    """Where the store is and who we are there. The keys are opened only to be handed to the client."""

    bucket: str
    endpoint: str | None = None
    region: str = "us-east-1"
    path_style: bool = True
    access_key: SecretStr | None = None
    secret_key: SecretStr | None = None


class S3Photos:
    """The port on S3. One PUT per file: it is there whole, or not at all, and `put` leaves nothing unfinished."""

    def __init__(self, account: S3Account) -> None:
        self._account = account
        self._held = contextlib.AsyncExitStack()
        self._client: Any = None

    async def open(self) -> None:
        """Make the client, which connects when it is first used."""
        account = self._account
        config = AioConfig(
            connect_timeout=5,
            read_timeout=20,
            retries={"max_attempts": 3, "mode": "standard"},
            s3={"addressing_style": "path" if account.path_style else "virtual"},
            # Other stores than AWS don't all know the checksums that newer clients add to every request.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        client = get_session().create_client(
            "s3",
            region_name=account.region,
            endpoint_url=account.endpoint,
            aws_access_key_id=account.access_key.get_secret_value() if account.access_key else None,
            aws_secret_access_key=account.secret_key.get_secret_value() if account.secret_key else None,
            config=config,
        )
        self._client = await self._held.enter_async_context(client)

    async def close(self) -> None:
        """Give back the connections."""
        await self._held.aclose()

    async def put(self, key: str, content: bytes) -> None:
        """One object."""
        with _outages_told():
            await self._client.put_object(
                Bucket=self._account.bucket, Key=_PREFIX + key, Body=content, ContentType=MEDIA_TYPE
            )

    async def get(self, key: str) -> bytes | None:
        """The object's content, or None."""
        with _outages_told():
            try:
                found = await self._client.get_object(Bucket=self._account.bucket, Key=_PREFIX + key)
            except ClientError as error:
                if _code(error) in _MISSING:
                    return None
                raise
            async with found["Body"] as body:
                content: bytes = await body.read()
            return content

    async def delete(self, key: str) -> None:
        """Succeeds for a key that isn't there, too."""
        with _outages_told():
            await self._client.delete_object(Bucket=self._account.bucket, Key=_PREFIX + key)

    async def listed(self) -> AsyncIterator[str]:
        """Page by page."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._account.bucket, Prefix=_PREFIX)
        with _outages_told():
            async for page in pages:
                for kept in page.get("Contents", []):
                    yield kept["Key"].removeprefix(_PREFIX)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextlib.contextmanager
def _outages_told() -> Iterator[None]:
    """A refusal (wrong key, no such bucket) is an outage to whoever uploads; its code tells operators which."""
    try:
        yield
    except ClientError as error:
        raise PhotoStoreAway(f"S3 refused: {_code(error)}") from error
    except (BotoCoreError, OSError) as error:
        raise PhotoStoreAway(type(error).__name__) from error
