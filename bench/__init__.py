"""Measurements that `make bench` makes; README.md lists them."""
