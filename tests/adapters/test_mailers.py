"""One contract for every mailer: files, memory, and SMTP against a server on this machine."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest

from adapters.mail.configured import configured
from adapters.mail.files import FileMailbox
from adapters.mail.memory import MemoryMailbox
from adapters.mail.smtp import SmtpMailer, SmtpServer
from domain.ids import NoticeId
from domain.notices.delivery import DeliveryFailed, DeliveryRefused
from domain.notices.model import Language
from domain.notices.ports import Letter, Mailer, RenderedText
from tests.receivers import MailServer, listening

SENDER = "oimaq@notices.example"
LETTER = Letter(
    id=NoticeId(UUID(int=7)),
    to="workshop@example.kz",
    language=Language.KK,
    text=RenderedText(subject="Өтінім қабылданды", body="Бірінші жол\nЕкінші жол\n.\nСоңы"),
    at=datetime(2026, 11, 26, 9, 30, tzinfo=UTC),
)


@dataclass
class Mailbox:
    mailer: Mailer
    arrived: Callable[[], list[bytes]]


@pytest.fixture
async def smtp() -> AsyncIterator[tuple[MailServer, SmtpServer]]:
    server = MailServer()
    async with listening(server.serve) as port:
        yield server, SmtpServer(host="127.0.0.1", port=port, encryption="none", timeout_seconds=2.0)


@pytest.fixture(params=["files", "memory", "smtp"])
def mailbox(request: pytest.FixtureRequest, tmp_path: Path, smtp: tuple[MailServer, SmtpServer]) -> Mailbox:
    server, where = smtp
    memory = MemoryMailbox(sender=SENDER)
    return {
        "files": Mailbox(
            FileMailbox(tmp_path / "mail", sender=SENDER),
            lambda: [file.read_bytes() for file in sorted((tmp_path / "mail").glob("*"))],
        ),
        "memory": Mailbox(memory, lambda: [message.as_bytes() for message in memory.messages.values()]),
        "smtp": Mailbox(SmtpMailer(where, sender=SENDER), lambda: list(server.messages)),
    }[request.param]


def only(mailbox: Mailbox) -> EmailMessage:
    (raw,) = mailbox.arrived()
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


async def test_a_letter_arrives_as_plain_text_in_utf_8_with_an_id_of_its_own(mailbox: Mailbox) -> None:
    await mailbox.mailer.send(LETTER)
    message = only(mailbox)
    assert message["Subject"] == LETTER.text.subject
    assert message["To"] == LETTER.to
    assert message["From"] == SENDER
    assert message["Message-ID"] == f"<{LETTER.id}@notices.example>"
    assert message["Content-Language"] == "kk"
    assert message["Date"].datetime == LETTER.at
    assert (message.get_content_type(), message.get_content_charset()) == ("text/plain", "utf-8")
    assert message.get_content().splitlines() == LETTER.text.body.splitlines()


async def test_a_retry_is_the_same_message_byte_for_byte(mailbox: Mailbox) -> None:
    await mailbox.mailer.send(LETTER)
    await mailbox.mailer.send(LETTER)
    assert len(set(mailbox.arrived())) == 1


@pytest.mark.parametrize("subject", ["Shirts\r\nBcc: other@example.kz", "Shirts\nX: y", "Shirts\u2028Bcc: x"])
async def test_a_subject_cannot_add_a_header(mailbox: Mailbox, subject: str) -> None:
    await mailbox.mailer.send(replace(LETTER, text=RenderedText(subject=subject, body="x")))
    message = only(mailbox)
    assert {"Bcc", "X"} & set(message.keys()) == set()
    assert message["Subject"] == " ".join(subject.split())


@pytest.mark.parametrize(
    "address",
    ["a@example.kz,b@example.kz", "a@example.kz\nBcc: b@example.kz", "<a@example.kz>", '"a b"@example.kz',
     "қ@example.kz", "a@localhost", ""],
)  # fmt: skip
async def test_what_is_not_one_plain_address_is_refused_for_good(mailbox: Mailbox, address: str) -> None:
    with pytest.raises(DeliveryRefused):
        await mailbox.mailer.send(replace(LETTER, to=address))
    assert mailbox.arrived() == []


@pytest.mark.parametrize(("answer", "kind"), [("550 no such user", DeliveryRefused), ("451 try later", DeliveryFailed)])
async def test_a_recipient_is_refused_for_good_or_put_off(
    smtp: tuple[MailServer, SmtpServer], answer: str, kind: type[Exception]
) -> None:
    server, where = smtp
    server.refuse = answer
    with pytest.raises(kind):
        await SmtpMailer(where, sender=SENDER).send(LETTER)
    assert server.messages == []


async def test_without_encryption_where_it_is_asked_for_nothing_is_sent(
    smtp: tuple[MailServer, SmtpServer],
) -> None:
    server, where = smtp
    strict = replace(where, encryption="starttls", username="user", password="secret")
    with pytest.raises(DeliveryFailed):
        await SmtpMailer(strict, sender=SENDER).send(LETTER)
    assert (server.recipients, server.messages) == ([], [])


async def test_a_server_that_is_not_there_or_a_folder_that_cannot_be_written_is_worth_another_try(
    smtp: tuple[MailServer, SmtpServer], tmp_path: Path
) -> None:
    with pytest.raises(DeliveryFailed):
        await SmtpMailer(replace(smtp[1], port=1), sender=SENDER).send(LETTER)
    file = tmp_path / "no folder"
    file.touch()
    with pytest.raises(DeliveryFailed):
        await FileMailbox(file, sender=SENDER).send(LETTER)


def test_a_deployment_has_the_mailer_that_its_url_says(tmp_path: Path) -> None:
    def server(url: str, *, starttls: bool = True) -> SmtpServer:
        mailer = configured(url, starttls=starttls, sender=SENDER, folder=tmp_path)
        assert isinstance(mailer, SmtpMailer)
        return mailer._server

    assert isinstance(configured(None, starttls=True, sender=SENDER, folder=tmp_path), FileMailbox)
    assert server("smtp://u%40x:p%2Fw@mail.example:25") == SmtpServer(
        host="mail.example", port=25, encryption="starttls", username="u@x", password="p/w"
    )
    assert server("smtps://mail.example") == SmtpServer(host="mail.example", port=465, encryption="tls")
    assert server("smtp://127.0.0.1", starttls=False) == SmtpServer(host="127.0.0.1", port=587, encryption="none")
