"""The read side: what everybody may see, built from events alone. No personal data is in it."""
