"""What the roof may ask of this app."""
