"""Cairn on one machine with one command: servers, tables, demonstration, web server and background workers."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from lpm import embedded
from lpm.embedded.locks import try_lock
from lpm.embedded.server import open_log

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60.0
GRACE_SECONDS = 10.0
WATCH_SECONDS = 0.5
SERVERS_EVERY_SECONDS = 5.0
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RunError(Exception):
    """One sentence: what is wrong, and what to do."""


class Child:
    """A part of Cairn, in a session of its own: a Ctrl-C in the terminal reaches only us, and we end it."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.log = embedded.data_dir() / "logs" / f"{name}.log"
        with open_log(self.log) as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check(self) -> None:
        if self.process.poll() is not None:
            raise RunError(
                f"Cairn's {self.name} process ended unexpectedly (exit code {self.process.returncode}): its "
                f"log {self.log} says why."
            )

    def kill(self) -> None:
        """With everything it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def main() -> int:
    # SIGINT too: whoever is started by a script in the background inherits it ignored.
    for number in ENDING:
        signal.signal(number, _stop)
    try:
        with embedded.servers(announce=say) as servers:
            run(servers)
    except KeyboardInterrupt:
        say("Cairn has stopped.")
    except (embedded.EmbeddedError, RunError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def run(servers: dict[str, str]) -> None:
    port = web_port()
    address = f"http://127.0.0.1:{port}/"
    environment = child_environment(servers)
    with _only_run_here(address):
        end_leftovers()
        refuse_taken(port)
        say("Preparing the database")
        manage(environment, "migrate", "--verbosity", "0")
        manage(environment, "demo", "--if-empty")
        with _children(environment, port) as children:
            await_ready(address, children)
            say(f"\nCairn is ready at {address}\n")
            manage(environment, "demo", "--people")
            say(f"\nLogs are in {embedded.data_dir() / 'logs'}. Ctrl-C stops Cairn and keeps the data.")
            watch(children, servers)


def child_environment(servers: dict[str, str]) -> dict[str, str]:
    environment = {**os.environ, **servers}
    if not os.environ.get("DATABASE_URL"):
        environment.setdefault("LPM_MODE", "demo")
        environment.setdefault("LPM_ADDRESS", f"http://127.0.0.1:{web_port()}")
    return environment


def commands(port: int) -> dict[str, list[str]]:
    bin_folder = Path(sys.executable).parent
    celery = [str(bin_folder / "celery"), "-A", "lpm.celery"]
    schedule = embedded.data_dir() / "beat-schedule"
    web = [str(bin_folder / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    threads = ["--workers", "1", "--blocking-threads", "8", "--respawn-failed-workers", "--no-ws"]
    return {
        "web": [*web, *threads, "lpm.wsgi:application"],
        "worker": [*celery, "worker", "--loglevel", "info", "--concurrency", "2"],
        "scheduler": [*celery, "beat", "--loglevel", "info", "--schedule", str(schedule)],
    }


def web_port() -> int:
    named = os.environ.get("PORT") or "8000"
    if not named.isdecimal() or not 0 < int(named) < 65536:
        raise RunError(f"PORT={named} is not a port: give a number from 1 to 65535, for example PORT=8001 make run.")
    return int(named)


def refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise RunError(f"Port {port} is not yours to take: choose one from 1024 up, {_another(8000)}.") from error
        except OSError as error:
            raise RunError(f"Port {port} is taken by another program: choose another, {_another(port + 1)}.") from error


def manage(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run([sys.executable, "manage.py", *arguments], check=False, cwd=ROOT, env=environment)
    if done.returncode != 0:
        raise RunError(f"manage.py {arguments[0]} failed: see above, set that right and start again.")


def await_ready(address: str, children: list[Child]) -> None:
    give_up_at = time.monotonic() + READY_SECONDS
    while (answer := health(address)) != "200":
        for child in children:
            child.check()
        if time.monotonic() > give_up_at:
            raise RunError(f"{address}healthz says {answer}: the log {children[0].log} says why.")
        time.sleep(0.1)


def health(address: str) -> str:
    try:
        with urllib.request.urlopen(f"{address}healthz", timeout=5) as response:  # noqa: S310 (our own address)
            return str(response.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError as error:
        return str(error)


def watch(children: list[Child], servers: dict[str, str]) -> None:
    """Returns never: a signal or a failure ends it."""
    look_again_at = 0.0
    while True:
        for child in children:
            child.check()
        if time.monotonic() > look_again_at:
            with _uninterrupted():
                keep_servers(servers)
            look_again_at = time.monotonic() + SERVERS_EVERY_SECONDS
        time.sleep(WATCH_SECONDS)


def keep_servers(servers: dict[str, str]) -> None:
    """Joining them once more starts again what was killed meanwhile."""
    with embedded.servers(announce=say) as found:
        if found != servers:
            raise RunError("The embedded servers are reached by another port now: start Cairn again.")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def _only_run_here(address: str) -> Iterator[None]:
    """Two webs, workers and schedulers on one data folder would do everything twice."""
    data = embedded.data_dir()
    (data / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = try_lock(data / "run.lock")
    if lock is None:
        raise RunError(f"Cairn already runs on {data}{_told_address()}: use that one, or stop it with Ctrl-C there.")
    try:
        yield
    finally:
        os.close(lock)


@contextmanager
def _children(environment: dict[str, str], port: int) -> Iterator[list[Child]]:
    children: list[Child] = []
    try:
        for name, command in commands(port).items():
            children.append(Child(name, command, environment))
            _note(f"http://127.0.0.1:{port}/", children)
        yield children
    finally:
        stop(children)


def stop(children: list[Child]) -> None:
    """Asks each to finish what it does; a second Ctrl-C, or GRACE_SECONDS, ends that."""
    try:
        for child in children:
            child.process.terminate()
        give_up_at = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < give_up_at and any(child.process.poll() is None for child in children):
            time.sleep(0.05)
    finally:
        for child in children:
            child.kill()
        _note_file().unlink(missing_ok=True)


def end_leftovers() -> None:
    """Ends what a killed run left behind. A session keeps its number while one of its processes lives."""
    sessions = set(_noted().get("sessions", []))
    left = [process for process in psutil.process_iter() if sessions and _is_left(process, sessions)]
    for process in left:
        with suppress(psutil.Error):
            process.terminate()
    for process in psutil.wait_procs(left, timeout=GRACE_SECONDS)[1]:
        with suppress(psutil.Error):
            process.kill()


def _is_left(process: psutil.Process, sessions: set[int]) -> bool:
    try:
        return os.getsid(process.pid) in sessions and process.cwd() == str(ROOT)
    except (psutil.Error, OSError):
        return False


def _note(address: str, children: list[Child]) -> None:
    _note_file().write_text(json.dumps({"address": address, "sessions": [child.process.pid for child in children]}))


def _noted() -> dict[str, Any]:
    try:
        found = json.loads(_note_file().read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _note_file() -> Path:
    return embedded.data_dir() / "run.json"


def _told_address() -> str:
    address = _noted().get("address")
    return f" at {address}" if address else ""


def _another(port: int) -> str:
    return f"for example PORT={port} make run"


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A signal is answered at the end: a lock left half taken would keep the servers from being stopped."""
    came: list[int] = []
    for number in ENDING:
        signal.signal(number, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        for number in ENDING:
            signal.signal(number, _stop)
    if came:
        raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
