import json
from uuid import uuid4
from django.urls import reverse
from tests.world import DAY
from tests.mastery.test_grid_batch import mark
BODIES = [b"[" * 200_000, b'{"assessments":' + b"[" * 50_000 + b"]" * 50_000 + b"}", b'{"assessments":[' + b"[" * 800 + b"]" * 800 + b"]}", b"\x00", b"1" * 900_000,
 b'{"assessments":[{"uuid":"\\ud800","student":1e400,"level":NaN}]}', b'{"assessments":[1e400, "\\u0000", {"uuid":{"a":[]}}]}']
MORE = [{"comment": "a\x00"}, {"comment": "\ud800"}, {"level": "NaN"}, {"level": 1e308}, {"level": "1e400"}, {"performed_on": "0001-01-01"}, {"performed_on": "9999-12-31"}, {"seen_at": "0001-01-01T00:00:00+14:00"}, {"seen_at": "9999-12-31T23:59:59-14:00"}, {"goal": "NaN"}, {"accommodations": [{}]}]
def test_api(world, as_person):
    client = as_person(world.teacher); client.raise_request_exception = False
    bad = []
    for n, b in enumerate(BODIES):
        if client.post(reverse("api:assessment-batch"), b, content_type="application/json").status_code >= 500: bad.append(n)
    for more in MORE:
        body = {"assessments": [{"uuid": str(uuid4()), "student": str(world.own.student.uuid), "target": str(world.targets[0].uuid), "level": "3.0", "performed_on": str(DAY)} | more]}
        if client.post(reverse("api:assessment-batch"), json.dumps(body), content_type="application/json").status_code >= 500: bad.append(more)
    row = mark(world, "3")
    for more in ({"reason": "a\x00"}, {"reason": "\ud800"}):
        if client.post(reverse("api:assessment-void", args=[row.uuid]), json.dumps({"uuid": str(uuid4())} | more), content_type="application/json").status_code >= 500: bad.append(more)
    assert not bad
