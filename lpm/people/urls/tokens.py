from django.urls import URLPattern, path

from lpm.people.views import tokens

urlpatterns: list[URLPattern] = [
    path("account/tokens", tokens.token_list, name="token-list"),
    path("account/tokens/new", tokens.token_create, name="token-create"),
    path("account/tokens/<uuid:token>/revoke", tokens.token_revoke, name="token-revoke"),
]
