"""A few conversations, for those whom one can try the district as."""

from __future__ import annotations

from dataclasses import dataclass

from lpm.demo.services.making import Making
from lpm.lib.ids import uuid7
from students.threads.models import Message
from students.threads.services import begin_thread, send_message, translate_message


@dataclass(frozen=True)
class Talk:
    """``first`` is written to the teacher about the student, ``answer`` back; "" waits for one.

    ``in_english`` is what a person made of the first, where it is in another language.
    """

    student: str
    writer: str
    language: str
    first: str
    answer: str = ""
    in_english: str = ""


TEACHER = "mthibodeau"
TALKS = (
    Talk(
        "aokeke",
        "aokeke",
        "en",
        "I tried the number line again at home and it works if I mark the halves first. Can I show you on Thursday?",
        "Yes, come to the round table after lunch. Bring the line with the halves.",
    ),
    Talk(
        "enkemelu",
        "cnkemelu",
        "en",
        "Elijah says decimals are going better. What is one thing that we can do at home this week?",
        "Let him read the tide table aloud and say which height is larger. Two minutes a day are enough.",
    ),
    Talk(
        "mrosado",
        "crosado",
        "es",
        "Buenos días. ¿Qué puede practicar Mateo en casa esta semana?",
        "Two things help: dividing a recipe in half, and telling you why it comes out right.",
        "Good morning. What can Mateo practice at home this week?",
    ),
    Talk("enkemelu", "inkemelu", "en", "Could you tell me when the family evening in December is? Thank you."),
)


def write_messages(making: Making) -> None:
    teacher = making.person(TEACHER)
    for talk in TALKS:
        student = next(row for row in making.students.values() if row.user_id == making.person(talk.student).pk)
        writer = making.person(talk.writer)
        thread = begin_thread(
            uuid=uuid7(),
            student=student,
            person=teacher,
            text=talk.first,
            language=talk.language,
            author=writer,
            day=making.day,
        )
        if talk.in_english:
            asked = Message.objects.get(thread=thread)
            translate_message(message=asked, language="en", text=talk.in_english, translator=teacher, day=making.day)
        if talk.answer:
            send_message(uuid=uuid7(), thread=thread, text=talk.answer, language="en", author=teacher, day=making.day)
