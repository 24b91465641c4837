"""Who may hold which wish, and what becomes of it: pure decisions, without I/O, clock or chance."""
