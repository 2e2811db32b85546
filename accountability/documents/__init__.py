"""Official papers: their words (`content`), the kinds there are (`kinds`), giving one out (`issuing`), the numbers."""
