"""Where providers say what became of messages, and what people answered; signed by them, without sign-in."""
