"""What a cloud that stops leaves for its next start, all that it holds, and how that takes it up.

Processes do not outlive a stop: instances that ran are started again, as machines are after a power cut.
"""

from __future__ import annotations

import io
import json
import logging
import os
import pickle
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import IO, Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from moto.core.base_backend import BackendDict

from apps.localcloud.cloud import Cloud, now
from apps.localcloud.ec2.machines import Machine, machines
from apps.localcloud.plane import push_soon
from apps.localcloud.state_file import FILE, Kept, code

log = logging.getLogger(__name__)

_BOOTED_WITHIN = 5.0  # seconds, after its boot time: until then a machine that runs again is not taken for sick
_LOCK, _RLOCK = type(threading.Lock()), type(threading.RLock())
_PEM, _PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
_PLAIN = serialization.NoEncryption()


class CannotResumeError(RuntimeError):
    """What an earlier cloud left is there, and cannot be used; the message says why."""


def take_up(cloud: Cloud, kept: Kept) -> None:
    """The cloud goes on where the other one stopped. Must be called before anything was made in it.

    Raises CannotResumeError; what cannot be read is not kept any longer.
    """
    if kept.lite != cloud.options.lite:
        raise CannotResumeError(f"{FILE} was left by a cloud {'in' if kept.lite else 'out of'} lite mode.")
    try:
        with kept.file:
            told = _Unpickler(kept.file, cloud).load()
    except Exception as error:  # whatever is in it
        drop(cloud)
        raise CannotResumeError(f"{FILE} cannot be read ({error!r}); the next start is a new one.") from error
    cloud.keys = told["keys"]
    cloud.addresses.go_on_from(told["addresses"])
    cloud.go_on_from(told["states"])
    for backends in _backends():
        for (account, region), backend in told["moto"].get(backends.service_name, {}).items():
            dict.__setitem__(backends[account], region, backend)
    passed = time.time() - told["at"]
    for delay, task, key in told["tasks"]:
        cloud.scheduler.after(delay - passed, task, key)
    for machine in machines(cloud).by_id.values():
        _switch_on(cloud, machine)
    push_soon(cloud)
    cloud.began = now() + timedelta(seconds=cloud.options.boot_seconds + _BOOTED_WITHIN)


def drop(cloud: Cloud) -> None:
    """What was left serves once: what goes on from it is newer."""
    (cloud.work / FILE).unlink(missing_ok=True)


def leave(cloud: Cloud) -> None:
    """Writes down all that the cloud holds; where that fails the log says why, and the next start is a new one.

    Nothing may happen in the cloud any more, and its instances must still be there.
    """
    body = io.BytesIO()
    fresh = cloud.work / f".{FILE}.{os.getpid()}"
    try:
        with cloud.lock:
            _Pickler(body, cloud).dump(
                {
                    "at": time.time(),
                    "keys": cloud.keys,
                    "addresses": cloud.addresses.given,
                    "states": cloud.states,
                    "moto": {backends.service_name: _held(backends) for backends in _backends()},
                    "tasks": cloud.scheduler.waiting(),
                }
            )
        head = {"code": code(), "block": str(cloud.addresses.block), "lite": cloud.options.lite}
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(json.dumps(head).encode() + b"\n" + body.getbuffer())
        fresh.rename(cloud.work / FILE)
    except Exception:  # what cannot be pickled is moto's, or new: a cloud must stop nonetheless
        log.exception("the state cannot be kept")
        drop(cloud)


def _switch_on(cloud: Cloud, machine: Machine) -> None:
    """As after a power cut: what ran, runs again, out of its image."""
    environment = {**machine.spec.environment, "AWS_ENDPOINT_URL": cloud.endpoint}
    machine.spec = replace(machine.spec, environment=environment, boot_seconds=cloud.options.boot_seconds)
    machine.restarting = False
    if machine.state in ("pending", "running") and not machine.exited:
        cloud.fleet.start(machine.spec)


class _Pickler(pickle.Pickler):
    """What belongs to this process is named, not written."""

    def __init__(self, file: IO[bytes], cloud: Cloud) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._named = {id(each): name for name, each in _parts(cloud).items()}

    def persistent_id(self, obj: Any) -> str | None:
        return self._named.get(id(obj))

    def reducer_override(self, obj: Any) -> Any:
        """moto's queues hold conditions, its key stores keys and certificates."""
        if isinstance(obj, threading.Condition):
            return threading.Condition, ()
        if isinstance(obj, _LOCK):
            return threading.Lock, ()
        if isinstance(obj, _RLOCK):
            return threading.RLock, ()
        if isinstance(obj, RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey):
            return _key, (obj.private_bytes(_PEM, _PKCS8, _PLAIN),)
        if isinstance(obj, x509.Certificate):
            return _certificate, (obj.public_bytes(_PEM),)
        return NotImplemented


def _key(pem: bytes) -> Any:
    return serialization.load_pem_private_key(pem, None)


def _certificate(pem: bytes) -> Any:
    return x509.load_pem_x509_certificate(pem)


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: IO[bytes], cloud: Cloud) -> None:
        super().__init__(file)
        self._parts = _parts(cloud)

    def persistent_load(self, pid: Any) -> Any:
        return self._parts[pid]


def _parts(cloud: Cloud) -> dict[str, object]:
    return {
        "cloud": cloud,
        "lock": cloud.lock,
        "scheduler": cloud.scheduler,
        "fleet": cloud.fleet,
        "data plane": cloud.data_plane,
    }


def _backends() -> list[BackendDict[Any]]:
    """Of every service of moto's that was imported."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("moto.")]
    found = (value for module in modules for value in list(vars(module).values()) if isinstance(value, BackendDict))
    return list({id(each): each for each in found}.values())


def _held(backends: BackendDict[Any]) -> dict[tuple[str, str], Any]:
    """By account and region, without making any."""
    accounts = dict.items(backends)
    return {(account, region): backend for account, places in accounts for region, backend in dict.items(places)}
