from tests.browser.test_pages import learned, timezone, time_machine, record_mark
from decimal import Decimal
from datetime import timedelta
from uuid import uuid4
from lpm.lib.dates import school_day
from tests.browser.conftest import *
from students.mastery.services import record_remark
from students.mastery.models import MasterySettings
def test_shots(learned, page_as):
    w=learned; own=w.own
    now=timezone.now()
    for n,(lv,kind,j) in enumerate([("1.5","score",False),("2","practice",False),("3","self",False),("2.5","score",False),("3","score",False)]):
        with time_machine.travel(now-timedelta(days=40-7*n), tick=True):
            d=school_day("America/New_York")
            record_mark(uuid=uuid4(), recorder=w.student if kind=="self" else w.teacher, student=own.student, target=own.targets[2], level=Decimal(lv), kind=kind, judges=j, performed_on=d, day=d, accommodations=("read_aloud",), comment="Said it aloud to the class" if n==0 else "")
    MasterySettings.objects.create(organization=own.district, valid_from=school_day("America/New_York"), shows_topic_levels=True, recency_days=30)
    s=own.student.uuid; t=[x.uuid for x in own.targets]
    ago=str((now-timedelta(days=20)).date())
    for who, name, url in [("guardian","whyfam",f"/students/{s}/targets/{t[2]}/why"),("teacher","whystaff",f"/students/{s}/targets/{t[2]}/why"),("student","whyjudged",f"/students/{s}/targets/{t[0]}/why"),("student","pathpast",f"/students/{s}/?as_of={ago}"),("student","path",f"/students/{s}/"),("student","topic",f"/students/{s}/topics/{own.topic.uuid}/"),("guardian","family",f"/family/{s}/?as_of={ago}")]:
        for width, scheme in [(390,"dark"),(1280,"light")]:
            p=page_as(w.people[who], width=width, color_scheme=scheme)
            p.goto(url)
            print(name,width,violations(p),scrolls_sideways(p))
            p.screenshot(path=f"/tmp/i5/shots_i_{name}_{width}.png", full_page=True)
