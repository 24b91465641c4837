"""Measurements that `make bench` makes: claims per second over HTTP against the raw write."""
