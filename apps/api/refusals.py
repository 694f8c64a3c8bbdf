"""What the services below raise, as problems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework.exceptions import NotFound

from apps.api import problems
from apps.cloud.errors import CloudError
from apps.deployments import errors
from apps.deployments.models import Deployment, Freeze
from apps.deployments.services import FreezeOver


@contextmanager
def told() -> Iterator[None]:
    """Turns the exceptions of `deployments` and of the cloud into problems with their members."""
    try:
        yield
    except errors.Invalid as error:
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
    except CloudError as error:
        raise _of_cloud(error) from error


def _of_cloud(error: CloudError) -> problems.Problem:
    call = f" ({error.operation})" if error.operation else ""
    if error.retryable:
        return problems.CloudSilent(f"AWS does not answer at the moment{call}: {error}. Nothing was changed.")
    return problems.CloudRefused(f"AWS refused a call{call}: {error}. Nothing was changed.")
