"""Pages under /adopt: the board, our adoptions, the organisation, and staff's list of those to verify."""
