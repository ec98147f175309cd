from django.urls import path

from curriculum.views import revisions as views

urlpatterns = [
    path("curriculum/<uuid:framework>/revisions/", views.revision_list, name="revision-list"),
    path("curriculum/<uuid:framework>/revisions/begin", views.revision_begin, name="revision-begin"),
    path("curriculum/revisions/<uuid:revision>/", views.revision_show, name="revision-show"),
    path("curriculum/revisions/<uuid:revision>/preview", views.revision_preview, name="revision-preview"),
    path("curriculum/revisions/<uuid:revision>/change", views.revision_change, name="revision-change"),
    path("curriculum/revisions/<uuid:revision>/end-targets", views.revision_end, name="revision-end"),
    path("curriculum/revisions/<uuid:revision>/undo", views.revision_undo, name="revision-undo"),
    path("curriculum/revisions/<uuid:revision>/try", views.revision_try, name="revision-try"),
    path("curriculum/revisions/<uuid:revision>/publish", views.revision_publish, name="revision-publish"),
    path("curriculum/revisions/<uuid:revision>/reopen", views.revision_reopen, name="revision-reopen"),
    path("curriculum/revisions/<uuid:revision>/withdraw", views.revision_withdraw, name="revision-withdraw"),
    path("curriculum/targets/<uuid:target>/past", views.target_past, name="target-past"),
]
