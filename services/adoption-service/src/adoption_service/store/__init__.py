"""Documents and domain objects, and the one write that many contend for."""
