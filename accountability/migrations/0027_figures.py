from django.db import migrations, models
from django.db.models import Exists, OuterRef


def mark_earlier_cycles(apps, schema_editor):
    """Rows written before there was the mark: of each duty only the latest cycle binds."""
    Deadline = apps.get_model("accountability", "Deadline")
    same = {name: OuterRef(name) for name in ("matter", "kind", "part", "party")}
    later = Deadline.objects.filter(**same, cycle__gt=OuterRef("cycle"))
    Deadline.objects.filter(Exists(later)).update(is_latest=False)


class Migration(migrations.Migration):
    dependencies = [
        ("accountability", "0026_access_log_read"),
    ]

    operations = [
        migrations.AddField(
            model_name="deadline",
            name="is_latest",
            field=models.BooleanField(default=True, verbose_name="现行周期"),
        ),
        migrations.RunPython(mark_earlier_cycles, migrations.RunPython.noop),
    ]
