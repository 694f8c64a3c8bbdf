"""The steps of a bake, one file each kind."""
