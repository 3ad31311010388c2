"""Replaying a verdict: the same facts and the same rules give the same bytes, now and for whoever checks it later."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

from domain.errors import Conflict, Titles
from domain.organizations.origin_rules import Judged, judge
from domain.organizations.verdict import RuleOutcome, Verdict
from domain.procedures.rules import Rules
from domain.tenders.procedure import PinnedProcedure

WORDS = (
    "affiliates_refused",
    "capacity_check",
    "code_match_digits",
    "evidence_types",
    "invited_only",
    "local_content_min",
    "minutes_check",
    "prequalification",
    "producers_only",
    "register_age_max_days",
    "unchecked",
    "unreliable_ban_months",
    "unreliable_lists",
    "verifications",
)
"""The parameters that a verdict reads. Words that a migration gives to old tenders for other purposes change no
verdict.
"""


class NotReplayable(Conflict):
    code = "verdict-not-replayable"
    titles = Titles(
        "The verdict cannot be replayed",
        "Заключение нельзя воспроизвести",
        "Қорытындыны қайта шығару мүмкін емес",
    )


def canonical(reached: Judged | Verdict) -> bytes:
    """What a verdict says, as JSON with sorted keys and no blanks; days and decimals are text."""
    return _json(
        {
            "eligible": reached.eligible,
            "accepted": reached.accepted,
            "outcomes": [_outcome(outcome) for outcome in reached.outcomes],
            "local_content": _by_line(reached.local_content),
            "evidence": _by_line(reached.evidence),
        }
    )


def replay(verdict: Verdict, rules: Rules) -> bytes:
    """The verdict reached anew from its own facts, in the form of ``canonical``.

    Refuses (``verdict-not-replayable``) one that was stored without its facts, and rules other than those it was
    reached by.
    """
    if verdict.inputs is None:
        raise NotReplayable("The verdict was stored without its facts", passes="a verdict that has them")
    if verdict.rules_sha256 != rules_sha256(rules.procedure):
        raise NotReplayable("The verdict was reached by other rules", passes=f"rules with {verdict.rules_sha256}")
    return canonical(judge(verdict.inputs, rules))


def rules_sha256(procedure: PinnedProcedure) -> str:
    """Names the values that a verdict reads, of those that a tender has pinned."""
    values = tuple(procedure.parameters.get(name) for name in WORDS)
    return _rules_sha256(procedure.id, procedure.version, procedure.method, values)


@lru_cache(maxsize=1000)
def _rules_sha256(id: str, version: str, method: str, values: tuple[str | None, ...]) -> str:
    """A deployment has a few packages, and each bid asks for one of them."""
    pinned = {"id": id, "version": version, "method": method, "parameters": dict(zip(WORDS, values, strict=True))}
    return sha256(_json(pinned)).hexdigest()


def _outcome(outcome: RuleOutcome) -> dict[str, Any]:
    return {
        "rule": outcome.rule,
        "result": outcome.result,
        "data": outcome.data,
        "line": outcome.line,
        "reason": outcome.reason,
        "passes": outcome.passes,
        "passes_on": outcome.passes_on.isoformat() if outcome.passes_on else None,
    }


def _by_line(values: Mapping[int, Decimal] | Mapping[int, str]) -> dict[str, str]:
    return {str(line): str(value) for line, value in values.items()}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
