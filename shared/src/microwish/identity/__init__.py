"""Who acts: people, their tokens, and the guards that HTTP routes put before themselves."""
