"""People as buttons, for the forms of a list that aren't Django's."""

from __future__ import annotations

from django import template

from complaints.fields.widgets import people_buttons

register = template.Library()
register.simple_tag(people_buttons)
