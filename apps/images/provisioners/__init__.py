"""How a named package version gets onto a builder instance, one file each."""
