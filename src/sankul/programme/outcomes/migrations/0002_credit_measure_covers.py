from django.db import migrations, models


class Migration(migrations.Migration):
    """The index of a measure also holds the claim and the role: then its rows are read from the index alone."""

    dependencies = [("outcomes", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="credit", name="credit_measure"),
        migrations.AddIndex(
            model_name="credit",
            index=models.Index(
                fields=["kind", "on", "cluster"],
                include=["organisation", "claim", "role", "quantity", "stands", "counts"],
                name="credit_measure",
            ),
        ),
    ]
