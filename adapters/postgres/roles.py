"""Who may do what in the database: one table of roles and tables. What is not in it nobody may do but the owner.

The letters are PostgreSQL's own: (r)ead, (a)ppend, (w)rite over, (d)elete, (U)se of a sequence. A star adds columns,
listed below: a new column of such a table is nobody's until it is listed. ``walls.py`` makes the database agree.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class DatabaseRole(StrEnum):
    """Roles that nobody logs in as; a connection takes one as it begins. Migrations run as the owner of the tables."""

    API = "oimaq_api"
    WORKER = "oimaq_worker"
    OPENER = "oimaq_opener"
    SEQUENCER = "oimaq_sequencer"
    SEALER = "oimaq_sealer"
    """Nobody connects as this one: it owns the functions through which bids come in."""
    AUDITOR = "oimaq_auditor"


class Grant(NamedTuple):
    """``column`` is empty where the whole of ``thing`` is meant. ``kind`` is TABLE, SEQUENCE or FUNCTION."""

    role: str
    kind: str
    thing: str
    privilege: str
    column: str = ""


TABLES: Final = """
                               API     WORKER  OPENER  SEQUENCER SEALER  AUDITOR
alembic_version                r       r       r       r         -       r
amendments                     ar      r       -       -         -       r
bid_documents                  ar      r       r       -         -       r
bids                           r       r       a       -         -       r
capacity_bookings              ard     r       -       -         -       r
capacity_holds                 r       r       a       -         -       r
capacity_weeks                 r       r       -       -         -       r
committees                     arw     r       -       -         -       r
complaints                     arw     r       -       -         -       r
consents                       arw     -       r       -         -       r
contracts                      arw     arw     -       -         -       r
credentials                    arw     -       -       -         -       -
enquiries                      arw     r       -       -         -       r
evaluations                    ar      r       -       -         -       r
events                         ar      ar      ar      r         a       r
evidence                       arw     rw      -       -         -       r
inbox                          arw     rw      -       -         -       r
kept_answers                   ar      -       -       -         *       -
ledger                         ar      ar      -       -         -       r
log_batches                    r       r       -       ar        -       r
log_checkpoints                r       r       -       ar        -       r
log_leaves                     r       r       -       ar        -       r
log_nodes                      r       r       -       ar        -       r
lot_studies                    ar      r       -       -         -       r
manifests                      ar      ar      r       -         *       r
matchings                      -       arw     -       -         -       r
memberships                    arw     r       -       -         -       r
needs                          arw     r       -       -         -       r
notice_deliveries              rwd     arw     -       -         -       r
notice_preferences             arw     r       -       -         -       r
notices                        rw      ar      -       -         -       r
opened_documents               r       r       a       -         -       r
organizations                  arw     rw      -       -         -       r
outbox_cursor                  -       rw      -       -         -       r
paper_requests                 arw     r       -       -         -       r
payments                       arw     rw      -       -         -       r
people                         arw     *       -       -         -       *
pgqueuer                       arw     arwd    -       -         -       r
pgqueuer_log                   ar      arwd    -       -         -       r
pgqueuer_schedules             -       arwd    -       -         -       r
pgqueuer_statistics            -       arwd    -       -         -       r
pools                          arw     rw      -       -         -       r
preference_entries             ar      r       -       -         -       r
prequalification_applications  arw     r       -       -         -       r
prequalifications              arw     r       -       -         -       r
procedure_settings             arw     r       -       -         -       r
register_imports               ar      r       -       -         -       r
register_records               arw     r       -       -         -       r
registry_answers               ar      r       -       -         -       r
score_sheets                   ar      r       -       -         -       r
scenario_problems              ar      r       -       -         -       r
scenario_runs                  r       arw     -       -         -       r
scenarios                      arw     rw      -       -         -       r
sealed_bids                    *       *       r       -         arw     *
sealing_keys                   *       *       ar*     -         -       *
subscriptions                  arwd    r       -       -         -       r
superseded_bids                -       -       -       -         a       r
tenders                        arw     arw     rw      -         *       r
unreadable_bids                r       r       a       -         -       r
verdicts                       ar      ar      a       -         -       r
watches                        ard     ar      -       -         -       r
webhook_endpoints              arwd    rw      -       -         -       r
workshops                      arw     r*      -       -         -       r
"""
SEQUENCES: Final = """
                               API     WORKER  OPENER  SEQUENCER SEALER  AUDITOR
complaint_numbers              U       -       -       -         -       -
contract_numbers               U       U       -       -         -       -
pgqueuer_id_seq                U       U       -       -         -       -
pgqueuer_schedules_id_seq      -       U       -       -         -       -
pgqueuer_statistics_id_seq     -       U       -       -         -       -
pool_numbers                   U       -       -       -         -       -
prequalification_numbers       U       -       -       -         -       -
tender_numbers                 U       -       -       -         -       -
"""
_KNOWN_OF_A_SEALED_BID = "id tender_id bidder_tag revision terms status received_at ciphertext_hash commitment version"
_PERSON = "id email name registered_at version"
_TAKE_A_KEY = {"r": "id public_key tender_id", "w": "tender_id"}
COLUMNS: Final = {
    ("kept_answers", "SEALER"): {"r": "name fingerprint answer"},
    ("manifests", "SEALER"): {"r": "tender_id"},  # a policy reads it
    ("people", "WORKER"): {"r": _PERSON},
    ("people", "AUDITOR"): {"r": _PERSON},
    ("sealed_bids", "API"): {"r": _KNOWN_OF_A_SEALED_BID},
    ("sealed_bids", "WORKER"): {"r": _KNOWN_OF_A_SEALED_BID},
    ("sealed_bids", "AUDITOR"): {"r": _KNOWN_OF_A_SEALED_BID},
    ("sealing_keys", "API"): _TAKE_A_KEY,
    ("sealing_keys", "WORKER"): _TAKE_A_KEY,
    ("sealing_keys", "OPENER"): {"w": "tender_id"},
    ("sealing_keys", "AUDITOR"): {"r": "id public_key wrapped_by tender_id"},
    # Some column to write is what PostgreSQL asks for FOR SHARE and FOR UPDATE; foreign keys keep this one as it is.
    ("workshops", "WORKER"): {"w": "id"},
    ("tenders", "SEALER"): {"r": "id status terms opens_at closes_at", "w": "id"},
}
OWNED_BY_THE_SEALER: Final = {"store_sealed_bid": (DatabaseRole.API,), "store_sealed_bids": (DatabaseRole.API,)}
"""SECURITY DEFINER functions, and who may call them."""

_PRIVILEGES = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "U": "USAGE"}


def wanted() -> frozenset[Grant]:
    """Every privilege that the roles have in a database at head."""
    functions = {
        Grant(role, "FUNCTION", name, "EXECUTE")
        for name, callers in OWNED_BY_THE_SEALER.items()
        for role in (*callers, DatabaseRole.SEALER)
    }
    return frozenset(functions | _read("TABLE", TABLES) | _read("SEQUENCE", SEQUENCES))


def things(table: str) -> frozenset[str]:
    """What ``TABLES`` or ``SEQUENCES`` speaks of."""
    return frozenset(line.split()[0] for line in table.strip().splitlines()[1:])


def _read(kind: str, table: str) -> set[Grant]:
    head, *lines = table.strip().splitlines()
    found = set()
    for line in lines:
        thing, *cells = line.split()
        for name, cell in zip(head.split(), cells, strict=True):
            role = DatabaseRole[name]
            found |= {Grant(role, kind, thing, _PRIVILEGES[letter]) for letter in cell.strip("-*")}
            if "*" in cell:
                for letter, columns in COLUMNS[thing, name].items():
                    found |= {Grant(role, kind, thing, _PRIVILEGES[letter], column) for column in columns.split()}
    return found
