"""What moto's IAM knows of a role: its attached and inline policies."""

from __future__ import annotations

from typing import Any

from moto.iam.models import iam_backends

from apps.localcloud.iam.policies import Statement, statements


def find(account: str, name: str) -> Any | None:
    """moto's role; None when there is none. Looking makes no IAM for an account that has none: that is slow."""
    home = dict.get(iam_backends, account)
    store = dict.get(home, "aws") if home is not None else None
    if store is None:
        return None
    return next((role for role in store.roles.values() if role.name == name), None)


def policies_of(account: str, name: str) -> list[Statement] | None:
    """All statements of a role's policies; None when IAM does not know the role, or knows no policy of it: such a role
    may do everything in its account, for most tests and the demo never make one.
    """
    role = find(account, name)
    if role is None or not (role.policies or role.managed_policies):
        return None
    found = [one for name, document in role.policies.items() for one in statements(name, document)]
    for policy in role.managed_policies.values():
        present = next(one for one in policy.versions if one.version_id == policy.default_version_id)
        found += statements(policy.name, present.document)
    return found
