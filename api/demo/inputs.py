"""The demonstration's data, and the requests that are made of them."""

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook

DATA = Path(__file__).parent / "data"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PASSWORD = "a long demo password"  # noqa: S105 - the demonstration's own accounts, gone at its end

Json = dict[str, Any]


def organisations() -> list[Json]:
    found: list[Json] = json.loads((DATA / "organisations.json").read_text(encoding="utf-8"))
    return found


def tenders() -> Json:
    found: Json = json.loads((DATA / "tenders.json").read_text(encoding="utf-8"))
    return found


def by_rules() -> Json:
    found: Json = json.loads((DATA / "by_rules.json").read_text(encoding="utf-8"))
    return found


def together() -> Json:
    found: Json = json.loads((DATA / "together.json").read_text(encoding="utf-8"))
    return found


def need_file(need: Json) -> tuple[bytes, str]:
    """The need as the buyer would upload it: the CSV itself, or the same table as a real XLSX workbook."""
    text = (DATA / need["file"]).read_text(encoding="utf-8")
    if need["as"] == "csv":
        return text.encode(), CSV
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("a new workbook has a sheet")
    sheet.title = "Need"
    for number, row in enumerate(csv.reader(io.StringIO(text))):
        sheet.append([int(cell) if number and index > 3 else cell for index, cell in enumerate(row)])  # noqa: PLR2004 - four columns of text
    content = io.BytesIO()
    book.save(content)
    return content.getvalue(), XLSX


def registration(organisation: Json) -> Json:
    names = ("bin", "kind", "name", "kato", "address", "phone", "email")
    return {
        "organization": {name: organisation[name] for name in names},
        "founder": {"email": organisation["email"], "name": organisation["name"], "password": PASSWORD},
    }


def profile(organisation: Json) -> Json:
    return {"kato": organisation["kato"], **organisation["profile"]}


def evidence(organisation: Json, *, today: date) -> Json:
    """A register extract in force, or the certificate of somebody who has not noticed that it ended."""
    expired = organisation.get("expired", False)
    return {
        "holder_bin": organisation["bin"],
        "type": "industrial_certificate" if expired else "register_extract",
        "number": f"DEMO-{organisation['key'].upper()}",
        "issuer": "Demo registry of goods producers",
        "product_codes": organisation["codes"],
        "local_content": organisation["local_content"],
        "declared_capacity": organisation["capacity"],
        "valid_from": "2024-06-01" if expired else "2026-01-10",
        "valid_until": "2025-12-31" if expired else (today + timedelta(days=365)).isoformat(),
    }


def tender_body(form: Json, need: Json, *, due_on: date) -> Json:
    """A draft whose lines take the imported need; the allocated sum is planned price x pieces, exactly."""
    pieces = {garment["garment"]: garment["pieces"] for garment in need["garments"]}
    lots = []
    for lot in form["lots"]:
        allocated = sum((Decimal(line["planned_price"]) * pieces[line["garment"]] for line in lot["lines"]), Decimal(0))
        lines = [
            {name: value for name, value in line.items() if name != "garment"}
            | {"need": {"need_id": need["id"], "garment": line["garment"]}}
            for line in lot["lines"]
        ]
        lots.append({"title": lot["title"], "allocated": str(allocated), "due_on": due_on.isoformat(), "lines": lines})
    return {"title": form["title"], "procedure": "private", "method": "producers_tender", "lots": lots}
