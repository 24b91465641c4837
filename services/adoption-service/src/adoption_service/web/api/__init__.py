"""JSON under /api (design, section 8)."""
