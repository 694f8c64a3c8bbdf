"""Views of the console, one noun a file. Thin: they call selectors and services and choose a template."""
