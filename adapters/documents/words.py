"""The words of documents, read once: a code under its kind, in each language."""

import tomllib
from functools import cache
from pathlib import Path

from domain.protocols.ports import DocumentLanguage

FILE = Path(__file__).parent / "words.toml"


@cache
def words(language: DocumentLanguage) -> dict[str, str]:
    with FILE.open("rb") as file:
        kinds = tomllib.load(file)
    return {f"{kind}.{code}": texts[language] for kind, codes in kinds.items() for code, texts in codes.items()}


def word(code: str, language: DocumentLanguage) -> str:
    """A code that nobody has put into words stays itself, without its kind."""
    return words(language).get(code) or code.partition(".")[2]
