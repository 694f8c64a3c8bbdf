"""How build servers tell of their builds, one file each."""
