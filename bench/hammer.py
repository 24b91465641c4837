"""As many requests as a server answers, with next to no cost of their own: what is measured shares the machine."""

import asyncio
import time


async def rate(port: int, request: bytes, *, connections: int, seconds: float) -> float:
    """Answers per second to this request on kept connections, one request under way on each.

    Every answer must be as long as the first; a server that answers otherwise ends the measurement.
    """
    loop = asyncio.get_running_loop()
    length = await _length(port, request)
    until = time.perf_counter() + seconds
    started = time.perf_counter()
    made = [
        await loop.create_connection(lambda: _Asker(request, length, until), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(asker.done for _, asker in made))
    took = time.perf_counter() - started
    for transport, _ in made:
        transport.close()
    return sum(asker.count for _, asker in made) / took


async def _length(port: int, request: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    body = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)
    if b" 304 " not in lines[0]:
        await reader.readexactly(body)
    writer.close()
    await writer.wait_closed()
    return len(head) + (0 if b" 304 " in lines[0] else body)


class _Asker(asyncio.Protocol):
    """One connection that asks again as soon as it has the whole answer."""

    def __init__(self, request: bytes, length: int, until: float) -> None:
        self._request = request
        self._length = length
        self._until = until
        self._had = 0
        self.count = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._had += len(data)
        if self._had < self._length:
            return
        if self._had > self._length:
            self.done.set_exception(AssertionError("an answer of another length"))
            return
        self._had = 0
        self.count += 1
        if time.perf_counter() < self._until:
            self._transport.write(self._request)
        elif not self.done.done():
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or AssertionError("the server hung up"))
