"""Exports: what data may be exported on request, and how its file is written, kept and destroyed."""
