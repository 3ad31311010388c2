"""What happened, as JSON lines: printed at once, and together at the end of the run."""

import json
from collections.abc import Sequence
from statistics import median
from typing import Any

from tests.faults.history import Law, Violation, counted, violations
from tests.faults.stage import Tender

LINES: list[str] = []
COUNTED = (Law.LOST, Law.DOUBLED, Law.LATE)


def told(scenario: str, **figures: Any) -> None:
    line = json.dumps({"scenario": scenario} | figures)
    LINES.append(line)
    print(line, flush=True)


def judged(scenario: str, tenders: Sequence[Tender], **figures: Any) -> list[Violation]:
    """Check every history and report the counts; returns what was broken, which must be nothing."""
    found = [each for tender in tenders for each in violations(tender.history)]
    laws = counted(found)
    operations = [each for tender in tenders for each in tender.history.operations]
    counts = {
        "tenders": len(tenders),
        "acknowledged": sum(tender.history.acknowledged() for tender in tenders),
        "replayed": sum(each.replayed for each in operations),
    }
    laws_counted = {str(law): laws.pop(str(law), 0) for law in COUNTED}
    told(scenario, **counts, **laws_counted, other_violations=laws, **figures)
    return found


def spread(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {}
    return {"median_s": round(median(seconds), 2), "max_s": round(max(seconds), 2)}
