"""wish-service: people, sign-in, staff, communities, wishes, reviews and confirmations."""
