"""The official OCDS schema with the extensions that our packages declare, as a check of documents.

The schema is found through OIMAQ_OCDS_SCHEMA: a folder with the standard's archive and the extensions.
"""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from domain.reports.ocds import EXTENSIONS

ARCHIVE = "standard-1__1__5"


def _folder() -> Path:
    """The nearest folder above that has the reference, unless the environment names it."""
    given = os.environ.get("OIMAQ_OCDS_SCHEMA")
    if given:
        return Path(given)
    above = (parent / "shared" / "reference" / "ocds" for parent in Path(__file__).resolve().parents)
    return next((place for place in above if (place / f"{ARCHIVE}.zip").exists()), Path("absent"))


def _merged(target: Any, patch: Any) -> Any:
    """JSON merge patch (RFC 7396), which is how OCDS applies an extension."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), value)
    return result


Check = Callable[[str, Any], list[str]]


def schemas() -> dict[str, Any]:
    """The standard's schemas by name, the release's with our extensions; skips where they are not at hand."""
    folder = _folder()
    if not (folder / f"{ARCHIVE}.zip").exists():
        pytest.skip("the OCDS schema is not here; name its folder in OIMAQ_OCDS_SCHEMA")
    with zipfile.ZipFile(folder / f"{ARCHIVE}.zip") as archive:
        names = (
            "release-schema",
            "release-package-schema",
            "record-package-schema",
            "versioned-release-validation-schema",
        )
        found = {name: json.loads(archive.read(f"{ARCHIVE}/schema/{name}.json")) for name in names}
    for url in EXTENSIONS:
        owner, name, version = url.split("/")[-4:-1]
        patch = json.loads((folder / "extensions" / owner / name / version / "release-schema.json").read_text())
        found["release-schema"] = _merged(found["release-schema"], patch)
    return found


def checker() -> Check:
    """Flaws of a document by the name of its schema; nothing is fetched, and formats are checked by type only."""
    known = schemas()
    resources = [(schema["id"], DRAFT4.create_resource(schema)) for schema in known.values()]
    registry: Any = Registry().with_resources(resources)

    def check(name: str, document: Any) -> list[str]:
        validator = Draft4Validator(known[name], registry=registry)
        return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(document)]

    return check
