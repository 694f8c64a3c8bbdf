"""What a page shows, as frozen values: built from rows by `apps.console.build`, drawn by templates."""
