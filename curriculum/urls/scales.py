from django.urls import path

from curriculum.views import scales as views

urlpatterns = [
    path("curriculum/scales/", views.scale_list, name="scale-list"),
    path("curriculum/scales/new", views.scale_create, name="scale-create"),
    path("curriculum/scales/<uuid:scale>/", views.scale_change, name="scale-change"),
    path("curriculum/write/<uuid:framework>/scale", views.scale_choose, name="scale-choose"),
]
