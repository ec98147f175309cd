"""What people of the district write about learning. All of it invented; kind, concrete, and about the work."""

from __future__ import annotations

from decimal import Decimal
from random import Random

PROFICIENT = Decimal("3.0")
BEGINNING = (
    "We did the first ones side by side. Next time, start the first one alone.",
    "You had a good beginning and then got stuck. The drawing from Tuesday may help.",
    "You explained what the question asks. That is the first half of the work.",
    "We looked at one example together. Keep it beside you when you try again.",
    "You asked a good question here. Write it down and try to answer it.",
)
UNDER_WAY = (
    "The simple ones are sure now. The longer ones need one more look.",
    "You found your own slip and mended it. Show me two more like this.",
    "Your steps are clear. Say why each of them is allowed.",
    "Nearly there: the last part is missing. Tell it in a sentence.",
    "You can do this with the chart. Now try it without.",
    "Good thinking aloud. Put on paper what you told me.",
)
MET = (
    "You did this on your own and could say why it works.",
    "Shown twice now, on different days. This one is yours.",
    "Clear from beginning to end. You checked it without being asked.",
    "You helped at your table and it held up. Well explained.",
    "Your second try shows what you changed and why. That is how it is done.",
)
BEYOND = (
    "You took this further than we had gone. Would you show it to the others?",
    "You used it for the tide table at home: that is more than we practised.",
    "You found a case where it does not work, and said why. Wonderful.",
)
AGAIN = (
    "After the summer it was a little rusty. That happens; it comes back fast.",
    "Some of it slipped. We will look at it again next week.",
    "It was a tired day. Let us see it once more before we move on.",
)
IN_OTHER_WORDS = {
    "es": ("Lo explicaste con tus propias palabras. Muy claro.", "Ya casi está. Falta decir por qué funciona."),
    "fr": ("Tu l’as expliqué avec tes propres mots. C’est clair.", "C’est presque là. Il reste à dire pourquoi."),
}
SELF = (
    "I think I get it now.",
    "I can do it if I go slowly.",
    "I still mix up two of the steps.",
    "I taught it to my cousin.",
    "The big ones are hard for me.",
)
DONE = (
    "I did the practice page again and checked it with Rowan.",
    "I made a poster that shows how it works.",
    "I read the chapter again and wrote down three examples.",
    "I watched the video twice and did the four problems after it.",
    "I tried it at home with the tide table and it came out right.",
    "I worked on it in the seminar on Thursday.",
    "I wrote it again after we talked and changed the ending.",
)
REPLY_MET = ("That was clear. Thank you for asking.", "You were ready. On to the next one.", "")
REPLY_RETURNED = (
    "Look at the second example first, then show me.",
    "Do two of the longer ones first. I look forward to seeing them.",
    "Tell it to a partner first and see what they ask.",
)
FOR_FAMILY = (
    "Ask at home how this works: telling it is the best practice.",
    "A big step this week. It was good to see.",
    "This takes its time, and the time is well spent.",
)
FOR_STAFF = (
    "Works best near the window, with one page at a time.",
    "Was away with the flu; what is older still holds.",
    "Spoke it well; writing it down comes next.",
)


def comment_on(random: Random, level: Decimal, *, is_again: bool = False) -> str:
    if is_again and level < PROFICIENT:
        return random.choice(AGAIN)
    if level > PROFICIENT:
        return random.choice(BEYOND)
    if level == PROFICIENT:
        return random.choice(MET)
    return random.choice(UNDER_WAY if level >= 2 else BEGINNING)
