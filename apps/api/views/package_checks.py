"""Quick checks of packages: having one done, and following it."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import ApiViewSet
from apps.api.ids import bounded
from apps.api.refusals import told
from apps.api.serializers.package_checks import PackageCheckInput, PackageCheckSerializer
from apps.images import services
from apps.images.models import Build, PackageCheck
from apps.images.selectors import package_checks


class PackageChecks(ApiViewSet):
    """Checks of packages before any image is baked of them."""

    queryset = package_checks.checks()
    serializer_class = PackageCheckSerializer
    lookup_value_converter = "int"

    @extend_schema(responses=PackageCheckSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One check with its log. Poll it with If-None-Match until it has an `outcome`."""
        with told():
            row = package_checks.check(bounded(PackageCheck.DoesNotExist, pk))
        return Response(PackageCheckSerializer(row, context=self.get_serializer_context()).data)

    @extend_schema(request=PackageCheckInput, responses={202: PackageCheckSerializer, 200: PackageCheckSerializer})
    def check(self, request: Request, pk: int) -> Response:
        """Has the package of a build checked: 202; 200 with the check that is under way, where there is one."""
        given = self.read_body(PackageCheckInput)
        with told():
            made = services.check_package(bounded(Build.DoesNotExist, pk), actor=self.acting_user.username, **given)
        row = package_checks.check(made.pk)
        data = PackageCheckSerializer(row, context=self.get_serializer_context()).data
        code = status.HTTP_200_OK if made.joined else status.HTTP_202_ACCEPTED
        return Response(data, code, headers={"Location": data["url"]})
