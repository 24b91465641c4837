"""What a wish, a person and a sign-in are and may become. Pure: no I/O, no clock, no ids or randomness made inside."""
