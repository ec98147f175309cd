from django.urls import path

from curriculum.views import drafts
from curriculum.views import writing as views

ONE = "curriculum/write/<uuid:framework>"

urlpatterns = [
    path("curriculum/write/", drafts.draft_list, name="draft-list"),
    path("curriculum/write/new", drafts.framework_create, name="framework-create"),
    path(f"{ONE}/", views.framework_write, name="framework-write"),
    path(f"{ONE}/words", views.framework_change, name="framework-change"),
    path(f"{ONE}/publish", drafts.framework_publish, name="framework-publish"),
    path(f"{ONE}/writers", drafts.writer_list, name="writer-list"),
    path(f"{ONE}/writers/<uuid:writer>/end", drafts.writer_end, name="writer-end"),
    path(f"{ONE}/move", views.piece_move, name="piece-move"),
    path(f"{ONE}/retire", views.piece_retire, name="piece-retire"),
    path(f"{ONE}/areas", views.area_add, name="area-add"),
    path(f"{ONE}/areas/<uuid:area>", views.area_change, name="area-change"),
    path(f"{ONE}/topics", views.topic_add, name="topic-add"),
    path(f"{ONE}/topics/<uuid:topic>/", views.topic_write, name="topic-write"),
    path(f"{ONE}/topics/<uuid:topic>/words", views.topic_change, name="topic-change"),
    path(f"{ONE}/topics/<uuid:topic>/targets", views.target_add, name="target-add"),
    path(f"{ONE}/targets/<uuid:target>", views.target_change, name="target-change"),
]
