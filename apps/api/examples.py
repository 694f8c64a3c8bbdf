"""What the API's page fills in where it would otherwise make up letters: one value a field's name."""

from __future__ import annotations

from typing import Any

EXAMPLES = {
    "account_id": "123456789012",
    "actor": "alice",
    "application": "web",
    "branch": "main",
    "cluster": "web-prod",
    "commit": "2fa4d17c90be",
    "email": "storefront@example.com",
    "environment": "prod",
    "from_group": "web-prod-v031",
    "from_image": "ami-0123456789abcdef0",
    "from_version": "2026.45.0",
    "group": "web-prod-v032",
    "health_check_path": "/health",
    "image": "ami-0fedcba9876543210",
    "image_id": "ami-0fedcba9876543210",
    "instance_id": "i-0123456789abcdef0",
    "owner": "Team Storefront",
    "package": "web",
    "reason": "fix login",
    "region": "us-east-1",
    "repository_url": "https://git.example.com/shop/web",
    "role_arn": "arn:aws:iam::123456789012:role/deployconsole",
    "to_group": "web-prod-v032",
    "to_image": "ami-0fedcba9876543210",
    "to_version": "2026.46.1",
    "user": "alice",
    "username": "alice",
    "version": "2026.46.1",
}


def exemplify(schema: dict[str, Any]) -> None:
    """Adds the examples to an object's schema in place; only to texts that have no fixed choice of values."""
    for name, member in schema.get("properties", {}).items():
        if (
            name in EXAMPLES
            and "$ref" not in member
            and "enum" not in member
            and member.get("type", "string") == "string"
        ):
            member["example"] = EXAMPLES[name]
