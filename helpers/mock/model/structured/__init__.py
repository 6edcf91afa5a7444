"""JSON that conforms to the caller's schema."""
