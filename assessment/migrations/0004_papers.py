from django.db import migrations


def carry_over(apps, schema_editor):
    """Circulars and other papers are numbered by one mechanism: each series goes on where it stands."""
    earlier = apps.get_model("assessment", "NumberSeries")
    series = apps.get_model("accountability", "Series")
    for row in earlier.objects.all():
        series.objects.create(name=f"{row.prefix}〔{row.year}〕", last=row.last)


class Migration(migrations.Migration):
    dependencies = [
        ("accountability", "0007_papers_kept"),
        ("assessment", "0003_marks"),
    ]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.DeleteModel(name="NumberSeries"),
    ]
