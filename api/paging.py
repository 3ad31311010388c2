"""Lists: opaque keyset cursors, at most 100 items, the next page in the body and in ``Link``.

A cursor is the base64url of the last item's sort key as JSON. It is not signed, on purpose: it only says where to go
on, and what may be seen there is decided by the query's own scope. Instead it is read strictly: one spelling per
position, each value of the kind that this list is sorted by; anything else is 422 ``malformed-cursor``.
"""

import base64
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, BeforeValidator
from pydantic_core import PydanticCustomError

from api.problems import EdgeRefusal
from domain.errors import Flaw

LIMIT_MAX = 100
LIMIT_DEFAULT = 50
_INTEGER_MAX = 2**63 - 1
Item = TypeVar("Item", bound=BaseModel)
Key = Sequence[str | int]


class Page(BaseModel, Generic[Item]):
    """``next`` is the cursor of the next page, null on the last."""

    items: list[Item]
    next: str | None


@dataclass(slots=True)
class PageQuery:
    """What the reader asked for; ask the query port for one row more than ``limit``."""

    request: Request
    limit: int
    cursor: str | None

    def position(self, *kinds: Callable[..., Any]) -> tuple[Any, ...] | None:
        """The sort key in the cursor, one value per kind (``datetime``, ``str``, ``int`` or a kind of id); None on the
        first page.
        """
        if self.cursor is None:
            return None
        try:
            padding = "=" * (-len(self.cursor) % 4)
            values = json.loads(base64.b64decode(self.cursor + padding, altchars=b"-_", validate=True))
            _must(isinstance(values, list) and cursor_of(values) == self.cursor)
            return tuple(_reader(kind)(value) for kind, value in zip(kinds, values, strict=True))
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            flaw = Flaw(pointer="query:cursor", reason="not a cursor of this list", passes="the next of a page")
            raise EdgeRefusal("malformed-cursor", "The cursor cannot be read", flaws=(flaw,)) from error

    def after(self, kind: Callable[..., Any]) -> Any:
        """The id in the cursor of a list that is sorted by id alone."""
        found = self.position(kind)
        return found[0] if found else None

    def link(self, cursor: str) -> str:
        query = [(name, value) for name, value in self.request.query_params.multi_items() if name != "cursor"]
        return f'<{self.request.url.path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'


def _must(as_written: bool) -> None:  # noqa: FBT001 - an assertion that survives -O
    if not as_written:
        raise ValueError("not a cursor as it was written")


def _text(value: Any) -> str:
    _must(isinstance(value, str) and value.isprintable())
    return str(value)


def _integer(value: Any) -> int:
    _must(type(value) is int and 0 <= value <= _INTEGER_MAX)
    return int(value)


def _instant(value: Any) -> datetime:
    at = datetime.fromisoformat(_text(value))
    _must(at.utcoffset() == timedelta(0))
    return at


def _id(value: Any) -> UUID:
    found = UUID(_text(value))
    _must(str(found) == value)
    return found


_READ: dict[Any, Callable[[Any], Any]] = {datetime: _instant, str: _text, int: _integer}


def _reader(kind: Callable[..., Any]) -> Callable[[Any], Any]:
    return _READ.get(kind, _id)


def _digits(value: Any) -> Any:
    """Query values are text; pydantic alone would also take ``5.0``, ``+5`` and blanks around."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise PydanticCustomError("limit", "not a whole number", {"passes": f"1 to {LIMIT_MAX}"})
    return value


async def _paging(
    request: Request,
    limit: Annotated[int, BeforeValidator(_digits), Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> PageQuery:
    return PageQuery(request=request, limit=limit, cursor=cursor)


Paging = Annotated[PageQuery, Depends(_paging)]


def cursor_of(key: Key) -> str:
    text = json.dumps(list(key), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def page_of_json(rows: Sequence[tuple[str, Key]], paging: PageQuery) -> Response:
    """A page of items that are JSON text already, each with its sort key; one row more than the limit says there is
    a next page.
    """
    shown = rows[: paging.limit]
    cursor = cursor_of(shown[-1][1]) if len(rows) > paging.limit else None
    body = f'{{"items":[{",".join(text for text, _ in shown)}],"next":{json.dumps(cursor)}}}'
    headers = {"Link": paging.link(cursor)} if cursor else {}
    return Response(body, media_type="application/json", headers=headers)


def paged(items: Sequence[Item], paging: PageQuery, *, key: Callable[[Item], Key]) -> Response:
    """The same for items that are views."""
    return page_of_json([(item.model_dump_json(), key(item)) for item in items], paging)
