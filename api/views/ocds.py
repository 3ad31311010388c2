"""JSON text of an OCDS document: a ``Decimal`` becomes the number with exactly its digits, never a float."""

import json
from decimal import Decimal
from typing import Any


def written(value: Any) -> str:
    """``value`` of dicts with text keys, lists, texts, whole numbers, decimals, booleans and None."""
    match value:
        case dict():
            return "{" + ",".join(f"{json.dumps(name)}:{written(each)}" for name, each in value.items()) + "}"
        case list():
            return "[" + ",".join(map(written, value)) + "]"
        case Decimal():
            return f"{value:f}"
        case _:
            return json.dumps(value, ensure_ascii=False)
