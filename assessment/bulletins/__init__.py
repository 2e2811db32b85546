"""The monthly bulletin: its columns, frozen figures, their difference from the present, the paper, the workbook."""
