"""Ways to a phone: the port that every provider's adapter fulfils, and the sandbox."""
