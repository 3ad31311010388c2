"""A letter as a message of RFC 5322: plain text in UTF-8, the same bytes for every try."""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from domain.notices.delivery import DeliveryRefused
from domain.notices.ports import Letter

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+")
_SUBJECT_MAX = 200


def composed(letter: Letter, *, sender: str) -> EmailMessage:
    """Refuses (``delivery-refused``) an address that is not one plain ASCII address: a comma would make it two."""
    if not _ADDRESS.fullmatch(letter.to):
        raise DeliveryRefused("The organisation's e-mail is not an address that mail can be sent to")
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(addr_spec=sender)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = " ".join(letter.text.subject.split())[:_SUBJECT_MAX]
    message["Date"] = letter.at
    message["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text.body + "\n", charset="utf-8", cte="base64")
    message["Content-Language"] = str(letter.language)
    return message
