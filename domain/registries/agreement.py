"""Whether two registers mean the same company: names are written in many ways, so they are compared bare."""

import re

LEGAL_FORMS = (
    "товарищество с ограниченной ответственностью",
    "жауапкершілігі шектеулі серіктестігі",
    "акционерное общество",
    "акционерлік қоғамы",
    "коммунальное государственное учреждение",
    "государственное учреждение",
    "тоо",
    "жшс",
    "ао",
    "ақ",
    "кгу",
    "гу",
    "llp",
    "jsc",
)
"""Written out first, so that a part of a long form is not taken for a short one."""
_FORMS = re.compile(rf"\b(?:{'|'.join(LEGAL_FORMS)})\b")


def bare_name(name: str) -> str:
    """Letters and digits in lower case, without legal form, quotes and punctuation; ``ё`` is ``е``."""
    words = " ".join(re.findall(r"\w+", name.casefold().replace("ё", "е").replace("_", " ")))
    return " ".join(_FORMS.sub(" ", words).split())


def names_agree(one: str, other: str) -> bool:
    """False where nothing is left to compare."""
    return bool(bare_name(one)) and bare_name(one) == bare_name(other)
