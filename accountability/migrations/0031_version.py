"""Everything that is revised in versions has the same columns: version, in_force_from, author, reason."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accountability", "0030_panel")]

    operations = [
        migrations.RenameField("calendaryear", "published_at", "in_force_from"),
        migrations.RenameField("calendaryear", "published_by", "author"),
        migrations.AlterField(
            model_name="answertemplate",
            name="in_force_from",
            field=models.DateTimeField(verbose_name="生效时间"),
        ),
        migrations.AlterField(
            model_name="answertemplate",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="修订理由"),
        ),
        migrations.AlterField(
            model_name="calendaryear",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="修订人",
            ),
        ),
        migrations.AlterField(
            model_name="calendaryear",
            name="in_force_from",
            field=models.DateTimeField(verbose_name="生效时间"),
        ),
        migrations.AlterField(
            model_name="calendaryear",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="修订理由"),
        ),
        migrations.AlterField(
            model_name="calendaryear",
            name="version",
            field=models.PositiveIntegerField(verbose_name="版本"),
        ),
        migrations.AlterField(
            model_name="paperwording",
            name="in_force_from",
            field=models.DateTimeField(verbose_name="生效时间"),
        ),
        migrations.AlterField(
            model_name="paperwording",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="修订理由"),
        ),
        migrations.AlterField(
            model_name="privacypolicy",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="修订理由"),
        ),
        migrations.AlterField(
            model_name="rulesversion",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="修订人",
            ),
        ),
        migrations.AlterField(
            model_name="rulesversion",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="修订理由"),
        ),
        migrations.AlterField(
            model_name="timelimits",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="修订人",
            ),
        ),
    ]
