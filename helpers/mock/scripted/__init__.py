"""What a test laid down to be answered, and what was received."""
