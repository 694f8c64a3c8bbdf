"""What the services below raise, as problems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework.exceptions import NotFound

from apps.api import problems
from apps.deployments import errors
from apps.deployments.models import Deployment, Freeze
from apps.deployments.services import FreezeOver
from apps.images import errors as of_images


@contextmanager
def told() -> Iterator[None]:
    """Turns what the services raise into problems with their members; errors of the cloud need no telling."""
    try:
        yield
    except (errors.Invalid, of_images.Invalid) as error:
        raise problems.Invalid(error.errors) from error
    except errors.Refused as error:
        raise problems.Refused(str(error), findings=[finding.as_json() for finding in error.findings]) from error
    except errors.Busy as error:
        raise problems.Busy(str(error), owner=error.owner, run=error.run, deployment=error.deployment) from error
    except (errors.CannotCancel, FreezeOver) as error:
        raise problems.NotPossibleNow(str(error)) from error
    except Deployment.DoesNotExist as error:
        raise NotFound("There is no such deployment.") from error
    except Freeze.DoesNotExist as error:
        raise NotFound("There is no such freeze.") from error
