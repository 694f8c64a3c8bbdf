"""One file a noun; each command asks the API and prints the answer."""
