"""What this service does, one verb per file."""
