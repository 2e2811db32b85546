"""The customer of a complaint: what was sealed of them, and how it is masked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from accountability.models import PersonalData
from accountability.security.masking import mask_customer, mask_name, mask_phone
from complaints.fields.kinds import is_recording
from complaints.models import Complaint


@dataclass(frozen=True)
class Customer:
    """The customer as they were taken in. `name` and `phone` are raw: only `reveal` shows them. `call` and `recording`
    are what the telephone system calls the conversation, and where it can be heard: for who reads every complaint.
    """

    name: str = ""
    phone: str = ""
    content: str = ""
    wanted: str = ""
    pre_handling: str = ""
    call: str = ""
    recording: str = ""
    former: tuple[tuple[str, str], ...] = ()
    """Names and numbers from before a correction: older texts use them."""

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Customer:
        """The customer of a sealed intake."""
        told = {
            field: texts.get(field, "") for field in ("phone", "content", "wanted", "pre_handling", "call", "recording")
        }
        return cls(texts.get("customer", ""), former=tuple(former_of(texts)), **told)

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    @property
    def masked_content(self) -> str:
        return self.mask(self.content)

    @property
    def masked_wanted(self) -> str:
        return self.mask(self.wanted)

    @property
    def masked_pre_handling(self) -> str:
        return self.mask(self.pre_handling)

    @property
    def masked_call(self) -> str:
        return self.mask(self.call)

    @property
    def heard_at(self) -> str:
        """The recording's address as a link; empty where there is none, or its host is given up."""
        return self.recording if is_recording(self.recording) else ""

    def mask(self, text: str) -> str:
        """Mask every number in the text, and this customer's own names and numbers, former ones too. The longer of two
        names goes first; otherwise the shorter one would leave the rest of it readable.
        """
        for name, phone in sorted({(self.name, self.phone), *self.former}, reverse=True):
            text = mask_customer(text, name=name, phone=phone)
        return text


def customer_of(complaint: Complaint) -> Customer:
    """Unseals the intake; empty for an erased one."""
    return Customer.of(texts_of(complaint.intake))


def texts_of(row: PersonalData | None) -> dict[str, str]:
    return row.opened if row else {}


def with_former(before: PersonalData | None, texts: dict[str, str]) -> dict[str, str]:
    """The corrected texts of an intake with the customer's former names and numbers, to keep older texts masked."""
    known = texts_of(before)
    now, then = ((of.get("customer", ""), of.get("phone", "")) for of in (texts, known))
    former = [*former_of(known), *([then] if then != now else [])]
    return texts | ({"former": json.dumps(former, ensure_ascii=False)} if former else {})


def former_of(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """The former names and numbers of a corrected intake, each as a pair."""
    former = texts.get("former")
    return [(name, phone) for name, phone in json.loads(former)] if former else []
