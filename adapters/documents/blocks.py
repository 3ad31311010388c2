"""A protocol as blocks to set: headings, pairs and tables of text, with numbers and times as Kazakhstan writes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal

from adapters.documents.words import word, words
from domain.calendar import LEGAL_ZONE
from domain.garments import Size
from domain.money import Money
from domain.protocols.model import AdmissionRow, LinePart, LotPart, ResultsProtocol
from domain.protocols.ports import DocumentLanguage
from domain.reports.process import Party

Block = dict[str, Any]
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Writer:
    language: DocumentLanguage

    def document(self, protocol: ResultsProtocol) -> dict[str, Any]:
        title = f"{self.label('protocol')} {protocol.number}"
        blocks = (*self._head(title, protocol), *self._lots(protocol.lots), *self._tail(protocol))
        return {
            "title": title,
            "author": protocol.buyer.name,
            "language": str(self.language),
            "running": f"{title} · {protocol.buyer.name}",
            "page": self.label("page"),
            "blocks": blocks,
        }

    def label(self, name: str) -> str:
        return words(self.language)[f"label.{name}"]

    def money(self, money: Money) -> str:
        return f"{format_decimal(money.amount, format='#,##0.00', locale=str(self.language))}\u00a0₸"

    def count(self, number: int | Decimal) -> str:
        return str(format_decimal(number, locale=str(self.language)))

    def _head(self, title: str, protocol: ResultsProtocol) -> Iterable[Block]:
        pinned, method = protocol.procedure, word(f"method.{protocol.method}", self.language)
        if protocol.package_titles is not None:
            pinned = f"{getattr(protocol.package_titles, self.language)} ({pinned})"
        if protocol.method_titles is not None:
            method = getattr(protocol.method_titles, self.language)
        yield {"kind": "title", "text": title}
        yield self._pairs(
            ("title", protocol.title),
            ("buyer", self._party(protocol.buyer)),
            ("method", method),
            ("procedure", pinned),
            ("published_at", _instant(protocol.published_at)),
            ("closes_at", _instant(protocol.closes_at)),
            ("opened_at", _instant(protocol.opened_at)),
            ("evaluated_at", _instant(protocol.evaluated_at)),
            ("awarded_at", _instant(protocol.awarded_at)),
            ("complaints_until", _instant(protocol.complaints_until)),
            ("awarded", self.money(protocol.awarded)),
        )
        yield {"kind": "text", "text": self.label("time")}
        yield self._heading(1, "participants")
        if not protocol.participants:
            yield {"kind": "text", "text": self.label("nobody")}
            return
        yield self._table(
            ("participant", "bid", "received_at", "contracts"),
            (4, 4, 3, 2),
            [
                (
                    self._party(each.party) if each.party else self.label("unreadable"),
                    str(each.bid_id),
                    _instant(each.received_at),
                    ", ".join(each.contracts) or NOTHING,
                )
                for each in protocol.participants
            ],
        )

    def _lots(self, lots: Sequence[LotPart]) -> Iterable[Block]:
        for lot in lots:
            yield {"kind": "heading", "level": 1, "text": f"{self.label('lot')} {lot.number}. {lot.title}"}
            rows = [("allocated", self.money(lot.allocated)), ("result", word(f"lot.{lot.result}", self.language))]
            if lot.failure is not None:
                rows.append(("failure", word(f"failure.{lot.failure}", self.language)))
            yield self._pairs(*rows, ("awarded", self.money(lot.awarded)))
            if lot.admissions:
                yield self._heading(2, "admission")
                yield self._table(
                    ("participant", "bid", "admission", "grounds"),
                    (4, 4, 2, 5),
                    [
                        (
                            self._party(each.party),
                            str(each.bid_id),
                            self.label("admitted" if each.admitted else "rejected"),
                            self._grounds(each),
                        )
                        for each in lot.admissions
                    ],
                )
            for line in lot.lines:
                yield from self._line(line)

    def _grounds(self, row: AdmissionRow) -> str:
        reasons = [word(f"reason.{row.reason}", self.language)] if row.reason else []
        for rule, result, line in row.rules:
            where = "" if line is None else f" ({self.label('line').lower()} {line})"
            told = word(f"rule.{rule}", self.language), word(f"result.{result}", self.language)
            reasons.append(f"{told[0]}{where}: {told[1]}")
        return "; ".join(reasons) or NOTHING

    def _line(self, line: LinePart) -> Iterable[Block]:
        unit = word(f"unit.{line.unit}", self.language)
        yield {"kind": "heading", "level": 2, "text": f"{self.label('line')} {line.number}. {line.name}"}
        yield self._pairs(
            ("pieces", f"{self.count(line.pieces)} {unit}"), ("planned_price", self.money(line.planned_price))
        )
        if line.ranking:
            yield self._heading(3, "ranking")
            yield self._table(
                ("rank", "participant", "unit_price", "compared_price", "asked", "given", "bound"),
                (1, 4, 2, 2, 2, 2, 3),
                [
                    (
                        str(row.rank),
                        self._party(row.party),
                        self.money(row.unit_price),
                        self.money(row.compared_price),
                        self.count(row.asked),
                        self.count(row.given),
                        word(f"bound.{row.bound}", self.language),
                    )
                    for row in line.ranking
                ],
                right=(0, 2, 3, 4, 5),
            )
        if line.winners:
            yield self._heading(3, "winners")
            yield self._table(
                ("participant", "sizes", "pieces", "unit_price", "sum"),
                (4, 5, 2, 2, 3),
                [
                    (
                        self._party(row.party),
                        self._cells(row.cells),
                        self.count(row.pieces),
                        self.money(row.unit_price),
                        self.money(row.sum),
                    )
                    for row in line.winners
                ],
                right=(2, 3, 4),
            )
        if line.unfilled:
            yield {"kind": "text", "text": f"{self.label('unfilled')}: {self._cells(line.unfilled)}"}

    def _tail(self, protocol: ResultsProtocol) -> Iterable[Block]:
        yield self._heading(1, "rules")
        yield self._table(
            ("rule", "value", "source"),
            (4, 4, 5),
            [
                (word(f"figure.{row.name}", self.language), row.value or NOTHING, row.source or NOTHING)
                for row in protocol.figures
            ],
        )
        yield self._heading(1, "proof")
        yield self._pairs(
            ("evaluated_at", f"{_instant(protocol.evaluated_at)}, {protocol.evaluation_id}"),
            ("engine", f"{protocol.engine} ({protocol.effort})"),
            ("bundle", protocol.bundle),
        )

    def _cells(self, cells: Sequence[tuple[Size, int]]) -> str:
        return "; ".join(f"{size}: {self.count(pieces)}" for size, pieces in cells)

    def _party(self, party: Party) -> str:
        return f"{party.name}, {self.label('bin')} {party.bin}"

    def _heading(self, level: int, name: str) -> Block:
        return {"kind": "heading", "level": level, "text": self.label(name)}

    def _pairs(self, *rows: tuple[str, str]) -> Block:
        return {"kind": "pairs", "rows": [[self.label(name), value] for name, value in rows]}

    def _table(
        self,
        columns: Sequence[str],
        widths: Sequence[int],
        rows: Sequence[Sequence[str]],
        *,
        right: Sequence[int] = (),
    ) -> Block:
        return {
            "kind": "table",
            "columns": [self.label(name) for name in columns],
            "widths": widths,
            "aligns": ["right" if at in right else "left" for at in range(len(columns))],
            "rows": rows,
        }


def _instant(at: datetime | None) -> str:
    return NOTHING if at is None else f"{at.astimezone(LEGAL_ZONE):%d.%m.%Y %H:%M:%S}"
