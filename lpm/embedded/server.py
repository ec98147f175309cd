"""What PostgreSQL and Valkey have in common: one process tree per folder, found again by any later process.

The server itself holds an open, locked file that it got from whoever started it. While one of its processes
lives the file stays locked; once the last is gone, however it ended, the kernel unlocks it. So a free lock
proves that nobody works in the folder, a locked one that somebody does, whatever the pid file says.
"""

import os
import random
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, ClassVar

import psutil

from lpm.embedded.errors import EmbeddedError, disk_full, is_disk_full, runnable
from lpm.embedded.locks import try_lock
from lpm.embedded.place import Place, clean_environment, new_password, recall, remember

Announce = Callable[[str], None]

PORTS = range(20000, 32000)  # below the ports that systems give to outgoing connections
PORT_TRIES = 10
LARGEST_LOG_BYTES = 20 * 1024 * 1024
ANNOUNCE_EVERY_SECONDS = 4.0
# A backend that outlives its killed postmaster gets this long to finish by itself, then is told to stop.
ORPHAN_SECONDS = 5.0
STRANGER_SECONDS = 30.0  # nobody to be seen for so long, and yet the lock is held
STOP_SECONDS = 60.0


class Progress:
    """Says something every few seconds of a wait, nothing in a short one."""

    def __init__(self, announce: Announce) -> None:
        self._announce = announce
        self._started = self._said = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def say(self, text: str) -> None:
        if time.monotonic() - self._said >= ANNOUNCE_EVERY_SECONDS:
            self._said = time.monotonic()
            self._announce(f"{text} ({self.seconds:.0f} s)")


class Server(ABC):
    label: ClassVar[str]  # as people call it
    key: ClassVar[str]  # the name of its folder, log and lock
    variable: ClassVar[str]  # the environment variable that names another server instead
    program: ClassVar[str]  # the name of its process
    pid_file: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    hurry_signal: ClassVar[signal.Signals]  # after STOP_SECONDS; must be safe for the data

    def __init__(self, place: Place, announce: Announce) -> None:
        self.place = place
        self.announce = announce
        self.folder = place.servers / self.key
        self.log = place.log(self.key)
        self.held: tuple[int, ...] = ()  # the descriptor of our lock, which every process in the folder inherits
        self._child: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def url(self) -> str: ...

    @abstractmethod
    def is_ready(self, pid: int) -> bool: ...

    @abstractmethod
    def prepare(self) -> None:
        """Makes the folder fit to start in; runs while nobody else works in it."""

    @abstractmethod
    def command(self, port: int) -> list[str]: ...

    def mend(self, said: str) -> bool:
        """After a failed start: whether something was set right, so that another try is worth it."""
        return False

    def ensure(self) -> None:
        """Returns once the server answers: it ran already, or is started now."""
        while True:
            lock = self._try_lock()
            if lock is None:
                if self._await_running():
                    return
                continue
            self.held = (lock,)
            try:
                self._check_owner()
                self.prepare()
                self._start()
                return
            finally:
                os.close(lock)  # the server has its own copy
                self.held = ()

    def stop(self) -> None:
        """Asks the server to stop and returns once its last process is gone."""
        progress = Progress(self.announce)
        told: set[signal.Signals] = set()
        while not self._is_gone():
            which = self.stop_signal if progress.seconds < STOP_SECONDS else self.hurry_signal
            pid = self.pid()
            if pid is not None and which not in told:
                os.kill(pid, which)
                told.add(which)
            elif pid is None and progress.seconds > ORPHAN_SECONDS:
                return  # another machine's, or on its way out without a head: nothing to tell
            progress.say(f"Waiting for {self.label} to stop")
            time.sleep(0.02)

    def pid(self) -> int | None:
        """The id of the server's first process, if it lives; never that of a stranger with its number."""
        try:
            pid = int((self.folder / self.pid_file).read_text().split("\n", 1)[0])
            return pid if self._is_ours(psutil.Process(pid)) else None
        except (FileNotFoundError, ValueError, psutil.Error):
            return None

    def password(self) -> str | None:
        found = recall(self.place, self.key, "password")
        return found if isinstance(found, str) else None

    def make_password(self) -> str:
        password = new_password()
        remember(self.place, self.key, password=password)
        return password

    def drop_pid_file(self) -> None:
        """Only while we hold the lock: then whoever wrote it is dead."""
        pid_file = self.folder / self.pid_file
        if pid_file.exists():
            self.announce(f"{self.label} was ended without warning last time; it recovers what was saved")
            pid_file.unlink()

    def _try_lock(self) -> int | None:
        return try_lock(self.place.data / f"{self.key}.lock")

    def _is_gone(self) -> bool:
        if self._child is not None:
            self._child.poll()
        lock = self._try_lock()
        if lock is not None:
            os.close(lock)
        return lock is not None

    def _is_ours(self, process: psutil.Process) -> bool:
        """False for a zombie too: it has no folder any more."""
        return process.name() == self.program and self._folder_of(process) == str(self.folder.resolve())

    def _folder_of(self, process: psutil.Process) -> str:
        """In a container even root may not look at others' processes; the account may look at its own."""
        try:
            return str(process.cwd())
        except psutil.AccessDenied:
            if self.place.account.uid is None:
                raise
            return self.place.account.run(["readlink", f"/proc/{process.pid}/cwd"]).stdout.strip()

    def _check_owner(self) -> None:
        wanted = os.geteuid() if self.place.account.uid is None else self.place.account.uid
        if self.folder.exists() and self.folder.stat().st_uid != wanted:
            raise EmbeddedError(
                f"The folder {self.folder} belongs to another user: start Cairn as the user who made it, or "
                "set LPM_DATA_DIR to another folder."
            )

    def _await_running(self) -> bool:
        """Waits for a server that somebody started before us; False when it went away meanwhile."""
        progress = Progress(self.announce)
        told: set[int] = set()
        while not self._is_gone():
            pid = self.pid()
            if pid is not None and self.is_ready(pid):
                return True
            if pid is not None:
                progress.say(f"{self.label} is starting: {self._last_words()}")
            elif progress.seconds > ORPHAN_SECONDS:
                self._end_orphans(progress, told)
            time.sleep(0.02)
        return False

    def _end_orphans(self, progress: Progress, told: set[int]) -> None:
        """Tells those that outlived their killed parent to end, each once."""
        orphans = self._orphans()
        if not orphans and progress.seconds > STRANGER_SECONDS:
            raise EmbeddedError(
                f"{self.label} for {self.place.data} is run by another container or machine: stop it there, "
                "or set LPM_DATA_DIR to another folder."
            )
        numbers = ", ".join(str(process.pid) for process in orphans) or "not to be seen from here"
        progress.say(f"{self.label} was killed; waiting for what is left of it to end (process {numbers})")
        for process in orphans:
            if process.pid not in told:
                told.add(process.pid)
                process.terminate()

    def _orphans(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                if self._is_ours(process):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def _start(self) -> None:
        port = recall(self.place, self.key, "port")
        for _ in range(PORT_TRIES):
            port = port if isinstance(port, int) and _is_free(port) else _free_port()
            remember(self.place, self.key, port=port)
            said = self._try_start(port)
            if said is None:
                return
            if "Address already in use" in said:
                port = None
            elif not self.mend(said):
                raise self._failure(said)
        raise EmbeddedError(
            f"{self.label} found no free port on 127.0.0.1 between {PORTS.start} and {PORTS.stop}: end the "
            "programs that take them, then start again."
        )

    def _try_start(self, port: int) -> str | None:
        """None once the server answers; otherwise what it said before it ended."""
        command = self.command(port)
        with open_log(self.log) as log, runnable(command[0]):
            begin = log.tell()
            # Its own session: a Ctrl-C in the terminal is for us, not for the server.
            self._child = subprocess.Popen(
                command,
                cwd="/",
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.held,
                user=self.place.account.uid,
                group=self.place.account.gid,
                extra_groups=self.place.account.groups,
            )
        progress = Progress(self.announce)
        while self._child.poll() is None:
            if self.is_ready(self._child.pid):
                return None
            progress.say(f"{self.label} is starting: {self._last_words()}")
            time.sleep(0.02)
        return self.log.read_bytes()[begin:].decode(errors="replace")

    def _last_words(self) -> str:
        with open(self.log, "rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4096))
            lines = log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it says nothing yet"

    def _failure(self, said: str) -> EmbeddedError:
        if is_disk_full(self.place.servers, said):
            return disk_full(self.place.servers)
        fatal = [line for line in said.splitlines() if "FATAL" in line or "PANIC" in line or "rror" in line]
        reason = (fatal or said.strip().splitlines() or ["it said nothing"])[-1].strip()
        return EmbeddedError(f"{self.label} did not start ({reason}): its log {self.log} says more.")


def open_log(log: Path) -> BinaryIO:
    """For its owner only. Keeps one older log, so that a log never grows without end."""
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    return open(log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600))


def is_fast() -> bool:
    """Test runs give up safety against power cuts for speed."""
    return os.environ.get("LPM_EMBEDDED_FAST") == "1"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    return next((port for port in random.sample(PORTS, min(200, len(PORTS))) if _is_free(port)), PORTS.start)
