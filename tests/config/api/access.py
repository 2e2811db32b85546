"""What each role is answered by the interface: its part of the table in tests/test_access_matrix.py."""

from __future__ import annotations

from collections.abc import Callable

Answer = Callable[[str], int]


def api(
    everybody: Callable[[int], Answer], only: Callable[..., Answer], known: Callable[..., Answer], centre: set[str],
    marketing: set[str], books: set[str], figures: set[str],
) -> dict[str, dict[str, Answer]]:  # fmt: skip
    """Acts are sent without a body: who may run one is told what is missing. A case begins by one of several verbs,
    and none is named.
    """
    return {
        "api_docs": {"GET": everybody(200)},
        "api_schema": {"GET": everybody(200)},
        **{f"api_{name}": {"GET": everybody(200)} for name in ("units", "people", "categories", "limits", "calendar")},
        "api_complaints": {"GET": everybody(200), "POST": only(centre, 422)},
        "api_complaint": {"GET": known(everybody(200))},
        "api_complaint_act": {"POST": known(only({"handler_own"}, 422))},
        "api_cases": {"GET": everybody(200), "POST": everybody(422)},
        "api_case": {"GET": everybody(404)},
        "api_case_act": {"POST": everybody(404)},
        "api_penalties": {"GET": everybody(200)},
        "api_figures": {"GET": only(figures, 200)},
        "api_ledger": {"GET": only(books, 200)},
        "api_rankings": {"GET": everybody(200), "POST": only(marketing, 422)},
        "api_ranking": {"GET": everybody(404)},
        "api_ranking_act": {"POST": everybody(404)},
        "api_organisation_act": {"POST": only(marketing, 422)},
    }
