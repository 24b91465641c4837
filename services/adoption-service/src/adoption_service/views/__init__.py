"""The read side: queries that answer without the domain."""
