"""notify-service: messages and their delivery, templates and preferences."""
