"""What a promotion is decided upon: whether it can be shared, who uses it, what speaks for it, and its steps."""
