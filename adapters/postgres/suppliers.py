"""What is stored about a supplier, for his verdict: the columns of a statement, and the record read from them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.postgres.codec import converter
from adapters.postgres.contracts import MINUTES
from adapters.postgres.organizations import PostgresOrganizations
from adapters.postgres.registers import standing_columns, standing_of
from domain.organizations.contacts import Contacts
from domain.organizations.evidence import Evidence
from domain.organizations.facts import PortalWord
from domain.organizations.ports import SupplierRecord
from domain.registries.answers import UnreliableEntry

EVIDENCE_MAX = 100

MINUTES_OF = f"LEFT JOIN LATERAL (SELECT {MINUTES} FROM workshops w WHERE w.id = o.id) minutes ON true"  # noqa: S608 - our text
"""Joined to ``organizations o``, beside ``record_columns``."""

RECORD_JSON = ("register_records", "register_states", "portal_answer", "portal_failure", "awarded_pieces")
"""Those of ``record_columns`` that are JSON, beside the organisation's own."""


def record_columns(year: str) -> str:
    """For the select list of a statement over ``organizations o`` and ``MINUTES_OF``; ``year`` is an SQL expression.

    A framework counts with all its pieces, and its call-offs do not count beside it. One that has ended counts with
    what was called off.
    """
    return f"""
o.*, minutes.per_week, minutes.booked, {standing_columns("o.bin")},
  (SELECT to_jsonb(a) FROM registry_answers a
   WHERE a.registry = 'goszakup' AND a.question = 'unreliable' AND a.subject = o.bin AND a.outcome = 'answered'
   ORDER BY a.id DESC LIMIT 1) AS portal_answer,
  (SELECT to_jsonb(a) FROM registry_answers a
   WHERE a.registry = 'goszakup' AND a.question = 'unreliable' AND a.subject = o.bin AND a.outcome <> 'answered'
   ORDER BY a.id DESC LIMIT 1) AS portal_failure,
  (SELECT coalesce(jsonb_object_agg(code, pieces), '{{}}') FROM (
     SELECT left(replace(line->>'ens_tru', '.', ''), 6) AS code, sum((cell->>1)::bigint) AS pieces
     FROM contracts c, jsonb_array_elements(c.lines) line, LATERAL (
       SELECT line->'run' AS run WHERE c.kind <> 'framework' OR c.status <> 'completed'
       UNION ALL
       SELECT goods->'run' FROM jsonb_array_elements(c.calls) call, jsonb_array_elements(call->'goods') goods
       WHERE c.kind = 'framework' AND c.status = 'completed'
         AND goods->'lot' = line->'lot' AND goods->'line' = line->'line') awarded_run,
       jsonb_array_elements(awarded_run.run->'cells') cell
     WHERE c.supplier_id = o.id AND c.kind <> 'call_off' AND c.status NOT IN ('lapsed', 'annulled')
       AND extract(year FROM c.concluded_at AT TIME ZONE 'Asia/Almaty') = {year}
     GROUP BY 1) awarded) AS awarded_pieces"""  # noqa: S608 - our text


def record_of(
    row: Mapping[Any, Any], evidence: tuple[Evidence, ...], others: tuple[Contacts, ...] = ()
) -> SupplierRecord:
    """Read from the columns."""
    return SupplierRecord(
        organization=PostgresOrganizations.codec.entity(row),
        workshop=None if row["per_week"] is None else (row["per_week"], row["booked"]),
        evidence=evidence,
        awarded_pieces=row["awarded_pieces"],
        standing=standing_of(row),
        portal=_portal(row["portal_answer"], row["portal_failure"]),
        others=others,
    )


def _portal(answer: Mapping[str, Any] | None, failure: Mapping[str, Any] | None) -> PortalWord:
    """The newest answer, and a failure after it: an older one has been made good."""
    answered_at = datetime.fromisoformat(answer["asked_at"]) if answer else None
    later = failure if failure and (answer is None or failure["id"] > answer["id"]) else None
    return PortalWord(
        answered_at=answered_at,
        entries=tuple(converter.structure(entry, UnreliableEntry) for entry in answer["answer"].get("entries", []))
        if answer
        else (),
        failed_at=datetime.fromisoformat(later["asked_at"]) if later else None,
        failure=later["error"] if later else None,
    )
