"""Which mailer a deployment has: a mail server by its URL, or a mailbox of files."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from adapters.mail.files import FileMailbox
from adapters.mail.smtp import SmtpMailer, SmtpServer
from domain.notices.ports import Mailer

SUBMISSION, SUBMISSION_TLS = 587, 465


def configured(url: str | None, *, starttls: bool, sender: str, folder: Path) -> Mailer:
    """``url`` is ``smtp://user:password@host:port`` or ``smtps://``; None writes files."""
    if url is None:
        return FileMailbox(folder, sender=sender)
    parts = urlsplit(url)
    tls = parts.scheme == "smtps"
    clear = "starttls" if starttls else "none"
    server = SmtpServer(
        host=parts.hostname or "",
        port=parts.port or (SUBMISSION_TLS if tls else SUBMISSION),
        encryption="tls" if tls else clear,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )
    return SmtpMailer(server, sender=sender)
