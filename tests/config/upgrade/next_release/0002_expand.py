from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accountability", "0001_initial")]

    operations = [migrations.AddField("matter", "note", models.CharField(max_length=20, null=True))]
