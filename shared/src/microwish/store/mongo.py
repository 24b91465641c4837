"""The only module that imports the driver (ADR 0002: how PyMongo's own async client would replace Motor here).

Every write is `w: majority, j: true`, so what was acknowledged survives `kill -9` of any member. A standalone
server is refused: it lost acknowledged writes when it was killed.
"""

from collections.abc import Sequence
from typing import Any

from bson.errors import BSONError
from gridfs.errors import CorruptGridFile, NoFile
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
    AsyncIOMotorGridFSBucket,
)
from pymongo import ASCENDING, DESCENDING, IndexModel, InsertOne, ReturnDocument, UpdateMany, UpdateOne, WriteConcern
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Database = AsyncIOMotorDatabase[Document]
Collection = AsyncIOMotorCollection[Document]
FileBucket = AsyncIOMotorGridFSBucket
"""Files in the database (GridFS), in chunks."""
FILE_GONE: tuple[type[PyMongoError], ...] = (NoFile, CorruptGridFile)
"""There is no such file, or somebody is deleting it: what is left of it is not the file."""

STORE_OUTAGES: tuple[type[PyMongoError], ...] = (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    ServerSelectionTimeoutError,
    WTimeoutError,
)
"""The store can't answer now; the same call may succeed later."""

RETRYABLE_CODES = frozenset({6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})
"""Server codes of a member that is starting, stopping or changing its role."""

DUPLICATE_KEY = 11000
"""Server code of a write that a unique index refused."""


def is_outage(error: BaseException) -> bool:
    """True if the store is away for a while rather than refusing this very write."""
    if isinstance(error, STORE_OUTAGES):
        return True
    return isinstance(error, OperationFailure) and error.code in RETRYABLE_CODES


class StandaloneRefused(Exception):
    """The server is no member of a replica set and no router: it may lose what it acknowledged."""


class Mongo:
    """A connection and one service's database in it."""

    def __init__(self, uri: str, database: str, *, timeout_seconds: float = 5.0) -> None:
        self.client: Client = AsyncIOMotorClient(
            uri,
            tz_aware=True,
            serverSelectionTimeoutMS=int(timeout_seconds * 1000),
            connectTimeoutMS=int(timeout_seconds * 1000),
            maxPoolSize=200,
            appname="microwish",
        )
        self.db: Database = self.client.get_database(
            database,
            write_concern=WriteConcern(w="majority", j=True),
            read_concern=ReadConcern("local"),
        )

    async def refuse_standalone(self) -> None:
        """Raises: StandaloneRefused; a store outage if no server answers."""
        hello = await self.client.admin.command("hello")
        if "setName" not in hello and hello.get("msg") != "isdbgrid":
            raise StandaloneRefused("MongoDB must be a replica set (one member is enough) or sharded")

    async def ping(self) -> None:
        """Raises a store outage if the database doesn't answer."""
        await self.client.admin.command("ping")

    def close(self) -> None:
        """Give back the connections."""
        self.client.close()


def of_majority(collection: Collection) -> Collection:
    """The collection as a majority of the members has it: nothing that is read there, or followed, is ever undone."""
    return collection.with_options(read_concern=ReadConcern("majority"))


async def ensure_indexes(collection: Collection, indexes: Sequence[IndexModel]) -> None:
    """Create what is missing; an index that exists with the same options is left alone."""
    if indexes:
        await collection.create_indexes(list(indexes))


__all__ = [
    "ASCENDING",
    "DESCENDING",
    "DUPLICATE_KEY",
    "FILE_GONE",
    "RETRYABLE_CODES",
    "STORE_OUTAGES",
    "AutoReconnect",
    "BSONError",
    "BulkWriteError",
    "Client",
    "Collection",
    "Database",
    "Document",
    "DuplicateKeyError",
    "FileBucket",
    "IndexModel",
    "InsertOne",
    "Mongo",
    "OperationFailure",
    "PyMongoError",
    "ReturnDocument",
    "StandaloneRefused",
    "UpdateMany",
    "UpdateOne",
    "WTimeoutError",
    "ensure_indexes",
    "is_outage",
    "of_majority",
]
