from importlib import import_module

Migration = import_module("accountability.migrations.0001_initial").Migration
