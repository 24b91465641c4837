"""Photos in the service's own database: nothing to run besides it. GridFS keeps a file in chunks of 255 KB."""

import contextlib
from collections.abc import AsyncIterator, Iterator

from microwish.store.mongo import FILE_GONE, Database, FileBucket, PyMongoError, is_outage
from wish_service.store.photos.port import PhotoStoreAway

_BUCKET = "photos"


class GridFsPhotos:
    """The port on GridFS. A file's key is its id there, so a key can be written once only."""

    def __init__(self, db: Database) -> None:
        self._bucket = FileBucket(db, bucket_name=_BUCKET)
        self._chunks = db.get_collection(f"{_BUCKET}.chunks")

    async def open(self) -> None:
        """Nothing: the connection is the service's."""

    async def close(self) -> None:
        """Nothing, likewise."""

    async def put(self, key: str, content: bytes) -> None:
        """The chunks first, then the record that makes them a file; all of it on a majority of the members."""
        with _outages_told():
            await self._bucket.upload_from_stream_with_id(key, key, content)

    async def get(self, key: str) -> bytes | None:
        """The file, or None."""
        with _outages_told():
            try:
                file = await self._bucket.open_download_stream(key)
                chunks = []
                while chunk := await file.readchunk():
                    chunks.append(chunk)
            except FILE_GONE:
                return None
            return b"".join(chunks)

    async def delete(self, key: str) -> None:
        """The record first, then the chunks, which go even where no record was ever written."""
        with _outages_told(), contextlib.suppress(*FILE_GONE):
            await self._bucket.delete(key)

    async def listed(self) -> AsyncIterator[str]:
        """Read from the index of the chunks, so that a file that was cut off while it was written is there too."""
        with _outages_told():
            async for row in self._chunks.aggregate([{"$sort": {"files_id": 1}}, {"$group": {"_id": "$files_id"}}]):
                yield row["_id"]


@contextlib.contextmanager
def _outages_told() -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        if is_outage(error):
            raise PhotoStoreAway(type(error).__name__) from error
        raise
