from django.urls import path

from students.mastery.views import entry, grid, marks

urlpatterns = [
    path("groups/<uuid:group>/", grid.group_grid, name="group-grid"),
    path("groups/<uuid:group>/pick", grid.cell_pick, name="cell-pick"),
    path("groups/<uuid:group>/mark", marks.mark_form, name="mark-form"),
    path("groups/<uuid:group>/marks", marks.mark_record, name="mark-record"),
    path("groups/<uuid:group>/marks/undo", marks.mark_undo, name="mark-undo"),
    path("students/<uuid:student>/start", entry.entry_points, name="entry-points"),
]
