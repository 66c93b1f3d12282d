"""The published figures, as users of the public API."""
