"""Between two tests the live server must not touch the database, whatever a page sent while it was closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Condition
from typing import Any

PATIENCE = 30  # seconds
AWAY = "503 Service Unavailable"


class Door:
    """A WSGI application before another: lets requests in while it is open, and knows how many are inside."""

    def __init__(self, behind: Any) -> None:
        self.behind = behind
        self.is_open = False
        self.inside = 0
        self.changed = Condition()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not self.enter():
            start_response(AWAY, [("Content-Length", "0")])
            return []
        try:
            return Visit(self, self.behind(environ, start_response))
        except BaseException:
            self.leave()
            raise

    def enter(self) -> bool:
        with self.changed:
            self.inside += self.is_open
            return self.is_open

    def leave(self) -> None:
        with self.changed:
            self.inside -= 1
            self.changed.notify_all()

    def open(self) -> None:
        with self.changed:
            self.is_open = True

    def close(self) -> None:
        """Let nobody in any more, and wait until everybody has left."""
        with self.changed:
            self.is_open = False
            if not self.changed.wait_for(lambda: self.inside == 0, PATIENCE):
                raise TimeoutError(f"The live server is still answering {self.inside} requests of a closed page.")


class Visit:
    """An answer on its way: over when the server has closed it, as WSGI demands."""

    def __init__(self, door: Door, answer: Any) -> None:
        self.door = door
        self.answer = answer
        self.is_over = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.answer)

    def close(self) -> None:
        """Count once, since a server that fails in the middle of an answer closes it a second time."""
        if self.is_over:
            return
        self.is_over = True
        try:
            if hasattr(self.answer, "close"):
                self.answer.close()
        finally:
            self.door.leave()
