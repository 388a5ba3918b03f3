"""The table of observations: partitioned by spans of days, unique by stream and time, with numbers of its own."""

from django.db import migrations

FORWARD = """
CREATE SEQUENCE streams_observation_number AS bigint;

CREATE TABLE streams_observation (
    id bigint NOT NULL,
    time timestamptz NOT NULL,
    value float8 NOT NULL,
    stream_id integer NOT NULL,
    flag smallint NOT NULL CHECK (flag IN (1, 2, 3, 4, 9)),
    is_detailed boolean NOT NULL DEFAULT false,
    CONSTRAINT observation_once UNIQUE (stream_id, time)
) PARTITION BY RANGE (time);
CREATE INDEX observation_number ON streams_observation (id);
CREATE INDEX observation_time ON streams_observation USING brin (time) WITH (autosummarize = on);

CREATE FUNCTION streams_raw_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.stream_id, NEW.time, NEW.id) IS DISTINCT FROM (OLD.stream_id, OLD.time, OLD.id) THEN
        RAISE EXCEPTION 'stream, time and number of an observation do not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'observation_stays';
    END IF;
    IF (NEW.value, NEW.flag) IS DISTINCT FROM (OLD.value, OLD.flag) AND NOT EXISTS (
        SELECT 1 FROM streams_version v WHERE v.stream_id = OLD.stream_id AND v.time = OLD.time AND v.number = 0
    ) THEN
        RAISE EXCEPTION 'an observation as received is kept as version 0 before it changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'observation_raw_is_kept';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER raw_is_kept BEFORE UPDATE ON streams_observation
    FOR EACH ROW EXECUTE FUNCTION streams_raw_is_kept();
"""
BACKWARD = """
DROP TABLE streams_observation;
DROP FUNCTION streams_raw_is_kept;
DROP SEQUENCE streams_observation_number;
"""


class Migration(migrations.Migration):
    """SQL, because Django knows no partitions."""

    dependencies = [("streams", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
