"""The panel is appointed first, its members speak by a day and can be replaced, and it is recorded last (R48)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

PERSON = {"on_delete": django.db.models.deletion.PROTECT, "related_name": "+"}
KEPT = {
    "blank": True, "db_constraint": False, "null": True, "on_delete": django.db.models.deletion.DO_NOTHING,
    "related_name": "+",
}  # fmt: skip
FINDINGS = [("violated", "违反"), ("not_violated", "不违反")]


def of_panels(model: str, link: dict) -> list:
    """What was recorded first is the appointment from now on, and what decided it the record.

    PostgreSQL names index and constraint by the column as it was when they were made: they go before it is renamed, or
    those of the new column of the old name would meet them.
    """
    bare = link | {"db_index": False, "db_constraint": False}
    return [
        migrations.AlterField(
            model, "recorded_by", models.ForeignKey(to=settings.AUTH_USER_MODEL, verbose_name="记录人", **bare)
        ),
        migrations.RenameField(model, "recorded_by", "appointed_by"),
        migrations.RenameField(model, "recorded_at", "appointed_at"),
        migrations.RenameField(model, "decided_at", "recorded_at"),
        migrations.RemoveField(model, "replaced_at"),
        migrations.AlterField(
            model, "appointed_by", models.ForeignKey(to=settings.AUTH_USER_MODEL, verbose_name="召集人", **link)
        ),
        migrations.AlterField(model, "appointed_at", models.DateTimeField(verbose_name="召集时间")),
        migrations.AlterField(model, "recorded_at", models.DateTimeField(null=True, verbose_name="记录时间")),
        migrations.AlterField(
            model, "conclusion", models.CharField(blank=True, choices=FINDINGS, max_length=12, verbose_name="结论")
        ),
        migrations.AddField(
            model, "recorded_by",
            models.ForeignKey(to=settings.AUTH_USER_MODEL, verbose_name="记录人", **link | {"null": True}),
        ),
        migrations.AddField(
            model, "due_at", models.DateTimeField(default=timezone.now, verbose_name="意见截止"), preserve_default=False
        ),
    ]  # fmt: skip


def of_seats(model: str, link: dict) -> list:
    return [
        migrations.AddField(model, "place", models.PositiveSmallIntegerField(default=1, verbose_name="次序")),
        migrations.AddField(model, "leads", models.BooleanField(default=False, verbose_name="市场部领导")),
        migrations.AddField(model, "replaced_at", models.DateTimeField(null=True, verbose_name="更换时间")),
        migrations.AddField(
            model, "reason", models.ForeignKey(to="accountability.personaldata", **link | {"null": True})
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("accountability", "0030_panel"),
        ("assessment", "0010_circular"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *of_panels("panel", PERSON),
        *of_panels("historicalpanel", KEPT),
        *of_seats("seat", PERSON),
        *of_seats("historicalseat", KEPT),
        migrations.AlterModelOptions(
            "seat",
            {"ordering": ["place", "pk"], "verbose_name": "评判会成员", "verbose_name_plural": "评判会成员"},
        ),
        migrations.RemoveConstraint("seat", "one_seat_a_member"),
        migrations.AddConstraint(
            "seat",
            models.UniqueConstraint(
                condition=models.Q(("replaced_at__isnull", True)), fields=("panel", "member"), name="one_seat_a_member"
            ),
        ),
    ]
