from django.urls import path

from curriculum.views import prints
from curriculum.views import reading as views

urlpatterns = [
    path("curriculum/", views.framework_list, name="framework-list"),
    path("curriculum/<uuid:framework>/", views.framework_show, name="framework-show"),
    path("curriculum/<uuid:framework>/steps/", views.framework_steps, name="framework-steps"),
    path("curriculum/areas/<uuid:area>/", views.area_show, name="area-show"),
    path("curriculum/areas/<uuid:area>/steps/", views.area_steps, name="area-steps"),
    path("curriculum/topics/<uuid:topic>/", views.topic_show, name="topic-show"),
    path("curriculum/topics/<uuid:topic>/steps/", views.topic_steps, name="topic-steps"),
    path("curriculum/topics/<uuid:topic>/poster/", prints.topic_poster, name="topic-poster"),
    path("curriculum/topics/<uuid:topic>/cards/", prints.topic_cards, name="topic-cards"),
    path("curriculum/targets/<uuid:target>/", views.target_show, name="target-show"),
    path("curriculum/targets/<uuid:target>/card/", prints.target_card, name="target-card"),
]
