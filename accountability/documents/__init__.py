"""Official papers: their content (`content`), their kinds (`kinds`), issuing (`issuing`) and numbers (`numbers`)."""
