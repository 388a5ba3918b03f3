"""The limits of IS 10500:2012, Drinking water specification (second revision), and what its amendments changed."""

from datetime import date
from decimal import Decimal

from django.db import migrations

SINCE, AMENDED, BEFORE = date(2012, 5, 1), date(2015, 6, 1), date(2015, 5, 31)
STANDARD = "IS 10500:2012, Table "
FIRST = "IS 10500:2012, Amendment 1 (June 2015), as the Central Ground Water Board reports it"
LIMITS = (
    # parameter, low, acceptable, permissible, least?, from, until, source
    ("ph", "6.5", "8.5", None, False, SINCE, None, STANDARD + "1"),
    ("turbidity", None, "1", "5", False, SINCE, None, STANDARD + "1"),
    ("tds", None, "500", "2000", False, SINCE, None, STANDARD + "1"),
    ("hardness", None, "200", "600", False, SINCE, None, STANDARD + "2"),
    ("alkalinity", None, "200", "600", False, SINCE, None, STANDARD + "2"),
    ("chloride", None, "250", "1000", False, SINCE, None, STANDARD + "2"),
    ("sulphate", None, "200", "400", False, SINCE, None, STANDARD + "2"),
    ("nitrate", None, "45", None, False, SINCE, None, STANDARD + "2"),
    ("fluoride", None, "1.0", "1.5", False, SINCE, None, STANDARD + "2"),
    ("chlorine", None, "0.2", None, True, SINCE, None, STANDARD + "2"),
    ("iron", None, "0.3", None, False, SINCE, BEFORE, STANDARD + "2"),
    ("iron", None, "1.0", None, False, AMENDED, None, FIRST),
    ("arsenic", None, "0.01", "0.05", False, SINCE, BEFORE, STANDARD + "3"),
    ("arsenic", None, "0.01", None, False, AMENDED, None, FIRST),
    ("lead", None, "0.01", None, False, SINCE, None, STANDARD + "3"),
    ("ecoli", None, "0", None, False, SINCE, None, STANDARD + "6"),
    ("total_coliform", None, "0", None, False, SINCE, None, STANDARD + "6"),
)


def record(apps, schema_editor):
    limit = apps.get_model("water", "Limit")
    for parameter, low, acceptable, permissible, is_least, from_on, until_on, source in LIMITS:
        limit.objects.create(
            parameter=parameter,
            low=low and Decimal(low),
            acceptable=Decimal(acceptable),
            permissible=permissible and Decimal(permissible),
            is_least=is_least,
            from_on=from_on,
            until_on=until_on,
            source=source,
        )


class Migration(migrations.Migration):
    dependencies = [("water", "0001_initial")]
    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
