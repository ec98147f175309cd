from django.urls import path

from students.mastery.views import batch, entry, marks

urlpatterns = [
    path("groups/<uuid:group>/mark", marks.mark_form, name="mark-form"),
    path("groups/<uuid:group>/marks", marks.mark_record, name="mark-record"),
    path("groups/<uuid:group>/marks/batch", batch.marks_record, name="marks-record"),
    path("groups/<uuid:group>/marks/undo", marks.mark_undo, name="mark-undo"),
    path("marks/<uuid:mark>/void", marks.mark_void, name="mark-void"),
    path("students/<uuid:student>/start", entry.entry_points, name="entry-points"),
]
