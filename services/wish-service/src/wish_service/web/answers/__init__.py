"""What answers hold, for the API's documentation; one module per area."""
