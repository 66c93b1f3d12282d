"""The page without its server: in one piece, in notebooks, and recorded."""
