"""Randomness of the system: identifiers and tokens. UUIDv7 (RFC 9562) is made here because PostgreSQL 15 has none."""

import secrets
import time
from uuid import UUID

_RANDOM_BITS = 74


def uuid7() -> UUID:
    """48 bits of Unix milliseconds, then 74 random bits: sorts by time, guesses by nobody."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(_RANDOM_BITS)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (high << 64) | (2 << 62) | low)


def new_token() -> str:
    """An opaque token of 256 random bits."""
    return "oimaq_" + secrets.token_urlsafe(32)
