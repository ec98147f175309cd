from django.urls import path

from students.mastery.views import ways

urlpatterns = [
    path("levels/<uuid:organization>/", ways.ways_list, name="ways-list"),
    path("levels/<uuid:organization>/settings", ways.options_change, name="options-change"),
    path("levels/<uuid:organization>/<uuid:framework>/", ways.ways_show, name="ways-show"),
    path("levels/scale/<uuid:framework>/", ways.scale_move, name="scale-move"),
    path("levels/changes/<uuid:change>/", ways.change_show, name="change-show"),
    path("levels/changes/<uuid:change>/decide", ways.change_decide, name="change-decide"),
]
