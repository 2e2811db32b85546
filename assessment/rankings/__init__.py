"""The yearly ranking: its counting, its frozen inputs, its letter and workbook. Imports figures, documents and
exports.
"""
