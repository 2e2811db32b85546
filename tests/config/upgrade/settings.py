"""The settings of the release after this one."""

from config.settings import *  # noqa: F403

MIGRATION_MODULES = {"accountability": "tests.config.upgrade.next_release"}
