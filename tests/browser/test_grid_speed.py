"""How long a keystroke keeps the page busy, in a grid of 120 students by 60 targets."""

from __future__ import annotations

import pytest

from curriculum.models import Target
from lpm.people.models import Enrollment, Student
from tests.browser.grids import BEN, cell

ROWS, COLUMNS = 120, 60
MEASURE = """() => {
  const stroke = key => {
    const began = performance.now();
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    document.activeElement.getBoundingClientRect();
    return performance.now() - began;
  };
  const median = all => all.sort((one, other) => one - other)[all.length / 2];
  const table = document.querySelector('table.grid');
  const first = () => table.tBodies[0].rows[0].cells[1].querySelector('button');
  const run = () => {
    first().focus();
    return median(Array.from({ length: 50 }, (_, n) => stroke(String(n % 4))));
  };
  const best = () => Math.min(run(), run(), run()); // of the computer's quietest moment
  localStorage.setItem('cairn.grid.onward', 'across');
  const large = best();
  for (const row of [...table.tBodies[0].rows].slice(10)) row.remove();
  for (const row of table.rows) for (const one of [...row.cells].slice(52)) one.remove();
  document.body.getBoundingClientRect();
  return [large, best()];
}"""


@pytest.fixture
def large_class(world):
    own = world.own
    students = Student.objects.bulk_create(
        Student(district=own.district, school=own.school, given_name=f"Student {n:03}", family_name="Zimmermann")
        for n in range(ROWS - 3)
    )
    Enrollment.objects.bulk_create(
        Enrollment(district=own.district, group=own.group, student=student) for student in students
    )
    Target.objects.bulk_create(
        Target(
            topic=world.topic,
            case_identifier=f"more {n}",
            code=f"5.NF.{n}",
            short_title=f"Step {n} with unlike denominators",
            statement=f"Takes step {n}",
            i_can=f"I can take step {n}",
            position=n,
        )
        for n in range(5, COLUMNS + 1)
    )


def test_keystroke_in_a_large_grid_is_about_as_fast_as_in_a_small_one(world, large_class, page_as, record_property):
    page = page_as(world.teacher)
    page.route("**/marks", lambda _route: None)  # never answered: sending is not what is measured
    page.goto(f"/groups/{world.own.group.uuid}/")
    assert page.locator("table.grid .level").count() == ROWS * COLUMNS
    cell(page, BEN).focus()

    large, small = page.evaluate(MEASURE)

    record_property("keystroke in ms", large)
    print(f"keystroke: {large:.2f} ms at {ROWS} by {COLUMNS}, {small:.2f} ms at 10 by 51")  # noqa: T201
    assert large < 6 * small
