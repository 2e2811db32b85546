"""Reads and writes CSV and XLSX files. Knows nothing about the meaning of their rows."""
