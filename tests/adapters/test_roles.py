"""The walls inside the database, tried on real connections: what each role may not do fails there, whoever asks."""

import pytest
from sqlalchemy import text

from adapters.postgres import roles, walls
from tests.world import Databases

RELATIONS = text("""
SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind::text = ANY(:kinds)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i')
""")


@pytest.mark.parametrize(
    ("table", "kinds"), [(roles.TABLES, ["r", "p", "v", "m"]), (roles.SEQUENCES, ["S"])], ids=["tables", "sequences"]
)
async def test_every_table_and_sequence_stands_in_the_matrix(database: Databases, table: str, kinds: list[str]) -> None:
    async with database.owner.reading.connect() as connection:
        found = set((await connection.execute(RELATIONS, {"kinds": kinds})).scalars())
    assert found == roles.things(table)


async def test_the_database_grants_exactly_what_the_matrix_says(database: Databases) -> None:
    async with database.owner.engine.connect() as connection:
        assert await connection.run_sync(walls.existing) == roles.wanted()
