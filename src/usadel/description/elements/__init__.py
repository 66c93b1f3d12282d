"""Keys and kinds: what may be written of one layer, interface or reservoir."""
