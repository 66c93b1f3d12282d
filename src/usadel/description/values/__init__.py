"""What a value of a description may be: kinds of keys, expressions, and profiles along a layer."""
