"""The HTTP side: JSON under api/, pages under pages/."""
