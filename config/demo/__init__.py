"""A lived-in organisation to try the product on: invented people, invented customers, real verbs."""
