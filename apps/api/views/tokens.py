"""API tokens: everybody's own; an administrator sees and revokes all."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import services
from apps.accounts.models import Role, Token, User
from apps.accounts.selectors import tokens_visible_to
from apps.api.base import ApiViewSet
from apps.api.serializers.accounts import NewTokenSerializer, TokenInput, TokenSerializer


class Tokens(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """API tokens: your own, or everybody's if you are an administrator."""

    tag = "accounts"
    required_role = Role.VIEWER  # a token can do no more than its user
    queryset = Token.objects.none()
    serializer_class = TokenSerializer
    lookup_value_converter = "int"
    secret_fields = ("token",)

    def get_queryset(self) -> QuerySet[Token]:
        user = self.request.user
        return tokens_visible_to(user) if isinstance(user, User) else Token.objects.none()

    @extend_schema(request=TokenInput, responses={201: NewTokenSerializer})
    def create(self, request: Request) -> Response:
        """Makes a token that acts for you. Its text is in this answer and nowhere else."""
        user = self.acting_user
        token, text = services.create_token(user, actor=user.username, **self.read_body(TokenInput))
        data = {**TokenSerializer(token).data, "token": text}
        return Response(data, status.HTTP_201_CREATED, headers={"Location": f"{request.path}{token.pk}/"})

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Revokes a token at once."""
        services.revoke(self.get_object(), actor=self.acting_user.username)
        return Response(status=status.HTTP_204_NO_CONTENT)
