"""The control process: puts the parts together, tells where it is, runs until told to stop."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from apps.localcloud import addresses, keeping, state_file
from apps.localcloud.cloud import Cloud
from apps.localcloud.keys import KeyRing
from apps.localcloud.options import DESCRIPTION, Options
from apps.localcloud.parts import attach_parts
from apps.localcloud.server import Endpoint

log = logging.getLogger(__name__)


class Control:
    """A running embedded cloud in this process. `start` returns once requests are answered."""

    def __init__(self, options: Options) -> None:
        self._options = options
        options.work.mkdir(parents=True, exist_ok=True)
        state_file.code()  # what runs, whatever stands there when it stops
        self._kept = state_file.find(options.work) if options.keep else None
        self._began = False
        slot = addresses.claim(self._kept.block if self._kept else None, lasting=options.keep)
        self.cloud = Cloud(options, slot, KeyRing(options.account), endpoint="")
        self._endpoint = Endpoint(self.cloud, slot.endpoint)
        self.cloud.endpoint = f"http://{slot.endpoint}:{self._endpoint.port}"

    def start(self) -> None:
        attach_parts(self.cloud)
        if self._kept:
            keeping.take_up(self.cloud, self._kept)
        self.go_on()
        describe(self.cloud, self._options.work, resumed=self._kept is not None)
        keeping.drop(self.cloud)
        self._began = True

    def pause(self) -> None:
        """Nothing happens, and no new connection is answered, until `go_on`."""
        self._endpoint.pause()
        self.cloud.scheduler.stop()

    def go_on(self) -> None:
        """Starts the threads of a new cloud, or of a paused one: also in a forked process, where they are missing."""
        self.cloud.scheduler.start()
        self._endpoint.start()

    def stop(self) -> None:
        """Ends the endpoint first, then the engine, then every instance and the load balancers."""
        (self._options.work / DESCRIPTION).unlink(missing_ok=True)
        self._endpoint.stop()
        self.cloud.scheduler.stop()
        if self._options.keep and self._began:
            keeping.leave(self.cloud)
        self.cloud.fleet.close()
        self.cloud.data_plane.close()
        self.cloud.addresses.release()


def describe(cloud: Cloud, work: Path, *, resumed: bool) -> None:
    """Writes WORK/localcloud.json (by rename, readable by us alone): where the cloud is and the root key."""
    told = {
        "endpoint": cloud.endpoint,
        "access_key_id": cloud.keys.root.access_key_id,
        "secret_access_key": cloud.keys.root.secret,
        "account": cloud.keys.root.account,
        "addresses": str(cloud.addresses.block),
        "pid": os.getpid(),
        "resumed": resumed,
    }
    fresh = work / f".{DESCRIPTION}.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(told, file, indent=2)
    fresh.rename(work / DESCRIPTION)
