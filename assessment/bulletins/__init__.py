"""The monthly bulletin: its columns, its frozen figures, their difference from the present, the paper, the workbook."""
