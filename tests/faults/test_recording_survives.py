"""No acknowledged mark is lost and none is doubled, whatever is killed in the middle of recording."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4, uuid5

import pytest

from tests.faults.running import Browser, Cairn, Unanswered, await_true, private_cairn

KILLS_OF_THE_DATABASE = 20
KILLS_OF_THE_WEB = 4
MARKS_BETWEEN_KILLS = 12
TEACHERS = ["teacher", "co_teacher", "teacher", "co_teacher"]
SAVED = {200, 201}
LEVELS = ["0.5", "1.0", "2.0", "2.5", "3.0", "3.5", "4.0"]


@dataclass
class Marks:
    """What the clients sent, and what they were told about it."""

    acknowledged: set[str] = field(default_factory=set)
    sent_again: set[str] = field(default_factory=set)
    others: list[tuple[int, bytes]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, uuid: str, status: int, body: bytes) -> bool:
        """Whether the mark is in the record, as far as its client knows."""
        with self.lock:
            if status in SAVED:
                self.acknowledged.add(uuid)
            else:
                self.sent_again.add(uuid)
                if status not in {0, 500}:
                    self.others.append((status, body[:200]))
        return status in SAVED


class Teacher(threading.Thread):
    """Somebody who types level after level; what was not acknowledged is sent again under the same UUID."""

    def __init__(self, number: int, browser: Browser, marks: Marks, path: str, cells: list[tuple[str, str]]) -> None:
        super().__init__(daemon=True)
        self.number, self.browser, self.marks, self.path, self.cells = number, browser, marks, path, cells
        self.ending = threading.Event()

    def run(self) -> None:
        count = self.number
        while not self.ending.is_set():
            student, target = self.cells[count % len(self.cells)]
            self.record(student, target, LEVELS[count % len(LEVELS)])
            count += len(TEACHERS)

    def record(self, student: str, target: str, level: str) -> None:
        uuid = str(uuid4())
        fields = {"uuid": uuid, "student": student, "target": target, "level": level}
        give_up_at = time.monotonic() + 90
        while not self.marks.note(uuid, *self.send(fields)):
            assert time.monotonic() < give_up_at, uuid
            time.sleep(0.05)  # as the grid, which does not flood a server in trouble either

    def send(self, fields: dict[str, str]) -> tuple[int, bytes]:
        try:
            answer = self.browser.post(self.path, fields, accept="application/json")
        except Unanswered:
            return 0, b""
        return answer.status, answer.body


@contextmanager
def teachers_at_work(cairn: Cairn) -> Iterator[Marks]:
    marks = Marks()
    threads = [
        Teacher(number, cairn.browser(name), marks, marks_path(cairn), cells(cairn))
        for number, name in enumerate(TEACHERS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield marks
    finally:
        for thread in threads:
            thread.ending.set()
        for thread in threads:
            thread.join(120)
    assert not any(thread.is_alive() for thread in threads)


def await_more(marks: Marks) -> None:
    """Recording goes on, or goes on again."""
    enough = len(marks.acknowledged) + MARKS_BETWEEN_KILLS
    await_true(lambda: len(marks.acknowledged) >= enough, what="no mark is acknowledged")


def marks_path(cairn: Cairn) -> str:
    group = cairn.value("SELECT uuid FROM people_group WHERE name = 'Birch'")
    return f"/groups/{group}/marks"


def cells(cairn: Cairn) -> list[tuple[str, str]]:
    return [
        (str(student), str(target))
        for student, target in cairn.rows(
            "SELECT student.uuid, target.uuid FROM people_student student "
            "JOIN people_enrollment enrollment ON enrollment.student_id = student.id "
            "JOIN people_group class ON class.id = enrollment.group_id AND class.name = 'Birch' "
            "CROSS JOIN curriculum_target target JOIN curriculum_topic topic ON topic.id = target.topic_id "
            "JOIN curriculum_contentarea area ON area.id = topic.area_id "
            "JOIN curriculum_framework framework ON framework.id = area.framework_id "
            "WHERE framework.title LIKE 'Northern%%' ORDER BY md5(student.uuid::text || target.uuid::text)"
        )
    ]


def check_the_record(cairn: Cairn, marks: Marks) -> None:
    """Each mark is there once in each log, and what is made from the logs agrees with them."""
    stored = [str(uuid) for (uuid,) in cairn.rows("SELECT uuid FROM mastery_assessment")]
    judged = [str(uuid) for (uuid,) in cairn.rows("SELECT uuid FROM mastery_judgement")]
    assert sorted(stored) == sorted(marks.acknowledged)
    assert sorted(judged) == sorted(str(uuid5(UUID(uuid), "judgement")) for uuid in marks.acknowledged)
    assert marks.others == []
    assert "0 differences" in cairn.manage("verify_mastery")


@pytest.fixture
def cairn() -> Iterator[Cairn]:
    with private_cairn() as cairn:
        cairn.build(students=20)
        yield cairn


def test_twenty_kills_of_the_database_lose_and_double_no_mark(cairn: Cairn) -> None:
    web = cairn.start("web")
    cairn.await_web()
    with teachers_at_work(cairn) as marks:
        await_more(marks)
        processes = web.pids()
        for _ in range(KILLS_OF_THE_DATABASE):
            await_more(marks)
            cairn.kill_postgres()
            cairn.ensure_servers()

    assert marks.sent_again  # else no kill came in the middle of anything
    check_the_record(cairn, marks)
    assert web.process.poll() is None
    assert web.pids() == processes


def test_kills_of_the_web_server_lose_and_double_no_mark(cairn: Cairn) -> None:
    web = cairn.start("web")
    cairn.await_web()
    with teachers_at_work(cairn) as marks:
        for _ in range(KILLS_OF_THE_WEB):
            await_more(marks)
            web.kill()
            web.start()
            cairn.await_web()

    assert marks.sent_again
    check_the_record(cairn, marks)


@pytest.mark.parametrize("moment", ["in its transaction", "after its commit"])
def test_a_mark_whose_web_server_was_killed_is_there_once_after_the_retry(cairn: Cairn, moment: str) -> None:
    web = cairn.start("web")
    cairn.await_web()
    browser, path = cairn.browser("teacher"), marks_path(cairn)
    student, target = cells(cairn)[0]
    fields = {"uuid": str(uuid4()), "student": student, "target": target, "level": "3.0"}
    marks = Marks()

    with cairn.connection() as holder, holder.transaction():
        if moment == "in its transaction":
            holder.execute("SELECT 1 FROM people_student WHERE uuid = %s FOR UPDATE", [student])
        thread = threading.Thread(target=swallow, args=[browser, path, fields], daemon=True)
        thread.start()
        if moment == "in its transaction":
            await_true(lambda: cairn.value("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        else:
            await_true(lambda: cairn.value("SELECT count(*) FROM mastery_judgement"))
        web.kill()
    thread.join(30)
    web.start()
    cairn.await_web()

    answer = browser.post(path, fields, accept="application/json")
    assert marks.note(fields["uuid"], answer.status, answer.body)
    check_the_record(cairn, marks)
    if moment == "after its commit":
        assert answer.status == 200


def swallow(browser: Browser, path: str, fields: dict[str, str]) -> None:
    """Send, and never learn what came of it."""
    try:
        browser.post(path, fields, accept="application/json")
    except Unanswered:
        return
