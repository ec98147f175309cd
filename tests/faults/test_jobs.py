"""Background work with a real queue and real workers: none is lost, none is done twice, no page waits for it."""

import io
import json
import signal
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest
import redis

from lpm.home.services import MOST_ATTEMPTS
from tests.curriculum.packages import DOCUMENT, our_own
from tests.faults.running import ROOT, Answer, Browser, Cairn, Part, await_true, private_cairn

WORST_SECONDS = 2.5  # of a page whose queue and cache do not answer
TABLES = {"curriculum": "curriculum_topic", "roster": "people_enrollment"}
ACTIONS = {"curriculum": "curriculum.bring_in", "roster": "people.import_roster"}


@pytest.fixture(scope="module")
def running() -> Iterator[Cairn]:
    with private_cairn() as cairn:
        cairn.build()
        cairn.start("web")
        cairn.await_web()
        yield cairn


@pytest.fixture
def cairn(running: Cairn) -> Iterator[Cairn]:
    """Without a worker, with an empty queue."""
    yield running
    running.ensure_servers()
    for part in running.parts[1:]:
        part.kill()
    del running.parts[1:]
    queue(running).flushall()


@pytest.fixture
def office(cairn: Cairn) -> Browser:
    return cairn.browser("administrator")


def queue(cairn: Cairn) -> redis.Redis:
    return redis.Redis.from_url(cairn.servers["REDIS_URL"])


def package() -> bytes:
    """A small curriculum that was never brought in before."""
    identifier = str(uuid4())
    made = json.loads(json.dumps(our_own()).replace(DOCUMENT, identifier))
    made["CFDocument"]["title"] = f"Maths {identifier}"
    return json.dumps(made).encode()


def roster() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted((ROOT / "tests/samples/roster").glob("*.csv")):
            archive.write(path, path.name)
    return packed.getvalue()


def upload(cairn: Cairn, office: Browser, data: bytes, kind: str = "curriculum") -> tuple[UUID, Answer]:
    organization = cairn.value("SELECT uuid FROM people_organization WHERE name = 'North'")
    fields = {"kind": kind, "organization": str(organization)}
    answer = office.upload("/imports/", fields, "file.json" if kind == "curriculum" else "file.zip", data)
    assert answer.status == 302, answer.body
    return UUID(answer.headers["Location"].strip("/").split("/")[-1]), answer


def checked(cairn: Cairn, office: Browser, data: bytes, kind: str = "curriculum") -> UUID:
    """An import that a worker has looked at; that worker is gone."""
    uuid, _ = upload(cairn, office, data, kind)
    worker = cairn.start("worker")
    sweep(cairn)  # after an outage the page does not try the queue for a moment
    await_state(cairn, uuid, "checked")
    await_true(lambda: messages(cairn) == 0)
    worker.kill()
    await_true(lambda: not advisory_locks(cairn))
    return uuid


def confirm(office: Browser, uuid: UUID) -> Answer:
    answer = office.post(f"/imports/{uuid}/apply", {})
    assert answer.status == 302
    return answer


def state(cairn: Cairn, uuid: UUID) -> str:
    return str(cairn.value("SELECT state FROM people_importrun WHERE uuid = %s", uuid))


def attempts(cairn: Cairn, uuid: UUID) -> int:
    return int(cairn.value("SELECT attempts FROM people_importrun WHERE uuid = %s", uuid))


def await_state(cairn: Cairn, uuid: UUID, wanted: str) -> None:
    await_true(lambda: state(cairn, uuid) == wanted, 30, f"the import is not {wanted}")


def await_attempt(cairn: Cairn, uuid: UUID, number: int) -> None:
    """Until the worker is in the middle of it."""
    await_true(lambda: waiting(cairn) and attempts(cairn, uuid) == number, 60)


def messages(cairn: Cairn) -> int:
    """What waits in the queue, and what a worker took and has not acknowledged."""
    broker = queue(cairn)
    return int(broker.llen("celery")) + int(broker.hlen("unacked"))


def sweep(cairn: Cairn) -> None:
    """A minute passes, and the scheduler sends the sweep."""
    cairn.change("UPDATE people_importrun SET touched_at = touched_at - interval '2 minutes'")
    cairn.python("import django; django.setup(); from lpm.home.services import sweep_imports; sweep_imports()")


def send_again(cairn: Cairn, uuid: UUID) -> None:
    run_id = cairn.value("SELECT id FROM people_importrun WHERE uuid = %s", uuid)
    cairn.python(f"from lpm.celery import app; app.send_task('home.process_import', kwargs={{'run_id': {run_id}}})")


def waiting(cairn: Cairn) -> list[int]:
    """The database processes that wait for a lock."""
    return [pid for (pid,) in cairn.rows("SELECT pid FROM pg_locks WHERE NOT granted")]


def waits_for_row(cairn: Cairn, pids: list[int]) -> bool:
    waits = (
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple') AND pid = ANY(%s)"
    )
    return bool(cairn.value(waits, pids))


def advisory_locks(cairn: Cairn) -> int:
    return int(cairn.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))


@contextmanager
def nobody_writes(cairn: Cairn, table: str) -> Iterator[None]:
    """Holds whoever applies a file, in the middle of its transaction."""
    with cairn.connection() as holder, holder.transaction():
        holder.execute(f"LOCK TABLE {table} IN SHARE MODE".encode())
        yield


def pool_process(worker: Part) -> psutil.Process:
    """The child of a worker with one child: the one that does the work."""
    await_true(lambda: len(worker.children()) == 1)
    return worker.children()[0]


def check_applied_once(cairn: Cairn, uuid: UUID, data: bytes, kind: str = "curriculum") -> None:
    assert state(cairn, uuid) == "applied"
    entries = "SELECT count(*) FROM audit_entry WHERE action = %s AND at >= "
    entries += "(SELECT created_at FROM people_importrun WHERE uuid = %s)"
    assert cairn.value(entries, ACTIONS[kind], uuid) == 1
    confirmed = "SELECT count(*) FROM audit_entry WHERE action = 'imports.confirmed' AND subject_uuid = %s"
    assert cairn.value(confirmed, uuid) == 1
    if kind == "curriculum":
        assert targets(cairn, data) == ["FR.1", "FR.2", "FR.2.a"]
    else:
        assert cairn.value("SELECT count(*) FROM people_student WHERE sourced_id <> ''") == students_sent(data)


def targets(cairn: Cairn, data: bytes) -> list[str]:
    title = json.loads(data)["CFDocument"]["title"]
    found = cairn.rows(
        "SELECT target.code FROM curriculum_target target JOIN curriculum_topic topic ON topic.id = target.topic_id "
        "JOIN curriculum_contentarea area ON area.id = topic.area_id "
        "JOIN curriculum_framework framework ON framework.id = area.framework_id "
        "WHERE framework.title = %s ORDER BY target.code",
        title,
    )
    return [code for (code,) in found]


def students_sent(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("users.csv").decode().count(",student,")


@pytest.mark.parametrize("kind", ["curriculum", "roster"])
def test_an_import_whose_worker_was_killed_is_applied_once_by_another(cairn: Cairn, office: Browser, kind: str) -> None:
    data = package() if kind == "curriculum" else roster()
    uuid = checked(cairn, office, data, kind)
    worker = cairn.start("worker")
    with nobody_writes(cairn, TABLES[kind]):
        confirm(office, uuid)
        await_true(lambda: waiting(cairn))
        worker.kill()
    await_true(lambda: not advisory_locks(cairn))
    assert (state(cairn, uuid), attempts(cairn, uuid)) == ("applying", 1)

    cairn.start("worker")
    sweep(cairn)

    await_state(cairn, uuid, "applied")
    assert attempts(cairn, uuid) == 2
    check_applied_once(cairn, uuid, data, kind)


def test_an_import_whose_worker_was_killed_before_its_last_word_is_applied_once(cairn: Cairn, office: Browser) -> None:
    """All rows are written, only the job itself does not say so yet."""
    data = package()
    uuid = checked(cairn, office, data)
    worker = cairn.start("worker")
    with cairn.connection() as holder, holder.transaction():
        with nobody_writes(cairn, TABLES["curriculum"]):
            confirm(office, uuid)
            await_true(lambda: waiting(cairn))
            first = waiting(cairn)
            holder.execute("SELECT 1 FROM people_importrun WHERE uuid = %s FOR UPDATE", [uuid])
        await_true(lambda: waits_for_row(cairn, first))
        worker.kill()
    await_true(lambda: not advisory_locks(cairn))
    assert (state(cairn, uuid), targets(cairn, data)) == ("applying", [])

    cairn.start("worker")
    sweep(cairn)

    await_state(cairn, uuid, "applied")
    check_applied_once(cairn, uuid, data)


def test_an_import_whose_worker_hangs_is_left_to_it_and_applied_once_it_is_dead(cairn: Cairn, office: Browser) -> None:
    data = package()
    uuid = checked(cairn, office, data)
    hanging = cairn.start("worker")
    with nobody_writes(cairn, TABLES["curriculum"]):
        confirm(office, uuid)
        await_true(lambda: waiting(cairn))
        for pid in hanging.pids():
            psutil.Process(pid).send_signal(signal.SIGSTOP)
    other = cairn.start("worker")
    sweep(cairn)  # the worker that hangs had asked for a message before; the queue gives it this one
    sweep(cairn)
    await_true(lambda: "succeeded" in other.said())  # it has looked, and left it
    assert (state(cairn, uuid), attempts(cairn, uuid)) == ("applying", 1)

    hanging.kill()
    await_true(lambda: not advisory_locks(cairn))
    sweep(cairn)

    await_state(cairn, uuid, "applied")
    check_applied_once(cairn, uuid, data)


def test_a_file_sent_while_the_queue_is_away_is_checked_once_it_is_back(cairn: Cairn, office: Browser) -> None:
    cairn.start("worker")
    cairn.kill_valkey()

    uuid, answer = upload(cairn, office, package())

    assert state(cairn, uuid) == "uploaded"
    assert answer.seconds < WORST_SECONDS
    cairn.ensure_servers()
    sweep(cairn)
    await_state(cairn, uuid, "checked")


def test_a_file_sent_while_the_queue_hangs_is_checked_once_it_answers(cairn: Cairn, office: Browser) -> None:
    cairn.start("worker")
    with cairn.frozen_valkey():
        uuid, answer = upload(cairn, office, package())
        assert state(cairn, uuid) == "uploaded"
    assert answer.seconds < WORST_SECONDS
    sweep(cairn)
    await_state(cairn, uuid, "checked")


def test_a_task_delivered_three_times_at_once_is_done_once(cairn: Cairn, office: Browser) -> None:
    data = package()
    uuid = checked(cairn, office, data)
    confirm(office, uuid)
    send_again(cairn, uuid)
    send_again(cairn, uuid)
    assert messages(cairn) == 3

    with nobody_writes(cairn, TABLES["curriculum"]):
        cairn.start("worker", "--concurrency", "3")
        await_true(lambda: messages(cairn) == 1)  # two have looked and left it to the third
        await_true(lambda: waiting(cairn))
        assert attempts(cairn, uuid) == 1

    await_state(cairn, uuid, "applied")
    check_applied_once(cairn, uuid, data)


def test_a_queue_that_was_killed_and_lost_everything_loses_no_import(cairn: Cairn, office: Browser) -> None:
    data = package()
    uuid = checked(cairn, office, data)
    confirm(office, uuid)
    unchecked, _ = upload(cairn, office, package())
    assert messages(cairn) == 2

    queue(cairn).flushall()
    cairn.kill_valkey()
    cairn.ensure_servers()
    assert messages(cairn) == 0
    cairn.start("worker")
    sweep(cairn)

    await_state(cairn, uuid, "applied")
    await_state(cairn, unchecked, "checked")
    check_applied_once(cairn, uuid, data)
    assert office.get("/imports/").status == 200  # still signed in


def test_a_file_that_kills_every_worker_is_refused_in_the_end(cairn: Cairn, office: Browser) -> None:
    data = package()
    uuid = checked(cairn, office, data)
    worker = cairn.start("worker", "--concurrency", "1")
    with nobody_writes(cairn, TABLES["curriculum"]):
        confirm(office, uuid)
        for attempt in range(1, MOST_ATTEMPTS + 1):
            await_attempt(cairn, uuid, attempt)
            kill_at_work(cairn, pool_process(worker))

    await_state(cairn, uuid, "refused")
    report = cairn.value("SELECT report FROM people_importrun WHERE uuid = %s", uuid)
    assert [problem["code"] for problem in report["problems"]] == ["gave_up"]
    assert b"could not be brought in" in office.get(f"/imports/{uuid}/").body
    assert targets(cairn, data) == []
    assert worker.process.poll() is None


def kill_at_work(cairn: Cairn, process: psutil.Process) -> None:
    """kill -9 of the process that works, after the end of what it had the database do: so it is for a worker that
    dies while it computes. The worker above it sends the task again by itself."""
    process.suspend()
    for pid in waiting(cairn):
        cairn.value("SELECT pg_terminate_backend(%s)", pid)
    await_true(lambda: not advisory_locks(cairn))
    process.kill()


def killed_valkey(cairn: Cairn) -> AbstractContextManager[None]:
    @contextmanager
    def away() -> Iterator[None]:
        cairn.kill_valkey()
        yield
        cairn.ensure_servers()

    return away()


def frozen_valkey(cairn: Cairn) -> AbstractContextManager[None]:
    return cairn.frozen_valkey()


Away = Callable[[Cairn], AbstractContextManager[None]]
either_way = pytest.mark.parametrize("away", [killed_valkey, frozen_valkey])


@either_way
def test_people_sign_in_and_record_while_the_cache_is_away(cairn: Cairn, away: Away) -> None:
    before = cairn.browser("teacher")
    with away(cairn):
        fresh = cairn.browser()
        answers = [fresh.get("/sign-in"), fresh.sign_in("teacher"), fresh.get("/"), before.get("/")]
        answers += [record(cairn, before), record(cairn, fresh)]
    assert [answer.status for answer in answers] == [200, 302, 200, 200, 201, 201]
    assert max(answer.seconds for answer in answers) < WORST_SECONDS
    assert [before.get("/").status, fresh.get("/").status] == [200, 200]


@either_way
def test_who_signs_out_while_the_cache_is_away_stays_out(cairn: Cairn, away: Away) -> None:
    """The cache kept its copy of the session."""
    browser = cairn.browser("teacher")
    assert browser.get("/").status == 200
    copied = [cookie for cookie in browser.cookies if cookie.name == "sessionid"]
    with away(cairn):
        assert browser.post("/sign-out", {}).status == 302

    thief = cairn.browser()
    for cookie in copied:
        thief.cookies.set_cookie(cookie)
    answer = thief.get("/")
    assert (answer.status, answer.headers["Location"]) == (302, "/sign-in?next=/")


def record(cairn: Cairn, browser: Browser) -> Answer:
    group, student = cairn.rows(
        "SELECT class.uuid, student.uuid FROM people_enrollment enrollment "
        "JOIN people_group class ON class.id = enrollment.group_id AND class.name = 'Birch' "
        "JOIN people_student student ON student.id = enrollment.student_id ORDER BY student.id LIMIT 1"
    )[0]
    target = cairn.value(
        "SELECT target.uuid FROM curriculum_target target WHERE target.case_identifier = 'Northern mathematics 1'"
    )
    fields: dict[str, Any] = {"uuid": str(uuid4()), "student": str(student), "target": str(target), "level": "2.0"}
    return browser.post(f"/groups/{group}/marks", fields, accept="application/json")
