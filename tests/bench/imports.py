"""Imports of 100,000 producers, as CSV and XLSX, by the service behind ``oimaq import``, each in a database of its own.

Measured in a child process: seconds of the import (not of the interpreter's start), how much its resident memory grew
at the worst moment beyond what it was before the import, for all rows and for a tenth of them, and the ratio to a plain
COPY of the same rows into a table without an index. Memory that does not grow with the rows is what is promised.
"""

import asyncio
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path

import asyncpg
import psutil
from xlsxwriter import Workbook

from adapters.identifiers import uuid7
from adapters.postgres.engine import connected
from adapters.postgres.migrate import migrate
from adapters.postgres.registers import IMPORT_SECONDS, spooled
from adapters.postgres.work import Transactions
from adapters.spreadsheets.streams import StreamedFiles
from domain.registries.imports import Order, Source
from domain.registries.loading import Loading
from domain.registries.records import Register
from tests.numbers import bins
from tests.registers import HEADERS
from tests.world import KEYRING

ROWS, FEW = 100_000, 10_000
SAMPLE_SECONDS = 0.02
PRODUCTS = 4
"""Products of one producer."""
AS_OF = date(2026, 3, 15)
_COLUMNS = ("number", "bin", "fields")


def measure_imports(server: str) -> None:
    """Print one JSON line per form of file and number of rows."""
    with tempfile.TemporaryDirectory(prefix="oimaq-bench-imports-") as folder:
        for form, write in (("csv", write_csv), ("xlsx", write_xlsx)):
            for rows in (FEW, ROWS):
                path = Path(folder) / f"{rows}.{form}"
                write(path, rows)
                line = asyncio.run(in_fresh_database(server, path))
                print(json.dumps({"what": f"import of producers from {form}"} | line), flush=True)


def producers(rows: int) -> Iterator[list[str | float]]:
    """Rows that differ in every cell that differs in life."""
    numbers = bins("260140")
    for place, bin in enumerate(islice(numbers, -(-rows // PRODUCTS))):
        for product in range(min(PRODUCTS, rows - place * PRODUCTS)):
            number = place * PRODUCTS + product
            yield [
                f"KTP-{place}", bin, f"ТОО «Швейная фабрика {place}»", "14120", "631010000",
                f"Усть-Каменогорск, улица Казахстан, {place}", f"office{place}@factory.example", f"+7 7232 {place:06d}",
                f"Костюм рабочий, модель {number}", 1000 + number, "6203110000", "14.12.11",
                f"141211.290.{number % 1_000_000:06d}", "", round(number % 1000 / 10, 1), "высокий", "2026-01-10",
            ]  # fmt: skip


def write_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADERS[Register.PRODUCERS])
        writer.writerows(producers(rows))


def write_xlsx(path: Path, rows: int) -> None:
    with Workbook(str(path)) as book:
        sheet = book.add_worksheet("Реестр")
        for number, cells in enumerate([HEADERS[Register.PRODUCERS], *producers(rows)]):
            sheet.write_row(number, 0, cells)


async def in_fresh_database(server: str, path: Path) -> dict[str, float]:
    name = f"oimaq_bench_imports_{os.getpid()}"
    head, _, query = server.partition("?")
    dsn = f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
    admin = await asyncpg.connect(server)
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        await migrate(dsn)
        child = [sys.executable, "-m", "tests.bench.imports", str(path), dsn]
        done = await asyncio.to_thread(subprocess.run, child, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        measured: dict[str, float] = json.loads(done.stdout)
        copy_seconds = await plain_copy(dsn)
        ratio = {"copy_seconds": copy_seconds, "ratio": round(copy_seconds / measured["seconds"], 3)}
        return measured | ratio
    finally:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.close()


async def plain_copy(dsn: str) -> float:
    """Seconds of a COPY of the imported rows, from memory."""
    connection = await asyncpg.connect(dsn)
    rows = io.BytesIO()
    query = "SELECT key, bin, fields FROM register_records"
    await connection.copy_from_query(query, output=rows, format="csv")
    await connection.execute("CREATE TABLE plain (number text, bin text, fields jsonb)")
    rows.seek(0)
    started = time.perf_counter()
    await connection.copy_to_table("plain", source=rows, columns=_COLUMNS, format="csv")
    seconds = time.perf_counter() - started
    await connection.close()
    return round(seconds, 2)


async def imported(path: Path, dsn: str) -> dict[str, float]:
    """In the child: one import, without HTTP around it."""
    async with connected(dsn, pool_size=2) as database:
        begin = Transactions(database.engine.begin, KEYRING.answers, within=IMPORT_SECONDS)
        loading = Loading(begin, StreamedFiles(), spooled, uuid7)
        source = Source(path=path, name=path.name, sha256="0" * 64)
        with watched() as sizes:
            started = time.perf_counter()
            report = await loading.load(source, Order(register=Register.PRODUCERS, as_of=AS_OF), command=None)
            seconds = time.perf_counter() - started
    return {
        "rows": report.rows,
        "seconds": round(seconds, 2),
        "rows_per_second": round(report.rows / seconds),
        "growth_mib": round((max(sizes) - sizes[0]) / 1024**2, 1),
        "peak_mib": round(max(sizes) / 1024**2, 1),
    }


@contextmanager
def watched() -> Iterator[list[int]]:
    """Resident bytes, looked at again and again (``ru_maxrss`` remembers the parent we were forked from)."""
    process = psutil.Process()
    sizes = [process.memory_info().rss]
    done = threading.Event()

    def look() -> None:
        while not done.wait(SAMPLE_SECONDS):
            sizes.append(process.memory_info().rss)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield sizes
    finally:
        done.set()
        watcher.join()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(imported(Path(sys.argv[1]), sys.argv[2]))))
