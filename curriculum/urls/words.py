from django.urls import path

from curriculum.views import translations, words

urlpatterns = [
    path("curriculum/words/<uuid:organization>/", words.wording_list, name="wording-list"),
    path("curriculum/words/<uuid:organization>/<uuid:topic>/", words.wording_topic, name="wording-topic"),
    path("curriculum/words/<uuid:organization>/<uuid:target>/say/", words.wording_write, name="wording-write"),
    path("curriculum/words/<uuid:organization>/<uuid:target>/end/", words.wording_end, name="wording-end"),
    path("curriculum/unpack/<uuid:topic>/", words.unpack_choose, name="unpack-choose"),
    path("curriculum/unpack/<uuid:group>/<uuid:target>/", words.unpack_show, name="unpack-show"),
    path("curriculum/unpack/<uuid:group>/<uuid:target>/end/", words.unpack_end, name="unpack-end"),
    path("curriculum/<uuid:framework>/translations/", translations.translation_list, name="translation-list"),
    path("curriculum/topics/<uuid:topic>/translations/", translations.translation_edit, name="translation-edit"),
]
