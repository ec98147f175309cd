from django.urls import path

from curriculum.views import adoption as views

urlpatterns = [
    path("curriculum/use/", views.adoption_choose, name="adoption-choose"),
    path("curriculum/use/<uuid:organization>/", views.adoption_list, name="adoption-list"),
    path("curriculum/use/<uuid:organization>/add/<uuid:framework>/", views.adoption_add, name="adoption-add"),
    path("curriculum/use/end/<uuid:adoption>/", views.adoption_end, name="adoption-end"),
]
