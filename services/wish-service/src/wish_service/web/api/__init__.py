"""The JSON API (design, section 8)."""
