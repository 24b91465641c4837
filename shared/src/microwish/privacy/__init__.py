"""Personal data: how it is sealed, masked, normalised and checked."""
