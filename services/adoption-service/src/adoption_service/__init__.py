"""adoption-service: organisations, who holds which wish, deliveries, and who read a contact."""
