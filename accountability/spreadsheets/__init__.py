"""Files of rows, read and written: CSV and XLSX. Knows nothing of what the rows are about."""
