"""What runs wait for is taken before the inventory's many tasks, whichever came first."""

from __future__ import annotations

from typing import Any

from deployconsole.celery import app


def test_a_sweep_does_not_wait_behind_a_fleet_that_is_read() -> None:
    taken: list[str] = []

    def take(body: Any, message: Any) -> None:
        del body
        taken.append(message.headers["task"])
        message.ack()

    queues = list(app.amqp.queues.consume_from.values())
    with app.connection_for_write() as connection:
        for queue in queues:
            queue(connection.default_channel).declare()
            queue(connection.default_channel).purge()
        for name in ("inventory.sync_region", "inventory.read_one_by_one", "workflows.sweep"):
            app.send_task(name)
        with connection.Consumer(queues, callbacks=[take]):
            while len(taken) < 3:
                connection.drain_events(timeout=5)
    assert taken == ["workflows.sweep", "inventory.sync_region", "inventory.read_one_by_one"]
