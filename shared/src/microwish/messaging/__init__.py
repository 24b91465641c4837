"""From an outbox to Kafka and from Kafka into views: each event in order, once in effect."""
