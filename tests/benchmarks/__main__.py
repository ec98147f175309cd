"""``make bench``: what the main pages, a mark and the imports cost here, printed and kept in bench.json.

With ``homes`` it measures everybody's home instead, in a district and in one ten times as large; with ``district`` the
record of a large district, which takes some minutes.

It runs on servers of its own, which write to the disk as those of a school do. Docs: docs/decisions/0008-benchmarks.md.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psycopg

from lpm import embedded


def main() -> None:
    data = embedded.data_dir()
    for name in ("DATABASE_URL", "REDIS_URL", "LPM_EMBEDDED_FAST"):
        os.environ.pop(name, None)
    os.environ |= {"LPM_DATA_DIR": str(data / "bench"), "LPM_MODE": "demo"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "lpm.settings"
    with embedded.servers() as servers:
        os.environ |= servers | {"DATABASE_URL": new_database(servers["DATABASE_URL"])}
        run(data, servers["DATABASE_URL"])


def new_database(url: str) -> str:
    """Each run begins with nothing."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
        connection.execute("CREATE DATABASE bench")
    return f"{url.rsplit('/', 1)[0]}/bench"


def run(data: Path, server: str) -> None:
    import django

    django.setup()  # before this the settings cannot be read, nor any model
    from django.core.management import call_command
    from django.db import connection

    from tests.benchmarks.district import measure_district
    from tests.benchmarks.homes import measure_homes
    from tests.benchmarks.measure import as_json, ratios, table
    from tests.benchmarks.slow import as_json as as_slow_json
    from tests.benchmarks.slow import measure_slow, told
    from tests.benchmarks.things import PAIRS, measure_all

    def empty_again() -> None:
        connection.close()
        new_database(server)

    what = next((name for name in ("homes", "district") if name in sys.argv), "")
    kept_in = data / f"bench{what and '-'}{what}.json"
    call_command("migrate", verbosity=0)
    if what == "homes":
        figures, pairs = measure_homes(say, empty_again)
    else:
        figures, pairs = (measure_district(say), {}) if what else (measure_all(say), PAIRS)
    if not what:
        seen = measure_slow()
        (data / "bench-slow.json").write_text(as_slow_json(seen))
        say(told(seen))
    connection.close()
    kept_in.write_text(as_json(figures))
    say(f"{table(figures)}\n\n{ratios(figures, pairs)}\n\nKept in {kept_in}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
