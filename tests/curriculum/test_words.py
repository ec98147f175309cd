"""An "I can" sentence in the words of a school and of a class, with the curriculum's own beside it."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curriculum.enums import FrameworkStatus
from curriculum.models import Framework, FrameworkAdoption, GuideLevel, Target, Topic, Translation, Wording
from curriculum.queries.words import Sentence, Whose, sentence_for, sentences_for_student
from curriculum.services import (
    WordsRefused,
    end_words_of_class,
    say_in_words_of_class,
    say_in_words_of_school,
)
from lpm.audit.models import Entry
from lpm.people.models import Group, Organization
from tests.curriculum.test_adoption import words
from tests.world import DAY, World, build_framework, teach

OURS = {"i_can": "I can cut a pie fairly", "language": "en"}


def school_says(world: World, i_can: str = "I can share a pie", organization: Organization | None = None) -> Wording:
    return say_in_words_of_school(
        target=world.targets[0],
        organization=organization or world.own.school,
        i_can=i_can,
        language="en",
        actor=None,
        day=DAY,
    )


def class_says(world: World, i_can: str = "We can cut it", group: Group | None = None) -> Wording:
    return say_in_words_of_class(
        target=world.targets[0], group=group or world.own.group, i_can=i_can, language="en", actor=None, day=DAY
    )


def said(world: World, **options) -> Sentence:
    asked = {"organization": world.own.school, "group": world.own.group, "language": "en"} | options
    return sentence_for([world.targets[0]], **asked)[world.targets[0].pk]


def writing(world: World, verb: str = "write", school: Organization | None = None) -> str:
    return reverse(f"curriculum:wording-{verb}", args=[(school or world.own.school).uuid, world.targets[0].uuid])


def typed(world: World, **fields: str) -> dict[str, str]:
    return {f"{world.targets[0].uuid}-{name}": value for name, value in (OURS | fields).items()}


def topic_page(world: World) -> str:
    return reverse("curriculum:wording-topic", args=[world.own.school.uuid, world.topic.uuid])


def unpacking(world: World, n: int = 0, verb: str = "show") -> str:
    return reverse(f"curriculum:unpack-{verb}", args=[world.own.group.uuid, world.targets[n].uuid])


def test_a_school_says_it_in_its_own_words_beside_the_curriculum(world, as_person):
    client = as_person(world.leader)
    assert "the same" in words(client.get(topic_page(world)))

    response = client.post(writing(world), typed(world))

    assert response.url == topic_page(world)
    wording = Wording.objects.get()
    assert (wording.target, wording.organization, wording.group, wording.i_can, wording.written_by) == (
        world.targets[0],
        world.own.school,
        None,
        "I can cut a pie fairly",
        world.leader,
    )
    page = words(client.get(topic_page(world)))
    assert "North says I can take step 1 Hill says I can cut a pie fairly Leader Person, Nov. 19, 2026" in page
    assert world.targets[0].i_can == "I can take step 1"
    entry = Entry.objects.get(action="curriculum.say_in_own_words")
    assert (entry.district_id, entry.details) == (world.own.district.pk, {"organization": str(world.own.school.uuid)})


def test_new_words_end_the_older_and_keep_them(world, as_person):
    client = as_person(world.leader)
    client.post(writing(world), typed(world, i_can="First words"))
    client.post(writing(world), typed(world, i_can="Second words"))
    client.post(writing(world), typed(world, i_can=" Second words "))  # nothing new

    rows = Wording.objects.order_by("pk")
    assert [(row.i_can, row.ended_at is None) for row in rows] == [("First words", False), ("Second words", True)]
    assert "What it said before “First words”" in words(client.get(topic_page(world)))


def test_back_to_the_words_of_the_district(world, as_person):
    school_says(world)
    client = as_person(world.leader)

    assert client.post(writing(world, "end")).url == topic_page(world)

    assert said(world).whose == Whose.OWN
    assert Wording.objects.get().ended_at is not None
    page = client.post(writing(world, "end"), follow=True)  # a second time
    assert "no words of your own on this target any more" in page.content.decode()


def test_words_that_are_missing_are_asked_for(world, as_person):
    for blank in ("", "   "):
        response = as_person(world.leader).post(writing(world), typed(world, i_can=blank))
        assert response.status_code == 422
        assert "Write the sentence first." in words(response)
    assert not Wording.objects.exists()


def test_the_owner_changes_the_sentence_itself(world, as_person):
    response = as_person(world.administrator).post(writing(world, school=world.own.district), typed(world))
    assert response.status_code == 422
    assert "Change the sentence itself" in words(response)
    assert not Wording.objects.exists()


def test_what_a_school_does_not_use_it_does_not_reword(world, as_person):
    FrameworkAdoption.objects.update(ended_on=DAY)
    assert as_person(world.leader).post(writing(world), typed(world)).status_code == 404
    with pytest.raises(WordsRefused, match="not used here"):
        school_says(world)


def test_the_services_check_who_may(world):
    fields = {"target": world.targets[0], "day": DAY, **OURS}
    with pytest.raises(PermissionDenied):
        say_in_words_of_school(organization=world.own.school, actor=world.teacher, **fields)
    with pytest.raises(PermissionDenied):
        say_in_words_of_class(group=world.own.group, actor=world.leader, **fields)
    with pytest.raises(WordsRefused):
        say_in_words_of_class(group=world.own.group, actor=world.teacher, **(fields | {"i_can": " "}))
    with pytest.raises(WordsRefused):
        end_words_of_class(target=world.targets[0], group=world.own.group, actor=world.teacher, day=DAY)


def test_the_nearest_words_come_first(world):
    assert said(world) == Sentence("I can take step 1", "en", Whose.OWN, "I can take step 1", "en")
    Translation.objects.create(target=world.targets[0], language="es", i_can="Puedo dar el paso 1")
    assert said(world, language="es").text == "Puedo dar el paso 1"
    assert said(world, language="es").language == "es"
    assert said(world).text == "I can take step 1"

    school_says(world)
    assert said(world, language="es").text == "I can share a pie"
    class_says(world)
    spoken = said(world)
    assert (spoken.text, spoken.whose, spoken.by, spoken.own) == (
        "We can cut it",
        Whose.CLASS,
        "Birch",
        "I can take step 1",
    )
    assert said(world, group=world.other_class.group).text == "I can share a pie"
    assert said(world, group=None).by == "Hill"
    assert said(world, organization=world.other_school.school, group=None).whose == Whose.OWN


def test_a_translated_statement_speaks_where_there_is_no_sentence_for_students(world):
    Translation.objects.create(target=world.targets[0], language="es", text="Da el paso 1")
    assert said(world, language="es").text == "I can take step 1"
    Target.objects.filter(pk=world.targets[0].pk).update(i_can="", language="en-US")
    assert said(world, language="es").text == "Da el paso 1"
    assert (said(world).text, said(world).language) == ("Takes step 1 with fractions", "en-US")


def test_of_an_organization_above_and_the_school_the_school_comes_first(world):
    Framework.objects.filter(pk=world.own.framework.pk).update(owner=world.other_district.district)
    school_says(world, "As in all of North", world.own.district)
    assert said(world).text == "As in all of North"
    school_says(world)
    assert said(world).text == "I can share a pie"


def test_a_student_reads_the_newest_words_of_their_classes(world):
    class_says(world)
    second = world.other_class.group
    student = world.own.student
    enroll_too(student, second)
    class_says(world, "We share it out", second)
    class_says(world, "Not our class", teachers_group(world))

    read = sentences_for_student(student, world.targets, day=DAY, language="en")

    assert read[world.targets[0].pk].text == "We share it out"
    assert set(read) == {target.pk for target in world.targets}
    assert sentences_for_student(student, [], day=DAY, language="en") == {}


def enroll_too(student, group: Group) -> None:
    student.enrollments.create(district=group.district, group=group)


def teachers_group(world: World) -> Group:
    return Group.objects.get(name="Fir")


def test_sentences_take_two_queries_however_many(world):
    for n in range(30):
        target = Target.objects.create(topic=world.topic, case_identifier=f"x{n}", statement="S", position=n + 9)
        Wording.objects.create(target=target, organization=world.own.school, i_can=f"Ours {n}")
    targets = list(Target.objects.filter(topic=world.topic))
    with CaptureQueriesContext(connection) as queries:
        sentence_for(targets, organization=world.own.school, group=world.own.group, language="es")
    assert len(queries) == 2


@pytest.mark.parametrize("who", ["student", "guardian"])
def test_a_student_and_their_family_read_the_words_of_the_class(who, world, as_person):
    student, topic = world.own.student, world.topic
    client = as_person(world.people[who])
    page = reverse("student:topic", args=[student.uuid, topic.uuid])
    assert "In the words of" not in words(client.get(page))
    class_says(world)
    class_says(world, "Not ours", world.other_class.group)

    read = words(client.get(page))

    assert "We can cut it In the words of Birch. The curriculum says: “I can take step 1”" in read
    assert "Not ours" not in read


def test_unpacking_saves_for_the_class_alone(world, as_person):
    teach(world.teacher, world.other_class.group)
    client = as_person(world.teacher)

    assert client.post(unpacking(world), OURS).url == unpacking(world)

    wording = Wording.objects.get()
    assert (wording.group, wording.organization, wording.written_by) == (
        world.own.group,
        world.own.school,
        world.teacher,
    )
    assert "I can cut a pie fairly" in words(client.get(unpacking(world)))
    other = reverse("curriculum:unpack-show", args=[world.other_class.group.uuid, world.targets[0].uuid])
    assert "I can cut a pie fairly" not in client.get(other).content.decode()


def test_unpacking_shows_the_guide_and_the_way_along_the_topic(world, as_person):
    GuideLevel.objects.create(topic=world.topic, value=3, description="Of the whole topic")
    school_says(world)
    client = as_person(world.teacher)

    page = words(client.get(unpacking(world)))
    assert "I can share a pie That is how Hill says it. The curriculum says: “I can take step 1”" in page
    assert "2.0 Step 1 at 2 3.0 Step 1 at 3 4.0 Step 1 at 4" in page
    assert "1 of 4 After" in page
    assert "Before" not in page.split("What we said")[0]

    page = words(client.get(unpacking(world, 3)))
    assert "Before 4 of 4" in page
    assert "Of the whole topic" in page
    assert "general words" not in page

    GuideLevel.objects.filter(topic=world.topic).delete()
    page = words(client.get(unpacking(world, 3)))
    assert "2.0 In general: developing 3.0 In general: proficient 4.0 In general: going further" in page
    assert "These are the general words for each level." in page


def test_unpacking_without_words_asks_for_them(world, as_person):
    for blank in ("", "  "):
        response = as_person(world.teacher).post(unpacking(world), OURS | {"i_can": blank})
        assert response.status_code == 422
    assert not Wording.objects.exists()


def test_putting_the_words_of_a_class_away(world, as_person):
    class_says(world)
    client = as_person(world.teacher)

    assert client.post(unpacking(world, verb="end")).url == unpacking(world)

    assert said(world).whose == Whose.OWN
    assert "“We can cut it”" in words(client.get(unpacking(world)))
    assert "no words of your own" in client.post(unpacking(world, verb="end"), follow=True).content.decode()


def test_unpacking_what_the_school_does_not_use_is_not_there(world, as_person):
    FrameworkAdoption.objects.update(ended_on=DAY)
    assert as_person(world.teacher).get(unpacking(world)).status_code == 404
    choosing = reverse("curriculum:unpack-choose", args=[world.topic.uuid])
    assert as_person(world.teacher).get(choosing).status_code == 404


def test_a_teacher_of_several_classes_chooses_one(world, as_person):
    choosing = reverse("curriculum:unpack-choose", args=[world.topic.uuid])
    client = as_person(world.teacher)
    assert client.get(choosing).url == unpacking(world)
    teach(world.teacher, world.other_class.group)
    assert "Alder Birch" in words(client.get(choosing))


def test_a_draft_is_not_said_in_other_words(world):
    Framework.objects.filter(pk=world.own.framework.pk).update(status=FrameworkStatus.DRAFT)
    with pytest.raises(WordsRefused):
        class_says(world)


def test_a_school_without_a_curriculum_is_told(world, as_person):
    address = reverse("curriculum:wording-list", args=[world.own.school.uuid])
    school_says(world)
    client = as_person(world.leader)
    assert "Northern mathematics Fractions 1 sentence in your own words" in words(client.get(address))
    FrameworkAdoption.objects.update(ended_on=DAY)
    assert "Nothing to put in your own words" in words(client.get(address))


def test_a_topic_without_targets_says_so(world, as_person):
    topic = Topic.objects.create(area=world.topic.area, case_identifier="empty", title="Empty", position=9)
    address = reverse("curriculum:wording-topic", args=[world.own.school.uuid, topic.uuid])
    assert "No targets in this topic yet" in words(as_person(world.leader).get(address))


@pytest.mark.parametrize("rows", [1, 30])
def test_words_ask_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    build_framework(world.other_district.district, "Unused", target_count=1)
    for n in range(rows):
        Topic.objects.create(area=world.topic.area, case_identifier=f"t{n}", title=f"T{n}", position=n + 9)
        target = Target.objects.create(topic=world.topic, case_identifier=f"x{n}", statement="S", position=n + 9)
        Wording.objects.create(target=target, organization=world.own.school, i_can="Ours", written_by=world.leader)
        Wording.objects.create(target=target, organization=world.own.school, group=world.own.group, i_can="Of us")
    pages = {
        reverse("curriculum:wording-list", args=[world.own.school.uuid]): (world.leader, 5),
        topic_page(world): (world.leader, 7),
        unpacking(world): (world.teacher, 12),
    }
    for address, (person, count) in pages.items():
        client = as_person(person)
        client.get(address)
        with django_assert_num_queries(count):
            client.get(address)


def test_staff_find_their_way_from_the_pages_of_the_curriculum(world, as_person):
    topic = reverse("curriculum:topic-show", args=[world.topic.uuid])
    framework = reverse("curriculum:framework-show", args=[world.own.framework.uuid])
    target = reverse("curriculum:target-show", args=[world.targets[0].uuid])
    every = reverse("curriculum:framework-list")

    def links(who: str, address: str) -> set[str]:
        html = as_person(world.people[who]).get(address).content.decode()
        shown = ["Unpack with a class", "Comments", "Translations", "Curricula in use", "Hill in its own words"]
        shown += ["Write on it", "Change it", "For other systems"]
        return {link for link in shown if f">{link}<" in html.replace("\n", "").replace("  ", "")}

    assert links("teacher", topic) == {"Unpack with a class", "Comments"}
    assert links("leader", topic) == {"Comments"}
    assert links("curriculum_lead", framework) == {"Write on it", "Comments", "Translations", "For other systems"}
    assert links("curriculum_lead", topic) == {"Write on it", "Comments", "Translations"}
    assert links("curriculum_lead", target) == {"Change it", "Comments"}
    assert links("teacher", target) == {"Unpack with a class", "Comments"}
    Target.objects.filter(pk=world.targets[0].pk).update(retired_on=DAY)
    assert links("curriculum_lead", target) == {"Comments"}
    assert links("curriculum_lead", every) == {"Curricula in use", "Hill in its own words"}
    assert links("leader", every) == {"Hill in its own words"}
    for who in ("student", "guardian"):
        assert {link for address in (topic, target, framework, every) for link in links(who, address)} == set()


def test_what_staff_can_do_costs_a_query_on_each_page(world, as_person, django_assert_num_queries):
    framework = reverse("curriculum:framework-show", args=[world.own.framework.uuid])
    pages = {framework: 7, reverse("curriculum:topic-show", args=[world.topic.uuid]): 9}
    client = as_person(world.teacher)
    for address, count in pages.items():
        client.get(address)
        with django_assert_num_queries(count):
            client.get(address)


def test_words_that_nobody_signed_show_their_day_alone(world, as_person):
    Wording.objects.create(target=world.targets[0], organization=world.own.school, i_can="Ours")
    Target.objects.filter(topic=world.topic).update(short_title="")
    Target.objects.filter(pk=world.targets[0].pk).update(code="X.1", statement="Counts and compares " * 5)
    said = words(as_person(world.leader).get(f"/curriculum/words/{world.own.school.uuid}/{world.topic.uuid}/"))
    assert "Ours Nov. 19, 2026" in said
    assert "X.1 Counts and compares" in said
    assert "X.1 X.1" not in said
