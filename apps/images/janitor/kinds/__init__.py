"""The kinds of resources that this app cleans up, one file each."""
