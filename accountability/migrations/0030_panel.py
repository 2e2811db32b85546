from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accountability", "0029_circular"),
    ]

    operations = [
        migrations.AlterField(
            model_name="deadline",
            name="kind",
            field=models.CharField(
                choices=[
                    ("handoff", "交办"),
                    ("return", "退回窗口"),
                    ("ruling", "退回裁定"),
                    ("handling", "处理"),
                    ("confirmation", "确认协调记录"),
                    ("cooperation", "协办"),
                    ("first_reply", "首次回复"),
                    ("contact_on_site", "联系上门测试"),
                    ("network_solution", "网络技术方案"),
                    ("legal", "法定答复"),
                    ("notice", "自查通知"),
                    ("report", "自查报告"),
                    ("opinion", "单位处理意见"),
                    ("discipline", "处理责任人"),
                    ("slip", "执行回执"),
                    ("panel", "评判意见"),
                    ("rectification", "整改"),
                    ("bulletin", "定期通报"),
                    ("rights", "客户权利请求"),
                ],
                max_length=20,
                verbose_name="时限",
            ),
        ),
    ]
