"""Photos: how they are made fit to be kept, and the one port behind which they are kept, with its two adapters."""
