"""What every service's HTTP side shares: problems, health, the application frame, the page kit."""
