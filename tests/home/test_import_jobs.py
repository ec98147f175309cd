"""Imports as jobs: a row first, any number of deliveries, one outcome. What is killed is in tests/faults."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from celery.signals import after_task_publish
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext, override

from curriculum.models import Framework
from lpm.audit.models import Entry
from lpm.celery import app  # noqa: F401 (so that enqueue finds the broker)
from lpm.home.services import (
    MOST_ATTEMPTS,
    NotReady,
    apply_import,
    only_worker,
    process_import,
    start_import,
    sweep_imports,
)
from lpm.lib.enqueue import enqueue, outage
from lpm.lib.progress import read_progress
from lpm.people.enums import ImportKind, ImportState, Role
from lpm.people.models import ImportRun, RoleGrant, RosterSource, User
from tests.curriculum.packages import as_bytes, our_own
from tests.people.oneroster import SMALL
from tests.world import grant, person


def roster() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        for name, text in SMALL.items():
            files.writestr(name, text)
    return archive.getvalue()


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def sent() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Every task that reaches the queue: its name and arguments."""
    seen: list[tuple[str, dict[str, Any]]] = []

    def note(sender, body, **_):
        seen.append((sender, body[1]))

    after_task_publish.connect(note)
    yield seen
    after_task_publish.disconnect(note)


@pytest.fixture
def upload(world):
    def start(data: bytes | None = None, kind=ImportKind.CURRICULUM) -> ImportRun:
        return start_import(
            kind=kind,
            organization=world.places["own"].district,
            started_by=world.people["administrator"],
            data=as_bytes(our_own()) if data is None else data,
            file_name="C:\\files/maths.json",
        )

    return start


@pytest.fixture
def check(upload):
    def process(*args: Any) -> ImportRun:
        run: ImportRun = upload(*args)
        process_import(run.pk)
        run.refresh_from_db()
        return run

    return process


def is_brought_in() -> bool:
    return Framework.objects.filter(title="Maths").exists()


def actions(run: ImportRun) -> list[str]:
    return list(Entry.objects.filter(subject_uuid=run.uuid).order_by("pk").values_list("action", flat=True))


def test_an_upload_is_a_row_a_file_and_a_task(upload, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run = upload()

    run.refresh_from_db()
    assert (run.state, run.attempts, run.file_name) == (ImportState.UPLOADED, 0, "maths.json")
    assert run.file.name == f"imports/{run.uuid}.json"
    assert actions(run) == ["imports.uploaded"]
    assert Entry.objects.get(action="imports.uploaded").district_id == run.organization_id
    assert sent == [("home.process_import", {"run_id": run.pk})]


def test_a_check_says_what_would_change_and_changes_nothing(check):
    run = check()

    assert (run.state, run.attempts, run.ended_at) == (ImportState.CHECKED, 1, None)
    assert run.report["counts"]["targets"]["add"] == 2
    assert not is_brought_in()


def test_a_check_delivered_twice_is_done_once(check):
    run = check()
    before = ImportRun.objects.values().get(pk=run.pk)

    process_import(run.pk)

    assert ImportRun.objects.values().get(pk=run.pk) == before


def test_an_import_applied_and_delivered_twice_is_applied_once(check, world, sent, django_capture_on_commit_callbacks):
    run = check()
    with django_capture_on_commit_callbacks(execute=True):
        apply_import(run=run, actor=world.people["administrator"])
        apply_import(run=run, actor=world.people["administrator"])
    process_import(run.pk)
    process_import(run.pk)
    apply_import(run=run, actor=world.people["administrator"])

    run.refresh_from_db()
    assert (run.state, run.attempts) == (ImportState.APPLIED, 1)
    assert run.ended_at is not None
    assert is_brought_in()
    assert actions(run) == ["imports.uploaded", "imports.confirmed"]
    assert Entry.objects.get(action="imports.confirmed").district_id == run.organization_id
    assert Entry.objects.filter(action="curriculum.bring_in").count() == 1
    assert sent == [("home.process_import", {"run_id": run.pk})]


@pytest.mark.parametrize("state", [ImportState.UPLOADED, ImportState.CHECKING, ImportState.REFUSED])
def test_what_is_not_checked_cannot_be_applied(state, upload, world):
    run = upload()
    ImportRun.objects.update(state=state)

    with pytest.raises(NotReady):
        apply_import(run=run, actor=world.people["administrator"])

    assert ImportRun.objects.get().state == state


def test_a_file_that_is_no_curriculum_is_refused_with_reasons(check):
    run = check(b"{")

    assert run.state == ImportState.REFUSED
    assert run.report["refused"]
    assert run.report["problems"]
    assert run.ended_at is not None


FILES = [(ImportKind.CURRICULUM, as_bytes(our_own())), (ImportKind.ROSTER, roster())]
both_kinds = pytest.mark.parametrize(("kind", "data"), FILES, ids=["curriculum", "roster"])


def take_the_right_from(user: User, day: date) -> None:
    RoleGrant.objects.filter(user=user).update(ends_on=day - timedelta(days=1))


def is_refused(run: ImportRun) -> bool:
    """Nothing of the file is there, and the run says why."""
    run.refresh_from_db()
    sentence = "Whoever asked for this may not bring the file in any more. Nothing was changed."
    told = [(problem["code"], problem["sentence"]) for problem in run.report["problems"]]
    nothing = not is_brought_in() and not RosterSource.objects.exists()
    return run.state == ImportState.REFUSED and told == [("not_allowed", sentence)] and nothing


@both_kinds
def test_who_may_not_bring_it_in_cannot_send_it(kind, data, upload, world, school_day):
    take_the_right_from(world.people["administrator"], school_day)

    with pytest.raises(PermissionDenied):
        upload(data, kind)

    assert not ImportRun.objects.exists()


@both_kinds
def test_who_lost_the_right_before_the_check_learns_nothing(kind, data, upload, world, school_day):
    run = upload(data, kind)
    take_the_right_from(world.people["administrator"], school_day)

    process_import(run.pk)

    assert is_refused(run)
    assert run.report["counts"] == {}


@both_kinds
def test_who_lost_the_right_after_the_check_cannot_have_it_applied(kind, data, check, world, school_day):
    run = check(data, kind)
    take_the_right_from(world.people["administrator"], school_day)

    with pytest.raises(PermissionDenied):
        apply_import(run=run, actor=world.people["administrator"])

    run.refresh_from_db()
    assert (run.state, run.confirmed_by) == (ImportState.CHECKED, None)


@both_kinds
def test_who_lost_the_right_meanwhile_applies_nothing(kind, data, check, world, school_day):
    run = check(data, kind)
    apply_import(run=run, actor=world.people["administrator"])
    take_the_right_from(world.people["administrator"], school_day)

    process_import(run.pk)

    assert is_refused(run)


@both_kinds
def test_an_import_is_applied_for_who_confirmed_it(kind, data, check, world, school_day):
    run = check(data, kind)
    other = person("other_administrator", world.places["own"].district)
    grant(other, world.places["own"].district, Role.ADMINISTRATOR)
    take_the_right_from(world.people["administrator"], school_day)
    apply_import(run=run, actor=other)

    process_import(run.pk)

    run.refresh_from_db()
    assert (run.state, run.confirmed_by) == (ImportState.APPLIED, other)
    done = {ImportKind.CURRICULUM: "curriculum.bring_in", ImportKind.ROSTER: "people.import_roster"}[kind]
    assert Entry.objects.get(action=done).actor_id == other.pk
    assert Entry.objects.get(action="imports.confirmed").actor_id == other.pk


def test_an_import_that_never_ends_is_refused_in_the_language_of_who_sent_it(upload, world):
    world.people["administrator"].language = "es"
    world.people["administrator"].save()
    run = upload()
    ImportRun.objects.update(attempts=MOST_ATTEMPTS)

    process_import(run.pk)

    run.refresh_from_db()
    with override("es"):
        sentence = gettext("This file could not be brought in, after several tries. Nothing was changed.")
    assert run.state == ImportState.REFUSED
    assert [(p["code"], p["sentence"]) for p in run.report["problems"]] == [("gave_up", sentence)]


def test_what_another_worker_has_in_hand_is_left_to_it(upload):
    run = upload()
    held, end = threading.Event(), threading.Event()

    def hold() -> None:
        with only_worker(f"import:{run.pk}") as is_mine:
            assert is_mine
            held.set()
            end.wait(20)
        connections.close_all()

    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(20)
    process_import(run.pk)
    assert ImportRun.objects.get().attempts == 0

    end.set()
    other.join(20)
    process_import(run.pk)
    assert ImportRun.objects.get().state == ImportState.CHECKED


def test_an_import_that_is_gone_is_nothing_to_do(db):
    process_import(0)


def test_progress_is_told(check):
    run = check()

    assert read_progress(str(run.uuid)) == 100
    assert read_progress("another") == 0


def test_the_sweep_sends_what_is_stale_and_under_way_once(upload, sent, django_capture_on_commit_callbacks):
    runs = {(state, minutes): upload() for state in ImportState for minutes in (0, 2)}
    for (state, minutes), run in runs.items():
        moment = timezone.now() - timedelta(minutes=minutes)
        ImportRun.objects.filter(pk=run.pk).update(state=state, touched_at=moment)
    unfinished = [ImportState.UPLOADED, ImportState.CHECKING, ImportState.QUEUED, ImportState.APPLYING]
    sent.clear()

    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_imports() == 4
        assert sweep_imports() == 0  # just sent

    assert sent == [("home.process_import", {"run_id": runs[state, 2].pk}) for state in sorted_by(runs, unfinished)]
    assert ImportRun.objects.count() == len(runs)


def sorted_by(runs, states):
    return sorted(states, key=lambda state: runs[state, 2].pk)


def test_runs_and_their_files_go_thirty_days_after_they_ended(upload):
    kept: set[int] = set()
    gone: set[int] = set()
    for state in ImportState:
        for days in (29, 31):
            run = upload()
            long_ago = timezone.now() - timedelta(days=days)
            ImportRun.objects.filter(pk=run.pk).update(
                state=state, touched_at=long_ago, created_at=long_ago - timedelta(days=5)
            )
            goes = days == 31 and state in {ImportState.CHECKED, ImportState.REFUSED, ImportState.APPLIED}
            (gone if goes else kept).add(run.pk)

    sweep_imports()

    assert len(gone) == 3
    assert set(ImportRun.objects.values_list("pk", flat=True)) == kept
    assert len(default_storage.listdir("imports")[1]) == len(kept)


@pytest.mark.django_db(transaction=True)
def test_a_task_is_sent_after_the_commit_and_not_after_a_rollback(sent):
    with transaction.atomic():
        enqueue("home.process_import", run_id=1)
        assert sent == []
    assert sent == [("home.process_import", {"run_id": 1})]

    with transaction.atomic():
        enqueue("home.process_import", run_id=2)
        transaction.set_rollback(True)
    assert sent == [("home.process_import", {"run_id": 1})]


def test_a_queue_that_is_away_is_left_alone_for_a_moment(
    db, sent, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        monkeypatch.setenv("CELERY_BROKER_WRITE_URL", "redis://127.0.0.1:1/0")
        enqueue("home.process_import", run_id=1)
    with django_capture_on_commit_callbacks(execute=True):
        monkeypatch.delenv("CELERY_BROKER_WRITE_URL")
        enqueue("home.process_import", run_id=2)
    assert sent == []

    outage.end()
    with django_capture_on_commit_callbacks(execute=True):
        enqueue("home.process_import", run_id=3)
    assert sent == [("home.process_import", {"run_id": 3})]
