"""The pages: wall, sign-in, post, mine, one wish, desk, statistics."""
