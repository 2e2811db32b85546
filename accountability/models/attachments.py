"""The table of files that people hand in. Their content is sealed and stored outside the database."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.security.encryption import unseal_bytes

OPENS_AS = {
    "image/png": "picture", "image/jpeg": "picture",
    "audio/wav": "sound", "audio/mpeg": "sound", "audio/mp4": "sound",
    "text/plain": "text", "text/csv": "text",
}  # fmt: skip
"""How a page can open a file, by media type; accepted types that aren't listed can only be saved."""


class Attachment(models.Model):
    """An accepted file. It is a draft that only its uploader can read, until an act claims it for a matter.

    Name and content may contain personal data. Both are sealed and can be erased; the row, its digest and references to
    it stay. `place` is the name of the sealed file in the file store. `key` identifies the submitted form, so that
    sending the same form twice stores the file once.
    """

    matter = models.ForeignKey("Matter", models.PROTECT, null=True, related_name="attachments", verbose_name=_("事项"))
    kind = models.CharField(_("类别"), max_length=16)
    token = models.CharField(max_length=43, unique=True)
    uploaded_by = models.ForeignKey("Employee", models.PROTECT, related_name="+", verbose_name=_("上传人"))
    uploaded_at = models.DateTimeField(_("上传时间"))
    claimed_at = models.DateTimeField(_("提交时间"), null=True)
    erased_at = models.DateTimeField(_("清除时间"), null=True)
    media_type = models.CharField(_("格式"), max_length=80)
    size = models.PositiveIntegerField(_("字节数"))
    sha256 = models.CharField(_("校验码"), max_length=64)
    sealed = models.BinaryField(null=True)
    place = models.CharField(max_length=32, unique=True)
    key = models.CharField(max_length=64, null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("附件")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["uploaded_at"], name="attachment_draft", condition=models.Q(matter__isnull=True))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["uploaded_by", "key", "kind", "sha256"], name="one_file_a_form",
                condition=models.Q(key__isnull=False),
            ),
            models.CheckConstraint(
                name="attachment_claimed_for_a_matter",
                condition=models.Q(matter__isnull=True, claimed_at__isnull=True)
                | models.Q(matter__isnull=False, claimed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="attachment_named_or_erased",
                condition=models.Q(sealed__isnull=True, erased_at__isnull=False)
                | models.Q(sealed__isnull=False, erased_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def name(self) -> str | None:
        """The file's name, sanitised when it was accepted; None if it was erased."""
        if self.sealed is None:
            return None
        return unseal_bytes(self.sealed, token=self.token, part="name").decode()

    @property
    def opens_as(self) -> str:
        """How a page may open it in place: picture, sound or text. Empty if it can only be saved, because browsers
        can't play it or need a viewer for it (PDF viewers don't run in the sandbox in which files are served).
        """
        return OPENS_AS.get(self.media_type, "")

    @property
    def is_draft(self) -> bool:
        return self.claimed_at is None and self.erased_at is None
