"""Bringing in a file from a page: upload, look, apply."""

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import engines
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from curriculum.models import Framework, Target
from lpm.audit.models import Entry
from lpm.home.services import process_import
from lpm.lib.progress import tell_progress
from lpm.people.enums import ImportKind, ImportState
from lpm.people.models import ImportRun, Organization, Student
from tests.people.oneroster import big, half
from tests.world import World

DEMO = Path(__file__).parents[1] / "samples"
PACKAGE = DEMO / "curriculum.cfpackage.json"
IMPORTS = reverse("home:import-list")


@pytest.fixture(autouse=True)
def _files_elsewhere(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def text(response) -> str:
    """What the page says, in one line."""
    html = response.content.decode()
    if "<main" in html:
        html = html[html.index("<main") : html.index("</main>")]
    return " ".join(strip_tags(re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)).split())


def page_of(run: ImportRun) -> str:
    return reverse("home:import-show", kwargs={"run": run.uuid})


def apply_of(run: ImportRun) -> str:
    return reverse("home:import-apply", kwargs={"run": run.uuid})


def upload(client, organization: Organization, data: bytes, kind: str = "curriculum", name: str = "file.json"):
    file = SimpleUploadedFile(name, data)
    return client.post(IMPORTS, {"kind": kind, "organization": str(organization.uuid), "file": file})


def checked(world: World, client, data: bytes | None = None, **named: str) -> ImportRun:
    """An upload that a worker has looked at."""
    response = upload(client, world.own.district, PACKAGE.read_bytes() if data is None else data, **named)
    assert response.status_code == 302
    run = ImportRun.objects.latest("pk")
    process_import(run.pk)
    run.refresh_from_db()
    return run


def roster_without(**replaced: tuple[str, str]) -> bytes:
    """The demo roster as a bundle; ``users=("student", "pupil")`` replaces a word in users.csv."""
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        for path in sorted((DEMO / "roster").glob("*.csv")):
            archive.writestr(path.name, path.read_text().replace(*replaced.get(path.stem, ("", ""))))
    return bundle.getvalue()


# --- the form


def test_form_says_that_nothing_changes_yet(world, as_person):
    said = text(as_person(world.administrator).get(IMPORTS))
    assert "First you see what would change. Nothing changes until you say so." in said
    assert 'accept=".json,.zip,.xlsx,.csv"' in as_person(world.administrator).get(IMPORTS).content.decode()
    assert "curriculum (CASE)" in said
    assert "people and classes (OneRoster)" in said
    assert "Nothing yet. Each file you send gets a line here" in said


def test_form_offers_a_curriculum_lead_only_the_curriculum(world, as_person):
    said = text(as_person(world.curriculum_lead).get(IMPORTS))
    assert "curriculum (CASE)" in said
    assert "OneRoster)" not in said.split("File")[0]


def test_form_has_the_only_kind_chosen_already(world, as_person):
    def chosen(user) -> int:
        html: str = as_person(user).get(IMPORTS).content.decode()
        return html.split("<main")[1].count(" checked")

    assert (chosen(world.administrator), chosen(world.curriculum_lead)) == (0, 1)


def test_form_is_not_there_for_others(world, as_person):
    assert as_person(world.teacher).get(IMPORTS).status_code == 404


def test_upload_without_a_file_says_so(world, as_person):
    response = as_person(world.administrator).post(
        IMPORTS, {"kind": "curriculum", "organization": str(world.own.district.uuid)}
    )
    assert response.status_code == 422
    assert "Choose a file first." in text(response)
    assert 'aria-invalid="true"' in response.content.decode()
    assert not ImportRun.objects.exists()


def test_upload_of_an_empty_file_says_so(world, as_person):
    response = upload(as_person(world.administrator), world.own.district, b"")
    assert response.status_code == 422
    assert "This file is empty." in text(response)


def test_upload_of_a_file_that_is_too_large_says_so(world, as_person, settings):
    settings.IMPORT_MAX_BYTES = 2048
    response = upload(as_person(world.administrator), world.own.district, b"x" * 2049)
    assert response.status_code == 422
    assert "This file is larger than 2.0 KB." in text(response).replace("\xa0", " ")


def test_upload_of_a_kind_the_person_may_not_bring_in_is_refused(world, as_person):
    response = upload(as_person(world.curriculum_lead), world.own.district, b"x", kind="roster")
    assert response.status_code == 422
    assert not ImportRun.objects.exists()


def test_upload_for_another_district_is_refused(world, as_person):
    response = upload(as_person(world.administrator), world.other_district.district, b"x")
    assert response.status_code == 422
    assert not ImportRun.objects.exists()


# --- from the file to the rows


def test_upload_leads_to_its_page_which_waits(world, as_person):
    client = as_person(world.administrator)
    response = upload(client, world.own.district, PACKAGE.read_bytes(), name="ours.json")
    run = ImportRun.objects.get()
    assert response["Location"] == page_of(run)
    assert (run.kind, run.state, run.file_name) == (ImportKind.CURRICULUM, ImportState.UPLOADED, "ours.json")
    tell_progress(str(run.uuid), 40)
    page = client.get(page_of(run))
    said = text(page)
    assert said.startswith("Bring in a file ours.json curriculum (CASE), for North waiting to be checked")
    assert "It waits for its turn. You can leave this page." in said
    assert "Look again" in said
    html = page.content.decode()
    assert f'hx-get="{page_of(run)}"' in html
    assert 'hx-trigger="every 2s"' in html
    assert "<progress" in html
    assert 'value="40"' not in html
    assert "takes longer" not in said
    ImportRun.objects.update(state="checking")
    page = client.get(page_of(run))
    assert "Nothing changes while we look." in text(page)
    assert 'value="40"' in page.content.decode()


@pytest.mark.parametrize("state", ["uploaded", "checking", "queued", "applying"])
def test_page_says_when_it_takes_longer_than_usual(state, world, as_person):
    run = stored(world, state)
    client = as_person(world.administrator)
    ImportRun.objects.update(touched_at=timezone.now() - timedelta(seconds=50))
    assert "This takes longer than usual." not in text(client.get(page_of(run)))
    ImportRun.objects.update(
        created_at=timezone.now() - timedelta(seconds=70), touched_at=timezone.now() - timedelta(seconds=70)
    )
    said = text(client.get(page_of(run)))
    assert "This takes longer than usual. Nothing is lost; you can come back later." in said


@pytest.mark.parametrize(("data", "is_incomplete"), [(PACKAGE.read_bytes()[:5000], True), (b"this is no JSON", False)])
def test_file_that_ends_too_early_is_to_be_downloaded_again(data, is_incomplete, world, as_person):
    client = as_person(world.administrator)
    said = text(client.get(page_of(checked(world, client, data))))
    assert ("Download it again, then send it." in said) == is_incomplete
    assert ("Mend what is written below" in said) != is_incomplete


def test_page_asks_again_for_its_own_part_alone(world, as_person):
    client = as_person(world.administrator)
    upload(client, world.own.district, PACKAGE.read_bytes())
    html = client.get(page_of(ImportRun.objects.get()), headers={"HX-Request": "true"}).content.decode()
    assert "<main" not in html
    assert 'id="run"' in html
    assert "announce" not in html


def test_checked_curriculum_says_what_would_change_and_changes_nothing(world, as_person):
    client = as_person(world.administrator)
    before = Target.objects.count()
    run = checked(world, client)
    page = client.get(page_of(run))
    said = text(page)
    assert "checked, not yet applied This is what would change. Nothing has changed yet." in said
    assert "What would change Penobscot Bay Mathematics What To add To change To end Unchanged" in said
    assert "Learning targets 12 0 0 0" in said
    assert "Apply these changes" in said
    assert "hx-trigger" not in page.content.decode().split('id="run"')[1]
    assert Target.objects.count() == before


def test_last_answer_to_the_waiting_page_is_said_aloud(world, as_person):
    client = as_person(world.administrator)
    run = checked(world, client)
    html = client.get(page_of(run), headers={"HX-Request": "true"}).content.decode()
    assert '<p id="announce" hx-swap-oob="innerHTML">checked, not yet applied</p>' in html
    assert "announce" not in html.split('id="announce"')[0]


def test_curriculum_is_applied_and_leads_to_its_page(world, as_person):
    client = as_person(world.administrator)
    run = checked(world, client)
    assert client.post(apply_of(run))["Location"] == page_of(run)
    said = text(client.get(page_of(run)))
    assert "waiting to be applied It waits for its turn. You can leave this page." in said
    ImportRun.objects.update(state="applying")
    assert "We bring it in now: all of it, or nothing. You can leave this page." in text(client.get(page_of(run)))
    ImportRun.objects.update(state="queued")

    process_import(run.pk)

    framework = Framework.objects.get(title="Penobscot Bay Mathematics")
    page = client.get(page_of(run))
    assert "applied Everything in this file is brought in." in text(page)
    assert "What Added Changed Ended Unchanged" in text(page)
    assert "Apply these changes" not in text(page)
    assert reverse("curriculum:framework-show", kwargs={"framework": framework.uuid}) in page.content.decode()
    assert Target.objects.filter(topic__area__framework=framework).count() == 12


def test_applying_twice_applies_once(world, as_person):
    client = as_person(world.administrator)
    run = checked(world, client)
    client.post(apply_of(run))
    client.post(apply_of(run))
    process_import(run.pk)
    client.post(apply_of(run))
    process_import(run.pk)
    run.refresh_from_db()
    assert run.state == ImportState.APPLIED
    assert Framework.objects.filter(title="Penobscot Bay Mathematics").count() == 1
    assert Entry.objects.filter(action="imports.confirmed").count() == 1


def test_same_file_again_has_nothing_to_apply(world, as_person):
    client = as_person(world.administrator)
    run = checked(world, client)
    client.post(apply_of(run))
    process_import(run.pk)
    said = text(client.get(page_of(checked(world, client))))
    assert "Everything in this file is here already." in said
    assert "Apply these changes" not in said


def test_roster_is_checked_and_applied(world, as_person):
    client = as_person(world.administrator)
    before = Student.objects.count()
    run = checked(world, client, roster_without(), kind="roster", name="roster.zip")
    said = text(client.get(page_of(run)))
    assert "Districts, schools, teams" in said
    assert re.search(r"Students (\d+) 0 0 0", said)
    client.post(apply_of(run))
    process_import(run.pk)
    run.refresh_from_db()
    assert run.state == ImportState.APPLIED
    assert Student.objects.count() == before + run.report["counts"]["students"]["add"]


# --- files that cannot be applied


def test_file_that_is_no_package_is_refused_with_a_sentence(world, as_person):
    client = as_person(world.administrator)
    run = checked(world, client, b"this is no JSON")
    said = text(client.get(page_of(run)))
    assert "cannot be applied Nothing was changed." in said
    assert "1 thing to mend Where What" in said
    assert run.report["problems"][0]["sentence"] in said.replace("&#x27;", "'")
    assert "Apply these changes" not in said


def test_roster_with_wrong_cells_names_file_line_and_column(world, as_person):
    client = as_person(world.administrator)
    before = Student.objects.count()
    data = roster_without(users=(",student,", ",pupil,"))
    run = checked(world, client, data, kind="roster", name="roster.zip")
    said = text(client.get(page_of(run)))
    assert "users.csv, line 7, column role The value must be one of:" in said
    assert "What would change" not in said
    client.post(apply_of(run))
    process_import(run.pk)
    run.refresh_from_db()
    assert run.state == ImportState.REFUSED
    assert Student.objects.count() == before


def test_applying_what_was_refused_says_why_not(world, as_person):
    client = as_person(world.administrator)
    run = checked(world, client, b"this is no JSON")
    said = text(client.post(apply_of(run), follow=True))
    assert said.startswith("This file cannot be applied. Look at what is written below")


def problem(n: int, **fields: object) -> dict[str, object]:
    return {
        "code": "x",
        "sentence": f"Sentence {n}.",
        "file": "",
        "line": None,
        "column": "",
        "refuses": True,
        **fields,
    }


def stored(world: World, state: str, **report: object) -> ImportRun:
    return ImportRun.objects.create(
        kind=ImportKind.ROSTER,
        organization=world.own.district,
        started_by=world.administrator,
        file_name="roster.zip",
        state=state,
        report=report,
    )


def test_first_hundred_problems_are_listed_and_the_rest_counted(world, as_person):
    run = stored(world, "refused", problems=[problem(n) for n in range(130)])
    said = text(as_person(world.administrator).get(page_of(run)))
    assert said.count("Sentence ") == 100
    assert "130 things to mend" in said
    assert "And 30 more." in said


def test_notes_are_apart_from_what_must_be_mended(world, as_person):
    run = stored(world, "refused", problems=[problem(1), problem(2, refuses=False)])
    said = text(as_person(world.administrator).get(page_of(run)))
    assert "1 thing to mend Where What the file as a whole Sentence 1." in said
    assert "1 thing to know Where What the file as a whole Sentence 2." in said


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"file": "a.csv", "line": 3, "column": "role"}, "a.csv, line 3, column role"),
        ({"file": "a.csv", "line": 3}, "a.csv, line 3"),
        ({"file": "a.csv", "column": "role"}, "a.csv, column role"),
        ({"file": "a.csv"}, "a.csv"),
        ({"line": 3}, "line 3"),
        ({}, "the file as a whole"),
    ],
)
def test_place_of_a_problem(fields, place, world, as_person):
    run = stored(world, "refused", problems=[problem(1, **fields)])
    assert f"Where What {place} Sentence 1." in text(as_person(world.administrator).get(page_of(run)))


def test_kinds_of_a_report_stand_in_the_order_people_look_for_them():
    render = engines["django"].from_string(
        "{% load imports %}{% for k, c in x|by_kind %}{{ k }} {{ c.add }};{% endfor %}"
    )
    counts = {"new_things": {"add": 1}, "enrollments": {"add": 2}, "targets": {"add": 3}, "scales": {"add": 4}}
    assert render.render({"x": {**counts, "topics": {"add": 0, "same": 0}}}) == (
        "Scales 4;Learning targets 3;Students in classes 2;new things 1;"
    )


@pytest.mark.parametrize("kind", ["roster", "curriculum"])
def test_every_kind_a_file_can_hold_has_a_name(kind, world, as_person):
    from lpm.home.templatetags.imports import KINDS

    data = roster_without() if kind == "roster" else PACKAGE.read_bytes()
    assert set(checked(world, as_person(world.administrator), data, kind=kind).report["counts"]) <= set(KINDS)


# --- the list


def test_list_names_each_file_with_how_it_stands(world, as_person):
    client = as_person(world.administrator)
    run = checked(world, client, b"this is no JSON", name="broken.json")
    page = client.get(IMPORTS)
    said = text(page)
    assert "broken.json curriculum (CASE) North Nov. 19, 2026, 10" in said
    assert "by Administrator Person cannot be applied" in said
    assert page_of(run) in page.content.decode()


def test_page_of_another_district_is_not_there(world, as_person):
    run = stored(world, "checked")
    assert as_person(world.far_administrator).get(page_of(run)).status_code == 404


@pytest.mark.parametrize("rows", [1, 30])
def test_list_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for _n in range(rows):
        stored(world, "checked")
    client = as_person(world.administrator)
    client.get(IMPORTS)
    with django_assert_num_queries(10):
        client.get(IMPORTS)


@pytest.mark.parametrize("rows", [1, 30])
def test_page_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    run = stored(world, "refused", problems=[problem(n) for n in range(rows)])
    client = as_person(world.administrator)
    client.get(page_of(run))
    with django_assert_num_queries(4):
        client.get(page_of(run))


# --- rows that are left out, and many that end


def zipped(files: dict[str, bytes]) -> bytes:
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return bundle.getvalue()


def test_rows_that_would_be_left_out_are_told_and_can_be_downloaded(world, as_person):
    client = as_person(world.administrator)
    run = checked(world, client, zipped(big(("demographics", "x5,,,2015-01-02", "x5,,,soon"))), kind="roster")
    page = client.get(page_of(run))
    said = text(page)
    assert run.state == ImportState.CHECKED
    assert "Rows that would be left out Everything else is taken." in said
    assert "demographics.csv, line 8, column birthDate The date must be written like" in said
    address = reverse("home:import-left-out", kwargs={"run": run.uuid})
    assert address in page.content.decode()
    table = client.get(address)
    assert table["Content-Disposition"] == 'attachment; filename="rows-left-out.csv"'
    assert table.content.decode("utf-8-sig").splitlines() == [
        "file,line,column,sentence",
        "demographics.csv,8,birthDate,The date must be written like 2026-08-31.",
    ]

    client.post(apply_of(run))
    process_import(run.pk)
    said = text(client.get(page_of(run)))
    assert "applied This file is brought in, without the rows named below." in said
    assert "Rows that were left out" in said
    assert Student.objects.get(sourced_id="x5").born_on is None


def test_many_that_would_end_have_to_be_agreed_to(world, as_person):
    client = as_person(world.administrator)
    for _again in range(2):
        run = checked(world, client, zipped(big()), kind="roster")
        client.post(apply_of(run))
        process_import(run.pk)
    run = checked(world, client, zipped(half(big())), kind="roster")
    said = text(client.get(page_of(run)))
    assert "More would end than usual. Look whether the file is complete before you apply it." in said
    assert "Students: 15 of 32 would end" in said
    assert 'name="accepts_ends"' in client.get(page_of(run)).content.decode()

    said = text(client.post(apply_of(run), follow=True))
    assert said.startswith("So much would end that you have to say first that it is meant.")
    run.refresh_from_db()
    assert (run.state, run.accepts_ends) == (ImportState.CHECKED, False)

    client.post(apply_of(run), {"accepts_ends": "yes"})
    process_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.accepts_ends) == (ImportState.APPLIED, True)
    assert Student.objects.filter(source__isnull=False, left_on__isnull=False).count() == 15


def test_many_that_end_only_by_the_time_it_is_applied_are_refused(world, as_person):
    client = as_person(world.administrator)
    late = checked(world, client, zipped(half(big())), kind="roster")
    run = checked(world, client, zipped(big()), kind="roster")
    client.post(apply_of(run))
    process_import(run.pk)
    client.post(apply_of(late))
    process_import(late.pk)
    late.refresh_from_db()
    assert late.state == ImportState.REFUSED
    assert [problem["code"] for problem in late.report["problems"]] == ["too_many_ends"]
    assert not Student.objects.filter(source__isnull=False, left_on__isnull=False).exists()
