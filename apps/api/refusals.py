"""What the services below raise, as problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.exceptions import NotFound

from apps.api import problems
from apps.deployments import errors
from apps.deployments.models import Deployment, Freeze
from apps.deployments.services import FreezeOver
from apps.images import errors as images
from apps.images.models import Bake, BaseImage, Build, Keep, PackageCheck, Promotion

MISSING: Mapping[type[ObjectDoesNotExist], str] = {
    Deployment.DoesNotExist: "There is no such deployment.",
    Freeze.DoesNotExist: "There is no such freeze.",
    Bake.DoesNotExist: "There is no such bake.",
    BaseImage.DoesNotExist: "There is no such base image.",
    Keep.DoesNotExist: "That is not kept.",
    Build.DoesNotExist: "There is no such build.",
    PackageCheck.DoesNotExist: "There is no such check.",
    Promotion.DoesNotExist: "There is no such promotion.",
}


@contextmanager
def told() -> Iterator[None]:
    """Turns the exceptions of `deployments` and `images` into problems with their members; those of the cloud need no
    telling.
    """
    try:
        yield
    except errors.Invalid as error:
        raise problems.Invalid(error.errors) from error
    except errors.Refused as error:
        raise problems.Refused(str(error), findings=[finding.as_json() for finding in error.findings]) from error
    except images.Refused as error:
        raise problems.Refused(str(error), findings=[]) from error
    except errors.Busy as error:
        raise problems.Busy(str(error), owner=error.owner, run=error.run, deployment=error.deployment) from error
    except (errors.CannotCancel, images.CannotCancel, FreezeOver) as error:
        raise problems.NotPossibleNow(str(error)) from error
    except tuple(MISSING) as error:
        raise NotFound(MISSING[type(error)]) from error
