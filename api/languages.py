"""Which of the three working languages a reader wants."""

import re

LANGUAGES = ("en", "ru", "kk")
RANGES_MAX = 20

_RANGE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?")


def language(accept: str | None) -> str:
    """The best of kk, ru, en for an Accept-Language header (RFC 9110, 12.5.4); English when nothing fits."""
    best, chosen = 0.0, "en"
    for part in (accept or "").split(",")[:RANGES_MAX]:
        found = _RANGE.fullmatch(part)
        if found is None or (tag := found.group(1).lower()) not in LANGUAGES:
            continue
        quality = float(found.group(2) or 1)
        if quality > best:
            best, chosen = quality, tag
    return chosen
