"""The demo's accounts on the sign-in page: only where DEMO=1 is set."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from config.demo.accounts import demo_accounts


def accounts(request: HttpRequest) -> dict[str, Any]:
    """Context processor: evaluated only by the page that shows them."""
    return {"demo_accounts": SimpleLazyObject(demo_accounts)} if settings.DEMO else {}
