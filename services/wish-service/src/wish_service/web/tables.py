"""What the routes of import and export are given besides the service's other parts."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, UploadFile
from starlette.requests import Request

from microwish.identity.guards import commanded_at, idempotency_key, require
from microwish.identity.people import Person, Role
from microwish.store.aggregate import Idempotency
from microwish.web.texts import Language
from microwish.when import When
from wish_service.domain.errors import DomainError
from wish_service.store.exports import Exports
from wish_service.store.imports import Imports
from wish_service.use_cases.carry_out_imports import ImportWorker
from wish_service.use_cases.import_wishes import Rules
from wish_service.web.parts import Order, Parts, parts_of
from wish_service.web.sheets.checking import CheckedFile, check_file

UPLOADS = re.compile(r"/api/wishes/import|/desk/import")
"""Where tables are posted to; their bodies may be larger than others."""
FILES_AT_ONCE = 2
"""Each may need 100 MB for a moment."""
EXPORTS_AT_ONCE = 8
"""Each holds one page in memory, however slowly it is read."""


class TablesBusy(DomainError):
    """As many files are being read as this process reads at once."""

    code = "busy"
    retry_after_seconds = 5


@dataclass(frozen=True)
class Tables:
    """Imports, exports, and how many of them one process works on at once."""

    imports: Imports
    exports: Exports
    worker: ImportWorker
    reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FILES_AT_ONCE))
    writing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(EXPORTS_AT_ONCE))

    async def check(self, file: UploadFile, order: Order, language: Language) -> CheckedFile:
        """The file, read and checked beside the event loop. Raises: UnusableFile, TablesBusy."""
        if self.reading.locked():
            raise TablesBusy
        async with self.reading:
            data, rules = await file.read(), await rules_of(order.parts, order.when.at)
            catalogue = order.parts.pages.catalogue
            return await asyncio.to_thread(check_file, data, order.person, rules, catalogue, language)


async def rules_of(parts: Parts, at: datetime) -> Rules:
    """What rows are checked against that are asked for at this moment."""
    return Rules(parts.communities, parts.settings, await parts.campaigns.all(), at)


async def table_order(
    request: Request,
    person: Annotated[Person, Depends(require(Role.STAFF, Role.ADMIN))],
    when: Annotated[When, Depends(commanded_at)],
    key: Annotated[str | None, Depends(idempotency_key)],
) -> Order:
    """The command that an upload is. What its key stands for is not the bytes of the body, but the rows in it."""
    idempotency = Idempotency(f"{person.id}:{key}", "") if key else None
    return Order(await parts_of(request), person, when, idempotency, request.url.path)


async def tables_of(request: Request) -> Tables:
    """The running service's tables."""
    tables: Tables = request.app.state.tables
    return tables


TableOrder = Annotated[Order, Depends(table_order)]
TablesHere = Annotated[Tables, Depends(tables_of)]
