"""What every micro-wish service needs and none owns: events, outbox, consumers, store, tokens, pages."""
