"""A mailbox in memory, for tests."""

from email.message import EmailMessage

from adapters.mail.message import composed
from domain.notices.ports import Letter


class MemoryMailbox:
    """``messages`` by Message-ID."""

    def __init__(self, *, sender: str = "oimaq@oimaq.example") -> None:
        self._sender = sender
        self.messages: dict[str, EmailMessage] = {}

    async def send(self, letter: Letter) -> None:
        message = composed(letter, sender=self._sender)
        self.messages[message["Message-ID"]] = message
