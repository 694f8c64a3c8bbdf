"""PostgreSQL itself refuses to change or delete an event, whoever asks.

TRUNCATE is left alone: it needs the table's owner.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION events_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_are_append_only();
"""
ALLOW = """
DROP TRIGGER events_append_only ON events_event;
DROP FUNCTION events_are_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0002_read_by_actor_and_time")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
