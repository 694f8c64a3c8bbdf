"""botocore clients, one per account, role, region and service, with credentials that renew themselves.

The endpoint comes from AWS_ENDPOINT_URL, which botocore reads by itself: the same code talks to AWS and to the
embedded cloud.
"""

from __future__ import annotations

import functools
import os
import threading

import botocore
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import NoCredentialsError
from botocore.loaders import create_loader
from botocore.session import Session

from apps.cloud.aws import quickxml
from apps.cloud.aws.guard import CONNECT_TIMEOUT, READ_TIMEOUT
from apps.cloud.values import Target

USER_AGENT = f"deployconsole Botocore/{botocore.__version__}"
SESSION_NAME = "deployconsole"  # shown in the account's CloudTrail as the role session's name

# The environment is part of what a client was made for: it changes in tests, and never while serving.
_Environment = tuple[str | None, ...]
_ENVIRONMENT = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")
_SIGNED = {"s3": "s3v4"}  # else botocore presigns as S3 did of old, which newer regions refuse

_lock = threading.RLock()
_loader = create_loader()
_sessions: dict[tuple[_Environment, str, str], Session] = {}
_clients: dict[tuple[_Environment, Target, str], BaseClient] = {}


def client(target: Target, service: str) -> BaseClient:
    """The client of one service in one account and region; safe to use from several threads."""
    environment = _environment()
    key = (environment, target, service)
    found = _clients.get(key)
    if found is not None:
        return found
    with _lock:
        if key not in _clients:
            session = _session(environment, target)
            made = session.create_client(service, region_name=target.region, config=_config(service))
            quickxml.install(made)
            _clients[key] = made
        return _clients[key]


def renew_credentials(target: Target) -> None:
    """Assumes the role now if its credentials are near their end, so that the next call need not."""
    if target.role_arn:
        with _lock:
            session = _session(_environment(), target)
        credentials = session.get_credentials()
        if credentials is not None:
            credentials.get_frozen_credentials()


def forget() -> None:
    """Drops every client and credential; a forked process must not share its parent's connections."""
    _clients.clear()
    _sessions.clear()


def _reset_after_fork() -> None:
    global _lock
    _lock = threading.RLock()
    forget()


os.register_at_fork(after_in_child=_reset_after_fork)


def _environment() -> _Environment:
    return tuple(os.environ.get(name) for name in _ENVIRONMENT)


def _config(service: str) -> Config:
    return Config(
        signature_version=_SIGNED.get(service),
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"total_max_attempts": 1, "mode": "standard"},  # repeats are ours to decide
        max_pool_connections=16,
        tcp_keepalive=True,
        user_agent=USER_AGENT,  # botocore's own is put together anew for each request, out of what never changes
    )


def _session(environment: _Environment, target: Target) -> Session:
    key = (environment, target.role_arn, target.external_id)
    if key not in _sessions:
        session = Session()
        session.register_component("data_loader", _loader)
        if target.role_arn:
            provider = _RoleProvider(session, target)
            session = Session()
            session.register_component("data_loader", _loader)
            session.register_component("credential_provider", CredentialResolver([provider]))
        _sessions[key] = session
    return _sessions[key]


class _RoleProvider(CredentialProvider):
    """Answers a role's credentials, assumed at first use and again shortly before they expire."""

    METHOD = "assume-role"
    CANONICAL_NAME = None

    def __init__(self, source: Session, target: Target) -> None:
        super().__init__(session=source)
        self._source = source
        self._target = target

    def load(self) -> DeferredRefreshableCredentials:
        extra = {"RoleSessionName": SESSION_NAME}
        if self._target.external_id:
            extra["ExternalId"] = self._target.external_id
        own = self._source.get_credentials()
        if own is None:
            raise NoCredentialsError
        create = functools.partial(self._source.create_client, region_name=self._target.region, config=_config("sts"))
        fetcher = AssumeRoleCredentialFetcher(create, own, self._target.role_arn, extra_args=extra)
        return DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method=self.METHOD)
