"""A curriculum from a page: what its items become, where it comes from, and what it proposes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse

from curriculum.enums import ItemKind
from curriculum.management.commands import import_case as command
from curriculum.models import Framework, MappingRule, Revision, Target
from lpm.audit.models import Entry
from lpm.home.services import NotReady, choose_mapping, imports, process_import, start_import
from lpm.people.enums import ImportKind, ImportState
from lpm.people.models import ImportRun, RoleGrant
from tests.curriculum.packages import as_bytes, our_own
from tests.curriculum.test_case_sorts_in import strands
from tests.home.test_import_pages import IMPORTS, apply_of, checked, page_of, text


@pytest.fixture(autouse=True)
def _files_elsewhere(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Not a word."""

    def do_GET(self) -> None:
        content = as_bytes(our_own())
        self.send_response(200 if self.path == "/CFPackages/maths" else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server(monkeypatch) -> Iterator[str]:
    """A server of packages that only this test may reach."""
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    for module in (imports, command):
        monkeypatch.setattr(module, "FETCHED_ALSO_FROM", frozenset({("localhost", served.server_port)}))
    yield f"http://localhost:{served.server_port}/CFPackages"
    served.shutdown()
    served.server_close()


def mapping_of(run: ImportRun) -> str:
    return reverse("home:import-map", kwargs={"run": run.uuid})


def work(run: ImportRun) -> ImportRun:
    process_import(run.pk)
    run.refresh_from_db()
    return run


def rules(run: ImportRun) -> list[Any]:
    return [[rule["type"], rule["depth"], rule["kind"]] for rule in run.choices["rules"]]


# --- what the items become


def test_page_shows_each_sort_and_what_it_gives(world, as_person):
    client = as_person(world.curriculum_lead)
    page = client.get(page_of(checked(world, client, as_bytes(strands()))))

    said = text(page)
    assert "content areas 1, measurement topics 2, learning targets 3, parts of targets 0." in said
    assert "Big Idea 2 2 Statement of s1; Statement of s2" in said
    html = page.content.decode()
    assert html.count("<select") == 3
    assert html.count("each by its place in the tree") == 1
    assert '<option value="target" selected>' in html


def test_mapping_is_changed_checked_anew_applied_and_remembered(world, as_person):
    client = as_person(world.curriculum_lead)
    run = checked(world, client, as_bytes(strands()))
    kinds = {"sort_0": "topic", "sort_1": "target", "sort_2": "part"}

    assert client.post(mapping_of(run), kinds)["Location"] == page_of(run)
    run.refresh_from_db()
    assert (run.state, Framework.objects.filter(title="Maths").count()) == (ImportState.UPLOADED, 0)
    assert rules(run) == [["strand", 1, "topic"], ["big idea", 2, "target"], ["benchmark", 3, "part"]]
    said = text(client.get(page_of(work(run))))
    assert "measurement topics 1, learning targets 2, parts of targets 2." in said
    assert Entry.objects.filter(subject_uuid=run.uuid, action="imports.mapped").count() == 1

    client.post(apply_of(run))
    work(run)

    framework = Framework.objects.get(title="Maths")
    assert set(
        Target.objects.filter(topic__area__framework=framework).values_list(
            "case_identifier", "part_of__case_identifier"
        )
    ) == {
        ("s1", None),
        ("s2", None),
        ("b1", "s1"),
        ("b2", "s1"),
    }
    assert MappingRule.objects.filter(framework=framework).count() == 3
    again = checked(world, client, as_bytes(strands()))
    assert "Everything in this file is here already." in text(client.get(page_of(again)))


def test_choice_can_be_taken_back_before_it_is_applied(world, as_person):
    client = as_person(world.curriculum_lead)
    run = checked(world, client, as_bytes(strands()))
    client.post(mapping_of(run), {"sort_0": "topic", "sort_1": "target", "sort_2": "target"})
    work(run)
    client.post(mapping_of(run), {"sort_0": "group", "sort_1": "", "sort_2": "part"})
    work(run)
    assert rules(run) == [["strand", 1, "group"]]
    assert run.report["results"] == {"areas": 1, "topics": 2, "targets": 3, "parts": 0}


def test_kind_that_is_none_is_told(world, as_person):
    client = as_person(world.curriculum_lead)
    run = checked(world, client, as_bytes(strands()))

    response = client.post(mapping_of(run), {"sort_0": "nonsense", "sort_1": "", "sort_2": ""})

    assert response.status_code == 422
    assert "Select a valid choice." in text(response)
    run.refresh_from_db()
    assert (run.state, run.choices) == (ImportState.CHECKED, {})


def test_mapping_of_what_is_applied_is_not_changed(world, as_person):
    client = as_person(world.curriculum_lead)
    run = checked(world, client, as_bytes(strands()))
    client.post(apply_of(run))
    work(run)

    said = text(client.post(mapping_of(run), {"sort_0": "topic"}, follow=True))

    assert said.startswith("What becomes of this file cannot be changed now.")
    assert MappingRule.objects.count() == 0


def test_who_may_not_bring_in_a_curriculum_changes_no_mapping(world, as_person):
    run = checked(world, as_person(world.curriculum_lead), as_bytes(strands()))
    assert as_person(world.far_administrator).post(mapping_of(run), {"sort_0": "topic"}).status_code == 404
    with pytest.raises(PermissionDenied):
        choose_mapping(run=run, rules={("strand", 1): ItemKind.TOPIC}, actor=world.far_administrator)
    run.state = ImportState.APPLIED
    run.save(update_fields=["state"])
    with pytest.raises(NotReady):
        choose_mapping(run=run, rules={}, actor=world.administrator)


@pytest.mark.parametrize("rows", [1, 30])
def test_page_of_a_mapping_asks_the_database_the_same_number_of_times(
    rows, world, as_person, django_assert_num_queries
):
    client = as_person(world.curriculum_lead)
    run = checked(world, client, as_bytes(strands()))
    run.report["sorts"] = run.report["sorts"][:1] * rows
    run.save(update_fields=["report"])
    client.get(page_of(run))
    with django_assert_num_queries(4):
        client.get(page_of(run))


# --- by its address


def send(client, world, url: str, kind: str = "curriculum"):
    return client.post(IMPORTS, {"kind": kind, "organization": str(world.own.district.uuid), "url": url})


def test_package_is_fetched_by_the_worker(server, world, as_person):
    client = as_person(world.curriculum_lead)
    send(client, world, f" {server}/maths ")
    run = ImportRun.objects.get()
    assert (run.file_name, run.choices, bool(run.file)) == ("maths", {"url": f"{server}/maths"}, False)

    work(run)
    assert (run.state, run.report["counts"]["targets"]["add"]) == (ImportState.CHECKED, 2)
    assert bool(run.file)
    client.post(apply_of(run))
    assert work(run).state == ImportState.APPLIED
    assert Framework.objects.filter(title="Maths").exists()


def test_what_cannot_be_fetched_is_told(server, world, as_person):
    client = as_person(world.curriculum_lead)
    send(client, world, f"{server}/nothing")
    run = work(ImportRun.objects.get())

    assert (run.state, [problem["code"] for problem in run.report["problems"]]) == (ImportState.REFUSED, ["bad_answer"])
    assert "The server answered 404" in text(client.get(page_of(run)))


def test_address_in_a_private_network_is_refused(world, as_person):
    send(as_person(world.curriculum_lead), world, "http://169.254.169.254/latest/")
    run = work(ImportRun.objects.get())

    assert [problem["code"] for problem in run.report["problems"]] == ["private_address"]


def test_who_lost_the_right_has_nothing_fetched(server, world):
    run = start_import(
        kind=ImportKind.CURRICULUM,
        organization=world.own.district,
        started_by=world.curriculum_lead,
        url=f"{server}/maths",
    )
    RoleGrant.objects.filter(user=world.curriculum_lead).delete()

    assert [problem["code"] for problem in work(run).report["problems"]] == ["not_allowed"]
    assert not run.file


@pytest.mark.parametrize(
    ("url", "kind", "says"),
    [
        ("", "curriculum", "Choose a file first."),
        ("ftp://x.org/maths", "curriculum", "An address begins with https://."),
        ("https://x.org/roster.zip", "roster", "People and classes come as a file, not by an address."),
    ],
)
def test_address_that_is_none_is_told(url, kind, says, world, as_person):
    response = send(as_person(world.administrator), world, url, kind)

    assert response.status_code == 422
    assert says in text(response)
    assert not ImportRun.objects.exists()


# --- a newer version of what is in use


def test_newer_file_proposes_a_revision_and_leads_to_it(world, as_person):
    client = as_person(world.curriculum_lead)
    run = checked(world, client, as_bytes(our_own()))
    client.post(apply_of(run))
    work(run)
    made = our_own()
    made["CFItems"][2]["fullStatement"] = "New words"

    run = checked(world, client, as_bytes(made))
    assert "Applying the file proposes a revision with these changes" in text(client.get(page_of(run)))
    client.post(apply_of(run))
    work(run)

    revision = Revision.objects.get(framework__title="Maths")
    page = client.get(page_of(run))
    assert "applied A revision with these changes is proposed." in text(page)
    assert reverse("curriculum:revision-show", kwargs={"revision": revision.uuid}) in page.content.decode()
    assert not Target.objects.filter(statement="New words").exists()
    again = client.get(page_of(checked(world, client, as_bytes(made))))
    assert "This file was brought in before. Its revision waits to be published." in text(again)
    assert "Apply these changes" not in text(again)


# --- from the shell


def test_command_fetches_an_address(server, world, capsys):
    call_command("import_case", f"{server}/maths", "--owner", str(world.own.district.uuid))

    assert "All of it was brought in." in capsys.readouterr().out
    with pytest.raises(CommandError, match="The server answered 404"):
        call_command("import_case", f"{server}/nothing", "--owner", str(world.own.district.uuid))


def test_command_takes_a_mapping_and_proposes_revisions(world, tmp_path, capsys):
    (tmp_path / "package.json").write_bytes(as_bytes(strands()))
    (tmp_path / "map.json").write_bytes(as_bytes([{"type": "Big Idea", "depth": 2, "kind": "target"}]))
    arguments = ["import_case", str(tmp_path / "package.json"), "--owner", str(world.own.district.uuid)]
    call_command(*arguments)
    call_command(*arguments, "--map", str(tmp_path / "map.json"), "--dry-run")
    assert "a revision with these changes would be proposed" in capsys.readouterr().out

    call_command(*arguments, "--map", str(tmp_path / "map.json"))

    revision = Revision.objects.get(framework__title="Maths")
    assert f"A revision with these changes is proposed: {revision.uuid}." in capsys.readouterr().out
    (tmp_path / "map.json").write_bytes(b'{"a": 1}')
    with pytest.raises(CommandError, match="The mapping is not a list"):
        call_command(*arguments, "--map", str(tmp_path / "map.json"))
