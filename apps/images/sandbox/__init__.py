"""A throwaway root for one package: a program of its own, of the standard library alone, that a worker starts."""
