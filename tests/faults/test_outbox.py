"""Letters with a real queue and real workers that are killed at work: each is caught once, none is lost."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.faults.running import Cairn, await_true, private_cairn

LETTERS = 18
CHILDREN = "3"  # letters that a worker sends at once
MARKING = 4_211  # the number of a lock that is waited for before a letter is marked as sent

BUILD_LETTERS = """
import django
django.setup()
from datetime import time
from lpm.notices.enums import NoticeKind
from lpm.notices.models import NoticePerson
from lpm.notices.services import tell
from lpm.people.models import Organization, User
school = Organization.objects.get(name="Hill")
people = [
    User(username=f"reader {{n}}", email=f"reader{{n}}@example.org", given_name="R", family_name=str(n),
         organization=school, district=school.parent, sort_key=str(n))
    for n in range({letters})
]
User.objects.bulk_create(people)
NoticePerson.objects.bulk_create(
    [NoticePerson(person=one, secret=str(one.uuid), quiet_from=time(0), quiet_until=time(0)) for one in people]
)
tell(people=people, kind=NoticeKind.MESSAGE, key="one", path="/", writer="Ms. Ito")
"""
WAIT_BEFORE_MARKING = f"""
CREATE FUNCTION wait_before_marking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock_shared({MARKING}); RETURN NEW; END $$;
CREATE TRIGGER wait_before_marking BEFORE UPDATE ON notices_delivery
FOR EACH ROW WHEN (NEW.state = 'sent') EXECUTE FUNCTION wait_before_marking();
"""


@pytest.fixture
def cairn() -> Iterator[Cairn]:
    with private_cairn() as cairn:
        cairn.build()
        cairn.change(WAIT_BEFORE_MARKING)
        cairn.python(BUILD_LETTERS.format(letters=LETTERS))
        yield cairn


@contextmanager
def nobody_composes(cairn: Cairn) -> Iterator[None]:
    """Holds whoever has claimed a letter, before it is written."""
    with cairn.connection() as holder, holder.transaction():
        holder.execute("LOCK TABLE notices_noticechoice IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def nobody_marks(cairn: Cairn) -> Iterator[None]:
    """Holds whoever has handed a letter over, before it says so."""
    with cairn.connection() as holder, holder.transaction():
        holder.execute("SELECT pg_advisory_xact_lock(%s)", [MARKING])
        yield


Held = Callable[[Cairn], AbstractContextManager[None]]


def waiting(cairn: Cairn) -> list[int]:
    """The database processes that wait for a lock."""
    return [pid for (pid,) in cairn.rows("SELECT pid FROM pg_locks WHERE NOT granted")]


def count(cairn: Cairn, state: str) -> int:
    return int(cairn.value("SELECT count(*) FROM notices_delivery WHERE state = %s", state))


def caught(cairn: Cairn) -> list[str]:
    return sorted(path.stem for path in (cairn.data / "mail").glob("*.eml"))


def sweep(cairn: Cairn) -> None:
    """Some minutes pass, and the scheduler sends the sweep."""
    cairn.change("UPDATE notices_delivery SET claimed_at = claimed_at - interval '5 minutes' WHERE state = 'sending'")
    cairn.python("import django; django.setup(); from lpm.notices.services import sweep_deliveries; sweep_deliveries()")


def kill_held_worker(cairn: Cairn, held: Held) -> list[str]:
    """A worker is killed in the middle of three letters, with what it had the database do. Returns which."""
    with held(cairn):
        worker = cairn.start("worker", "--concurrency", CHILDREN)
        sweep(cairn)
        await_true(lambda: len(waiting(cairn)) == int(CHILDREN), 60)
        worker.kill()
        for pid in waiting(cairn):
            cairn.value("SELECT pg_terminate_backend(%s)", pid)
        await_true(lambda: not waiting(cairn))
    just_now = "SELECT uuid FROM notices_delivery WHERE state = 'sending' AND claimed_at > now() - interval '3 minutes'"
    return [str(uuid) for (uuid,) in cairn.rows(just_now)]


def test_each_letter_is_caught_once_however_often_workers_are_killed(cairn: Cairn) -> None:
    everything = sorted(str(uuid) for (uuid,) in cairn.rows("SELECT uuid FROM notices_delivery"))
    assert len(everything) == LETTERS

    for number in range(4):
        claimed = kill_held_worker(cairn, nobody_marks if number % 2 else nobody_composes)
        assert len(claimed) == int(CHILDREN)
        assert set(claimed) <= set(caught(cairn)) or not number % 2
    handed_over_before = len(caught(cairn))
    assert 0 < handed_over_before < LETTERS

    cairn.start("worker", "--concurrency", CHILDREN)
    for _minute in range(3):
        sweep(cairn)
    await_true(lambda: count(cairn, "sent") == LETTERS, 60, "a letter was lost")

    assert caught(cairn) == everything
    identities = [
        line
        for path in (cairn.data / "mail").glob("*.eml")
        for line in path.read_text().splitlines()
        if line.startswith("Message-ID:")
    ]
    assert sorted(identities) == sorted(f"Message-ID: <{uuid}@localhost>" for uuid in everything)
    assert int(cairn.value("SELECT max(tries) FROM notices_delivery")) > 1
