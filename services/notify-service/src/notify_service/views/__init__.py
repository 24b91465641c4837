"""What this service knows of others' facts, built from events, and the lists that people read."""
