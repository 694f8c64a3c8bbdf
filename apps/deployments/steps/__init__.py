"""Step kinds, one file for each noun. Whatever this package holds is registered when the app starts."""
