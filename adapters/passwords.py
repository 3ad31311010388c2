"""Argon2id (19 MiB, t=2, p=1) in threads behind a semaphore, so that a crowd signing in cannot take all memory."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = 4
_NOBODY = _HASHER.hash("nobody has this password")


class Argon2Passwords:
    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._gate:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Same work for an unknown account (None), which never matches."""
        async with self._gate:
            matched = await asyncio.to_thread(_verify, password_hash or _NOBODY, password)
        return matched and password_hash is not None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
