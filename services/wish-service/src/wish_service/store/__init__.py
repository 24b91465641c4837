"""Documents and domain objects: the truth collections of wish-service, their indexes, and what is sealed in them."""
