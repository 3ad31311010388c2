"""Webhooks on the wire: signed, bounded, never redirected, and only to addresses that were checked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpcore
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.webhooks.guarded import GuardedBackend, RefusedAddressError
from adapters.webhooks.keys import KEY_BYTES, kept_key
from adapters.webhooks.sender import WebhookSender
from domain.ids import NoticeId
from domain.notices.delivery import DeliveryFailed, DeliveryRefused
from domain.notices.ports import Call
from tests.receivers import Reader, WebhookReceiver, Writer, listening

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"type":"tender.published","data":{"title":"Мектеп формасы"}}'.encode()
LOOPBACK = WebhookSender(GuardedBackend(loopback=True), timeout_seconds=0.5)


def call(url: str) -> Call:
    return Call(id=NoticeId(UUID(int=9)), url=url, secret=SECRET, body=BODY)


@asynccontextmanager
async def receiving(answer: bytes) -> AsyncIterator[tuple[WebhookReceiver, str]]:
    receiver = WebhookReceiver(answer=answer)
    async with listening(receiver.serve) as port:
        yield receiver, f"http://127.0.0.1:{port}/hook?x=1"


async def test_a_call_is_verified_by_the_receivers_library_and_a_changed_one_is_not() -> None:
    async with receiving(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as (receiver, url):
        await LOOPBACK.post(call(url))
    (got,) = receiver.calls
    assert (got.path, got.body) == ("/hook?x=1", BODY)
    assert got.headers["webhook-id"] == str(UUID(int=9))
    assert Webhook(SECRET).verify(got.body, got.headers)["type"] == "tender.published"
    for body, headers in (
        (got.body.replace(b"published", b"cancelled"), got.headers),
        (got.body, got.headers | {"webhook-id": "another"}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(body, headers)
    assert SECRET not in str(got)


async def test_a_late_try_is_signed_with_its_own_instant() -> None:
    late = WebhookSender(GuardedBackend(loopback=True), now=lambda: datetime.now(UTC) - timedelta(hours=5))
    async with receiving(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as (receiver, url):
        await late.post(call(url))
    with pytest.raises(WebhookVerificationError, match="old"):
        Webhook(SECRET).verify(receiver.calls[0].body, receiver.calls[0].headers)


@pytest.mark.parametrize(
    ("status", "kind"),
    [("301 Moved", DeliveryFailed), ("307 Moved", DeliveryFailed), ("400 Bad", DeliveryFailed),
     ("500 No", DeliveryFailed), ("410 Gone", DeliveryRefused)],
)  # fmt: skip
async def test_only_success_counts_and_a_redirect_is_not_followed(status: str, kind: type[Exception]) -> None:
    async with receiving(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as (elsewhere, target):
        answer = f"HTTP/1.1 {status}\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n".encode()
        async with receiving(answer) as (receiver, url):
            with pytest.raises(kind):
                await LOOPBACK.post(call(url))
    assert (len(receiver.calls), len(elsewhere.calls)) == (1, 0)


async def test_an_endless_body_is_not_read() -> None:
    sent = 0

    async def endless(reader: Reader, writer: Writer) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()

    async with listening(endless) as port:
        await LOOPBACK.post(call(f"http://127.0.0.1:{port}/"))
    assert sent < 32 * 1024 * 1024


@pytest.mark.parametrize("drip", [b"", b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 3])
async def test_a_receiver_that_does_not_finish_its_answer_is_left_in_time(drip: bytes) -> None:
    async def slow(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for byte in drip:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)
        await asyncio.sleep(2)

    async with listening(slow) as port:
        began = asyncio.get_running_loop().time()
        with pytest.raises(DeliveryFailed, match="within"):
            await LOOPBACK.post(call(f"http://127.0.0.1:{port}/"))
        assert asyncio.get_running_loop().time() - began < 1.5


async def test_this_machine_is_refused_unless_the_deployment_admits_it() -> None:
    async with receiving(b"HTTP/1.1 200 OK\r\n\r\n") as (receiver, url):
        with pytest.raises(DeliveryFailed, match="refused"):
            await WebhookSender(GuardedBackend()).post(call(url))
        with pytest.raises(DeliveryFailed, match="refused"):
            await WebhookSender(GuardedBackend()).post(call(url.replace("127.0.0.1", "localhost")))
    assert receiver.calls == []


class Recorded(httpcore.AsyncMockStream):
    """A stream that remembers for which name TLS was asked."""

    def __init__(self, names: list[str | None]) -> None:
        super().__init__([b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"])
        self._names = names

    async def start_tls(self, *_: Any, **named: Any) -> httpcore.AsyncNetworkStream:
        self._names.append(named["server_hostname"])
        return self


class Network(httpcore.AsyncMockBackend):
    """A network that remembers to which addresses it connected."""

    def __init__(self) -> None:
        super().__init__([])
        self.addresses: list[str] = []
        self.names: list[str | None] = []

    async def connect_tcp(self, host: str, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        self.addresses.append(host)
        return Recorded(self.names)


class Named(GuardedBackend):
    """A backend whose name server gives these answers, one after the other."""

    def __init__(self, network: Network, *answers: list[str]) -> None:
        super().__init__(network=network)
        self._answers = list(answers)

    async def resolve(self, *_: Any) -> list[str]:
        return self._answers.pop(0)


async def test_the_connection_goes_to_the_checked_address_and_tls_asks_for_the_name() -> None:
    """A name server that changes its answer after the check is not asked again."""
    network = Network()
    sender = WebhookSender(Named(network, ["93.184.215.14"], ["127.0.0.1"]))
    await sender.post(call("https://hooks.example.kz/"))
    assert (network.addresses, network.names) == (["93.184.215.14"], ["hooks.example.kz"])
    with pytest.raises(DeliveryFailed, match="refused"):
        await sender.post(call("https://hooks.example.kz/"))
    assert network.addresses == ["93.184.215.14"]


@pytest.mark.parametrize(
    "answers",
    [
        ["10.0.0.1"],
        ["93.184.215.14", "169.254.169.254"],
        ["93.184.215.14", "::1"],
        ["64:ff9b::a00:1"],
        ["::ffff:10.0.0.1"],
    ],
)
async def test_a_name_with_one_foot_off_the_public_network_is_refused(answers: list[str]) -> None:
    network = Network()
    with pytest.raises(DeliveryFailed, match="refused"):
        await WebhookSender(Named(network, answers)).post(call("https://hooks.example.kz/"))
    assert network.addresses == []


async def test_a_name_without_an_address_and_one_that_is_no_name_can_be_tried_again() -> None:
    with pytest.raises(DeliveryFailed, match="cannot be reached"):
        await WebhookSender(Named(Network(), [])).post(call("https://hooks.example.kz/"))
    with pytest.raises(DeliveryFailed, match="cannot be reached"):
        await WebhookSender(GuardedBackend()).post(call(f"https://{'a' * 64}.example/"))


async def test_no_socket_of_this_machine_is_reached() -> None:
    with pytest.raises(RefusedAddressError):
        await GuardedBackend().connect_unix_socket("/run/docker.sock")


async def test_the_key_is_made_once_and_readable_by_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "home" / "webhook.key"
    keys: set[Any] = set(await asyncio.gather(*(asyncio.to_thread(kept_key, file) for _ in range(8))))
    assert keys == {kept_key(file)}
    assert len(keys.pop()) == KEY_BYTES
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["webhook.key"]
