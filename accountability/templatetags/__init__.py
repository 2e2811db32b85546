"""How instants, spans, states, limits and rules look on a page. Imports the rules and the rooms below them."""
