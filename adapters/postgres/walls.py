"""The walls inside the database: its roles, what each may do, and that the functions of sealing belong to the sealer.

Built after every migration, by the owner of the tables, and only where something differs from ``roles.py``: a changed
row there needs no migration, and a table that nobody listed is nobody's. The row-level policies are in migration 0017.
"""

from collections.abc import Iterable
from itertools import groupby

import asyncpg
import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from adapters.postgres.roles import OWNED_BY_THE_SEALER, DatabaseRole, Grant, wanted

INSUFFICIENT_PRIVILEGE = "42501"
NAMES = ", ".join(f"'{role}'" for role in DatabaseRole)

CREATE = f"""
DO $$
-- Roles belong to the whole cluster, so others may be doing the same for another database at this moment.
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY[{NAMES}] LOOP
    BEGIN
      IF to_regrole(role) IS NULL THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    BEGIN
      IF NOT pg_has_role('MEMBER', role, 'USAGE') THEN
        EXECUTE format('GRANT %I TO %I', role, 'MEMBER');
      END IF;
    EXCEPTION WHEN unique_violation THEN NULL;
    END;
  END LOOP;
END $$
"""
_EXISTING = text("""
SELECT a.grantee::regrole::text AS role, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
  c.relname::text AS thing, a.privilege_type AS privilege, '' AS column
FROM pg_class c, aclexplode(c.relacl) a
WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = ANY(CAST(:roles AS regrole[]))
UNION ALL
SELECT a.grantee::regrole::text, 'TABLE', c.relname::text, a.privilege_type, t.attname::text
FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND NOT t.attisdropped, aclexplode(t.attacl) a
WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = ANY(CAST(:roles AS regrole[]))
UNION ALL
SELECT a.grantee::regrole::text, 'FUNCTION', p.proname::text, a.privilege_type, ''
FROM pg_proc p, aclexplode(p.proacl) a
WHERE p.pronamespace = 'public'::regnamespace AND a.grantee = ANY(CAST(:roles AS regrole[]))
""")
_FOREIGN = text("""
SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.proname = ANY(:names)
  AND p.proowner <> CAST(:sealer AS regrole)
""")
_ADMITS = "SELECT CASE WHEN to_regrole($1::text) IS NOT NULL THEN pg_has_role($1::text::name, 'MEMBER') END"
_CLOSED_SCHEMA = text("""
SELECT role FROM unnest(CAST(:roles AS text[])) role WHERE NOT has_schema_privilege(role, 'public', 'USAGE')
""")

log = structlog.get_logger("oimaq.database")


def creation(member: str) -> str:
    """A statement that makes the roles that are missing, and ``member`` one who may become any of them."""
    return CREATE.replace("MEMBER", member.replace("'", "''"))


async def make_roles(admin_dsn: str, member: str) -> None:
    """By an administrator's login, for one who may not make them."""
    connection = await asyncpg.connect(admin_dsn)
    try:
        await connection.execute(creation(member))
    finally:
        await connection.close()


async def admits(dsn: str, role: DatabaseRole) -> bool:
    """Whether the role is there, and this login may become it."""
    connection = await asyncpg.connect(dsn)
    try:
        return bool(await connection.fetchval(_ADMITS, role.value))
    finally:
        await connection.close()


def existing(connection: Connection) -> frozenset[Grant]:
    """Every privilege that the roles have in this database, as it says itself."""
    rows = connection.execute(_EXISTING, {"roles": [role.value for role in DatabaseRole]})
    return frozenset(Grant(**row) for row in rows.mappings())


def build(connection: Connection) -> None:
    """On a database at head, in the caller's transaction. A login that may neither make the roles nor become them
    leaves the database without walls, and says so; a process that needs them refuses to start.
    """
    try:
        with connection.begin_nested():
            member: str = connection.exec_driver_sql("SELECT current_user").scalar_one()
            connection.exec_driver_sql(creation(member))
            _own(connection)
            _grant(connection)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            raise
        log.warning(
            "the database has no roles, because this login may not make them",
            detail=str(error.orig),
            passes=f"CREATEROLE for the login, or by an administrator: {' '.join(creation('the login').split())}",
        )


def _own(connection: Connection) -> None:
    """To own something in a schema one must be allowed to create there; the sealer is for this moment only."""
    named = {"names": list(OWNED_BY_THE_SEALER), "sealer": DatabaseRole.SEALER.value}
    statements = [
        f"ALTER FUNCTION {function} OWNER TO {DatabaseRole.SEALER}"
        for function in connection.execute(_FOREIGN, named).scalars()
    ]
    if statements:
        admitted = f"GRANT CREATE ON SCHEMA public TO {DatabaseRole.SEALER}"
        _all(connection, [admitted, *statements, f"REVOKE CREATE ON SCHEMA public FROM {DatabaseRole.SEALER}"])


def _grant(connection: Connection) -> None:
    closed = connection.execute(_CLOSED_SCHEMA, {"roles": [role.value for role in DatabaseRole]}).scalars()
    before, after = existing(connection), wanted()
    statements = [f"GRANT USAGE ON SCHEMA public TO {role}" for role in closed]
    statements += [f"REVOKE {what} FROM {role}" for role, what in _described(before - after)]
    statements += [f"GRANT {what} TO {role}" for role, what in _described(after - before)]
    _all(connection, statements)


def _described(grants: Iterable[Grant]) -> Iterable[tuple[str, str]]:
    """One role and one thing at a time: ``SELECT (id), UPDATE ON TABLE "tenders"``."""
    for (role, kind, thing), some in groupby(sorted(grants), key=lambda grant: grant[:3]):
        what = ", ".join(f'{each.privilege} ("{each.column}")' if each.column else each.privilege for each in some)
        yield role, f'{what} ON {kind} "{thing}"'


def _all(connection: Connection, statements: list[str]) -> None:
    """In one round trip: the driver prepares statements, and a prepared one is alone."""
    if statements:
        connection.exec_driver_sql(f"DO $walls$ BEGIN {'; '.join(statements)}; END $walls$")
