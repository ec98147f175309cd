from django.urls import path

from students.mastery.views import walk

urlpatterns = [
    path("groups/<uuid:group>/walk", walk.walk_show, name="walk-show"),
    path("groups/<uuid:group>/walk/absent", walk.walk_absent, name="walk-absent"),
    path("groups/<uuid:group>/walk/sheet", walk.walk_sheet, name="walk-sheet"),
    path("groups/<uuid:group>/walk/enter", walk.walk_enter, name="walk-enter"),
]
