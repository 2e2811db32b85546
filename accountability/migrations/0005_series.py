from django.db import migrations, models
from django.db.models import Max


def go_on_where_the_numbers_are(apps, schema_editor):
    """Numbers used to be the matters' keys: each series goes on behind the last key, so none is given twice."""
    last = apps.get_model("accountability", "Matter").objects.aggregate(last=Max("pk"))["last"]
    if last:
        series = apps.get_model("accountability", "Series")
        series.objects.bulk_create([series(name=name, last=last) for name in ("TS", "DM")])


class Migration(migrations.Migration):
    dependencies = [
        ("accountability", "0004_cases"),
    ]

    operations = [
        migrations.CreateModel(
            name="Series",
            fields=[
                ("name", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("last", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.RunPython(go_on_where_the_numbers_are, migrations.RunPython.noop),
    ]
