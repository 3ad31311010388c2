"""A mailbox of files, one ``.eml`` a message: what a deployment without a mail server has."""

import asyncio
import os
from pathlib import Path

from adapters.mail.message import composed
from domain.notices.delivery import DeliveryFailed
from domain.notices.ports import Letter


class FileMailbox:
    """Named by the notice's id, so that a retry writes the same file; whole or not at all."""

    def __init__(self, folder: Path, *, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, letter: Letter) -> None:
        content = composed(letter, sender=self._sender).as_bytes()
        try:
            await asyncio.to_thread(self._write, f"{letter.id}.eml", content)
        except OSError as error:
            raise DeliveryFailed(f"The mailbox cannot be written ({error.strerror})") from error

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        half = self._folder / f".{name}.{os.getpid()}"
        half.write_bytes(content)
        half.replace(self._folder / name)
