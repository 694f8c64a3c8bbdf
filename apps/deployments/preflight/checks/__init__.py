"""The checks of pre-flight, one file each. Whatever this package holds is asked of every push."""
