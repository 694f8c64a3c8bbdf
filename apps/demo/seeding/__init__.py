"""What the demo shows: sample applications in the embedded cloud, and what the console must know of them."""
