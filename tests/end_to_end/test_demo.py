"""The demonstration as a user runs it: real processes, real files, and what the files are worth."""

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.ocds_schema import Check

pytestmark = pytest.mark.xdist_group("faults")  # not beside them: both start many processes

ROOT = Path(__file__).resolve().parents[2]
COMPLETED, PUBLISHED, SCENARIOS = 2, 7, 3
"""By the buyers' own rules, which wait for no period of law; and all: beside them one by a question, an amendment and a
complaint, one that failed, its follow-up, one by state procurement, one that many fill together.
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "demo", "--out", str(folder / "out")],
        cwd=ROOT,
        env=os.environ | {"OIMAQ_HOME": str(folder / "home"), "OIMAQ_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "done in" in done.stdout
    return folder / "out"


def test_the_story_ends_well_and_leaves_its_files(played: Path) -> None:
    names = {path.name for path in played.iterdir()}
    for by in ("buyer", "region", "product"):
        assert {f"domestic-share-by-{by}.{kind}" for kind in ("json", "csv", "xlsx")} <= names
    events = [json.loads(line) for line in (played / "events.jsonl").read_text().splitlines()]
    assert len({event["id"] for event in events}) == len(events)
    assert sum(event["type"] == "tender.completed" for event in events) == COMPLETED
    assert sum(event["type"] == "invoice.paid" for event in events) > COMPLETED
    told = Counter(event["type"] for event in events)
    for kind in ("tender.amended", "enquiry.answered", "tender.failed", "tender.follow_up_drafted"):
        assert told[kind] == 1, kind
    (decided,) = (event["data"] for event in events if event["type"] == "complaint.decided")
    assert decided["outcome"] == "rejected"
    (chosen,) = (event["data"] for event in events if event["type"] == "evaluation.chosen")
    assert set(chosen["lots"].values()) == {"awarded"}
    assert told["scenario.solved"] == SCENARIOS
    assert (played / "protocol-of-results.pdf").read_bytes().startswith(b"%PDF-")


def test_the_three_forms_of_a_report_agree(played: Path) -> None:
    report = json.loads((played / "domestic-share-by-buyer.json").read_text())
    rows = list(csv.reader((played / "domestic-share-by-buyer.csv").read_text(encoding="utf-8-sig").splitlines()))
    sheet = load_workbook(played / "domestic-share-by-buyer.xlsx").worksheets[0]
    assert len(rows) == sheet.max_row
    assert [row["key"] for row in report["rows"]] == [row[0] for row in rows[1 : len(report["rows"]) + 1]]


def test_every_release_and_record_is_valid_ocds(played: Path, flaws: Check) -> None:
    for kind in ("release", "record"):
        packages = sorted(played.glob(f"ocds-*-{kind}.json"))
        assert len(packages) == PUBLISHED
        for path in packages:
            package = json.loads(path.read_text())
            assert flaws(f"{kind}-package-schema", package) == []
            found = package["releases"] if kind == "release" else package["records"][0]["releases"]
            for release in found:
                assert flaws("release-schema", release) == []
