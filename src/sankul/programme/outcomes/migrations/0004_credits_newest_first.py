from django.db import migrations, models


class Migration(migrations.Migration):
    """A cluster's credits of a kind are listed newest first, and added up, from their index."""

    dependencies = [("outcomes", "0003_claims_are_found")]

    operations = [
        migrations.RemoveIndex(model_name="credit", name="credit_of_cluster"),
        migrations.AddIndex(
            model_name="credit",
            index=models.Index(
                "cluster",
                "kind",
                models.F("on").desc(nulls_last=True),
                models.F("id").desc(),
                include=["quantity", "stands", "counts"],
                name="credit_of_cluster",
            ),
        ),
    ]
