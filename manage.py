#!/usr/bin/env python
"""Django's commands, with the embedded servers when no others are named."""

import os
import sys

from lpm import embedded

WITHOUT_SERVERS = frozenset(
    {"help", "version", "--help", "-h", "--version", "collectstatic", "findstatic", "messages", "startapp"}
)
PLACEHOLDERS = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lpm.settings")
    if not os.environ.get("DATABASE_URL"):  # embedded servers are for a laptop
        os.environ.setdefault("LPM_MODE", "demo")
    if needs_servers(sys.argv[1:]):
        run_with_servers()
    else:
        os.environ.update({name: url for name, url in PLACEHOLDERS.items() if not os.environ.get(name)})
        run()


def needs_servers(arguments: list[str]) -> bool:
    return bool(arguments) and arguments[0] not in WITHOUT_SERVERS and not {"--help", "-h"} & set(arguments)


def run_with_servers() -> None:
    try:
        with embedded.servers() as environment:
            os.environ.update(environment)
            run()
    except embedded.EmbeddedError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def run() -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
