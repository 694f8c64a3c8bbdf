"""The API's views, one noun a file. Thin: services and selectors below do the work."""
