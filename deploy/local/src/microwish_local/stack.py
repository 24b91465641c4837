"""The composition root of the local stack: which parts run, in which order, and when it is ready."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from typing import Literal

import httpx

from microwish_local.environment import Addresses, gateway_environment, service_environment
from microwish_local.processes import Process, StartFailed, log_tail
from microwish_local.routes import SERVICES, Service
from microwish_local.servers.apache import Apache
from microwish_local.servers.mongod import Mongod
from microwish_local.servers.readiness import accepts
from microwish_local.servers.tansu import Tansu
from microwish_local.state import StateDirectory
from microwish_local.supervisor import Supervisor

BrokerKind = Literal["embedded", "apache"]
READY_SECONDS = 180.0
"""How long the services may take until their /readyz answer 200."""


class Stack:
    """MongoDB, Kafka, the three services and the gateway on one machine, supervised."""

    def __init__(
        self, state: StateDirectory, *, port_base: int, broker: BrokerKind, say: Callable[[str], None]
    ) -> None:
        self.state = state
        self.supervisor = Supervisor(say)
        self._port_base = port_base
        self._broker_kind = broker
        self._addresses: Addresses | None = None

    @property
    def addresses(self) -> Addresses:
        """Where everything is, once it was started."""
        if self._addresses is None:
            raise RuntimeError("the stack was not started")
        return self._addresses

    async def start(self) -> None:
        """Start everything in order and wait until it is ready. Raises StartFailed with the remedy."""
        await self._refuse_taken_ports()
        mongo_uri = os.environ.get("MICROWISH_MONGO_URI") or await self._start_mongod()
        bootstrap, terms = await self._kafka()
        self._addresses = Addresses(self._port_base, mongo_uri, bootstrap)
        self.state.publish(mongo_uri=mongo_uri, kafka_bootstrap=bootstrap)
        keys = self.state.keys()
        environments = {
            name: service_environment(
                name,
                self._addresses,
                keys,
                idempotence=terms.idempotence,
                fetch_wait_ms=terms.fetch_wait_ms,
                partitions=terms.partitions,
            )
            for name in SERVICES
        }
        await self.supervisor.start(*(self._service(name, env) for name, env in environments.items()))
        gateway = [sys.executable, "-m", "microwish_local.gateway"]
        environment = gateway_environment(self._addresses)
        await self.supervisor.start(Process("gateway", gateway, log=self.state.log("gateway"), env=environment))
        await self._ready()

    async def stop(self) -> None:
        """Stop everything in reverse order; no process is left."""
        await self.supervisor.stop()

    async def _refuse_taken_ports(self) -> None:
        for port in range(self._port_base, self._port_base + 1 + len(SERVICES)):
            if await accepts(port):
                raise StartFailed(f"Port {port} is taken by another program: choose another --port-base.")

    async def _start_mongod(self) -> str:
        port, log = self.state.port("mongod"), self.state.log("mongod")
        mongod = Mongod(self.state.data / "mongod", port=port, log=log)
        await self.supervisor.start(mongod)
        return mongod.uri

    async def _kafka(self) -> tuple[str, type[Apache | Tansu]]:
        """Bootstrap address, and the kind of broker, which knows what suits it; one is started when needed."""
        if external := os.environ.get("MICROWISH_KAFKA_BOOTSTRAP"):
            return external, Apache
        kind: type[Apache | Tansu] = Apache if self._broker_kind == "apache" else Tansu
        port, log = self.state.port("broker"), self.state.log("broker")
        broker = kind(self.state.data / "kafka", port=port, log=log)
        await self.supervisor.start(broker)
        return broker.bootstrap, kind

    def _service(self, name: Service, environment: Mapping[str, str]) -> Process:
        full_name = f"{name}-service"
        argv = [sys.executable, "-m", f"{name}_service", "all"]
        return Process(full_name, argv, log=self.state.log(full_name), env=environment)

    async def _ready(self) -> None:
        """Wait until every /readyz and the gateway answer 200. Raises StartFailed for the one that doesn't."""
        addresses = self.addresses
        health = {f"{name}-service": f"{addresses.url(name)}/readyz" for name in SERVICES}
        health["gateway"] = f"{addresses.gateway}/healthz"
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            await asyncio.gather(*(self._answers(client, name, url) for name, url in health.items()))

    async def _answers(self, client: httpx.AsyncClient, name: str, url: str) -> None:
        last = "no answer"
        clock = asyncio.get_running_loop().time
        end = clock() + READY_SECONDS
        while clock() < end:
            try:
                answer = await client.get(url)
                if answer.status_code == 200:
                    return
                last = f"{answer.status_code} {answer.text[:300]}"
            except httpx.TransportError:
                last = "no answer"
            await asyncio.sleep(0.1)
        log = self.state.log(name)
        raise StartFailed(
            f"{name} was not ready after {READY_SECONDS:.0f} s ({last}); its log is {log}.\n{log_tail(log)}"
        )
