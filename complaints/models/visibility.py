"""Who knows of which complaints: each way to one, told once, and the queries that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accountability.db.following import Following
from accountability.db.probes import Probe
from accountability.db.ways import Way, any_of
from accountability.permissions import Actor
from complaints.models.coordination import Cooperation, ways_of_invited
from complaints.models.rounds import rounds_of, ways_to_rounds
from complaints.models.states import Ending, Tier


def own_ways(actor: Actor) -> list[Way]:
    """Complaints that a person forwarded, and those that they owe the reply of (R34)."""
    return [Way("forwarded_by_id", (actor.pk,)), Way("reply_by_id", (actor.pk,), {"tier": Tier.VIP})]


def invited(actor: Actor, exists: type[Exists] = Exists) -> Exists:
    """For a query over complaints: whether the person's unit was invited to one of its coordinations."""
    return exists(Cooperation.objects.filter(any_of(ways_of_invited(actor)), complaint_id=OuterRef("pk")))


def _ways(actor: Actor) -> dict[str, list[Way]]:
    """By the relation from a complaint to the rows that they lead by; the first ones lead by the complaint itself."""
    return {"": own_ways(actor), "rounds": ways_to_rounds(actor), "cooperations": ways_of_invited(actor)}


def _bounded(column: str, bound: Mapping[str, int]) -> dict[str, int]:
    return {f"{column}__{op}": key for op, key in bound.items()}


class ComplaintQuerySet(Following):
    def visible_to(self, actor: Actor) -> ComplaintQuerySet:
        """The complaints this person may know of; for them no others exist.

        All of them for the centre's agents, supervisors and head, marketing and auditors. For others: those with a
        round of theirs, or a coordination that their unit was invited to, those they forwarded, and those they owe the
        reply of (R34). Administrators see none, whatever they saw before.
        """
        return self._seen_by(actor, Exists)

    def visible_one_by_one(self, actor: Actor) -> ComplaintQuerySet:
        """The same, for a query that other conditions narrow to a few complaints, such as the open ones."""
        return self._seen_by(actor, Probe)

    def _seen_by(self, actor: Actor, exists: type[Exists]) -> ComplaintQuerySet:
        if actor.is_administrator:
            return self.none()
        if actor.reads_every_complaint:
            return self
        return self.filter(any_of(own_ways(actor)) | rounds_of(actor, exists) | invited(actor, exists))

    def visible_in_parts(self, actor: Actor) -> list[ComplaintQuerySet]:
        """The same in parts, each found by one way: whoever wants the first rows in an order asks each part for as
        many. A complaint may be in several.
        """
        if actor.is_administrator:
            return []
        if actor.reads_every_complaint:
            return [self]
        return [
            self.filter(where).distinct()
            for path, ways in _ways(actor).items()
            for way in ways
            for where in way.apart(f"{path}__" if path else "")
        ]

    def visible_keys_in_parts(self, actor: Actor, **bound: int) -> list[QuerySet[Any]]:
        """The keys of the same parts where nothing else is asked of the complaints: of the rows that lead to
        them alone. Joined with a unit's rounds, all complaints would be walked through from the newest on to the
        first of the unit's. Only of all complaints: what narrows them isn't asked of the rows that lead there. `bound`
        is one of the keys (`lt`, `gt`).
        """
        assert not self.query.where
        if actor.is_administrator:
            return []
        if actor.reads_every_complaint:
            return [self.filter(**_bounded("pk", bound)).values_list("pk")]
        return [
            rows.filter(where, **_bounded(key, bound)).values_list(key).distinct()
            for path, ways in _ways(actor).items()
            for rows, key in [self._leading(path)]
            for way in ways
            for where in way.apart()
        ]

    def _leading(self, path: str) -> tuple[QuerySet[Any], str]:
        """The rows that lead to a complaint, and their column of it."""
        if not path:
            return self, "pk"
        model: Any = self.model._meta.get_field(path).related_model
        return model.objects.order_by(), "complaint_id"

    def counted(self) -> ComplaintQuerySet:
        """The complaints in rates and totals: without history that was closed before the import."""
        return self.exclude(ended_as=Ending.IMPORTED)

    def with_everything(self) -> ComplaintQuerySet:
        """With what a list row or an act needs."""
        return self._joined().following("agent", "forwarded_by", "reply_by", "latest_round__unit")

    def _joined(self) -> ComplaintQuerySet:
        return self.select_related("matter", "category__parent", "latest_round")

    def for_page(self) -> ComplaintQuerySet:
        """Joined with what its page needs; `Story` loads the people and units that it names."""
        return self._joined().select_related("intake")
