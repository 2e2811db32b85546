from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index beside the traffic is built outside a transaction

    dependencies = [("accountability", "0002_expand")]

    operations = [AddIndexConcurrently("matter", models.Index(fields=["note"], name="matter_by_note"))]
