from django.urls import path

from students.mastery import views

app_name = "mastery"

urlpatterns = [
    path("groups/<uuid:group>/", views.group_grid, name="group-grid"),
    path("groups/<uuid:group>/pick", views.cell_pick, name="cell-pick"),
    path("groups/<uuid:group>/mark", views.mark_form, name="mark-form"),
    path("groups/<uuid:group>/marks", views.mark_record, name="mark-record"),
    path("groups/<uuid:group>/marks/undo", views.mark_undo, name="mark-undo"),
    path("students/<uuid:student>/start", views.entry_points, name="entry-points"),
]
