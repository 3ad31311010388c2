"""Everything of the log on one database, put together."""

from dataclasses import dataclass

from adapters.postgres.engine import Database
from adapters.postgres.log_history import PostgresHistory
from adapters.postgres.log_sequencer import PostgresSequencer
from adapters.postgres.log_standing import Standing
from adapters.postgres.queries_log import PostgresLogQueries
from adapters.signing.ed25519 import Signer
from adapters.signing.outside import OutsideCheckpoints

SIGN_EVERY_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """``standing`` goes in front of every unit of work."""

    standing: Standing
    sequencer: PostgresSequencer
    queries: PostgresLogQueries
    history: PostgresHistory

    @classmethod
    def of(
        cls,
        database: Database,
        signer: Signer,
        outside: OutsideCheckpoints | None = None,
        *,
        sign_every: float = SIGN_EVERY_SECONDS,
    ) -> "Log":
        """Not looked at yet: ``standing.look()`` finds out whether the database holds what was handed out."""
        standing = Standing(database.engine, database.raw, outside)
        return cls(
            standing=standing,
            sequencer=PostgresSequencer(database.sequencing, signer, standing, sign_every=sign_every),
            queries=PostgresLogQueries(database.raw, signer.key),
            history=PostgresHistory(database.raw, signer.key, standing),
        )
