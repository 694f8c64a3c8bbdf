"""Ways to check a package, one file each. Whatever is here is registered at the start."""
