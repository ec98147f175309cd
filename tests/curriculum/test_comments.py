"""What staff say about a curriculum, and what its writers answer."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from curriculum.enums import FrameworkStatus
from curriculum.models import Comment, Framework, FrameworkWriter
from curriculum.services import CommentRefused, add_comment, answer_comment, settle_comment
from lpm.audit.models import Entry
from tests.curriculum.test_adoption import words
from tests.world import DAY, World


def page(world: World, route: str = "list") -> str:
    return reverse(f"curriculum:comment-{route}", args=[world.own.framework.uuid])


def about(comment: Comment, verb: str) -> str:
    return reverse(f"curriculum:comment-{verb}", args=[comment.uuid])


def say(world: World, text: str = "Is this in order?", **fields) -> Comment:
    return add_comment(framework=world.own.framework, text=text, author=world.teacher, day=DAY, **fields)


def test_a_teacher_says_something_about_a_target(world, as_person):
    target = world.targets[0]
    here = f"{page(world)}?target={target.uuid}"
    client = as_person(world.teacher)
    assert "Please name no student." in words(client.get(here))

    assert client.post(here, {"text": " Too hard in autumn "}).url == here

    comment = Comment.objects.get()
    assert (comment.framework, comment.topic, comment.target, comment.author, comment.text, comment.settled_at) == (
        world.own.framework,
        None,
        target,
        world.teacher,
        "Too hard in autumn",
        None,
    )
    assert Entry.objects.get(action="curriculum.comment").subject_uuid == comment.uuid
    assert "FR.1 Teacher Person Nov. 19, 2026 open Too hard in autumn" in words(client.get(page(world)))


def test_a_page_about_a_topic_holds_what_is_said_about_its_targets(world, as_person):
    say(world, "About the whole")
    say(world, "About the topic", topic=world.topic)
    say(world, "About a target", target=world.targets[0])
    client = as_person(world.teacher)

    def shown(query: str) -> set[str]:
        return {row.text for row in client.get(page(world) + query).context["page"]}

    assert shown("") == {"About the whole", "About the topic", "About a target"}
    assert shown(f"?topic={world.topic.uuid}") == {"About the topic", "About a target"}
    assert shown(f"?target={world.targets[0].uuid}") == {"About a target"}
    assert shown(f"?target={world.targets[1].uuid}") == set()
    far = world.other_district
    assert client.get(f"{page(world)}?topic={far.topic.uuid}").status_code == 404
    assert client.get(f"{page(world)}?target={far.targets[0].uuid}").status_code == 404


def test_a_writer_answers_and_settles(world, as_person):
    comment = say(world)
    client = as_person(world.curriculum_lead)

    response = client.post(about(comment, "answer"), {"text": "Yes, see the graph", "settles": "on"})

    assert response.url == page(world, "desk")
    comment.refresh_from_db()
    answer = comment.replies.get()
    assert (answer.text, answer.author, answer.framework) == (
        "Yes, see the graph",
        world.curriculum_lead,
        world.own.framework,
    )
    assert (comment.settled_by, comment.settled_at is None) == (world.curriculum_lead, False)
    read = words(as_person(world.teacher).get(page(world)))
    assert "settled by Curriculum Lead Person, Nov. 19, 2026 Is this in order?" in read
    assert "Yes, see the graph" in read
    assert "Answer" not in read


def test_an_answer_may_leave_it_open_and_it_is_settled_later(world, as_person):
    comment = say(world)
    client = as_person(world.curriculum_lead)
    client.post(about(comment, "answer"), {"text": "We look at it"})
    comment.refresh_from_db()
    assert comment.settled_at is None

    assert client.post(about(comment, "settle")).url == page(world, "desk")

    comment.refresh_from_db()
    assert comment.settled_by == world.curriculum_lead
    assert "settled this before" in client.post(about(comment, "settle"), follow=True).content.decode()
    late = client.post(about(comment, "answer"), {"text": "Once more"}, follow=True)
    assert "settled this before" in late.content.decode()
    assert comment.replies.count() == 1


def test_open_ones_come_first_and_each_kind_newest_first(world, as_person):
    for text in ("old", "settled", "new"):
        say(world, text)
    settle_comment(comment=Comment.objects.get(text="settled"), actor=None, day=DAY)
    shown = as_person(world.teacher).get(page(world)).context["page"]
    assert [comment.text for comment in shown] == ["new", "old", "settled"]


def test_nothing_written_is_asked_for(world, as_person):
    comment = say(world)
    response = as_person(world.teacher).post(page(world), {"text": "  "})
    assert response.status_code == 422
    assert "Write something first." in words(response)
    follow = as_person(world.curriculum_lead).post(about(comment, "answer"), {"text": ""}, follow=True)
    assert "Write something first." in follow.content.decode()
    with pytest.raises(CommentRefused):
        say(world, " ")
    assert Comment.objects.count() == 1


def test_an_answer_is_not_answered_itself_and_parts_belong_to_their_framework(world):
    answer = answer_comment(comment=say(world), text="So", author=None, day=DAY, settles=False)
    with pytest.raises(CommentRefused, match="an answer itself"):
        answer_comment(comment=answer, text="And", author=None, day=DAY, settles=False)
    with pytest.raises(CommentRefused, match="not a part"):
        say(world, topic=world.other_district.topic)
    with pytest.raises(CommentRefused, match="not a part"):
        say(world, target=world.other_district.targets[0])


@pytest.mark.parametrize("who", ["student", "guardian", "grown_student", "past_guardian", "far_teacher", "stranger"])
def test_students_families_and_others_never_see_comments(who, world, as_person):
    say(world, "Between us", target=world.targets[0])
    assert "Between us" in as_person(world.teacher).get(page(world)).content.decode()
    client = as_person(world.people[who])
    assert client.get(page(world)).status_code == 404
    assert client.get(page(world, "desk")).status_code == 404
    topic = client.get(reverse("curriculum:topic-show", args=[world.topic.uuid]))
    assert "Between us" not in topic.content.decode()
    with pytest.raises(PermissionDenied):
        add_comment(framework=world.own.framework, text="Hello", author=world.people[who], day=DAY)


def test_staff_do_not_answer(world, as_person):
    comment = say(world)
    client = as_person(world.teacher)
    assert client.get(page(world, "desk")).status_code == 404
    assert client.post(about(comment, "settle")).status_code == 404
    with pytest.raises(PermissionDenied):
        settle_comment(comment=comment, actor=world.teacher, day=DAY)
    with pytest.raises(PermissionDenied):
        answer_comment(comment=comment, text="So", author=world.teacher, day=DAY, settles=True)


def test_of_a_draft_its_writers_talk_among_themselves(world, as_person):
    Framework.objects.filter(pk=world.own.framework.pk).update(status=FrameworkStatus.DRAFT)
    FrameworkWriter.objects.create(framework=world.own.framework, user=world.school_teacher)
    writer = as_person(world.school_teacher)

    assert writer.post(page(world, "desk"), {"text": "Among us"}).status_code == 302

    assert "Among us" in words(writer.get(page(world, "desk")))
    assert as_person(world.teacher).get(page(world)).status_code == 404
    assert as_person(world.teacher).get(page(world, "desk")).status_code == 404


def test_fifty_on_a_page(world, as_person):
    for n in range(51):
        Comment.objects.create(framework=world.own.framework, text=f"Said {n}", author=world.teacher)
    client = as_person(world.teacher)
    assert len(client.get(page(world)).context["page"]) == 50
    assert len(client.get(page(world) + "?page=2").context["page"]) == 1
    assert "Page 2 of 2" in words(client.get(page(world) + "?page=2"))


def test_without_comments_the_page_says_what_it_is_for(world, as_person):
    assert "Nobody has said anything yet" in words(as_person(world.teacher).get(page(world)))


@pytest.mark.parametrize("rows", [1, 30])
def test_comments_ask_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        comment = say(world, f"Said {n}", target=world.targets[0])
        answer_comment(comment=comment, text="So", author=world.curriculum_lead, day=DAY, settles=bool(n % 2))
    client = as_person(world.curriculum_lead)
    for route in ("list", "desk"):
        client.get(page(world, route))
        with django_assert_num_queries(8):
            client.get(page(world, route))


def test_the_desk_begins_with_what_waits(world, as_person):
    say(world)
    lead = as_person(world.curriculum_lead)
    desk, everybody = (words(lead.get(page(world, route))) for route in ("desk", "list"))
    assert desk.index("Is this in order?") < desk.index("What you would like to say")
    assert everybody.index("What you would like to say") < everybody.index("Is this in order?")
    assert "Answer comments" in desk
