"""A curriculum from a spreadsheet: first brought in, brought in again, changed, and what is told of a bad one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from curriculum.enums import ChangeKind, Domain, FrameworkStatus
from curriculum.exports.spreadsheet import as_csv, as_xlsx, sheet_lines, template_lines
from curriculum.imports import import_case, import_curriculum, import_sheet
from curriculum.models import Change, ContentArea, Framework, GuideLevel, Prerequisite, Target, Topic
from curriculum.services import publish_revision
from lpm.home.services import apply_import, process_import, start_import
from lpm.lib.imports import ImportRefused
from lpm.people.enums import ImportKind, ImportState, OrganizationKind
from lpm.people.models import Organization
from lpm.people.services import create_organization
from tests.curriculum.packages import CCSS, as_bytes, our_own
from tests.world import DAY

pytestmark = pytest.mark.django_db

SHEET = """\
Curriculum;Content Area;Domain;Topic;Topic code;CODE;Statement;I can;Grade;Prerequisites;Part of;Level 2;3.0 proficient
Maths;Mathematics;content;Fractions;FR;FR.1;Names parts;I can name parts;K-2;;;;All of it
;;;;;FR.2;"Compares; and says why";;3, 4;FR.1;;Some;
;;;;;FR.2.a;Same denominators;;;;FR.2;;
;Habits;habits of mind;Reflection;;;Looks back;;;;;;
"""


@pytest.fixture
def district() -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)


def bring(owner: Organization, text: str | bytes, file_name: str = "maths.csv", **options: Any) -> Any:
    data = text.encode() if isinstance(text, str) else text
    return import_curriculum(data=data, file_name=file_name, owner=owner, actor=None, **options)


def told(owner: Organization, text: str | bytes, file_name: str = "maths.csv") -> list[tuple[str, int | None, str]]:
    with pytest.raises(ImportRefused) as refused:
        bring(owner, text, file_name)
    assert not Framework.objects.exists()
    return [(problem.code, problem.line, problem.column) for problem in refused.value.problems]


def changes(report: Any) -> dict[str, tuple[int, int, int]]:
    counts = {kind: (c.add, c.change, c.end) for kind, c in report.counts.items()}
    return {kind: numbers for kind, numbers in counts.items() if any(numbers)}


def test_rows_become_areas_topics_targets_steps_and_guides(district):
    report = bring(district, SHEET)

    framework = Framework.objects.get()
    assert (framework.title, framework.status, report.framework) == ("Maths", "published", str(framework.uuid))
    areas = ContentArea.objects.order_by("position").values_list("title", "domain", "position")
    assert list(areas) == [("Mathematics", Domain.CONTENT, 1), ("Habits", Domain.HABITS, 2)]
    topics = Topic.objects.order_by("area__position").values_list("area__title", "code", "title", "position")
    assert list(topics) == [("Mathematics", "FR", "Fractions", 1), ("Habits", "", "Reflection", 1)]
    rows = Target.objects.order_by("topic__area__position", "position")
    assert [(row.code, row.statement, row.i_can, row.grades, row.position) for row in rows] == [
        ("FR.1", "Names parts", "I can name parts", ["KG", "01", "02"], 1),
        ("FR.2", "Compares; and says why", "", ["03", "04"], 2),
        ("FR.2.a", "Same denominators", "", [], 3),
        ("", "Looks back", "", [], 1),
    ]
    assert [row.part_of and row.part_of.code for row in rows] == [None, None, "FR.2", None]
    steps = Prerequisite.objects.values_list("required__code", "target__code")
    assert list(steps) == [("FR.1", "FR.2")]
    guide = GuideLevel.objects.order_by("value").values_list("target__code", "value", "description")
    assert list(guide) == [("FR.2", Decimal(2), "Some"), ("FR.1", Decimal(3), "All of it")]


@pytest.mark.parametrize("separator", [",", "\t"])
def test_other_separators_give_the_same(district, separator):
    bring(district, SHEET)

    report = bring(
        district,
        ("\ufeff" + SHEET)
        .replace('"Compares; and says why"', "§")
        .replace(";", separator)
        .replace("§", '"Compares; and says why"')
        .replace("3, 4", "3-4")
        .replace("\n", "\r\n"),
    )

    assert changes(report) == {}


def test_same_sheet_again_changes_nothing(district):
    bring(district, SHEET)

    report = bring(district, SHEET, "Maths (1).csv")

    assert (changes(report), report.proposes, Framework.objects.count()) == ({}, False, 1)


def test_changed_sheet_proposes_a_revision_that_does_what_it_says(district, school_day):
    bring(district, SHEET)
    before = {target.code: target.uuid for target in Target.objects.all()}

    changed = SHEET.replace("Names parts;", "Names parts of a whole;").replace(";FR.1;;Some;", ";;;Some;Most")
    changed = changed.replace(";Habits;habits of mind;Reflection;;;Looks back;;;;;;\n", ";;;;;FR.3;Adds;;5;FR.2;;;\n")
    report = bring(district, changed)

    assert (report.proposes, Target.objects.get(code="FR.1").statement) == (True, "Names parts")
    kinds = Change.objects.values_list("subject", "kind")
    assert sorted(kinds) == [
        ("area", ChangeKind.RETIRED),
        ("target", ChangeKind.ADDED),
        ("target", ChangeKind.RETIRED),
        ("target", ChangeKind.REWORDED),
        ("target", ChangeKind.REWORDED),
        ("topic", ChangeKind.RETIRED),
    ]
    revision = Framework.objects.get().revisions.get()
    publish_revision(revision=revision, actor=None, day=DAY)
    assert Target.objects.get(code="FR.1").statement == "Names parts of a whole"
    assert set(Prerequisite.objects.values_list("required__code", "target__code")) == {("FR.2", "FR.3")}
    assert {target.code: target.uuid for target in Target.objects.exclude(code="FR.3")} == before
    assert changes(bring(district, changed)) == {}


def test_while_a_revision_is_open_no_other_sheet_comes_in(district):
    bring(district, SHEET)
    bring(district, SHEET.replace("Looks back", "Looks ahead"))

    with pytest.raises(ImportRefused, match="Publish it or withdraw it first"):
        bring(district, SHEET.replace("Looks back", "Looks far ahead"))


def test_columns_that_are_not_there_stay_as_they_are(district):
    bring(district, SHEET)

    report = bring(
        district,
        "curriculum,area,topic,code,statement\nMaths,Mathematics,Fractions,FR.1,Names parts\n"
        ",,,FR.2,Compares; and says why\n,,,FR.2.a,Same denominators\n,Habits,Reflection,,Looks back\n",
    )

    assert changes(report) == {}


def test_draft_is_changed_at_once_and_keeps_what_the_sheet_lacks(district):
    bring(district, SHEET)
    Framework.objects.update(status=FrameworkStatus.DRAFT)

    report = bring(
        district,
        "curriculum,area,topic,code,statement\nMaths,Mathematics,Fractions,FR.2,Compares\n,,,FR.1,Names parts\n",
    )

    assert [problem.code for problem in report.problems] == ["targets_stay"]
    order = Target.objects.filter(code__in=["FR.1", "FR.2"]).order_by("position").values_list("code", "statement")
    assert list(order) == [("FR.2", "Compares"), ("FR.1", "Names parts")]
    assert Target.objects.count() == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("area,topic\nMaths,Fractions\n", ("no_statement_column", 1, "")),
        ("statement,5.0\nAdds,Far\n", ("unknown_level", 1, "5.0")),
        ("statement,target\nAdds,Adds\n", ("column_twice", 1, "target")),
        ("statement,3,3.0\nAdds,All,All\n", ("column_twice", 1, "3.0")),
        ("code,statement\nA,Adds\nB,\n", ("no_statement", 3, "statement")),
        ("code,statement\nA,Adds\na,Adds more\n", ("code_twice", 3, "code")),
        ("statement\nAdds\nAdds\n", ("statement_twice", 3, "statement")),
        ("statement,identifier\nAdds,x\nTakes,x\n", ("identifier_twice", 3, "identifier")),
        ("code,statement,comes after\nA,Adds,Z\n", ("unknown_code", 2, "comes after")),
        ("code,statement,part of\nA,Adds,A\n", ("unknown_part", 2, "part of")),
        ("code,statement,part of\nA,Adds,\nB,B,A\nC,C,B\n", ("part_of_part", 4, "part of")),
        ("statement\n", ("no_rows", None, "")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_bad_sheet_is_refused_by_line_and_column(district, text, expected):
    assert told(district, text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("statement,grades\nAdds,x\n", ("unknown_grade", 2, "grades")),
        ("statement,domain\nAdds,sports\n", ("unknown_domain", 2, "domain")),
        ("statement,colour\nAdds,red\n", ("unknown_column", 1, "colour")),
        (f"statement,title\nAdds,{'x' * 201}\n", ("short_title_cut", 2, "title")),
        ("code,statement,after\nA,Adds,B\nB,Takes,A\n", ("circle_of_prerequisites", 3, "after")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_odd_sheet_comes_in_and_is_told(district, text, expected):
    report = bring(district, text)

    assert [(problem.code, problem.line, problem.column) for problem in report.problems] == [expected]
    assert Target.objects.exists()


def test_without_a_curriculum_column_the_file_names_it(district):
    bring(district, "statement\nAdds\n", "Our_maths (2).csv")

    framework = Framework.objects.get()
    assert (framework.title, framework.areas.get().title) == ("Our maths", "Our maths")


def test_package_brought_in_taken_out_as_a_sheet_changed_and_brought_in_again(district, school_day):
    import_case(data=as_bytes(our_own()), owner=district, actor=None)
    framework = Framework.objects.get()
    lines = sheet_lines(framework)
    assert changes(bring(district, as_csv(lines))) == changes(bring(district, as_xlsx(lines), "x.xlsx")) == {}

    lines[1][lines[0].index("I can")] = "=I can say +1"
    report = bring(district, as_xlsx(lines), "x.xlsx")

    assert changes(report) == {"targets": (0, 1, 0)}
    assert Change.objects.get().after == {"i_can": "=I can say +1"}
    publish_revision(revision=framework.revisions.get(), actor=None, day=DAY)
    assert framework.case_objects.exists()  # what came in the package is still there to be given back
    guarded = as_csv(sheet_lines(framework))
    assert b"'=I can say +1" in guarded
    assert changes(bring(district, guarded)) == {}


@pytest.mark.real_files
@pytest.mark.parametrize("path", CCSS, ids=lambda path: path.name)
def test_real_framework_goes_out_and_in_unchanged(path, district):
    import_case(data=path.read_bytes(), owner=district, actor=None)

    report = bring(district, as_xlsx(sheet_lines(Framework.objects.get())), "x.xlsx", dry_run=True)

    assert changes(report) == {}
    assert sum(report.counts[kind].same for kind in ("targets", "parts")) == Target.objects.count()


def test_template_comes_in_as_it_is(district):
    report = import_sheet(data=as_csv(template_lines(None)), file_name="t.csv", owner=district, actor=None)

    assert report.problems == []
    codes = Target.objects.order_by("position").values_list("code", "part_of__code", "grades")
    assert list(codes) == [("FR.1", None, ["03"]), ("FR.2", None, ["03", "04"]), ("FR.2.a", "FR.2", ["03", "04"])]


def test_sheet_sent_on_the_page_is_checked_and_applied(world, school_day):
    sent = {"kind": ImportKind.CURRICULUM, "organization": world.own.district, "started_by": world.curriculum_lead}
    run = start_import(**sent, data=SHEET.encode(), file_name="maths.csv")

    process_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.report["results"]) == (
        ImportState.CHECKED,
        {"areas": 2, "topics": 2, "targets": 3, "parts": 1},
    )
    apply_import(run=run, actor=world.curriculum_lead)
    process_import(run.pk)

    assert Framework.objects.filter(title="Maths", owner=world.own.district).exists()


def test_downloads(world, as_person):
    client = as_person(world.administrator)

    template = client.get(reverse("curriculum:sheet-template"), {"as": "csv"})
    sheet = client.get(reverse("curriculum:framework-sheet", args=[world.own.framework.uuid]))

    assert template.headers["Content-Disposition"] == 'attachment; filename="curriculum-template.csv"'
    header = template.content.decode("utf-8-sig").splitlines()[0]
    assert header.endswith("comes after,identifier,0.0,1.0,2.0,3.0,4.0")
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="northern-mathematics.xlsx"'
    assert sheet.content.startswith(b"PK")
    again = import_sheet(data=sheet.content, file_name="x.xlsx", owner=world.own.district, actor=None, dry_run=True)
    assert (changes(again), again.counts["targets"].same) == ({}, 4)
