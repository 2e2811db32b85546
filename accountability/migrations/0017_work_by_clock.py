"""What is late, near and in time is counted from the matter itself; those that are open are brought in line once."""

from datetime import UTC, datetime

from django.db import migrations, models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

NO_DUE = datetime(9999, 12, 31, tzinfo=UTC)
WITH_A_UNIT = ("hand_off", "name_handler", "accept", "answer", "rule_on_return", "judge_complete")


def settle(apps, schema_editor):
    """As the gate does it from now on with every act on a complaint."""
    Deadline, Matter = (apps.get_model("accountability", name) for name in ("Deadline", "Matter"))
    complaints = Matter.objects.filter(kind="complaint")
    complaints.filter(closed_at__isnull=False).update(work_due_at=NO_DUE)
    pressing = Deadline.objects.filter(
        Q(part=0) | Q(part=F("matter__part"), matter__awaits__in=WITH_A_UNIT),
        matter=OuterRef("pk"), met_at=None, voided_at=None, suspended_at=None, is_window=False, due_at__isnull=False,
    ).exclude(kind="ruling", missed_at__isnull=False)  # fmt: skip
    complaints.filter(closed_at=None).update(
        work_due_at=Coalesce(Subquery(pressing.order_by("due_at").values("due_at")[:1]), NO_DUE),
        work_warned=Exists(pressing.filter(warned__gt=0)),
    )


class Migration(migrations.Migration):
    dependencies = [("accountability", "0016_tour")]

    operations = [
        migrations.AddField("matter", "work_warned", models.BooleanField(default=False)),
        migrations.RunPython(settle, migrations.RunPython.noop),
        migrations.AddIndex(
            "matter", models.Index(fields=["awaits", "work_rank", "work_due_at", "id"], name="matter_by_verb")
        ),
        migrations.AddIndex(
            "matter", models.Index(fields=["awaits", "work_warned", "work_due_at"], name="matter_by_clock")
        ),
        migrations.AddIndex("matter", models.Index(fields=["work_due_at", "id"], name="matter_by_due")),
        migrations.AddIndex(
            "matter",
            models.Index(fields=["work_due_at"], name="matter_warned", condition=models.Q(("work_warned", True))),
        ),
    ]
