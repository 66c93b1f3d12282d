"""Lets every test import the helpers that lie next to this file: `oracle`, `devices`."""
