"""The Usadel equation of the Riccati matrices, on the compact scheme of a wire."""
