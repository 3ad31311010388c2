"""Mail over SMTP, encrypted by STARTTLS or from the first byte; in the clear only to this machine."""

from dataclasses import dataclass

import aiosmtplib

from adapters.mail.message import composed
from domain.notices.delivery import DeliveryFailed, DeliveryRefused
from domain.notices.ports import Letter

PERMANENT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """``encryption`` is ``starttls``, ``tls`` or ``none``."""

    host: str
    port: int
    encryption: str = "starttls"
    username: str | None = None
    password: str | None = None
    timeout_seconds: float = 10.0


class SmtpMailer:
    def __init__(self, server: SmtpServer, *, sender: str) -> None:
        self._server = server
        self._sender = sender

    async def send(self, letter: Letter) -> None:
        """One connection a letter: few are sent at once, and none is left open to be lost."""
        server = self._server
        message = composed(letter, sender=self._sender)
        try:
            await aiosmtplib.send(
                message,
                sender=self._sender,
                recipients=[letter.to],
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                timeout=server.timeout_seconds,
                use_tls=server.encryption == "tls",
                start_tls=server.encryption == "starttls",
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [each.code for each in error.recipients]
            if all(code >= PERMANENT for code in codes):
                raise DeliveryRefused(f"The mail server refuses the recipient ({codes[0]})") from error
            raise DeliveryFailed(f"The mail server puts the recipient off ({codes[0]})") from error
        except aiosmtplib.SMTPAuthenticationError as error:
            raise DeliveryFailed("The mail server does not accept our password") from error
        except aiosmtplib.SMTPResponseException as error:
            kind = DeliveryRefused if error.code >= PERMANENT else DeliveryFailed
            raise kind(f"The mail server answered {error.code}") from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise DeliveryFailed(f"The mail server cannot be reached ({type(error).__name__})") from error
