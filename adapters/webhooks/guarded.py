"""The network as webhooks may see it: a name is resolved here, every address of it is checked, and the connection goes
to the address that was checked, so that another answer of the name server changes nothing.
"""

import asyncio
import socket
from collections.abc import Iterable

import httpcore

from domain.notices.addresses import is_loopback, is_public


class RefusedAddressError(Exception):
    """A name leads to an address that nothing is sent to."""


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """TLS still asks for the name: it is the address of the socket that is exchanged, not the URL."""

    def __init__(self, *, loopback: bool = False, network: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._loopback = loopback
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        address = await self._resolved(host, port)
        return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        raise RefusedAddressError("a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _resolved(self, host: str, port: int) -> str:
        """The first address; refused when any of them is: a name with one foot inside is not to be trusted."""
        try:
            found = await self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name is not known") from error
        for address in found:
            if not is_public(address) and not (self._loopback and is_loopback(address)):
                raise RefusedAddressError("the name leads to an address off the public network")
        if not found:
            raise httpcore.ConnectError("the name has no address")
        return found[0]

    async def resolve(self, host: str, port: int) -> list[str]:
        """What the name server says now."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [str(address[0]) for *_, address in found]
