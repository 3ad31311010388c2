"""Structured logs: JSON lines on standard error, of allow-listed fields and no others."""

import json
import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

FIELDS = frozenset({
    "event", "level", "timestamp", "logger", "dropped",
    "method", "route", "status", "milliseconds", "request_id", "organization_id",
    "error", "where", "exception",
    "kind", "subject", "attempt", "count", "lag_seconds", "version", "address", "path",
})  # fmt: skip
"""Whoever wants another field in the log adds its name here, where it is reviewed: never a token, a price, a body, a
query string or a personal number."""


def only_allowed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take out what is not in FIELDS; its names, not its values, are told in ``dropped``."""
    dropped = sorted(name for name in event if name not in FIELDS)
    for name in dropped:
        del event[name]
    if dropped:
        event["dropped"] = dropped
    return event


class JsonLines(logging.Formatter):
    """Other libraries' records in the same form; of an exception only its kind, because its text may hold data."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "error": record.exc_info[0].__qualname__ if record.exc_info and record.exc_info[0] else None,
        }
        return json.dumps({name: value for name, value in line.items() if value is not None}, ensure_ascii=False)


def configure(level: str = "INFO") -> None:
    """Every line is one JSON object; libraries' own loggers warn and worse. DEBUG also tells tracebacks in full, which
    may hold data, so it is for development.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
