"""Every page, as the person who works with it sees it: readable for anybody, and nothing on it that isn't ours."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from accountability import alarms, sweeping
from tests.browser.office import PHONE, Office
from tests.factories import Now, Play
from tests.looking import deadline

pytestmark = pytest.mark.browser
